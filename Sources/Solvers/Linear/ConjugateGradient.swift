import ConstraintSystem
import LinearAlgebra

/// Preconditioned conjugate gradients for A x = b, A symmetric positive semi-definite.
///
///     α = rᵀz / pᵀAp,  x += α p,  r −= α A p,  z = P⁻¹ r,  β = r₊ᵀz₊ / rᵀz,  p = z + β p
///
/// (Hestenes, Stiefel 1952; Saad 2003, algorithm 9.1.) One product and one preconditioner application an iteration.
/// With a singular A and b in its range it converges to a solution. With b outside the range the residual falls to
/// what no x removes and grows again: the best x seen is kept, and the solve ends when n + 50 iterations bring no gain.
final class ConjugateGradient: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "cg", summary: "conjugate gradients, preconditioned if asked for", groups: ["classical", "krylov"],
    slots: ["preconditioner"], reference: "Hestenes, Stiefel 1952; Saad 2003, 9.2"
  ) { options in
    ConjugateGradient(
      preconditioner: try options.entry(
        "preconditioner", among: SolverCatalog.preconditioners, default: "none"
      ).make())
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
    matrix.multiply(x, into: q)
    for row in 0..<n { r[row] = b[row] - q[row] }
    report.operatorApplications += 1
    let target = max(stop.absolute, stop.relative * Self.dot(b, b, n).squareRoot())
    let limit = stop.iterations ?? 20 * n + 100
    var norm = Self.dot(r, r, n).squareRoot()
    var bestNorm = norm
    best.pointer.update(from: x, count: n)
    var sinceBest = 0
    var rho = 0.0
    var iteration = 0
    report.reason = .converged
    while norm > target {
      if iteration == limit {
        report.reason = .iterationLimit
        break
      }
      preconditioner.apply(r, into: z)
      let rhoNew = Self.dot(r, z, n)
      let beta = iteration == 0 ? 0 : rhoNew / rho
      rho = rhoNew
      for row in 0..<n { p[row] = z[row] + beta * p[row] }
      matrix.multiply(p, into: q)
      let curvature = Self.dot(p, q, n)
      guard curvature > 0, rho > 0, curvature.isFinite else {
        // p lies in the null space: what is left of r cannot be removed.
        report.reason = .inconsistent
        break
      }
      let alpha = rho / curvature
      for row in 0..<n {
        x[row] += alpha * p[row]
        r[row] -= alpha * q[row]
      }
      norm = Self.dot(r, r, n).squareRoot()
      iteration += 1
      if norm < bestNorm {
        bestNorm = norm
        best.pointer.update(from: x, count: n)
        sinceBest = 0
      } else {
        sinceBest += 1
        if sinceBest == n + 50 {
          report.reason = .inconsistent
          break
        }
      }
    }
    if norm > bestNorm { x.update(from: best.pointer, count: n) }
    if report.reason == .inconsistent { report.inconsistency = bestNorm }
    report.iterations += iteration
    report.operatorApplications += iteration
    report.flops += Double(iteration) * (2 * Double(matrix.nonZeroCount) + 12 * Double(n))
  }

  @inline(__always)
  private static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ n: Int) -> Double {
    var sum = SIMD2<Double>.zero
    var row = 0
    while row + 1 < n {
      sum += SIMD2(a[row], a[row + 1]) * SIMD2(b[row], b[row + 1])
      row += 2
    }
    return row < n ? sum.x + sum.y + a[row] * b[row] : sum.x + sum.y
  }
}
