import ConstraintSystem
import LinearAlgebra

/// Conjugate gradients with a preconditioner P, symmetric positive definite and constant.
///
///     z = P⁻¹ r,  β = r₊ᵀz₊ / rᵀz,  p = z + β p,  α = rᵀz / pᵀAp,  x += α p,  r −= α A p
///
/// (Concus, Golub, O'Leary 1976; Saad 2003, algorithm 9.1.) One product and one application of P⁻¹ an iteration, about
/// ½ √κ ln(2/ε) of them for condition κ of P⁻¹A. The carried residual, singular A and b outside the range are treated
/// as in `cg`.
final class PreconditionedConjugateGradient: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "pcg", summary: "preconditioned conjugate gradients", groups: ["classical", "krylov"],
    slots: ["preconditioner"], reference: "Concus, Golub, O'Leary 1976; Saad 2003, 9.2"
  ) { options in
    PreconditionedConjugateGradient(
      preconditioner: try options.preconditioner(default: "block-jacobi"))
  }

  private let preconditioner: any Preconditioner
  private let r = Buffer<Double>()
  private let z = Buffer<Double>()
  private let p = Buffer<Double>()
  private let q = Buffer<Double>()
  private let best = Buffer<Double>()

  init(preconditioner: any Preconditioner) { self.preconditioner = preconditioner }

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    preconditioner.prepare(matrix, change: change)
    preconditioner.describe(in: &report)
    let n = matrix.dimension
    r.resize(to: n, filling: 0)
    z.resize(to: n, filling: 0)
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
    let z = self.z.pointer
    let p = self.p.pointer
    let q = self.q.pointer
    var monitor = IterationMonitor(
      b, n, stop: stop, defaultLimit: 20 * n + 100, stagnation: .patience(n + 50))
    matrix.subtractProduct(of: x, from: b, into: r)
    var reason = monitor.begin(VectorKernels.norm(r, n))
    var rho = 0.0
    while reason == nil {
      if monitor.isBest { best.pointer.update(from: x, count: n) }
      preconditioner.apply(r, into: z)
      let rhoNew = VectorKernels.dot(r, z, n)
      let beta = rho > 0 ? rhoNew / rho : 0
      rho = rhoNew
      for row in 0..<n { p[row] = z[row] + beta * p[row] }
      matrix.multiply(p, into: q)
      let curvature = VectorKernels.dot(p, q, n)
      guard curvature > 0, rho > 0, curvature.isFinite else {
        // p lies in the null space: what is left of r cannot be removed.
        reason = .ofCurvature(curvature, p, matrix)
        break
      }
      let alpha = rho / curvature
      VectorKernels.add(alpha, p, to: x, n)
      VectorKernels.add(-alpha, q, to: r, n)
      reason = monitor.advance(VectorKernels.norm(r, n))
      if reason == .converged {
        matrix.subtractProduct(of: x, from: b, into: r)
        report.operatorApplications += 1
        reason = monitor.confirm(VectorKernels.norm(r, n))
        rho = 0
      }
    }
    report.flops += Double(monitor.iteration) * preconditioner.applicationFlops
    report.finish(monitor, reason, x, best: best, n, productsPerIteration: 1, matrix)
  }
}
