import ConstraintSystem
import LinearAlgebra

/// Symmetric successive over-relaxation: a backward and a forward sweep of over-relaxation (Sheldon 1955; Young 1971;
/// Saad 2003, 4.1).
///
///     x ← x + ω(2 − ω) (D + ωLᵀ)⁻¹ D (D + ωL)⁻¹ (b − A x)   up to which sweep comes first
///
/// Converges for every symmetric positive definite A and 0 < ω < 2, with real rates. The best is near
///
///     ω = 2/(1 + √(1 − 2μ + 4β)),   μ = 1 − λ_min(D⁻¹A),   β = max(¼, ρ(D⁻¹L D⁻¹Lᵀ))
///
/// (Hageman, Young 1981, 7.4): β is ¼ on Laplace's matrix, and there it gains like `sor`; on matrices of contacts β is
/// larger and nothing is gained. Below 1 the formula minimises a bound that is too large: ω = 1 is better there. Without `omega` μ comes from Lanczos' method and β from power iteration at
/// set-up. An iteration costs two products; the backward half comes first, because after the forward half the residual
/// follows from the sums of the sweep.
///
/// With b outside the range of A the residual comes to a standstill: `inconsistent`. A negative diagonal entry is a
/// `breakdown`.
final class SymmetricOverRelaxation: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "ssor", summary: "symmetric successive over-relaxation by rows, ω given or estimated",
    groups: ["classical", "stationary"], slots: [], reference: "Sheldon 1955; Young 1971; Saad 2003, 4.1",
    options: [
      OptionDescriptor("omega", "relaxation ω, 0 … 2 exclusive, default the best from an estimated spectrum"),
      OptionDescriptor("sweeps", "sweeps of a solve unless the stop rule says otherwise, default 1000"),
    ]
  ) { options in
    SymmetricOverRelaxation(
      omega: try options.number("omega", in: 1e-6...1.999999),
      sweeps: try options.integer("sweeps", in: 1...1_000_000_000))
  }

  /// Sweeps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 1000

  /// Steps of the power iteration for ω.
  private static let powerSteps = 12

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
    let radius = triangularRadius(matrix)
    report.operatorApplications += 3 * Self.powerSteps
    report.flops += 6 * Double(Self.powerSteps) * Double(matrix.nonZeroCount)
    let best = 2 / (1 + max(0, 2 * min(bounds.lowest, 1) - 1 + 4 * max(0.25, radius)).squareRoot())
    omega = min(max(1, best), Self.largestOmega)
  }

  /// ρ(D⁻¹L D⁻¹Lᵀ) from below by power iteration, L the strict lower triangle by scalars.
  private func triangularRadius(_ matrix: SymmetricBlockMatrix) -> Double {
    let n = matrix.dimension
    let d = inverse.pointer
    let x = r.pointer
    let y = best.pointer
    let u = upper.pointer
    let product = partial.pointer
    for row in 0..<n { x[row] = 1 + 0.1 * Double(row % 7) }
    var radius = 0.0
    for _ in 0..<Self.powerSteps {
      // y ← D⁻¹ Lᵀ x, x ← D⁻¹ L y with L = A − D − Lᵀ.
      matrix.scalarUpperProduct(x, into: u)
      for row in 0..<n { y[row] = d[row] * u[row] }
      matrix.scalarUpperProduct(y, into: u)
      matrix.multiply(y, into: product)
      let before = VectorKernels.norm(x, n)
      for row in 0..<n { x[row] = d[row] * (product[row] - u[row]) - (d[row] > 0 ? y[row] : 0) }
      let after = VectorKernels.norm(x, n)
      guard before > 0, after > 0, after.isFinite else { return radius }
      radius = max(radius, after / before)
      for row in 0..<n { x[row] /= after }
    }
    return radius
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
    while reason == nil {
      if monitor.isBest { best.pointer.update(from: x, count: n) }
      matrix.sweepBackward(
        b, x, upper: upper.pointer, partial: partial.pointer, inverseDiagonal: inverse.pointer, omega: omega)
      matrix.sweepForward(
        b, x, upper: upper.pointer, partial: partial.pointer, inverseDiagonal: inverse.pointer, omega: omega)
      matrix.residual(x, upper: upper.pointer, partial: partial.pointer, into: r)
      reason = monitor.advance(VectorKernels.norm(r, n))
    }
    report.finish(
      monitor, reason, x, best: best, n, productsPerIteration: 2, matrix, energyFalls: true)
  }
}
