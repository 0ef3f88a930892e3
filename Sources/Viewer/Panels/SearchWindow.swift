import CImGui
import Laboratory

/// A list of all scenes, narrowed by what is typed.
enum SearchWindow {
  static func draw(_ gui: GUI, _ model: ViewerModel, isNew: Bool) {
    if isNew { gui_set_keyboard_focus() }
    let isDone = gui.field("##search", hint: "search scenes", &model.searchText, onEnter: true)
    let found = matches(model)
    if isDone, let first = found.first { choose(first, model) }
    gui.child("found", height: 0) {
      if found.isEmpty { gui.text("No scene has \"\(model.searchText)\" in its name or description.", .soft) }
      for scene in found {
        if gui.selectable(scene.name, scene.name == model.frame.origin.name) { choose(scene, model) }
        gui.wrapped("\(scene.category): \(scene.summary)", .soft)
        gui.space()
      }
    }
  }

  private static func matches(_ model: ViewerModel) -> [SceneFile] {
    let text = model.searchText.lowercased()
    guard !text.isEmpty else { return model.scenes }
    // Names first, then what is only described so.
    let named = model.scenes.filter { $0.name.lowercased().contains(text) }
    let described = model.scenes.filter {
      !$0.name.lowercased().contains(text)
        && ($0.summary.lowercased().contains(text) || $0.category.lowercased().contains(text))
    }
    return named + described
  }

  private static func choose(_ scene: SceneFile, _ model: ViewerModel) {
    model.isSearchOpen = false
    model.open(scene)
  }
}
