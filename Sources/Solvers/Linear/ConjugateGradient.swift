import ConstraintSystem
import LinearAlgebra

/// Conjugate gradients for A x = b, A symmetric positive semi-definite, without a preconditioner (`pcg` has one).
///
///     α = rᵀr / pᵀAp,  x += α p,  r −= α A p,  β = r₊ᵀr₊ / rᵀr,  p = r + β p
///
/// (Hestenes, Stiefel 1952; Saad 2003, algorithm 6.18.) One product an iteration; at most n in exact arithmetic, about
/// ½ √κ ln(2/ε) for condition κ. r is carried along and drifts from b − Ax: when it meets the target the true one is
/// computed, and the method starts again from there where that does not.
///
/// With a singular A and b in its range it converges to a solution. With b outside the range the residual falls to what
/// no x removes and grows again: the best x seen is kept, and the solve ends when n + 50 iterations bring no gain.
final class ConjugateGradient: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "cg", summary: "conjugate gradients", groups: ["classical", "krylov"], slots: [],
    reference: "Hestenes, Stiefel 1952; Saad 2003, 6.7"
  ) { _ in ConjugateGradient() }

  private let r = Buffer<Double>()
  private let p = Buffer<Double>()
  private let q = Buffer<Double>()
  private let best = Buffer<Double>()

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    let n = matrix.dimension
    r.resize(to: n, filling: 0)
    p.resize(to: n, filling: 0)
    q.resize(to: n, filling: 0)
    best.resize(to: n, filling: 0)
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let n = matrix.dimension
    let r = self.r.pointer
    let p = self.p.pointer
    let q = self.q.pointer
    var monitor = IterationMonitor(
      b, n, stop: stop, defaultLimit: 20 * n + 100, stagnation: .patience(n + 50))
    matrix.subtractProduct(of: x, from: b, into: r)
    var rho = VectorKernels.dot(r, r, n)
    var reason = monitor.begin(rho.squareRoot())
    p.update(from: r, count: n)
    while reason == nil {
      if monitor.isBest { best.pointer.update(from: x, count: n) }
      matrix.multiply(p, into: q)
      let curvature = VectorKernels.dot(p, q, n)
      guard curvature > 0, curvature.isFinite else {
        // p lies in the null space: what is left of r cannot be removed.
        reason = curvature.isFinite ? .inconsistent : .breakdown
        break
      }
      let alpha = rho / curvature
      VectorKernels.add(alpha, p, to: x, n)
      VectorKernels.add(-alpha, q, to: r, n)
      let rhoNew = VectorKernels.dot(r, r, n)
      reason = monitor.advance(rhoNew.squareRoot())
      if reason == .converged {
        matrix.subtractProduct(of: x, from: b, into: r)
        report.operatorApplications += 1
        rho = VectorKernels.dot(r, r, n)
        reason = monitor.confirm(rho.squareRoot())
        p.update(from: r, count: n)
        continue
      }
      let beta = rhoNew / rho
      rho = rhoNew
      for row in 0..<n { p[row] = r[row] + beta * p[row] }
    }
    report.finish(monitor, reason, x, best: best, n, productsPerIteration: 1, matrix)
  }
}
