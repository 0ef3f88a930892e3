import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers

/// One problem under a list of solvers, each from λ = 0, each judged by the same measures.
///
/// A solver's own tolerance is the natural map's; where the measure is another one, `ToleranceSearch` finds the tolerance
/// that meets it, starting from the problem's scale (the natural map of λ = 0): W of published problems goes from 1e-6 to
/// 1e4, ‖q‖ from 6e-12 to 50. What is timed is one solve with that tolerance by a new instance, nothing kept from before.
public final class SolveSession {
  /// How it is solved.
  public struct Options: Sendable {
    /// What the tolerance tests; nil: the problem's own, `siconos`, `error`, `residual` or `relative`.
    public var measure: SolveMeasure?
    /// Bound on the measure.
    public var tolerance = 1e-8
    /// Largest number of iterations; nil: none but what a solver text says.
    public var iterations: Int?
    /// Time of a solver, the search for its tolerance included (s).
    public var timeLimit = 60.0
    /// Solves that are timed.
    public var repeats = 5

    /// The defaults.
    public init() {}

    /// Throws `InputError` for numbers that cannot be used.
    public func validate() throws {
      func check(_ holds: Bool, _ name: String, _ expected: String) throws {
        guard holds else { throw InputError(.usage, place: name, "expected \(expected)") }
      }
      try check(tolerance > 0 && tolerance.isFinite, "--tolerance", "a positive number")
      try check(iterations.map { $0 >= 1 } ?? true, "--iterations", "a whole number from 1")
      try check(timeLimit > 0 && timeLimit.isFinite, "--time-limit", "a positive number of seconds")
      try check(repeats >= 1, "--repeats", "a whole number from 1")
    }
  }

  /// How one solver did.
  public struct Entry {
    /// What was measured.
    public var result: SolveResult
    /// The impulses, nil where there are none.
    public var lambda: [Double]?
    /// The tolerance that the solver was given.
    var setting: Double?

    /// Whether there is a λ to use: the solver took the problem and did not break down.
    public var isSolution: Bool {
      lambda != nil && result.stopReason != .breakdown && result.stopReason != .unsupported
    }
  }

  /// The problem.
  public let input: ProblemInput
  /// What the tolerance tests.
  public let measure: SolveMeasure
  /// The problem's rank and condition; nil where A is too large or not square.
  public private(set) var analysis: MatrixAnalysis?
  /// The solvers so far.
  public private(set) var entries: [Entry] = []
  /// Asked between solves; true ends the session with what was measured so far.
  public var shouldStop: () -> Bool = { false }
  /// Told of every solver that begins.
  public var willSolve: (String) -> Void = { _ in }

  private let options: Options
  private let judge: SolveJudge?

  /// Iterations where nothing bounds them.
  private static let unlimited = 1_000_000_000

  /// A session. Throws `InputError` where the measure does not apply to the problem.
  public init(_ input: ProblemInput, options: Options) throws {
    self.input = input
    self.options = options
    judge = input.problem.map { SolveJudge($0, known: input.knownSolution) }
    analysis = input.problem.flatMap { MatrixAnalysis($0) }
    // A singular A has more solutions than the one that is known.
    let isSingular = analysis.map { $0.rank < input.rows } ?? false
    let natural: SolveMeasure =
      if input.format == .recording || input.contactProblem?.equality != nil {
        .residual
      } else if input.contactProblem != nil {
        .siconos
      } else if input.knownSolution != nil && !isSingular {
        .error
      } else {
        input.problem?.isLinear == false ? .residual : .relative
      }
    measure = options.measure ?? natural
    if let judge, judge.measure([Double](repeating: 0, count: input.rows))[measure] == nil {
      throw InputError(
        .usage, place: "--measure",
        "\(measure.rawValue) does not apply to \(input.name)"
          + (measure == .error
            ? ": no solution is known" : ", which is not of contacts under Coulomb's law alone"))
    }
  }

  /// Runs the solvers that the texts name, one after the other. Throws `SolverTextError`.
  public func run(_ solvers: [String]) throws {
    for text in solvers {
      if shouldStop() { return }
      willSolve(text)
      entries.append(try solve(text))
    }
  }

