import Dynamics
import LinearAlgebra

/// Makes what is drawn from a frame of the simulation.
final class StageBuilder {
  /// How several worlds are shown.
  enum Arrangement: String, CaseIterable {
    /// In the same place, the compared ones translucent in their solvers' colours.
    case overlay = "Overlay"
    /// Next to each other.
    case sideBySide = "Side by side"
  }

  private let library = MeshLibrary()
  private var castRevision = -1
  private(set) var models: [BodyModel] = []

  /// Makes the models of a cast where it is another than last time.
  func update(_ cast: Cast) {
    guard cast.revision != castRevision else { return }
    castRevision = cast.revision
    library.removeShapes()
    models = zip(cast.shapes, cast.centers).map { library.model(of: $0, center: $1) }
  }

  /// A box around what moves, or around everything where nothing does (m).
  func bounds(_ frame: ViewFrame) -> BoundingBox {
    for kinds in [[BodyKind.dynamic], BodyKind.allCases] {
      var box = BoundingBox.empty
      var isEmpty = true
      for (index, model) in models.enumerated() where kinds.contains(frame.cast.kinds[index]) {
        guard !model.pieces.isEmpty, index < frame.worlds[0].poses.count else { continue }
        let position = frame.worlds[0].poses[index].position
        guard position.isFinite, position.length < 1e5 else { continue }
        box = box.union(
          BoundingBox(center: position, halfExtents: Vector3(model.radius, model.radius, model.radius)))
        isEmpty = false
      }
      if !isEmpty { return box }
    }
    return BoundingBox(center: Vector3(0, 1, 0), halfExtents: Vector3(2, 1, 2))
  }

  /// Where a world stands (m).
  func offset(_ index: Int, _ frame: ViewFrame, _ arrangement: Arrangement, radius: Double) -> Vector3 {
    guard arrangement == .sideBySide, frame.worlds.count > 1 else { return .zero }
    return Vector3(0, 0, -2.2 * radius * Double(index))
  }

  /// Everything that is drawn.
  func stage(_ frame: ViewFrame, _ model: ViewerModel) -> StageRenderer.Stage {
    update(frame.cast)
    var stage = StageRenderer.Stage()
    let box = bounds(frame)
    stage.center = box.center
    stage.radius = max(box.halfExtents.length, 1e-3) * 1.3
    var solids = MeshInstances()
    var ghosts = MeshInstances()
    let eye = model.camera.eye
    let forward = model.camera.axes.forward
    let highlighted = Set(model.highlighted)
    for (index, world) in frame.worlds.enumerated() {
      let offset = offset(index, frame, model.arrangement, radius: model.sceneRadius)
      let isGhost = index > 0 && model.arrangement == .overlay
      for body in 0..<min(models.count, world.poses.count) {
        if isGhost && frame.cast.kinds[body] == .static { continue }
        var pose = world.poses[body]
        pose.position += offset
        guard pose.position.isFinite else { continue }
        let color = color(body, index, frame, model, isHighlighted: highlighted.contains(body))
        // Half its height in pixels: a dozen needs no round outline.
        let depth = max((pose.position - eye).dot(forward), 1e-6)
        let isSmall = models[body].radius / (depth * Camera.tangent) * Double(model.viewport.height) < 24
        for piece in models[body].pieces {
          let instance = Instance(
            pose * piece.local, scale: piece.scale, color: SIMD4(color, isGhost ? 0.38 : 1))
          let mesh = isSmall ? piece.coarse : piece.mesh
          if isGhost {
            ghosts.add(instance, of: mesh)
          } else {
            solids.add(instance, of: mesh)
          }
        }
        if index == 0 { stage.planes += models[body].planes.map { pose * $0 } }
      }
      let color = frame.worlds.count > 1 ? SIMD4(Palette.seriesBody(index), 1) : nil
      DebugLines.add(world, frame, model, offset: offset, tint: color, models: models, eye: eye, to: &stage)
    }
    if frame.worlds.count > 1 && model.arrangement == .sideBySide {
      stage.center += 0.5 * offset(frame.worlds.count - 1, frame, model.arrangement, radius: model.sceneRadius)
      stage.radius += 1.1 * model.sceneRadius * Double(frame.worlds.count - 1)
    }
    stage.solids = solids.list
    stage.ghosts = ghosts.list
    return stage
  }

  private func color(
    _ body: Int, _ world: Int, _ frame: ViewFrame, _ model: ViewerModel, isHighlighted: Bool
  ) -> SIMD3<Float> {
    let kind = frame.cast.kinds[body]
    var color =
      model.layers.contains(.islands) && body < frame.worlds[world].islands.count
      ? Palette.island(frame.worlds[world].islands[body]) : Palette.body(body, kind)
    if frame.worlds.count > 1 && kind == .dynamic && !model.layers.contains(.islands) {
      color = world == 0 && model.arrangement == .overlay ? color : 0.75 * Palette.seriesBody(world) + 0.25 * color
    }
    if isHighlighted { color = SIMD3(0.95, 0.62, 0.12) }
    if model.selected == body { color = 0.45 * color + 0.55 * SIMD3(0.35, 0.75, 1.0) }
    return color
  }

  /// The body that a ray meets first in any of the worlds: its number, its world, and the point (m); nil where there is none.
  func pick(_ ray: Ray, _ frame: ViewFrame, _ model: ViewerModel) -> (body: Int, world: Int, point: Vector3)? {
    update(frame.cast)
    var nearest: (body: Int, world: Int, point: Vector3)?
    var distance = Double.infinity
    for (index, world) in frame.worlds.enumerated() {
      let offset = offset(index, frame, model.arrangement, radius: model.sceneRadius)
      for body in 0..<min(models.count, world.poses.count) {
        var pose = world.poses[body]
        pose.position += offset
        guard
          let hit = models[body].hit(pose.applyInverse(ray.origin), pose.orientation.inverseRotate(ray.direction)),
          hit < distance
        else { continue }
        distance = hit
        nearest = (body, index, ray.origin + hit * ray.direction)
      }
    }
    return nearest
  }
}

/// Instances by mesh, the meshes in the order of their first one: where surfaces coincide the order shows.
private struct MeshInstances {
  private(set) var list: [(mesh: Mesh, instances: [Instance])] = []
  private var places: [ObjectIdentifier: Int] = [:]
  /// Place of the last mesh: mostly the next one's too.
  private var latest = 0

  mutating func add(_ instance: Instance, of mesh: Mesh) {
    let place: Int
    if latest < list.count && list[latest].mesh === mesh {
      place = latest
    } else if let known = places[ObjectIdentifier(mesh)] {
      place = known
    } else {
      place = list.count
      places[ObjectIdentifier(mesh)] = place
      list.append((mesh, []))
    }
    latest = place
    list[place].instances.append(instance)
  }
}
