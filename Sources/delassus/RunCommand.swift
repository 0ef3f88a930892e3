import ArgumentParser
import Laboratory

/// `delassus run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a scene without a window; prints cost and quality.")

  @Argument(help: "A scene file, or the name of a scene.")
  var scene: String

  @Option(help: "The solver, such as pgs or newton:linear=cg,tolerance=1e-8 (default: the scene's, else newton).")
  var solver: String?

  @OptionGroup var options: SceneOptions
  @OptionGroup var recording: RecordOptions

  @Option(
    help: ArgumentHelp("Begin with the state after a number of recorded steps.", valueName: "recording@step"))
  var from: RecordedStep?

  @Option(help: ArgumentHelp("Write the state of every body after every step (CSV).", valueName: "file"))
  var states: String?

  @Option(help: ArgumentHelp("Write the reaction of every joint after every step (CSV).", valueName: "file"))
  var reactions: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try reportingErrors {
      let runOptions = try options.runOptions()
      let sceneFile = try SceneFile.find(scene)
      let scene = try sceneFile.build(setting: options.parameters(for: sceneFile))
      let runner = try Runner(scene: scene, solver: solver, options: runOptions)
      if let from { try runner.start(from: from.recording, step: from.step) }
      let stateLog = states.map(StateLog.init)
      let reactionLog = reactions.map(ReactionLog.init)
      let file = recording.file()
      let recorder = recording.recorder(file, scene, steps: runner.stepCount)
      let observers: [(any RunObserver)?] = [stateLog, reactionLog, recorder]
      runner.observers = observers.compactMap { $0 }
      Interrupt.install()
      let bar = ProgressBar(scene.name, total: runner.stepCount)
      runner.progress = bar.update
      runner.shouldStop = { Interrupt.isRequested }
      var result = runner.run()
      bar.finish()
      recorder?.finish(result, wasInterrupted: Interrupt.isRequested)
      let recorded = Result { try file?.close() }
      result.recording = recorder?.cost(meanStep: result.cost.step.mean)
      print(json ? try JSONText.encode(result) : RunSummary(result, plain: !Terminal.outputHasColors).text)
      // The result comes first: it is not lost where a log cannot be written.
      try recorded.get()
      try stateLog?.close()
      try reactionLog?.close()
      if Interrupt.isRequested { throw ExitCode.interrupted }
      if let failure = runner.failure { printError("error: \(failure)") }
      switch runner.failure {
      case .unsupported(_, _): throw ExitCode.usage
      case .notFinite(_, _, _): throw ExitCode.failed
      case nil: break
      }
    }
  }
}