  /// The solution with the smallest measure.
  public var best: Entry? {
    entries.filter(\.isSolution).min {
      ($0.result.measures?[measure] ?? .infinity) < ($1.result.measures?[measure] ?? .infinity)
    }
  }

  /// What `solve --json` prints.
  public var report: SolveReportDocument {
    SolveReportDocument(
      problem: input.name, format: input.format, rows: input.rows, contacts: input.contactCount, rank: analysis?.rank,
      condition: analysis?.condition, asymmetry: input.asymmetry, symmetrised: input.isSymmetrized,
      measure: measure, tolerance: options.tolerance, results: entries.map(\.result))
  }

  private func solve(_ text: String) throws -> Entry {
    guard let problem = input.problem, let judge else {
      return Entry(
        result: SolveResult(text, .unsupported, message: "A is \(input.rows) × \(input.columns), not square"))
    }
    guard try SolverCatalog.complete.make(text).supports(problem) else {
      return Entry(result: SolveResult(text, .unsupported, message: try refusal(text, problem)))
    }
    let deadline = Clock.now() + options.timeLimit
    let zero = judge.measure([Double](repeating: 0, count: problem.rowCount))
    let search = ToleranceSearch(tolerance: options.tolerance, deadline: deadline)
    var last: Run?
    var failure: (any Error)?
    let start = measure == .residual ? options.tolerance : options.tolerance * max(zero.residual, 1e-300)
    let (setting, _) = search.run(from: start) { tolerance in
      do {
        let solved = try run(text, problem, tolerance: tolerance, deadline: deadline)
        last = solved
        let error = judge.measure(solved.lambda)[measure] ?? .infinity
        return ToleranceSearch.Attempt(
          error: error, reason: shouldStop() ? .timeLimit : solved.report.reason, iterations: solved.report.iterations)
      } catch {
        failure = error
        return ToleranceSearch.Attempt(error: .infinity, reason: .breakdown, iterations: 0)
      }
    }
    if let failure { throw failure }
    // The last solve of the search may be one that was too loose: the setting decides.
    var runs: [Run] = []
    if let last, last.tolerance == setting { runs.append(last) }
    if runs.isEmpty { runs.append(try run(text, problem, tolerance: setting, deadline: .infinity)) }
    while runs.count < options.repeats && Clock.now() < deadline && !shouldStop() {
      let more = try run(text, problem, tolerance: setting, deadline: .infinity)
      runs.append(more)
    }
    return entry(text, runs, setting, judge, isLate: Clock.now() >= deadline)
  }

  private struct Run {
    var tolerance: Double
    var report: SolveReport
    var lambda: [Double]
  }

  /// One solve from λ = 0 by a new instance.
  private func run(
    _ text: String, _ problem: ConstraintProblem, tolerance: Double, deadline: Double
  ) throws -> Run {
    let assembly = try SolverCatalog.complete.make(text)
    let own = assembly.stop
    let left = max(1e-3, min(deadline - Clock.now(), options.timeLimit))
    // Solvers that never say converged end by their own number of iterations: unbounded they would take all the time.
    let bound = assembly.isApproximate ? nil : Self.unlimited
    assembly.stop = StopRule(
      tolerance: tolerance, iterations: options.iterations ?? own.iterations ?? bound,
      timeLimit: min(own.timeLimit ?? .infinity, left))
    let lambda = Buffer<Double>()
    let report = assembly.solve(problem, into: lambda)
    return Run(tolerance: tolerance, report: report, lambda: lambda.array)
  }

