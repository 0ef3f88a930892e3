import ConstraintSystem
import LinearAlgebra

/// Symmetric successive over-relaxation: a backward and a forward sweep of over-relaxation (Sheldon 1955; Young 1971;
/// Saad 2003, 4.1).
///
///     x ← x + ω(2 − ω) (D + ωLᵀ)⁻¹ D (D + ωL)⁻¹ (b − A x)   up to which sweep comes first
///
/// Converges for every symmetric positive definite A and 0 < ω < 2, with real rates, and is not sensitive to ω. The best
/// is near 2/(1 + √(2(1 − μ))), μ the spectral radius of Jacobi's iteration (Axelsson 1994, 6.5); without `omega` μ is
/// 1 − λ_min(D⁻¹A) from Lanczos' method at set-up. An iteration costs two products; the backward half comes first,
/// because after the forward half the residual follows from the sums of the sweep.
///
/// With b outside the range of A the residual comes to a standstill: `inconsistent`.
final class SymmetricOverRelaxation: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "ssor", summary: "symmetric successive over-relaxation by rows, ω given or estimated",
    groups: ["classical", "stationary"], slots: [], reference: "Sheldon 1955; Young 1971; Saad 2003, 4.1",
    options: [OptionDescriptor("omega", "relaxation ω, 0 … 2 exclusive, default the best from an estimated spectrum")]
  ) { options in SymmetricOverRelaxation(omega: try options.number("omega", in: 1e-6...1.999999)) }

  /// Sweeps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 10_000

  private let given: Double?
  /// ω of the last `prepare`.
  private(set) var omega = 1.0
  private let bounds = LanczosBounds()
  private let inverse = Buffer<Double>()
  private let upper = Buffer<Double>()
  private let partial = Buffer<Double>()
  private let r = Buffer<Double>()
  private let best = Buffer<Double>()

  init(omega: Double? = nil) { given = omega }

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    let n = matrix.dimension
    upper.resize(to: n, filling: 0)
    partial.resize(to: n, filling: 0)
    r.resize(to: n, filling: 0)
    best.resize(to: n, filling: 0)
    inverse.invertDiagonal(of: matrix)
    omega = given ?? 1
    guard given == nil else { return }
    bounds.estimateJacobi(matrix, inverse, limit: 120, accuracy: 1e-3)
    report.operatorApplications += bounds.steps
    report.flops += 2 * Double(bounds.steps) * Double(matrix.nonZeroCount)
    omega = min(2 / (1 + (2 * min(bounds.lowest, 1)).squareRoot()), 1.9999)
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let n = matrix.dimension
    let r = self.r.pointer
    var monitor = IterationMonitor(
      b, n, stop: stop, defaultLimit: Self.defaultIterations, stagnation: .standstill)
    matrix.subtractProduct(of: x, from: b, into: r)
    var reason = monitor.begin(VectorKernels.norm(r, n))
    while reason == nil {
      if monitor.isBest { best.pointer.update(from: x, count: n) }
      matrix.sweepBackward(
        b, x, upper: upper.pointer, partial: partial.pointer, inverseDiagonal: inverse.pointer, omega: omega)
      matrix.sweepForward(
        b, x, upper: upper.pointer, partial: partial.pointer, inverseDiagonal: inverse.pointer, omega: omega)
      matrix.residual(x, upper: upper.pointer, partial: partial.pointer, into: r)
      reason = monitor.advance(VectorKernels.norm(r, n))
    }
    report.finish(monitor, reason, x, best: best, n, productsPerIteration: 2, matrix)
  }
}
