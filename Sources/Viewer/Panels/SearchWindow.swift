import CImGui
import Foundation
import Laboratory

/// A list of all scenes and of the recordings in the present folder, narrowed by what is typed.
enum SearchWindow {
  /// Something that can be opened.
  private enum Choice {
    case scene(SceneFile)
    case recording(String)

    var name: String {
      switch self {
      case .scene(let file): file.name
      case .recording(let path): path
      }
    }

    var summary: String {
      switch self {
      case .scene(let file): "\(file.category): \(file.summary)"
      case .recording: "recording"
      }
    }
  }

  static func draw(_ gui: GUI, _ model: ViewerModel, isNew: Bool) {
    if isNew {
      gui_set_keyboard_focus()
      model.recordings = recordings()
    }
    let isDone = gui.field("##search", hint: "search scenes and recordings", &model.searchText, onEnter: true)
    let found = matches(model)
    if isDone, let first = found.first { open(first, model) }
    gui.child("found", height: 0) {
      if found.isEmpty { gui.wrapped("Nothing has \"\(model.searchText)\" in its name or description.", .soft) }
      for choice in found {
        if gui.selectable(choice.name, choice.name == model.frame.origin.name) { open(choice, model) }
        gui.wrapped(choice.summary, .soft)
        gui.space()
      }
    }
  }

  /// Files of the present folder that end like recordings.
  private static func recordings() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: ".")) ?? []).filter { $0.hasSuffix(".sqlite") }.sorted()
  }

  private static func matches(_ model: ViewerModel) -> [Choice] {
    let all = model.scenes.map(Choice.scene) + model.recordings.map(Choice.recording)
    let text = model.searchText.lowercased()
    guard !text.isEmpty else { return all }
    // How well it fits: the name's beginning, its middle, the description.
    let ranked = all.compactMap { choice -> (rank: Int, choice: Choice)? in
      let name = choice.name.lowercased()
      if name.hasPrefix(text) { return (0, choice) }
      if name.contains(text) { return (1, choice) }
      return choice.summary.lowercased().contains(text) ? (2, choice) : nil
    }
    return (0...2).flatMap { rank in ranked.filter { $0.rank == rank }.map(\.choice) }
  }

  private static func open(_ choice: Choice, _ model: ViewerModel) {
    model.isSearchOpen = false
    switch choice {
    case .scene(let file): model.open(file)
    case .recording(let path): model.open(recording: path)
    }
  }
}
