import ConstraintSystem
import LinearAlgebra

/// Flexible conjugate gradients: the preconditioner may be another in every iteration (Notay 2000, algorithm FCG(m)).
///
///     z = P_k⁻¹ r,  p = z − Σ_j (zᵀA p_j / p_jᵀA p_j) p_j  over the last m directions
///     α = pᵀr / pᵀAp,  x += α p,  r −= α A p
///
/// Directions are made A-conjugate explicitly instead of by the recurrence of `pcg`, which holds for a constant,
/// symmetric P alone. One product and one application of P⁻¹ an iteration, and m scalar products and updates more. With
/// a constant P it takes the iterations of `pcg`, often fewer in finite precision. Singular A and b outside the range are
/// treated as in `cg`.
final class FlexibleConjugateGradient: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "fcg", summary: "flexible conjugate gradients: the preconditioner may change",
    groups: ["classical", "krylov"],
    slots: ["preconditioner"], reference: "Notay 2000",
    options: [OptionDescriptor("directions", "earlier directions to be conjugate to, 1 … 50, default 5")]
  ) { options in
    FlexibleConjugateGradient(
      preconditioner: try options.preconditioner(default: "block-jacobi"),
      directions: try options.integer("directions", in: 1...50) ?? 5)
  }

  private let preconditioner: any Preconditioner
  private let directions: Int
  private let r = Buffer<Double>()
  private let z = Buffer<Double>()
  /// The last directions and their products, one vector after the other; the place of the oldest is used next.
  private let ps = Buffer<Double>()
  private let qs = Buffer<Double>()
  private let curvatures = Buffer<Double>()
  private let best = Buffer<Double>()

  init(preconditioner: any Preconditioner, directions: Int = 5) {
    self.preconditioner = preconditioner
    self.directions = directions
  }

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    preconditioner.prepare(matrix, change: change)
    preconditioner.describe(in: &report)
    let n = matrix.dimension
    r.resize(to: n, filling: 0)
    z.resize(to: n, filling: 0)
    // One more than are kept: the new direction.
    ps.resize(to: (directions + 1) * n, filling: 0)
    qs.resize(to: (directions + 1) * n, filling: 0)
    curvatures.resize(to: directions + 1, filling: 0)
    best.resize(to: n, filling: 0)
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let n = matrix.dimension
    let r = self.r.pointer
    let z = self.z.pointer
    let curvatures = self.curvatures.pointer
    var monitor = IterationMonitor(
      b, n, stop: stop, defaultLimit: 20 * n + 100, stagnation: .patience(n + 50))
    matrix.subtractProduct(of: x, from: b, into: r)
    var reason = monitor.begin(VectorKernels.norm(r, n))
    var made = 0
    while reason == nil {
      if monitor.isBest { best.pointer.update(from: x, count: n) }
      preconditioner.apply(r, into: z)
      let place = made % (directions + 1)
      let p = ps.pointer + place * n
      let q = qs.pointer + place * n
      p.update(from: z, count: n)
      for back in 1..<1 + min(made, directions) {
        let old = (made - back) % (directions + 1)
        let beta = VectorKernels.dot(z, qs.pointer + old * n, n) / curvatures[old]
        VectorKernels.add(-beta, ps.pointer + old * n, to: p, n)
      }
      matrix.multiply(p, into: q)
      let curvature = VectorKernels.dot(p, q, n)
      let descent = VectorKernels.dot(p, r, n)
      guard curvature > 0, descent > 0, curvature.isFinite else {
        // p lies in the null space: what is left of r cannot be removed.
        reason = .ofCurvature(curvature, p, matrix)
        break
      }
      curvatures[place] = curvature
      made += 1
      let alpha = descent / curvature
      VectorKernels.add(alpha, p, to: x, n)
      VectorKernels.add(-alpha, q, to: r, n)
      reason = monitor.advance(VectorKernels.norm(r, n))
      if reason == .converged {
        matrix.subtractProduct(of: x, from: b, into: r)
        report.operatorApplications += 1
        reason = monitor.confirm(VectorKernels.norm(r, n))
        made = 0
      }
    }
    report.flops += 8 * Double(directions) * Double(n) * Double(monitor.iteration)
    report.flops += Double(monitor.iteration) * preconditioner.applicationFlops
    report.finish(monitor, reason, x, best: best, n, productsPerIteration: 1, matrix)
  }
}
