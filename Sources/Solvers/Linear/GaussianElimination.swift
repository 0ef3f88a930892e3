import ConstraintSystem
import LinearAlgebra

/// Gaussian elimination with partial pivoting, P A = L U, written out: no BLAS, no LAPACK.
///
/// Right-looking by panels of columns (Golub, Van Loan 2013, 3.2.11 and 3.4): a panel is eliminated column by column,
/// the pivot the largest entry of its column; then its rows of U are solved for and the rest of the matrix gets
/// A₂₂ −= L₂₁ U₁₂, which is nearly all of the 2n³/3 operations. That update packs both factors and runs a 4×4 kernel in
/// registers (`EliminationKernel`), so elimination is compared with iteration at a fair speed; `lu` is the same method
/// from LAPACK.
///
/// A singular A is shifted by 1e-10 of its diagonal, and one step of iterative refinement with A itself removes most of
/// what the shift did. A need not be symmetric. The same bits on every processor.
final class GaussianElimination: UnsymmetricLinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "gauss", summary: "Gaussian elimination with partial pivoting, written out", groups: ["classical", "direct"],
    slots: [], reference: "Golub, Van Loan, Matrix Computations, 2013, 3.4"
  ) { _ in GaussianElimination() }

  /// Columns of a panel: its packed pieces stay in the second-level cache.
  private static let panel = 48

  private let factors = DenseMatrix()
  private let pivots = Buffer<Int32>()
  private let kernel = EliminationKernel()
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
    factors.resize(rows: n, columns: n)
    pivots.resize(to: n, filling: 0)
    residual.resize(to: n, filling: 0)
    copy(factors.pointer)
    factors.shiftDiagonal()
    failed = !factor(n)
    report.factorizations += 1
    report.flops += 2.0 / 3.0 * Double(n) * Double(n) * Double(n)
  }

  /// False where a pivot is zero or not a number.
  private func factor(_ n: Int) -> Bool {
    let a = factors.pointer
    var first = 0
    while first < n {
      let end = min(first + Self.panel, n)
      guard eliminatePanel(a, n, first, end) else { return false }
      exchangeOutside(a, n, first, end)
      if end < n {
        solveRows(a, n, first, end)
        kernel.update(
          a + (end * n + end), rows: n - end, columns: n - end, stride: n, left: a + (first * n + end),
          right: a + (end * n + first), inner: end - first)
      }
      first = end
    }
    return true
  }

  /// Eliminates columns first ..< end below their diagonals, rows exchanged within the panel.
  private func eliminatePanel(_ a: UnsafeMutablePointer<Double>, _ n: Int, _ first: Int, _ end: Int) -> Bool {
    for j in first..<end {
      let column = a + j * n
      var pivot = j
      var largest = column[j].magnitude
      for i in j + 1..<max(n, j + 1) where column[i].magnitude > largest {
        largest = column[i].magnitude
        pivot = i
      }
      pivots.pointer[j] = Int32(pivot)
      guard largest > 0, largest.isFinite else { return false }
      if pivot != j {
        for c in first..<end {
          let value = a[c * n + j]
          a[c * n + j] = a[c * n + pivot]
          a[c * n + pivot] = value
        }
      }
      let inverse = 1 / column[j]
      for i in j + 1..<max(n, j + 1) { column[i] *= inverse }
      for c in j + 1..<max(end, j + 1) {
        VectorKernels.add(-a[c * n + j], column + (j + 1), to: a + (c * n + j + 1), n - j - 1)
      }
    }
    return true
  }

  /// The panel's exchanges in the columns left and right of it.
  private func exchangeOutside(_ a: UnsafeMutablePointer<Double>, _ n: Int, _ first: Int, _ end: Int) {
    let pivots = self.pivots.pointer
    for c in 0..<n where c < first || c >= end {
      let column = a + c * n
      for j in first..<end {
        let pivot = Int(pivots[j])
        let value = column[j]
        column[j] = column[pivot]
        column[pivot] = value
      }
    }
  }

  /// U₁₂ ← L₁₁⁻¹ A₁₂.
  private func solveRows(_ a: UnsafeMutablePointer<Double>, _ n: Int, _ first: Int, _ end: Int) {
    for c in end..<n {
      let column = a + c * n
      for j in first..<end {
        let s = -column[j]
        let l = a + j * n
        for i in j + 1..<max(end, j + 1) { column[i] += s * l[i] }
      }
    }
  }

  /// x ← A⁻¹ x.
  private func substitute(_ x: UnsafeMutablePointer<Double>, _ n: Int) {
    let a = factors.pointer
    for j in 0..<n {
      let pivot = Int(pivots.pointer[j])
      let value = x[j]
      x[j] = x[pivot]
      x[pivot] = value
    }
    for j in 0..<n { VectorKernels.add(-x[j], a + (j * n + j + 1), to: x + (j + 1), n - j - 1) }
    var j = n - 1
    while j >= 0 {
      x[j] /= a[j * n + j]
      VectorKernels.add(-x[j], a + j * n, to: x, j)
      j -= 1
    }
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
    _ n: Int, _ b: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>, _ report: inout SolveReport,
    product: (UnsafeMutablePointer<Double>) -> Void
  ) {
    if failed {
      report.reason = .breakdown
      return
    }
    x.update(from: b, count: n)
    substitute(x, n)
    let r = residual.pointer
    product(r)
    for row in 0..<n { r[row] = b[row] - r[row] }
    substitute(r, n)
    VectorKernels.add(1, r, to: x, n)
    report.iterations += 1
    report.triangularSolves += 2
    report.operatorApplications += 1
    report.flops += 6 * Double(n) * Double(n)
  }
}
