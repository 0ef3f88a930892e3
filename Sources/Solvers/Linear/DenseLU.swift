import ConstraintSystem
import LinearAlgebra

/// Dense LU with partial pivoting, P A = L U (LAPACK dgetrf through OpenBLAS, one thread).
///
/// A singular A is shifted by 1e-10 of its diagonal, and one step of iterative refinement with A itself removes most
/// of what the shift did. Cost 2n³/3: for small problems and as a witness for the sparse methods. OpenBLAS picks its
/// kernels by processor, so bits may differ between machines. A need not be symmetric.
final class DenseLU: UnsymmetricLinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "lu", summary: "dense LU with partial pivoting (LAPACK dgetrf)", groups: ["classical", "direct"], slots: [],
    reference: "Golub, Van Loan, Matrix Computations, 2013, 3.4", usesBLAS: true
  ) { _ in DenseLU() }

  private let factor = DenseLUFactorization()
  private let residual = Buffer<Double>()
  private var failed = false

  var isDirect: Bool { true }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    prepare(matrix.dimension, copy: matrix.copyDense, &report)
  }

  func prepare(_ matrix: BlockRowMatrix, report: inout SolveReport) {
    prepare(matrix.dimension, copy: matrix.copyDense, &report)
  }

  private func prepare(_ n: Int, copy: (UnsafeMutablePointer<Double>) -> Void, _ report: inout SolveReport) {
    let dense = factor.matrix
    dense.resize(rows: n, columns: n)
    residual.resize(to: n, filling: 0)
    copy(dense.pointer)
    dense.shiftDiagonal()
    failed = factor.factor() != .factored
    report.factorizations += 1
    report.flops += 2.0 / 3.0 * Double(n) * Double(n) * Double(n)
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) { solve(matrix.dimension, b, x, &report) { matrix.multiply(x, into: $0) } }

  func solve(
    _ matrix: BlockRowMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    report: inout SolveReport
  ) { solve(matrix.dimension, b, x, &report) { matrix.multiply(x, into: $0) } }

  private func solve(
    _ count: Int, _ b: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>, _ report: inout SolveReport,
    product: (UnsafeMutablePointer<Double>) -> Void
  ) {
    if failed {
      report.reason = .breakdown
      return
    }
    x.update(from: b, count: count)
    factor.solve(x)
    let r = residual.pointer
    product(r)
    for row in 0..<count { r[row] = b[row] - r[row] }
    factor.solve(r)
    for row in 0..<count { x[row] += r[row] }
    report.iterations += 1
    report.triangularSolves += 2
    report.operatorApplications += 1
    report.flops += 4 * Double(count) * Double(count)
  }
}
