import CImGui
import Foundation

/// Along the bottom: time, its speed, and the steps that can be gone to.
enum TimelineBar {
  static func draw(_ gui: GUI, _ model: ViewerModel) {
    let frame = model.frame
    if gui.button(model.isPaused ? "Play" : "Pause", width: gui.px(62)) { model.togglePause() }
    gui.tip("Space")
    gui.sameLine()
    if gui.toggle("Reverse", model.host.pace.isReversed) { model.toggleReverse() }
    gui.tip("Time runs back, as far as steps are kept")
    gui.sameLine()
    if gui.button("|<") { model.seek(frame.range.lowerBound) }
    gui.tip("To the first step that is kept")
    gui.sameLine()
    if gui.button("<") { model.move(by: -1) }
    gui.tip("One step back (,)")
    gui.sameLine()
    if gui.button(">") { model.move(by: 1) }
    gui.tip("One step on (.)")
    gui.sameLine()
    if gui.button(">|") { model.seek(frame.range.upperBound) }
    gui.sameLine()
    var speed = model.host.pace.speed
    if gui.slider("##speed", &speed, 0.01...10, format: "x %.2g", isLogarithmic: true, width: gui.px(110)) {
      model.setSpeed(speed)
    }
    gui.tip("Seconds of the world in a second")
    gui.sameLine()
    let label = String(format: "step %d of %d   %.3f s", frame.step, frame.range.upperBound, frame.time)
    let width = gui.size(of: label).x + gui.px(12)
    var step = frame.step
    let room = max(gui.available.x - width, gui.px(60))
    if frame.range.lowerBound < frame.range.upperBound {
      if gui.slider("##timeline", &step, frame.range, width: room), step != frame.step { model.seek(step) }
    } else {
      gui_dummy(GuiVec2(room, 1))
    }
    gui.sameLine()
    gui_align_text()
    gui.text(label, .soft)
  }
}
