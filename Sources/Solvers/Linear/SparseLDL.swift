import ConstraintSystem
import LinearAlgebra

/// Sparse block LDLᵀ: A = Pᵀ L D Lᵀ P, one block a constraint (or a body), P from AMD, the analysis kept while the
/// pattern stands. On chains and trees of joints the factor has no fill, and the cost is linear.
///
/// A singular A survives: a scalar pivot below 1e-12 of its original diagonal is dropped (λ = 0 there), and one step
/// of iterative refinement removes what that and round-off left, if it is worth it. (Davis, "Direct Methods for Sparse Linear Systems",
/// 2006; Amestoy, Davis, Duff, "An approximate minimum degree ordering algorithm", 1996.)
///
/// Fails where b is not in the range of A: what remains is reported as inconsistency.
final class SparseLDL: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "ldl", summary: "sparse block LDLᵀ, AMD ordering, analysis kept while the pattern stands",
    groups: ["classical", "direct"], slots: [], reference: "Davis 2006; Amestoy, Davis, Duff 1996"
  ) { _ in SparseLDL() }

  private let factor = BlockLDL()
  private let residual = Buffer<Double>()

  var isDirect: Bool { true }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    if change == .pattern { factor.analyze(matrix) }
    factor.factor(matrix)
    report.factorizations += 1
    report.flops += factor.factorFlops
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let count = matrix.dimension
    x.update(from: b, count: count)
    factor.solve(x)
    report.iterations += 1
    report.triangularSolves += 1
    report.flops += 4 * Double(factor.factorNonZeros)
    // Newton asks for a few digits only and corrects its own direction.
    if stop.relative > 1e-8 { return }
    residual.resize(to: count, filling: 0)
    let r = residual.pointer
    matrix.multiply(x, into: r)
    var squared = 0.0
    for row in 0..<count {
      r[row] = b[row] - r[row]
      squared += r[row] * r[row]
    }
    report.operatorApplications += 1
    report.flops += 2 * Double(matrix.nonZeroCount)
    report.believedResidual = squared.squareRoot()
    // Well below what is asked for: nothing to refine.
    if report.believedResidual <= 1e-3 * stop.absolute { return }
    factor.solve(r)
    for row in 0..<count { x[row] += r[row] }
    report.triangularSolves += 1
    report.flops += 4 * Double(factor.factorNonZeros)
    report.believedResidual = .nan
  }
}
