import ConstraintSystem
import LinearAlgebra

/// Conjugate residuals for A x = b, A symmetric, definite or not (Stiefel 1955; Saad 2003, algorithm 6.20).
///
///     α = rᵀAr / ‖Ap‖²,  x += α p,  r −= α A p,  β = r₊ᵀAr₊ / rᵀAr,  p = r + β p,  Ap = Ar + β Ap
///
/// ‖r‖₂ is the smallest over the Krylov space, so it never rises; on a positive semi-definite A the iterates are those
/// of `minres`, at the price of a vector less. One product an iteration.
///
/// With b outside the range of A the residual falls to what no x removes, A r vanishes against it, and the solve ends
/// with `inconsistent` and a least-squares solution.
final class ConjugateResidual: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "cr", summary: "conjugate residuals: smallest residual in every step", groups: ["classical", "krylov"],
    slots: [], reference: "Stiefel 1955; Saad 2003, 6.8"
  ) { _ in ConjugateResidual() }

  private let r = Buffer<Double>()
  private let p = Buffer<Double>()
  private let ar = Buffer<Double>()
  private let ap = Buffer<Double>()
  private let best = Buffer<Double>()

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    let n = matrix.dimension
    r.resize(to: n, filling: 0)
    p.resize(to: n, filling: 0)
    ar.resize(to: n, filling: 0)
    ap.resize(to: n, filling: 0)
    best.resize(to: n, filling: 0)
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let n = matrix.dimension
    let r = self.r.pointer
    let p = self.p.pointer
    let ar = self.ar.pointer
    let ap = self.ap.pointer
    var monitor = IterationMonitor(
      b, n, stop: stop, defaultLimit: 20 * n + 100, stagnation: .patience(n + 50))
    matrix.subtractProduct(of: x, from: b, into: r)
    var norm = VectorKernels.norm(r, n)
    var reason = monitor.begin(norm)
    var rho = 0.0
    var scale = 0.0
    while reason == nil {
      if monitor.isBest { best.pointer.update(from: x, count: n) }
      matrix.multiply(r, into: ar)
      let rhoNew = VectorKernels.dot(r, ar, n)
      // rᵀAr against ‖A‖ ‖r‖², the norm from the products seen.
      scale = max(scale, rhoNew / (norm * norm))
      guard rhoNew > 1e-15 * scale * norm * norm, rhoNew.isFinite else {
        reason = rhoNew.isFinite ? .inconsistent : .breakdown
        break
      }
      let beta = rho > 0 ? rhoNew / rho : 0
      rho = rhoNew
      for row in 0..<n {
        p[row] = r[row] + beta * p[row]
        ap[row] = ar[row] + beta * ap[row]
      }
      let alpha = rho / VectorKernels.dot(ap, ap, n)
      VectorKernels.add(alpha, p, to: x, n)
      VectorKernels.add(-alpha, ap, to: r, n)
      norm = VectorKernels.norm(r, n)
      reason = monitor.advance(norm)
      if reason == .converged {
        matrix.subtractProduct(of: x, from: b, into: r)
        report.operatorApplications += 1
        norm = VectorKernels.norm(r, n)
        reason = monitor.confirm(norm)
        rho = 0
      }
    }
    report.finish(monitor, reason, x, best: best, n, productsPerIteration: 1, matrix)
  }
}
