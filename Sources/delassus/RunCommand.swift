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

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try reportingErrors {
      let runOptions = try options.runOptions()
      let scene = try SceneFile.find(scene).build(setting: options.parameters)
      let runner = try Runner(scene: scene, solver: solver, options: runOptions)
      Interrupt.install()
      let bar = ProgressBar(scene.name, total: runner.stepCount)
      runner.progress = bar.update
      runner.shouldStop = { Interrupt.isRequested }
      let result = runner.run()
      bar.finish()
      print(json ? try JSONText.encode(result) : RunSummary(result, plain: !Terminal.outputHasColors).text)
      if Interrupt.isRequested { throw ExitCode.interrupted }
      switch runner.failure {
      case .unsupported(_, _): throw ExitCode.usage
      case .notFinite(_, _, _): throw ExitCode.failed
      case nil: break
      }
    }
  }
}
