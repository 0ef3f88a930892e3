import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers

/// λ* of a problem from the most accurate solver for its law, to 1e-10, as the laboratory's judge measures it.
///
/// A is often singular, and then λ* is one of many: the solve starts from the warm guess, so that the label is near the
/// history. Compare velocities, never λ, where that matters.
final class DatasetLabeler {
  /// Residual (m/s) that a label must meet.
  static let requiredResidual = 1e-8
  private static let tolerance = "tolerance=1e-10"

  private let judge = NaturalMap()
  private let lambda = Buffer<Double>()
  private var assemblies: [String: SolverAssembly] = [:]

  /// The solvers that are tried, the first one that is good enough ends the search. Linear problems take the better of the
  /// first two.
  private static func solvers(_ problem: ConstraintProblem) -> [String] {
    if problem.isLinear { return ["ldl:\(tolerance)", "newton:\(tolerance)"] }
    switch problem.law {
    case .convex, .frictionless: return ["newton:\(tolerance)", "semismooth:\(tolerance)"]
    case .coulomb: return ["semismooth:\(tolerance)", "ppa:\(tolerance)", "pgs:iterations=20000,\(tolerance)"]
    case .pyramid: return ["dantzig:\(tolerance)", "pgs:iterations=20000,\(tolerance)"]
    }
  }

  /// λ* and its residual (m/s). `start`: the warm guess. Throws `SolverTextError`.
  func label(_ problem: ConstraintProblem, start: [Double]) throws -> (lambda: [Double], residual: Double) {
    var best = (lambda: start, residual: Double.infinity)
    for text in Self.solvers(problem) {
      let assembly = try assemblies[text] ?? SolverCatalog.complete.make(text)
      assemblies[text] = assembly
      guard assembly.supports(problem) else { continue }
      for isWarm in [true, false] {
        assembly.start = Buffer(isWarm ? start : [Double](repeating: 0, count: start.count))
        let report = assembly.solve(problem, into: lambda)
        let residual = judge.residual(problem, lambda: lambda.pointer).maximum
        if report.reason != .breakdown, residual < best.residual { best = (lambda.array, residual) }
        if best.residual <= Self.requiredResidual { break }
      }
      if best.residual <= (problem.isLinear ? 1e-10 : Self.requiredResidual) { break }
    }
    return best
  }
}
