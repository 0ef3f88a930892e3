import ConstraintSystem
import LinearAlgebra

/// Successive over-relaxation: Gauss–Seidel with every step of a row lengthened by ω (Young 1950; Saad 2003, 4.1).
///
///     x_i += ω (b_i − Σ_{j<i} a_ij x_j − Σ_{j≥i} a_ij x_j^old) / a_ii,   0 < ω < 2
///
/// Converges for every symmetric positive definite A. On consistently ordered matrices the best is
/// ω = 2/(1 + √(1 − μ²)), μ the spectral radius of Jacobi's iteration (Young 1954): 1.88401814 on tridiag(−1, 2, −1) of
/// 50 rows, where it needs a fifteenth of the sweeps. Without `omega` that formula is used with μ = 1 − λ_min(D⁻¹A) from
/// Lanczos' method at set-up; on matrices that are not consistently ordered it is a good guess. One product a sweep.
///
/// With b outside the range of A the residual comes to a standstill: `inconsistent`. A negative diagonal entry is a
/// `breakdown`.
final class SuccessiveOverRelaxation: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "sor", summary: "successive over-relaxation by rows, ω given or estimated",
    groups: ["classical", "stationary"], slots: [], reference: "Young 1954; Saad 2003, 4.1",
    options: [
      OptionDescriptor("omega", "relaxation ω, 0 … 2 exclusive, default Young's best from an estimated spectrum"),
      OptionDescriptor("sweeps", "sweeps of a solve unless the stop rule says otherwise, default 1000"),
    ]
  ) { options in
    SuccessiveOverRelaxation(
      omega: try options.number("omega", in: 1e-6...1.999999),
      sweeps: try options.integer("sweeps", in: 1...1_000_000_000))
  }

  /// Sweeps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 1000

  /// Largest estimate: beyond it 1000 sweeps are not enough for ω to show its worth, and fewer lead astray.
  private static let largestOmega = 1.98

  private let given: Double?
  /// ω of the last `prepare`.
  private(set) var omega = 1.0
  private let bounds = LanczosBounds()
  private let sweeps: Int
  private let inverse = Buffer<Double>()
  private var isPositive = true
  private let upper = Buffer<Double>()
  private let partial = Buffer<Double>()
  private let r = Buffer<Double>()
  private let best = Buffer<Double>()

  init(omega: Double? = nil, sweeps: Int? = nil) {
    given = omega
    self.sweeps = sweeps ?? Self.defaultIterations
  }

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    let n = matrix.dimension
    upper.resize(to: n, filling: 0)
    partial.resize(to: n, filling: 0)
    r.resize(to: n, filling: 0)
    best.resize(to: n, filling: 0)
    isPositive = inverse.invertDiagonal(of: matrix)
    omega = given ?? 1
    guard given == nil else { return }
    bounds.estimateJacobi(matrix, inverse, limit: 120, accuracy: 1e-3)
    report.operatorApplications += bounds.steps
    report.flops += 2 * Double(bounds.steps) * Double(matrix.nonZeroCount)
    // 1 − μ² = λ (2 − λ); λ_min ≤ 1 always.
    let lowest = min(bounds.lowest, 1)
    omega = min(2 / (1 + (lowest * (2 - lowest)).squareRoot()), Self.largestOmega)
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
        b, x, upper: upper.pointer, partial: partial.pointer, inverseDiagonal: inverse.pointer, omega: omega)
      matrix.residual(x, upper: upper.pointer, partial: partial.pointer, into: r)
      reason = monitor.advance(VectorKernels.norm(r, n))
    }
    report.finish(
      monitor, reason, x, best: best, n, productsPerIteration: 1, matrix, energyFalls: true)
  }
}
