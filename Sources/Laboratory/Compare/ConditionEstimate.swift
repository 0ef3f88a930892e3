import ConstraintSystem
import LinearAlgebra

/// Condition of A on its range, κ = λ_max/λ_min over the eigenvalues that are not zero: of small problems by the dense
/// spectrum, of large ones by Lanczos' method, which is a lower bound. (Of a stack of 20, 240 rows, 64 steps of Lanczos
/// find 2e3 where the spectrum says 6.8e5.)
package final class ConditionEstimate {
  /// Rows up to which the dense spectrum is taken.
  package static let denseRows = 300
  private let delassus = DelassusMatrix()
  private let bounds = LanczosBounds()
  /// Products with A at most.
  private static let limit = 128

  /// An estimate of no problem yet.
  package init() {}

  /// κ of a problem; nil where there are no rows or nothing was found.
  package func estimate(_ problem: ConstraintProblem) -> Double? {
    guard problem.rowCount > 0 else { return nil }
    if problem.rowCount <= Self.denseRows { return MatrixAnalysis(problem)?.condition }
    _ = delassus.assemble(problem)
    let count = problem.rowCount
    bounds.estimate(delassus.matrix, limit: Self.limit, accuracy: 0.01, needsLowest: true) { r, z in
      z.update(from: r, count: count)
    }
    guard bounds.lowest > 0, bounds.highest.isFinite else { return nil }
    return bounds.highest / bounds.lowest
  }
}
