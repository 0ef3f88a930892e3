import ConstraintSystem
import LinearAlgebra

/// Jacobi's method with relaxation, row by row:
///
///     x += ω D⁻¹ (b − A x),   D = diag(A)
///
/// (Saad 2003, 4.1.) The error shrinks by max |1 − ω λ| over the eigenvalues λ of D⁻¹A, so ω = 1 diverges where
/// λ_max ≥ 2: in every block of contacts that share a body. Without `omega` the best value 2/(λ_max + λ_min) is taken,
/// with both ends estimated by Lanczos' method at set-up. A growing residual ends the solve with `breakdown` and the best
/// x. One product an iteration; iterations grow like the condition number of D⁻¹A.
///
/// With b outside the range of A the residual comes to a standstill: `inconsistent`. A negative diagonal entry is a
/// `breakdown`.
final class Jacobi: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "jacobi", summary: "Jacobi's method with relaxation", groups: ["classical", "stationary"], slots: [],
    reference: "Saad, Iterative Methods for Sparse Linear Systems, 2003, 4.1",
    options: [
      OptionDescriptor("omega", "relaxation ω, 0 … 2, default 2/(λ_max + λ_min) of D⁻¹A; 1: Jacobi's own"),
      OptionDescriptor("sweeps", "sweeps of a solve unless the stop rule says otherwise, default 1000"),
    ]
  ) { options in
    Jacobi(
      omega: try options.number("omega", in: 1e-6...2),
      sweeps: try options.integer("sweeps", in: 1...1_000_000_000))
  }

  /// Iterations of a solve unless the stop rule says otherwise.
  static let defaultIterations = 1000

  private let given: Double?
  private var omega = 1.0
  private let bounds = LanczosBounds()
  private let sweeps: Int
  private let inverse = Buffer<Double>()
  private var isPositive = true
  private let r = Buffer<Double>()
  private let best = Buffer<Double>()

  init(omega: Double? = nil, sweeps: Int? = nil) {
    given = omega
    self.sweeps = sweeps ?? Self.defaultIterations
  }

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    let n = matrix.dimension
    r.resize(to: n, filling: 0)
    best.resize(to: n, filling: 0)
    isPositive = inverse.invertDiagonal(of: matrix)
    omega = given ?? 1
    guard given == nil else { return }
    bounds.estimateJacobi(matrix, inverse, limit: 60, accuracy: 1e-3)
    report.operatorApplications += bounds.steps
    report.flops += 2 * Double(bounds.steps) * Double(matrix.nonZeroCount)
    // Lanczos comes from below; a largest eigenvalue that is 1 % larger must not diverge.
    if bounds.highest > 0 { omega = min(2 / (bounds.highest + bounds.lowest), 2 / (1.01 * bounds.highest)) }
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
    let inverse = self.inverse.pointer
    var monitor = IterationMonitor(
      b, n, stop: stop, defaultLimit: sweeps, stagnation: .standstill)
    matrix.subtractProduct(of: x, from: b, into: r)
    var reason = monitor.begin(VectorKernels.norm(r, n))
    while reason == nil {
      if monitor.isBest { best.pointer.update(from: x, count: n) }
      for row in 0..<n { x[row] += omega * inverse[row] * r[row] }
      matrix.subtractProduct(of: x, from: b, into: r)
      reason = monitor.advance(VectorKernels.norm(r, n))
    }
    report.finish(
      monitor, reason, x, best: best, n, productsPerIteration: 1, matrix, energyFalls: given == nil)
  }
}
