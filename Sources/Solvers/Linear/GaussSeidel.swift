import ConstraintSystem
import LinearAlgebra

/// Gauss–Seidel, row by row in ascending order, every row solved with the newest values of the others:
///
///     x_i ← (b_i − Σ_{j<i} a_ij x_j − Σ_{j>i} a_ij x_j^old) / a_ii
///
/// (Saad 2003, 4.1.) Converges for every symmetric positive definite A, and on singular ones for b in the range; the
/// rate is ρ(D⁻¹(L + Lᵀ))² on consistently ordered matrices: 0.99621 on tridiag(−1, 2, −1) of 50 rows. A sweep costs one
/// product; the residual after it comes from the sums of the sweep (`SymmetricBlockMatrix.residual`).
///
/// With b outside the range of A the residual comes to a standstill: `inconsistent`. A negative diagonal entry is a
/// `breakdown`.
final class GaussSeidel: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "gauss-seidel", summary: "Gauss–Seidel by rows, forward order", groups: ["classical", "stationary"],
    slots: [], reference: "Saad, Iterative Methods for Sparse Linear Systems, 2003, 4.1",
    options: [OptionDescriptor("sweeps", "sweeps of a solve unless the stop rule says otherwise, default 1000")]
  ) { options in GaussSeidel(sweeps: try options.integer("sweeps", in: 1...1_000_000_000)) }

  /// Sweeps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 1000

  private let sweeps: Int
  private let inverse = Buffer<Double>()
  private var isPositive = true
  private let upper = Buffer<Double>()
  private let partial = Buffer<Double>()
  private let r = Buffer<Double>()
  private let best = Buffer<Double>()

  init(sweeps: Int? = nil) { self.sweeps = sweeps ?? Self.defaultIterations }

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    let n = matrix.dimension
    upper.resize(to: n, filling: 0)
    partial.resize(to: n, filling: 0)
    r.resize(to: n, filling: 0)
    best.resize(to: n, filling: 0)
    isPositive = inverse.invertDiagonal(of: matrix)
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let n = matrix.dimension
    guard isPositive else {
      report.reason = .breakdown
      return
    }
    let r = self.r.pointer
    var monitor = IterationMonitor(
      b, n, stop: stop, defaultLimit: sweeps, stagnation: .standstill)
    matrix.subtractProduct(of: x, from: b, into: r)
    var reason = monitor.begin(VectorKernels.norm(r, n))
    if reason == nil { matrix.upperProduct(x, into: upper.pointer) }
    while reason == nil {
      if monitor.isBest { best.pointer.update(from: x, count: n) }
      matrix.sweepForward(
        b, x, upper: upper.pointer, partial: partial.pointer, inverseDiagonal: inverse.pointer, omega: 1)
      matrix.residual(x, upper: upper.pointer, partial: partial.pointer, into: r)
      reason = monitor.advance(VectorKernels.norm(r, n))
    }
    report.finish(
      monitor, reason, x, best: best, n, productsPerIteration: 1, matrix, energyFalls: true)
  }
}
