import ArgumentParser
import Laboratory

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

  @Option(help: "trajectory: every solver drives a world of its own from the same start.")
  var mode = "trajectory"

  @OptionGroup var options: SceneOptions

  @Option(
    name: .customLong("report"),
    help: ArgumentHelp("Write a report with figures (HTML, one file; needs gnuplot).", valueName: "file"))
  var reportFile: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print comma-separated values.")
  var csv = false

  func validate() throws {
    guard mode == Comparison.Mode.trajectory.rawValue else {
      throw ValidationError("There is no mode '\(mode)'; expected trajectory.")
    }
    guard !(json && csv) else { throw ValidationError("Give one of --json and --csv.") }
  }

  func run() throws {
    try reportingErrors {
      let list = try SolverList.parse(solvers.isEmpty ? [SolverList.standard] : solvers) { word in
        (try? SceneFile.find(word)) != nil
      }
      let names = scenes + list.scenes
      guard !names.isEmpty else { throw InputError(.usage, "expected the name of a scene, or a scene file") }
      let parameters = options.parameters
      let candidates = try names.map { name in
        let file = try SceneFile.find(name)
        return Comparison.Candidate(name: file.name) { try file.build(setting: parameters) }
      }
      let comparison = try Comparison(scenes: candidates, solvers: list.solvers, options: options.runOptions())
      if let reportFile {
        try HTMLReport.check(reportFile)
        comparison.keepsTraces = true
      }
      watch(comparison, runs: candidates.count * list.solvers.count)
      try comparison.run()
      try show(comparison)
      // The table comes first: it is not lost where the page cannot be written.
      if let reportFile, !comparison.entries.isEmpty {
        try HTMLReport(FigureSource(comparison.data)).write(to: reportFile)
      }
      try finish(comparison)
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
    if json { return print(try JSONText.encode(report)) }
    if csv { return print(ComparisonCSV.text(report.results)) }
    print(TableText.render(ComparisonTable(report.results)), terminator: "")
    for line in ComparisonTable.legend { print(line) }
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
