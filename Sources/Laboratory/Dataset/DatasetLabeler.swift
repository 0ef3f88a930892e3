import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers

/// λ* of a problem from the most accurate solvers for its law, to 1e-10, as the laboratory's judge measures it.
///
/// A is often singular, and then λ* is one of many: the solve starts from the warm guess, so that the label is near the
/// history. Compare velocities, never λ, where that matters.
final class DatasetLabeler {
  /// Residual (m/s) that a label must meet.
  static let requiredResidual = 1e-8
  /// Residual (m/s) at which nothing better is looked for.
  private static let wantedResidual = 1e-10

  private let judge = NaturalMap()
  private let lambda = Buffer<Double>()
  private var assemblies: [String: SolverAssembly] = [:]

  /// One solver that is tried.
  private struct Attempt {
    var solver: String
    /// Whether it is tried only where the best label so far is not good enough.
    var isLast = false
    var fromZero = false
  }

  /// What is tried, in this order; from the second on each starts from the best λ so far.
  ///
  /// Second-order methods meet 1e-10 on most problems. On degenerate contacts `newton` ends at 1e-8 … 1e-6, where the
  /// interior point method, which starts cold, goes on; under `coulomb` sweeps find the set of sliding contacts that
  /// `semismooth` then settles.
  private static func attempts(_ problem: ConstraintProblem) -> [Attempt] {
    if problem.isLinear { return [Attempt(solver: "ldl"), Attempt(solver: "newton")] }
    switch problem.law {
    case .convex, .frictionless:
      return [
        Attempt(solver: "newton"), Attempt(solver: "ipm"), Attempt(solver: "newton", isLast: true),
        Attempt(solver: "semismooth", isLast: true),
      ]
    case .coulomb:
      return [
        Attempt(solver: "semismooth"), Attempt(solver: "ppa", isLast: true),
        Attempt(solver: "pgs:iterations=10000", isLast: true), Attempt(solver: "semismooth", isLast: true),
        Attempt(solver: "nncg:iterations=10000", isLast: true), Attempt(solver: "semismooth", isLast: true),
        Attempt(solver: "semismooth", isLast: true, fromZero: true),
        Attempt(solver: "ppa", isLast: true, fromZero: true),
      ]
    case .pyramid:
      return [
        Attempt(solver: "dantzig"), Attempt(solver: "pgs:iterations=20000"),
        Attempt(solver: "active-set", isLast: true),
      ]
    }
  }

  /// λ* and its residual (m/s). `start`: the warm guess. Throws `SolverTextError`.
  func label(_ problem: ConstraintProblem, start: [Double]) throws -> (lambda: [Double], residual: Double) {
    var best = (lambda: start, residual: Double.infinity)
    for attempt in Self.attempts(problem) {
      if best.residual <= (attempt.isLast ? Self.requiredResidual : Self.wantedResidual) { break }
      let assembly = try assemblies[attempt.solver] ?? SolverCatalog.complete.make(attempt.solver)
      assemblies[attempt.solver] = assembly
      guard assembly.supports(problem) else { continue }
      assembly.stop.tolerance = Self.wantedResidual
      assembly.start = Buffer(attempt.fromZero ? [Double](repeating: 0, count: start.count) : best.lambda)
      let report = assembly.solve(problem, into: lambda)
      guard report.reason != .breakdown else { continue }
      let residual = judge.residual(problem, lambda: lambda.pointer).maximum
      if residual < best.residual { best = (lambda.array, residual) }
    }
    return best
  }
}
