import ArgumentParser
import Laboratory

extension Comparison.Mode: ExpressibleByArgument {}

/// `delassus compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Run the same scenes under several solvers; prints a table.")

  @Argument(help: "Scene files, or names of scenes.")
  var scenes: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Solvers, separated by spaces or semicolons; all, or a group such as direct (default: \(SolverList.standard)).",
      valueName: "solver"))
  var solvers: [String] = []

  @Option(
    help: """
      trajectory: every solver drives a world of its own from the same start; shadow: one driver moves the world and every \
      solver gets each of its problems.
      """)
  var mode = Comparison.Mode.trajectory

  @Option(help: "What moves the world in the mode shadow (default: the most accurate).")
  var driver: String?

  @Option(help: "How often everything is done, another solver first each time; times are medians over the repeats.")
  var repeats = 1

  @OptionGroup var options: SceneOptions
  @OptionGroup var recording: RecordOptions

  @OptionGroup var printing: OutputOptions

  func validate() throws {
    guard driver == nil || mode == .shadow else { throw ValidationError("--driver is for --mode shadow.") }
    guard (1...1000).contains(repeats) else { throw ValidationError("--repeats: expected a number from 1 to 1000.") }
  }

  func run() throws {
    try reportingErrors {
      let list = try SolverList.parse(solvers.isEmpty ? [SolverList.standard] : solvers) { word in
        (try? SceneFile.find(word)) != nil
      }
      let names = scenes + list.scenes
      guard !names.isEmpty else { throw InputError(.usage, "expected the name of a scene, or a scene file") }
      let candidates = try names.map { name in
        let file = try SceneFile.find(name)
        let parameters = options.parameters(for: file)
        return Comparison.Candidate(name: file.name) { try file.build(setting: parameters) }
      }
      let comparison = try Comparison(scenes: candidates, solvers: list.solvers, options: options.runOptions())
      comparison.mode = mode
      comparison.repeats = repeats
      if let driver { comparison.driver = try SolverList.parse(driver)[0] }
      try printing.check()
      if printing.reportFile != nil {
        comparison.keepsTraces = true
        comparison.samplesProblems = true
      }
      let file = recording.file()
      record(comparison, file)
      watch(comparison, runs: candidates.count * list.solvers.count)
      try comparison.run()
      let recorded = Result { try file?.close() }
      try show(comparison)
      try recorded.get()
      // The table comes first: it is not lost where the page cannot be written.
      if let reportFile = printing.reportFile, !comparison.entries.isEmpty {
        try HTMLReport(FigureSource(comparison.data, profile: comparison.profile)).write(to: reportFile)
      }
      try finish(comparison)
    }
  }

  /// Every run that moves a world goes into the recording: in the mode shadow the driver's.
  private func record(_ comparison: Comparison, _ file: RecordingFile?) {
    guard let file else { return }
    comparison.makeObserver = { scene, steps in recording.recorder(file, scene, steps: steps) }
    comparison.didObserve = { observer, result in
      (observer as? RunRecorder)?.finish(result, wasInterrupted: Interrupt.isRequested)
    }
  }

  private func watch(_ comparison: Comparison, runs total: Int) {
    Interrupt.install()
    comparison.shouldStop = { Interrupt.isRequested }
    var bar: ProgressBar?
    var number = 0
    comparison.willRun = { scene, solver, steps in
      number += 1
      let next = ProgressBar("\(number)/\(total)  \(scene)  \(solver)", total: steps)
      bar = next
      return next.update
    }
    comparison.didRun = { _ in bar?.finish() }
  }

  private func show(_ comparison: Comparison) throws {
    let report = comparison.report
    if printing.json { return print(try JSONText.encode(report)) }
    if printing.csv { return print(ComparisonCSV.text(report.results)) }
    if mode == .shadow {
      print(TableText.render(ShadowTable.columns, sections: ShadowTable(report.results).sections), terminator: "")
      for line in ShadowTable.legend(driver: comparison.driver, overhead: report.overhead) { print(line) }
    } else {
      print(TableText.render(ComparisonTable(report.results)), terminator: "")
      for line in ComparisonTable.legend { print(line) }
    }
    for warning in report.warnings { print("! \(warning)") }
    print(report.machine.summary)
  }

  private func finish(_ comparison: Comparison) throws {
    if Interrupt.isRequested { throw ExitCode.interrupted }
    for entry in comparison.entries {
      if let failure = entry.failure { printError("\(entry.result.scene): \(failure)") }
    }
    guard comparison.entries.allSatisfy({ $0.failure != nil }) else { return }
    throw comparison.entries.allSatisfy(\.isUnsupported) ? ExitCode.usage : ExitCode.failed
  }
}