  private func entry(_ text: String, _ runs: [Run], _ setting: Double, _ judge: SolveJudge, isLate: Bool) -> Entry {
    let run = runs[0]
    let measures = judge.measure(run.lambda)
    var reason = run.report.reason
    // Met is met, whatever the solver believes; and not met is not converged.
    let isMet = (measures[measure] ?? .infinity) <= options.tolerance
    var message: String?
    if isMet {
      reason = .converged
    } else if reason == .converged {
      // The search ended: out of time, or no smaller tolerance makes a difference.
      reason = isLate ? .timeLimit : .inconsistent
      message = isLate ? nil : "the solver's own residual is met, and the tolerance lies below round-off"
    } else if reason == .breakdown {
      message = "the method cannot go on"
    }
    if reason != .converged, let analysis, analysis.isIndefinite {
      message = "A is indefinite: smallest eigenvalue \(Quantity.scientific(analysis.smallestEigenvalue))"
    }
    func median(_ value: (Run) -> Double) -> Double {
      let sorted = runs.map(value).sorted()
      let middle = sorted.count / 2
      return sorted.count % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle])
    }
    var result = SolveResult(text, reason, message: message)
    result.iterations = run.report.iterations
    result.operatorApplications = run.report.operatorApplications
    let input = run.report.networkInput
    if input != .zero { result.networkInput = input.indices.map { input[$0] } }
    result.setup = median { 1e6 * $0.report.setupTime }
    result.time = median {
      1e6 * ($0.report.guessTime + $0.report.setupTime + $0.report.solveTime + $0.report.inferenceTime)
    }
    result.measures = measures
    return Entry(result: result, lambda: run.lambda, setting: setting)
  }

  /// Why a solver does not take a problem whose A is given.
  private func refusal(_ text: String, _ problem: ConstraintProblem) throws -> String {
    if !problem.isSymmetric, try SolverCatalog.complete.make(text).supports(Self.symmetricTwin(of: problem)) {
      return
        "A is unsymmetric (\(Quantity.scientific(problem.asymmetry))); --symmetrise replaces it by its symmetric part"
    }
    return problem.givenMatrix == nil
      ? "does not solve the law \(problem.law.rawValue) with these sets"
      : "does not solve this law and these sets on a matrix without bodies"
  }

  private static func symmetricTwin(of problem: ConstraintProblem) -> ConstraintProblem {
    let twin = ConstraintProblem()
    twin.removeAll(timestep: problem.timestep, law: problem.law)
    for index in 0..<problem.blocks.count {
      let block = problem.blocks[index]
      let rows = Int(block.firstRow)..<Int(block.firstRow + block.rowCount)
      twin.addGivenBlock(block.set, rightHandSide: rows.map { problem.rightHandSide[$0] }, friction: block.friction)
    }
    if let given = problem.givenMatrix { twin.finish(matrix: given.symmetrized()) }
    return twin
  }

  /// Solver, iteration, measure and µs of truncated solves: caps that grow by about a quarter, each a solve from λ = 0.
  public func history(of entry: Entry, _ body: (_ iteration: Int, _ measure: Double, _ microseconds: Double) -> Void)
    throws
  {
    guard let problem = input.problem, let judge, let setting = entry.setting, let final = entry.result.iterations
    else {
      return
    }
    let zero = [Double](repeating: 0, count: problem.rowCount)
    if let value = judge.measure(zero)[measure] { body(0, value, 0) }
    let deadline = Clock.now() + options.timeLimit
    var iteration = 1
    while iteration <= final && Clock.now() < deadline && !shouldStop() {
      let assembly = try SolverCatalog.complete.make(entry.result.solver)
      assembly.stop = StopRule(tolerance: setting, iterations: iteration, timeLimit: options.timeLimit)
      let lambda = Buffer<Double>()
      let report = assembly.solve(problem, into: lambda)
      let time = report.guessTime + report.setupTime + report.solveTime + report.inferenceTime
      if let value = judge.measure(lambda.array)[measure], value.isFinite { body(iteration, value, 1e6 * time) }
      if iteration == final { break }
      iteration = min(final, max(iteration + 1, iteration * 5 / 4))
    }
  }
}

/// A log of how the measure falls with iterations (`--history`): CSV.
public final class SolveHistory {
  private let writer: CSVWriter

  /// Creates the file.
  public init(_ path: String) {
    writer = CSVWriter(path: path, columns: ["problem", "solver", "iteration", "measure", "microseconds"])
  }

  /// Solves again and again with growing caps, for every entry that has a solution.
  public func record(_ session: SolveSession) throws {
    for entry in session.entries where entry.isSolution {
      try session.history(of: entry) { iteration, measure, time in
        writer.append(session.input.name)
        writer.append(entry.result.solver)
        writer.append("\(iteration)")
        writer.append(measure)
        writer.append(time)
        writer.endRow()
      }
    }
  }

  /// Closes the file. Throws `InputError` if anything failed.
  public func close() throws { try writer.close() }
}
