import ArgumentParser
import Laboratory

/// `delassus linear`.
struct LinearCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "linear", abstract: "Time to solve random dense and sparse systems with every linear solver.",
    discussion: """
      Dense systems are A = BBᵀ/n + 1, sparse ones are banded with half-bandwidth 8 and a diagonal that exceeds the row's \
      sum of magnitudes by 0.1. A solver runs until ‖x − x*‖/‖x*‖ meets the tolerance; a time is set-up and solve on one \
      thread.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Numbers of rows (default: 4 16 64 256 1024 4096).", valueName: "n"))
  var sizes: [Int] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Linear solvers, separated by spaces or semicolons; all, or a group (default: all).", valueName: "solver"))
  var solvers: [String] = []

  @Option(help: "Bound on the relative error.")
  var tolerance = 1e-5

  @Option(help: "Solves that are timed.")
  var repeats = 5

  @Option(help: ArgumentHelp("Time of a solver on one system; after that it is left out.", valueName: "s"))
  var timeLimit = 10.0

  @Option(help: "Seed of the systems.")
  var seed: UInt64 = 1

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print comma-separated values.")
  var csv = false

  @Option(help: ArgumentHelp("Draw time over n as SVG (needs gnuplot).", valueName: "file"))
  var svg: String?

  @Option(help: ArgumentHelp("Draw the non-zeros of a sparse system as SVG.", valueName: "file"))
  var picture: String?

  func validate() throws {
    guard !(json && csv) else { throw ValidationError("Give one of --json and --csv.") }
  }

  func run() throws {
    try reportingErrors {
      var options = LinearBenchmark.Options()
      if !sizes.isEmpty { options.sizes = sizes }
      options.tolerance = tolerance
      options.repeats = repeats
      options.timeLimit = timeLimit
      options.seed = seed
      let list = try LinearSolverList.parse(solvers.isEmpty ? "all" : solvers.joined(separator: " "))
      let benchmark = try LinearBenchmark(solvers: list, options: options)
      if let svg { try LinearFigure.check(svg) }
      if let picture {
        let n = options.sizes.filter { $0 >= 64 }.min() ?? options.sizes.max()!
        let system = RandomSystem(.sparse, rows: n, seed: seed)
        try SparsityPicture(system.matrix, title: "Sparse system of delassus linear").draw(to: picture)
      }
      Interrupt.install()
      let status = StatusLine()
      benchmark.shouldStop = { Interrupt.isRequested }
      benchmark.willSolve = status.show
      try benchmark.run()
      status.clear()
      try show(benchmark.report)
      if let svg { try LinearFigure(benchmark.report).draw(to: svg) }
      if Interrupt.isRequested { throw ExitCode.interrupted }
      guard benchmark.report.results.contains(where: { $0.stopReason == .converged }) else { throw ExitCode.failed }
    }
  }

  private func show(_ report: LinearReport) throws {
    if json { return print(try JSONText.encode(report)) }
    if csv { return print(report.csv) }
    for family in RandomSystem.Family.allCases {
      let table = LinearTable(report, family)
      print(table.heading)
      print(TableText.render(table.columns, sections: table.sections), terminator: "")
      if let verdict = table.verdict { print(verdict) }
      print()
    }
    for line in LinearTable.legend(report) { print(line) }
    print(report.machine.summary)
  }
}
