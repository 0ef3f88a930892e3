import LinearAlgebra

/// What `expect` and `remember` can ask for.
enum ScriptValues {
  /// The value of a name; nil where there is none.
  ///
  /// step, time, latest, paused, scene, solver, bodies, worlds, shadows, shots, selected, dragging, message, recording,
  /// help, search, sidebars, arrangement, curves, matrix, inspected, residual, cameraDistance; `parameter.NAME`,
  /// `panel.TITLE`, `layer.NAME`, `parted.WORLD`, `shadow.SOLVER.iterations`; `BODY.x|y|z|speed`, and with drag
  /// `ray.WORLD`, the distance (m) of the held point from the mouse's ray in a world.
  static func value(_ name: String, _ application: ViewerApplication) -> String? {
    let model = application.scriptModel
    let frame = model.frame
    switch name {
    case "step": return "\(frame.step)"
    case "time": return "\(frame.time)"
    case "latest": return "\(frame.range.upperBound)"
    case "paused": return "\(model.isPaused)"
    case "scene": return frame.origin.name
    case "solver": return frame.worlds[0].solver
    case "bodies": return "\(frame.cast.names.count)"
    case "worlds": return "\(frame.worlds.count)"
    case "shadows": return "\(frame.shadows.count)"
    case "shots": return "\(frame.shotCount)"
    case "selected": return model.selected.map { frame.cast.names[$0] } ?? "none"
    case "dragging": return "\(frame.drag != nil)"
    case "message": return frame.message ?? "none"
    case "recording": return "\(frame.origin.isRecording)"
    case "help": return "\(model.isHelpOpen)"
    case "search": return "\(model.isSearchOpen)"
    case "sidebars": return "\(model.hasSidebars)"
    case "arrangement": return model.arrangement.rawValue
    case "curves": return "\(frame.convergence.count)"
    case "matrix": return frame.system.map { "\($0.rows)" } ?? "none"
    case "inspected": return frame.system?.inspected?.text ?? "none"
    case "residual": return frame.record.map { "\($0.residual.maximum)" } ?? "none"
    case "cameraDistance": return "\(model.camera.distance)"
    default: return composed(name, application)
    }
  }

  private static func composed(_ name: String, _ application: ViewerApplication) -> String? {
    let model = application.scriptModel
    let frame = model.frame
    guard let dot = name.firstIndex(of: ".") else { return nil }
    let kind = String(name[..<dot])
    let rest = String(name[name.index(after: dot)...])
    switch kind {
    case "parameter":
      guard case .scene(_, let parameters) = frame.origin else { return nil }
      return parameters.first { $0.name == rest }.map { "\($0.value)" }
    case "panel": return PanelCatalog.titles.contains(rest) ? "\(model.panels.contains(rest))" : nil
    case "layer": return Layer(rawValue: rest).map { "\(model.layers.contains($0))" }
    case "parted":
      guard let world = Int(rest), frame.worlds.indices.contains(world) else { return nil }
      return frame.worlds[world].partedAt.map { "\($0)" } ?? "none"
    case "ray":
      guard let world = Int(rest), frame.worlds.indices.contains(world), let drag = frame.drag else { return nil }
      return "\((frame.worlds[world].poses[drag.body].apply(drag.local) - drag.target).length)"
    case "shadow":
      let parts = rest.split(separator: ".")
      guard parts.count == 2, parts[1] == "iterations" else { return nil }
      return frame.shadows.first { $0.solver == parts[0] }?.record.map { "\($0.report.iterations)" }
    default:
      guard let body = frame.cast.names.firstIndex(of: kind) else { return nil }
      let position = frame.worlds[0].poses[body].position
      switch rest {
      case "x": return "\(position.x)"
      case "y": return "\(position.y)"
      case "z": return "\(position.z)"
      case "speed": return "\(frame.worlds[0].velocities[body].linear.length)"
      default: return nil
      }
    }
  }
}
