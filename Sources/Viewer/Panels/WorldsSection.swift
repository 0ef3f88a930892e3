import CImGui
import Laboratory
import Solvers

/// Left sidebar: worlds of the same scene under other solvers.
enum WorldsSection {
  static func draw(_ gui: GUI, _ model: ViewerModel) {
    guard gui.header("Compared worlds", isOpen: model.frame.worlds.count > 1) else { return }
    let worlds = model.frame.worlds
    for (index, world) in worlds.enumerated() {
      gui.withID(index) {
        let place = gui_cursor()
        gui_draw_fill(GUIRect(place.x, place.y + gui.px(7), gui.px(9), gui.px(9)), Palette.series(index).packed, 2)
        gui_dummy(GuiVec2(gui.px(9), gui.px(9)))
        gui.sameLine()
        gui_align_text()
        gui.text(index == 0 ? "\(world.solver) (driver)" : world.solver)
        if index > 0 {
          gui.sameLine()
          if gui.button("Remove##\(index)") { model.removeWorld(index) }
          if let failure = world.failure {
            gui.wrapped(failure, .bad)
          } else if let step = world.partedAt {
            gui.text("parted from the driver at step \(step)", .soft)
          } else {
            gui.text("within 1 mm of the driver", .soft)
          }
        }
      }
    }
    gui.disabled(model.frame.origin.isRecording) {
      let isDone = gui.field(
        "##world", hint: "solver", &model.worldText, onEnter: true, width: gui.available.x - gui.px(84))
      gui.sameLine()
      if gui.button("Add world") || isDone { model.addWorld(model.worldText) }
    }
    for (index, arrangement) in StageBuilder.Arrangement.allCases.enumerated() {
      if index > 0 { gui.sameLine() }
      if gui.toggle(arrangement.rawValue, model.arrangement == arrangement) {
        model.arrangement = arrangement
        model.frameAll()
      }
    }
  }
}
