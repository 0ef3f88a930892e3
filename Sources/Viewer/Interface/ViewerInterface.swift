import CImGui
import Foundation
import Laboratory

/// The layout: a sidebar on either side, the timeline below, the stage between them.
final class ViewerInterface {
  private let gui: GUI
  private var wasSearchOpen = false

  init(_ gui: GUI) { self.gui = gui }

  /// Where the stage is in a frame of a size.
  func viewport(_ model: ViewerModel, width: Int, height: Int) -> StageRenderer.Viewport {
    guard model.hasSidebars else { return StageRenderer.Viewport(x: 0, y: 0, width: width, height: height) }
    let (left, right, bottom) = margins(width)
    return StageRenderer.Viewport(
      x: Int(left), y: 0, width: max(1, width - Int(left) - Int(right)), height: max(1, height - Int(bottom)))
  }

  private func margins(_ width: Int) -> (left: Float, right: Float, bottom: Float) {
    // On a narrow window the stage keeps a third.
    let shrink = min(1, Float(width) * 0.66 / gui.px(660))
    return (gui.px(272) * shrink, gui.px(388) * shrink, gui.px(42))
  }

  /// Draws everything but the stage. `rate` is the number of frames a second.
  func draw(_ model: ViewerModel, width: Int, height: Int, rate: Double) {
    let (w, h) = (Float(width), Float(height))
    if model.hasSidebars {
      let (left, right, bottom) = margins(width)
      gui.window("left", GUIRect(0, 0, left, h - bottom)) {
        SceneSection.draw(gui, model)
        SolverSection.draw(gui, model)
        WorldsSection.draw(gui, model)
        LayersSection.draw(gui, model)
      }
      gui.window("right", GUIRect(w - right, 0, right, h - bottom)) { drawPanels(model) }
      gui.window("timeline", GUIRect(0, h - bottom, w, bottom)) { TimelineBar.draw(gui, model) }
    }
    drawStatus(model, rate: rate)
    drawMessage(model)
    if model.isSearchOpen {
      // A message stands below it.
      let rect = GUIRect((w - gui.px(460)) / 2, 0.05 * h, gui.px(460), 0.66 * h)
      gui.window("search", rect, alpha: 0.98) {
        if !wasSearchOpen { gui_focus_window() }
        SearchWindow.draw(gui, model, isNew: !wasSearchOpen)
      }
    }
    wasSearchOpen = model.isSearchOpen
    if model.isHelpOpen {
      let lines = Float(KeyTable.all.count + 9)
      let rect = centered(width: gui.px(440), height: min(h * 0.95, lines * gui.lineHeight + gui.px(24)), w, h)
      gui.window("help", rect, alpha: 0.98) { HelpWindow.draw(gui, model) }
    }
  }

  private func centered(width: Float, height: Float, _ w: Float, _ h: Float) -> GUIRect {
    GUIRect((w - width) / 2, (h - height) / 2, width, height)
  }

  private func drawPanels(_ model: ViewerModel) {
    var room = gui.available.x
    for panel in PanelCatalog.all {
      let title = type(of: panel).title
      let width = gui.size(of: title).x + gui.px(14)
      if room < gui.available.x && width < room { gui.sameLine() } else { room = gui.available.x }
      room -= width + gui.px(7)
      if gui.toggle(title, model.panels.contains(title)) { model.toggle(panel: title) }
      gui.tip(type(of: panel).summary)
    }
    let open = PanelCatalog.all.filter { model.panels.contains(type(of: $0).title) }
    guard !open.isEmpty else { return gui.text("Choose a panel above.", .soft) }
    let each = max((gui.available.y - gui.px(4)) / Float(open.count) - gui.px(8), gui.px(190))
    for panel in open {
      let title = type(of: panel).title
      gui.child(title, height: each) {
        gui.text(title, .accent)
        gui.separator()
        panel.draw(gui, model, height: gui.available.y)
      }
    }
  }

  /// What runs, over the stage.
  private func drawStatus(_ model: ViewerModel, rate: Double) {
    let frame = model.frame
    let view = model.viewport
    var parts = [frame.origin.name, frame.worlds.map(\.solver).joined(separator: " | ")]
    parts.append("\(frame.cast.names.count) bodies")
    if model.isPaused { parts.append("paused") }
    if !model.hidesClocks { parts.append(String(format: "%.0f frames/s", rate)) }
    gui.window(
      "status", GUIRect(Float(view.x), 0, Float(view.width), gui.px(58)), isPlain: true, alpha: 0
    ) {
      gui.text(parts.joined(separator: "   "))
      if let body = model.selected, body < frame.cast.names.count {
        let speed = frame.worlds[0].velocities[body].linear.length
        let mass = frame.cast.masses[body]
        gui.text(
          "\(frame.cast.names[body])   \(frame.cast.kinds[body].rawValue)"
            + (mass > 0 ? "   \(Quantity.plain(mass)) kg   \(Quantity.speed(speed))" : ""), .accent)
      } else if model.hasSidebars && frame.step == 0 {
        gui.text("F1: keys    left drag: pull    Shift+left: shoot    right drag: orbit", .soft)
      }
    }
  }

  /// An error: over the stage, until Esc or the next scene.
  private func drawMessage(_ model: ViewerModel) {
    guard let message = model.frame.message else { return }
    let view = model.viewport
    let width = min(Float(view.width) - gui.px(24), gui.px(620))
    let height = gui.size(of: message, wrap: width - gui.px(24)).y + 2.6 * gui.lineHeight
    let rect = GUIRect(
      Float(view.x) + (Float(view.width) - width) / 2, Float(view.height) - height - gui.px(14), width, height)
    gui.window("message", rect, alpha: 0.96) {
      gui.wrapped(message, .bad)
      if gui.button("Scenes…##message") { model.isSearchOpen = true }
      gui.sameLine()
      if gui.button("Dismiss") { model.host.perform { $0.message = nil } }
    }
  }
}
