import ArgumentParser
import Laboratory

extension ProblemCapture.Format: ExpressibleByArgument {}

/// `delassus capture`.
struct CaptureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture", abstract: "Run a scene and write its steps' constraint problems as files.",
    discussion: """
      Written is the velocity problem of every step (of its last substep) and the impulses that the run's solver gave it: \
      SCENE-STEP.hdf5 in FCLIB's form, or SCENE-STEP.mtx, SCENE-STEP_b.mtx and SCENE-STEP_x.mtx. `solve` reads both.

      FCLIB holds contacts of three rows under Coulomb's law, and joints as equality rows; without contacts, with limits, \
      motors, torsional or rolling friction take matrixmarket, where SCENE-STEP_sets.json says which rows are bounded.
      """)

  @Argument(help: "A scene file, or the name of a scene.")
  var scene: String

  @Option(help: "The solver of the run (default: the scene's, else newton).")
  var solver: String?

  @OptionGroup var options: SceneOptions

  @Option(help: "Form of the files: fclib or matrixmarket.")
  var format = ProblemCapture.Format.fclib

  @Option(help: ArgumentHelp("Folder of the files (default: SCENE-problems).", valueName: "folder"))
  var output: String?

  @Option(help: ArgumentHelp("Steps from one captured step to the next.", valueName: "n"))
  var every = 1

  @Option(help: ArgumentHelp("First captured step, counted from 0.", valueName: "step"))
  var first = 0

  @Option(help: ArgumentHelp("Last captured step; the run ends there (default: the run's last).", valueName: "step"))
  var last: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard every >= 1 else { throw ValidationError("--every: expected a number of steps from 1.") }
    guard first >= 0 else { throw ValidationError("--first: expected a step from 0.") }
    guard last ?? first >= first else { throw ValidationError("--last: expected a step from \(first), the first.") }
  }

  func run() throws {
    try reportingErrors {
      var runOptions = try options.runOptions()
      if let last, runOptions.steps == nil { runOptions.steps = last + 1 }
      let sceneFile = try SceneFile.find(scene)
      let scene = try sceneFile.build(setting: options.parameters(for: sceneFile))
      let runner = try Runner(scene: scene, solver: solver, options: runOptions)
      guard first < runner.stepCount else {
        throw InputError(.usage, place: "--first", "the run has \(runner.stepCount) steps, counted from 0")
      }
      var captured = ProblemCapture.Options(folder: output ?? "\(scene.name)-problems")
      captured.format = format
      captured.every = every
      captured.first = first
      if let last { captured.last = last }
      let capture = try ProblemCapture(scene, runner.simulation, captured)
      for warning in capture.summary.warnings { printError("warning: \(warning)") }
      runner.observers = [capture]
      Interrupt.install()
      let bar = ProgressBar(scene.name, total: runner.stepCount)
      runner.progress = bar.update
      runner.shouldStop = { Interrupt.isRequested || capture.failure != nil }
      _ = runner.run()
      bar.finish()
      show(capture.summary)
      try capture.finish()
      if Interrupt.isRequested { throw ExitCode.interrupted }
      if let failure = runner.failure { printError("error: \(failure)") }
      switch runner.failure {
      case .unsupported(_, _): throw ExitCode.usage
      case .notFinite(_, _, _): throw ExitCode.failed
      case nil: break
      }
    }
  }

  private func show(_ summary: ProblemCapture.Summary) {
    if json {
      if let text = try? JSONText.encode(summary) { print(text) }
    } else if let least = summary.smallest, let most = summary.largest, let first = summary.files.first {
      let rows = least == most ? "\(least) rows" : "\(least) to \(most) rows"
      let rest = summary.skipped == 0 ? "" : "; \(summary.skipped) steps without, skipped"
      let range = summary.files.count == 1 ? first : "\(first) … \(summary.files[summary.files.count - 1])"
      print("\(summary.folder): \(summary.problems) problems of \(rows)\(rest)")
      print(range)
    }
  }
}
