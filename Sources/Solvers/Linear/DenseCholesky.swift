import ConstraintSystem
import LinearAlgebra

/// Dense Cholesky, A = L Lᵀ (LAPACK dpotrf through OpenBLAS, one thread).
///
/// Where A is not safely positive definite (dpotrf stops, or a pivot is below 1e-12 of its own diagonal entry) it is
/// factored again with 1e-10 of the diagonal added, and one step of iterative refinement with A itself removes most of
/// what the shift did. A matrix that is indefinite beyond that ends with `breakdown`. Cost n³/3, half of `lu`; the
/// fastest dense method for matrices that are known to be definite. OpenBLAS picks its kernels by processor, so bits may
/// differ between machines.
final class DenseCholesky: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "cholesky", summary: "dense Cholesky (LAPACK dpotrf)", groups: ["classical", "direct"], slots: [],
    reference: "Golub, Van Loan, Matrix Computations, 2013, 4.2", usesBLAS: true
  ) { _ in DenseCholesky() }

  private let factor = DenseCholeskyFactorization()
  private let diagonal = Buffer<Double>()
  private let residual = Buffer<Double>()
  private var failed = false

  var isDirect: Bool { true }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    let n = matrix.dimension
    factor.matrix.resize(rows: n, columns: n)
    diagonal.resize(to: n, filling: 0)
    residual.resize(to: n, filling: 0)
    matrix.copyDiagonal(into: diagonal.pointer)
    failed = !factor(matrix, shift: 0, &report) && !factor(matrix, shift: 1e-10, &report)
  }

  /// False where the matrix is not positive definite: without a shift, not safely so.
  private func factor(_ matrix: SymmetricBlockMatrix, shift: Double, _ report: inout SolveReport) -> Bool {
    let n = matrix.dimension
    let a = factor.matrix.pointer
    matrix.copyDense(into: a)
    for row in 0..<n {
      let d = diagonal.pointer[row]
      // A row of zeros takes part in nothing; its unknown is 0.
      a[row * n + row] = d == 0 ? 1 : d * (1 + shift)
    }
    report.factorizations += 1
    report.flops += Double(n) * Double(n) * Double(n) / 3
    guard factor.factor() == .factored else { return false }
    for row in 0..<n {
      let pivot = a[row * n + row]
      guard pivot.isFinite else { return false }
      if shift == 0 && !(pivot * pivot > 1e-12 * diagonal.pointer[row]) { return false }
    }
    return true
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let n = matrix.dimension
    if failed {
      report.reason = .breakdown
      return
    }
    x.update(from: b, count: n)
    factor.solve(x)
    let r = residual.pointer
    matrix.subtractProduct(of: x, from: b, into: r)
    factor.solve(r)
    VectorKernels.add(1, r, to: x, n)
    report.iterations += 1
    report.triangularSolves += 2
    report.operatorApplications += 1
    report.flops += 4 * Double(n) * Double(n) + 2 * Double(matrix.nonZeroCount)
  }
}
