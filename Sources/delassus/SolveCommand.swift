import ArgumentParser
import Glibc
import Laboratory

extension SolveMeasure: ExpressibleByArgument {}

/// `delassus solve`.
struct SolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve", abstract: "Solve problem files with any set of solvers; prints time and every measure.",
    discussion: """
      A PROBLEM is an FCLIB file (HDF5, local or global), a MatrixMarket matrix, or RECORDING@STEP: the problem of a \
      recorded step, with its bodies. The right-hand side of a matrix is that of --rhs, else NAME_b.mtx beside NAME.mtx, \
      else b = A x* with x* = 1; NAME_sets.json beside it gives the bounds and cones of its rows.

      Every solver starts from zero. Its own tolerance is chosen so that the measure meets --tolerance; what is timed is \
      one solve with that tolerance, set-up included.

      Exit status 70: no solver gave a solution.
      """)

  @Argument(help: "FCLIB or MatrixMarket files, or RECORDING@STEP.")
  var problems: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Solvers, separated by spaces or semicolons; all, or a group (default: all that take the problem).",
      valueName: "solver"))
  var solvers: [String] = []

  @Option(help: "Bound on the measure.")
  var tolerance = 1e-8

  @Option(
    help: """
      What the tolerance tests: residual, siconos, paper, relative or error (default: siconos for files of contacts, \
      error where the solution is known, residual for steps and problems with joints and contacts, else relative).
      """)
  var measure: SolveMeasure?

  @Option(help: "Largest number of iterations (default: none; approximate solvers have their own).")
  var iterations: Int?

  @Option(help: ArgumentHelp("Time of each solver.", valueName: "s"))
  var timeLimit = 60.0

  @Option(help: "Solves that are timed; the median counts.")
  var repeats = 5

  @Option(help: ArgumentHelp("Right-hand side of a matrix, n × 1 in MatrixMarket form.", valueName: "file"))
  var rhs: String?

  @Option(help: ArgumentHelp("Known solution of a matrix, likewise.", valueName: "file"))
  var solution: String?

  @Flag(help: "Replace A by its symmetric part.")
  var symmetrise = false

  @Option(
    help: ArgumentHelp(
      "Write the best solution: FCLIB with the problem, or a MatrixMarket vector for a matrix; of a step either, by the file's name.",
      valueName: "file"))
  var write: String?

  @Option(help: ArgumentHelp("Write how the measure falls with iterations (CSV).", valueName: "file"))
  var history: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try reportingErrors {
      let list = try SolverList.parse(
        solvers.isEmpty ? ["all"] : solvers, isScene: { access($0, R_OK) == 0 || $0.contains("@") })
      let files = problems + list.scenes
      guard !files.isEmpty else { throw InputError(.usage, "expected a problem file (.hdf5 or .mtx)") }
      guard write == nil || files.count == 1 else {
        throw InputError(.usage, place: "--write", "expected one problem, found \(files.count)")
      }
      var options = SolveSession.Options()
      options.measure = measure
      options.tolerance = tolerance
      options.iterations = iterations
      options.timeLimit = timeLimit
      options.repeats = repeats
      try options.validate()
      var input = ProblemInput.Options()
      input.rightHandSide = rhs
      input.solution = solution
      input.symmetrises = symmetrise
      // Every file is read before the first solve: a bad one is known at once.
      let sessions = try files.map { try SolveSession(ProblemInput(path: $0, options: input), options: options) }
      Interrupt.install()
      let status = StatusLine()
      for session in sessions {
        session.shouldStop = { Interrupt.isRequested }
        session.willSolve = { status.show("\(session.input.name)  \($0)") }
        try session.run(list.solvers)
        status.clear()
        if !json { show(session) }
      }
      if json {
        let reports = sessions.map(\.report)
        print(reports.count == 1 ? try JSONText.encode(reports[0]) : try JSONText.encode(SolveReportList(reports)))
      } else if let last = sessions.last {
        for line in SolveTable.legend(measure: last.measure, tolerance: tolerance) { print(line) }
        print(Machine.current.summary)
      }
      try save(sessions, status)
      if Interrupt.isRequested { throw ExitCode.interrupted }
      guard sessions.allSatisfy({ $0.best != nil }) else { throw ExitCode.failed }
    }
  }

  private func show(_ session: SolveSession) {
    let table = SolveTable(session, hidesUnsupported: solvers.isEmpty)
    for line in table.heading { print(line) }
    if !table.rows.isEmpty { print(TableText.render(table.columns, sections: [table.rows]), terminator: "") }
    for line in table.notes { print(line) }
    print()
  }

  private func save(_ sessions: [SolveSession], _ status: StatusLine) throws {
    if let write, let best = sessions[0].best, let lambda = best.lambda {
      try sessions[0].input.write(lambda, to: write)
      if sessions[0].entries.count > 1 { printError("\(write): the solution of \(best.result.solver)") }
    }
    if let history {
      let log = SolveHistory(history)
      for session in sessions {
        status.show("\(session.input.name)  history")
        try log.record(session)
      }
      status.clear()
      try log.close()
    }
  }
}
