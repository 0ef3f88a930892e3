import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers

/// Time to solve random dense and sparse systems, every linear solver, until ‖x − x*‖₂ / ‖x*‖₂ meets the tolerance.
///
/// x* is known, so the measure is the true error: an iterative solver gets the residual tolerance with which it just
/// meets it (`ToleranceSearch`), and what is timed is one solve with that, from zero. A time is set-up and solve, from the
/// assembled matrix in its natural storage; analyses are done anew. The first solve only warms memory and caches.
public final class LinearBenchmark {
  /// What is measured.
  public struct Options: Sendable {
    /// Numbers of rows.
    public var sizes = [4, 16, 64, 256, 1024, 4096]
    /// Bound on the relative error.
    public var tolerance = 1e-5
    /// Solves that are timed.
    public var repeats = 5
    /// Time of a solver on one system (s); one that needs more is not given larger ones.
    public var timeLimit = 10.0
    /// Seed of the systems.
    public var seed: UInt64 = 1

    /// The article's figure.
    public init() {}

    /// Throws `InputError` for numbers that cannot be used.
    public func validate() throws {
      func check(_ holds: Bool, _ name: String, _ expected: String) throws {
        guard holds else { throw InputError(.usage, place: name, "expected \(expected)") }
      }
      try check(!sizes.isEmpty && sizes.allSatisfy { 1...16384 ~= $0 }, "--sizes", "whole numbers from 1 to 16384")
      try check(tolerance > 0 && tolerance.isFinite, "--tolerance", "a positive number")
      try check(repeats >= 1, "--repeats", "a whole number from 1")
      try check(timeLimit > 0 && timeLimit.isFinite, "--time-limit", "a positive number of seconds")
    }
  }

  /// The measurements so far.
  public private(set) var report: LinearReport
  /// Asked between solves; true ends the benchmark with what was measured so far.
  public var shouldStop: () -> Bool = { false }
  /// Told of everything that begins.
  public var willSolve: (String) -> Void = { _ in }

  private let solvers: [String]
  private let options: Options

  /// A benchmark of linear solvers given by their texts. Throws `SolverTextError` or `InputError`.
  public init(solvers: [String], options: Options) throws {
    try options.validate()
    for text in solvers { _ = try SolverCatalog.complete.makeLinear(text) }
    self.solvers = solvers
    self.options = options
    report = LinearReport(
      tolerance: options.tolerance, repeats: options.repeats, timeLimit: options.timeLimit, seed: options.seed,
      machine: .current, results: [])
  }

  /// Runs everything: families, then sizes, then solvers.
  public func run() throws {
    for family in RandomSystem.Family.allCases {
      var tooSlow: Set<String> = []
      for n in options.sizes.sorted() {
        if shouldStop() { return }
        willSolve("\(family.rawValue) n = \(n)")
        let system = RandomSystem(family, rows: n, seed: options.seed)
        for text in solvers {
          if shouldStop() { return }
          if tooSlow.contains(text) {
            report.results.append(
              LinearResult(family: family, n: n, solver: text, stopReason: .timeLimit, isSkipped: true))
            continue
          }
          willSolve("\(family.rawValue) n = \(n)  \(text)")
          let result = try measure(text, system, family, n)
          report.results.append(result)
          // The time of one solve decides, not that of the repeats.
          let single = (result.time.median ?? 0) * 1e-6
          if result.stopReason == .timeLimit || single > options.timeLimit { tooSlow.insert(text) }
        }
      }
    }
  }

  private struct Run {
    var report: SolveReport
    var error: Double
    var time: Double
  }

  private func measure(
    _ text: String, _ system: RandomSystem, _ family: RandomSystem.Family, _ n: Int
  ) throws -> LinearResult {
    let solver = try SolverCatalog.complete.makeLinear(text)
    let deadline = Clock.now() + options.timeLimit
    var x = [Double](repeating: 0, count: n)
    var last: Run?
    let search = ToleranceSearch(tolerance: options.tolerance, deadline: deadline)
    let (setting, outcome) = search.run(from: options.tolerance) { relative in
      let run = solve(solver, system, relative, deadline, &x)
      last = run
      return ToleranceSearch.Attempt(
        error: run.error, reason: shouldStop() ? .timeLimit : run.report.reason, iterations: run.report.iterations)
    }
    var result = LinearResult(family: family, n: n, solver: text, stopReason: outcome.reason, isSkipped: false)
    guard outcome.error <= options.tolerance, let first = last else {
      // Converged by its own measure but never by the error: nothing a smaller tolerance would change.
      if result.stopReason == .converged { result.stopReason = .inconsistent }
      result.relativeError = outcome.error.isFinite ? outcome.error : nil
      result.iterations = outcome.iterations
      return result
    }
    result.stopReason = .converged
    // Short solves are timed together: a reading of the clock costs 25 ns.
    let batch = max(1, min(1000, Int(5e-5 / max(first.time, 1e-8))))
    var times: [Double] = []
    var final = first
    let began = Clock.now()
    // A solve that alone takes the limit is not repeated.
    if first.time > options.timeLimit { times.append(first.time) }
    while times.count < options.repeats && (times.isEmpty || Clock.now() - began < options.timeLimit) && !shouldStop() {
      var sum = 0.0
      for _ in 0..<batch {
        final = solve(solver, system, setting, .infinity, &x)
        sum += final.time
      }
      times.append(sum / Double(batch))
    }
    result.relativeError = final.error
    result.iterations = final.report.iterations
    result.time = LinearResult.Statistics(times.map { 1e6 * $0 })
    return result
  }

  private func solve(
    _ solver: any LinearSolver, _ system: RandomSystem, _ relative: Double, _ deadline: Double, _ x: inout [Double]
  ) -> Run {
    var report = SolveReport()
    for row in x.indices { x[row] = 0 }
    let start = Clock.now()
    solver.prepare(system.matrix, change: .pattern, report: &report)
    let stop = LinearStop(
      relative: relative, iterations: 1_000_000_000, deadline: deadline.isFinite ? deadline : nil)
    x.withUnsafeMutableBufferPointer { x in
      solver.solve(system.matrix, system.rightHandSide, into: x.baseAddress!, stop: stop, report: &report)
    }
    let time = Clock.now() - start
    let difference = zip(x, system.solution).map { $0 - $1 }
    let error = SolveJudge.norm(difference) / SolveJudge.norm(system.solution)
    return Run(report: report, error: error.isNaN ? .infinity : error, time: time)
  }
}
