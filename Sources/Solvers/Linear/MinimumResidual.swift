import ConstraintSystem
import LinearAlgebra

/// MINRES (Paige, Saunders 1975): the smallest ‖b − Ax‖ over the Krylov space, A symmetric, definite or not, with a
/// symmetric positive definite preconditioner P.
///
/// Lanczos' vectors v of A in the metric of P, the tridiagonal matrix (α, β) turned into a triangle by one rotation
/// (c, s) a step, and x along the directions w = V R⁻¹:
///
///     y = P⁻¹ r₂,  v = y/β,  r₃ = A v − (α/β) r₂ − (β/β₋) r₁
///     δ = c δ̄ + s α,  γ̄ = s δ̄ − c α,  γ = √(γ̄² + β₊²),  c = γ̄/γ,  s = β₊/γ
///     w = (v − ε w₋₋ − δ w₋)/γ,  x += c φ̄ w,  φ̄ ← s φ̄,  r ← s² r − (c φ̄/β₊) r₃
///
/// Without a preconditioner ‖r‖₂ never rises; with one it is ‖r‖ in P⁻¹'s metric that never does. r itself is carried
/// along (one update) so that every method here stops on the same norm. One product and one application of P⁻¹ an
/// iteration.
///
/// With b outside the range of A the solve ends with `inconsistent` and a least-squares solution when A r is 1e-12 of
/// ‖A‖ ‖r‖, or n + 50 iterations bring no gain.
final class MinimumResidual: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "minres", summary: "minimum residuals by Lanczos' method, preconditioned if asked for",
    groups: ["classical", "krylov"], slots: ["preconditioner"], reference: "Paige, Saunders 1975"
  ) { options in
    MinimumResidual(
      preconditioner: try options.preconditioner(default: "none"))
  }

  private let preconditioner: any Preconditioner
  /// The residual r, Lanczos' last three vectors r₁ r₂ y, v, and the directions w, w₋, w₋₋, one after the other.
  private let vectors = Buffer<Double>()
  private let best = Buffer<Double>()

  init(preconditioner: any Preconditioner) { self.preconditioner = preconditioner }

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    preconditioner.prepare(matrix, change: change)
    preconditioner.describe(in: &report)
    vectors.resize(to: 8 * matrix.dimension, filling: 0)
    best.resize(to: matrix.dimension, filling: 0)
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let n = matrix.dimension
    let r = vectors.pointer
    var monitor = IterationMonitor(
      b, n, stop: stop, defaultLimit: 20 * n + 100, stagnation: .patience(n + 50))
    matrix.subtractProduct(of: x, from: b, into: r)
    var reason = monitor.begin(VectorKernels.norm(r, n))
    while reason == nil {
      reason = run(matrix, x, &monitor)
      guard reason == .converged else { break }
      // The carried residual has drifted: look at the true one, and start again where it is too large.
      matrix.subtractProduct(of: x, from: b, into: r)
      report.operatorApplications += 1
      reason = monitor.confirm(VectorKernels.norm(r, n))
    }
    report.flops += Double(monitor.iteration) * preconditioner.applicationFlops
    report.finish(monitor, reason, x, best: best, n, productsPerIteration: 1, matrix)
  }

  /// Iterates from x with its residual in place until the monitor has a reason.
  private func run(
    _ matrix: SymmetricBlockMatrix, _ x: UnsafeMutablePointer<Double>, _ monitor: inout IterationMonitor
  ) -> StopReason {
    let n = matrix.dimension
    let r = vectors.pointer
    var r1 = r + n
    var r2 = r + 2 * n
    var y = r + 3 * n
    let v = r + 4 * n
    var w = r + 5 * n
    var w1 = r + 6 * n
    var w2 = r + 7 * n
    r1.update(repeating: 0, count: 7 * n)
    r2.update(from: r, count: n)
    preconditioner.apply(r2, into: y)
    var beta = VectorKernels.dot(r2, y, n).squareRoot()
    // r in the null space of P⁻¹, which is one of A.
    guard beta > 0 else { return beta.isNaN ? .breakdown : .inconsistent }
    var betaOld = 0.0
    var phi = beta
    var cosine = -1.0
    var sine = 0.0
    var deltaBar = 0.0
    var epsilon = 0.0
    var scale = 0.0
    while true {
      if monitor.isBest { best.pointer.update(from: x, count: n) }
      for row in 0..<n { v[row] = y[row] / beta }
      matrix.multiply(v, into: y)
      if betaOld > 0 { VectorKernels.add(-beta / betaOld, r1, to: y, n) }
      let alpha = VectorKernels.dot(v, y, n)
      VectorKernels.add(-alpha / beta, r2, to: y, n)
      // r₁ ← r₂ ← y; the oldest becomes the room for P⁻¹ r₂.
      (r1, r2, y) = (r2, y, r1)
      preconditioner.apply(r2, into: y)
      betaOld = beta
      let squared = VectorKernels.dot(r2, y, n)
      beta = squared > 0 ? squared.squareRoot() : 0
      scale = max(scale, alpha.magnitude + beta + betaOld)

      let epsilonOld = epsilon
      let delta = cosine * deltaBar + sine * alpha
      let gammaBar = sine * deltaBar - cosine * alpha
      epsilon = sine * beta
      deltaBar = -cosine * beta
      // ‖A r‖ of the iterate before, against ‖A‖ ‖r‖.
      if !((gammaBar * gammaBar + deltaBar * deltaBar).squareRoot() > 1e-12 * scale) {
        return alpha.isFinite ? .inconsistent : .breakdown
      }
      let gamma = (gammaBar * gammaBar + beta * beta).squareRoot()
      cosine = gammaBar / gamma
      sine = beta / gamma
      let step = cosine * phi
      phi *= sine
      (w2, w1, w) = (w1, w, w2)
      for row in 0..<n {
        w[row] = (v[row] - epsilonOld * w2[row] - delta * w1[row]) / gamma
        x[row] += step * w[row]
      }
      if beta > 0 {
        let drop = cosine * phi / beta
        for row in 0..<n { r[row] = sine * sine * r[row] - drop * r2[row] }
      } else {
        r.update(repeating: 0, count: n)
      }
      if let reason = monitor.advance(VectorKernels.norm(r, n)) { return reason }
      // Lanczos' method has run out of space.
      if !(beta > 1e-15 * scale) { return .inconsistent }
    }
  }
}
