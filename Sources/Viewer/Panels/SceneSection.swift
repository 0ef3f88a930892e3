import CImGui
import Laboratory

/// Left sidebar: which scene, and its parameters.
enum SceneSection {
  static func draw(_ gui: GUI, _ model: ViewerModel) {
    let frame = model.frame
    guard gui.header("Scene") else { return }
    gui.text(frame.origin.name)
    switch frame.origin {
    case .scene(let file, let parameters):
      gui.wrapped(firstSentence(of: file.summary), .soft)
      gui.tip(file.summary)
      if gui.button("Scenes…") {
        model.isSearchOpen = true
        model.searchText = ""
      }
      gui.tip("Ctrl+O")
      gui.sameLine()
      if gui.button("Restart") { model.restart() }
      gui.tip("R")
      gui.sameLine()
      if gui.button("Frame") { model.frameAll() }
      gui.tip("F")
      for parameter in file.parameters {
        guard let value = parameters.first(where: { $0.name == parameter.name })?.value else { continue }
        draw(gui, model, parameter, value)
      }
    case .recording(let replayer):
      gui.wrapped(replayer.recording.path, .soft)
      gui.text("\(replayer.run.steps.count) steps, \(replayer.run.status.rawValue)", .soft)
      let runs = replayer.recording.runs
      if runs.count > 1 {
        gui.combo("##run", "run \(replayer.run.number): \(replayer.run.manifest.solver)") {
          for run in runs
          where gui.selectable("run \(run.number): \(run.manifest.solver)", run.number == replayer.run.number) {
            let path = replayer.recording.path
            model.host.perform { $0.attempt { try $0.load(recording: path, run: run.number) } }
          }
        }
      }
      if gui.button("Continue from here") { model.host.perform { $0.attempt { try $0.leaveRecording() } } }
      gui.tip("Goes on as a scene that can be touched")
      gui.sameLine()
      if gui.button("Scenes…") { model.isSearchOpen = true }
    }
  }

  private static func firstSentence(of text: String) -> String {
    text.firstRange(of: ". ").map { String(text[..<$0.lowerBound]) + "." } ?? text
  }

  /// A parameter's slider; the scene begins anew when it is let go of.
  private static func draw(_ gui: GUI, _ model: ViewerModel, _ parameter: SceneFile.Parameter, _ value: Double) {
    gui_align_text()
    gui.text(parameter.name, .soft)
    gui.tip(parameter.summary)
    gui.sameLine()
    gui_same_line_at(gui.px(112))
    let range = usefulRange(parameter)
    if parameter.isInteger {
      var number = Int(value)
      if gui.slider("##\(parameter.name)", &number, Int(range.lowerBound)...Int(range.upperBound)),
        Double(number) != value
      {
        model.setParameter(parameter.name, Double(number))
      }
    } else {
      var number = value
      let isWide = range.lowerBound > 0 && range.upperBound / range.lowerBound > 100
      if gui.slider("##\(parameter.name)", &number, range, isLogarithmic: isWide), number != value {
        model.setParameter(parameter.name, min(max(number, parameter.range.lowerBound), parameter.range.upperBound))
      }
    }
    gui.tip(parameter.summary)
  }

  /// What a slider can offer of a range that may go to infinity: around the default.
  private static func usefulRange(_ parameter: SceneFile.Parameter) -> ClosedRange<Double> {
    let size = max(parameter.defaultValue.magnitude, parameter.isInteger ? 5 : 0.5)
    let low = max(parameter.range.lowerBound, parameter.defaultValue >= 0 ? min(0, parameter.defaultValue) : -4 * size)
    let high = min(parameter.range.upperBound, 4 * size)
    return low < high ? low...high : parameter.range.lowerBound...max(high, parameter.range.lowerBound + 1)
  }
}
