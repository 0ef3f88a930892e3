import CImGui

/// Keys and mouse.
enum HelpWindow {
  static func draw(_ gui: GUI, _ model: ViewerModel) {
    gui.text("Keys and mouse", .accent)
    gui.separator()
    for binding in KeyTable.all {
      gui.text(binding.keys)
      gui_same_line_at(gui.px(150))
      gui.text(binding.summary, .soft)
    }
    gui.separator()
    gui.wrapped(
      "A pull is a spring of 18 rad/s that carries the body's weight; it acts in every compared world. A step back "
        + "restores the state before it and does the step again, so that its problem can be looked at.", .soft)
    gui.space()
    if gui.button("Close") { model.isHelpOpen = false }
  }
}
