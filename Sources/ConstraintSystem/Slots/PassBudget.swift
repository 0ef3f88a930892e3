import LinearAlgebra

/// A bound on passes over all constraints, made a bound on iterations.
///
/// A pass touches every constraint once: a sweep, or half of a product with A (Jᵀ and J are one each). Solvers count
/// theirs in `SolveReport.constraintPasses`; one that counts none but products with A is taken by those. How many an
/// iteration takes is found by a probe, one iteration on the first problem, thrown away and outside the clock. A solver
/// that makes no passes, such as a direct one, is not bound.
struct PassBudget {
  /// Passes of a solve; nil: no bound.
  var limit: Int?
  /// Passes of an iteration; 0 for a solver without any, nil before the probe.
  private var rate: Double?

  /// The stop rule of a solve under the bound; at least one iteration.
  mutating func stop(_ rule: StopRule, _ solver: any ConstraintSolver, _ problem: ConstraintProblem) -> StopRule {
    guard let limit else { return rule }
    if rate == nil { rate = Self.probe(solver, problem) }
    guard let rate, rate > 0 else { return rule }
    var rule = rule
    let iterations = max(1, Int(min(Double(limit) / rate, 1e9)))
    rule.iterations = min(iterations, rule.iterations ?? iterations)
    return rule
  }

  /// Passes of the second iteration: the first may have a start of its own.
  private static func probe(_ solver: any ConstraintSolver, _ problem: ConstraintProblem) -> Double {
    func passes(_ iterations: Int) -> (count: Int, iterations: Int) {
      var report = SolveReport()
      let lambda = Buffer<Double>(repeating: 0, count: problem.rowCount)
      solver.prepare(problem, report: &report)
      report.operatorApplications = 0
      report.constraintPasses = 0
      solver.solve(
        problem, lambda: lambda.pointer, stop: StopRule(tolerance: 0, iterations: iterations), report: &report)
      let count = report.constraintPasses > 0 ? report.constraintPasses : 2 * report.operatorApplications
      return (count, report.iterations)
    }
    let one = passes(2)
    let two = passes(6)
    guard two.iterations > one.iterations else { return Double(two.count) / Double(max(1, two.iterations)) }
    return Double(two.count - one.count) / Double(two.iterations - one.iterations)
  }

  func save(to archive: inout StateArchive) {
    if let rate { archive.add("passes", numbers: [rate]) }
  }

  mutating func restore(_ archive: StateArchive) throws {
    rate = nil
    guard archive.sections.contains(where: { $0.name == "passes" }) else { return }
    rate = try archive.numbers("passes", count: 1)[0]
  }
}
