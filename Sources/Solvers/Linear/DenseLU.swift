import ConstraintSystem
import LinearAlgebra

/// Dense LU with partial pivoting, P A = L U (LAPACK dgetrf through OpenBLAS, one thread).
///
/// A singular A is shifted by 1e-10 of its diagonal, and one step of iterative refinement with A itself removes most
/// of what the shift did. Cost 2n³/3: for small problems and as a witness for the sparse methods. OpenBLAS picks its
/// kernels by processor, so bits may differ between machines.
final class DenseLU: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "lu", summary: "dense LU with partial pivoting (LAPACK dgetrf)", groups: ["classical", "direct"], slots: [],
    reference: "Golub, Van Loan, Matrix Computations, 2013, 3.4"
  ) { _ in DenseLU() }

  private let factor = DenseLUFactorization()
  private let residual = Buffer<Double>()
  private var failed = false

  var isDirect: Bool { true }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    let n = matrix.dimension
    let dense = factor.matrix
    dense.resize(rows: n, columns: n)
    matrix.copyDense(into: dense.pointer)
    dense.shiftDiagonal()
    failed = factor.factor() != .factored
    report.factorizations += 1
    report.flops += 2.0 / 3.0 * Double(n) * Double(n) * Double(n)
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let count = matrix.dimension
    if failed {
      report.reason = .breakdown
      return
    }
    x.update(from: b, count: count)
    factor.solve(x)
    residual.resize(to: count, filling: 0)
    let r = residual.pointer
    matrix.multiply(x, into: r)
    for row in 0..<count { r[row] = b[row] - r[row] }
    factor.solve(r)
    for row in 0..<count { x[row] += r[row] }
    report.iterations += 1
    report.triangularSolves += 2
    report.operatorApplications += 1
    report.flops += 4 * Double(count) * Double(count)
  }
}
