import ConstraintSystem
import LinearAlgebra

/// Flexible GMRES, restarted (Saad, "A flexible inner–outer preconditioned GMRES algorithm", 1993): T x = b for an
/// unsymmetric T that is known by its products, with a preconditioner that may change from one iteration to the next.
///
/// The vectors are twists, one a body. Each iteration costs a product, a preconditioner application and j inner
/// products of modified Gram–Schmidt; Givens rotations carry the residual's norm. Memory: 61 vectors.
final class FlexibleGMRES {
  /// Iterations between restarts, and restarts.
  static let restart = 30
  static let cycles = 4

  private let basis = Buffer<Vector6>()
  private let corrections = Buffer<Vector6>()
  private let hessenberg = Buffer<Double>()
  private let cosines = Buffer<Double>()
  private let sines = Buffer<Double>()
  private let reduced = Buffer<Double>()

  /// Improves x, which holds zeros, until ‖T x − b‖₂ ≤ `tolerance` ‖b‖₂ or the iterations are used up; false where a
  /// number is not finite or the preconditioner breaks down.
  func solve(
    bodies n: Int, right b: UnsafePointer<Vector6>, into x: UnsafeMutablePointer<Vector6>, tolerance: Double,
    report: inout SolveReport, operator apply: (UnsafePointer<Vector6>, UnsafeMutablePointer<Vector6>) -> Void,
    preconditioner: (UnsafePointer<Vector6>, UnsafeMutablePointer<Vector6>, inout SolveReport) -> Bool
  ) -> Bool {
    let m = Self.restart
    basis.resize(to: (m + 1) * n, filling: .zero)
    corrections.resize(to: m * n, filling: .zero)
    hessenberg.resize(to: (m + 1) * m, filling: 0)
    cosines.resize(to: m, filling: 0)
    sines.resize(to: m, filling: 0)
    reduced.resize(to: m + 1, filling: 0)
    let v = basis.pointer
    let z = corrections.pointer
    let h = hessenberg.pointer
    let g = reduced.pointer
    let size = Self.dot(b, b, n).squareRoot()
    if size == 0 { return true }
    guard size.isFinite else { return false }
    let target = tolerance * size
    var norm = size
    v.update(from: b, count: n)
    for cycle in 0..<Self.cycles {
      if cycle > 0 {
        apply(x, v)
        report.operatorApplications += 1
        for body in 0..<n { v[body] = b[body] - v[body] }
        norm = Self.dot(v, v, n).squareRoot()
        if norm <= target { break }
      }
      for body in 0..<n { v[body] = (1 / norm) * v[body] }
      g[0] = norm
      var used = 0
      for j in 0..<m {
        guard preconditioner(v + j * n, z + j * n, &report) else { return false }
        let next = v + (j + 1) * n
        apply(z + j * n, next)
        report.operatorApplications += 1
        let column = h + j * (m + 1)
        for i in 0...j {
          let old = v + i * n
          let projection = Self.dot(old, next, n)
          column[i] = projection
          for body in 0..<n { next[body] = next[body] - projection * old[body] }
        }
        let rest = Self.dot(next, next, n).squareRoot()
        guard rest.isFinite else { return false }
        for i in 0..<j {
          let upper = cosines.pointer[i] * column[i] + sines.pointer[i] * column[i + 1]
          column[i + 1] = cosines.pointer[i] * column[i + 1] - sines.pointer[i] * column[i]
          column[i] = upper
        }
        let length = (column[j] * column[j] + rest * rest).squareRoot()
        guard length > 0 else { break }
        cosines.pointer[j] = column[j] / length
        sines.pointer[j] = rest / length
        column[j] = length
        g[j + 1] = -sines.pointer[j] * g[j]
        g[j] *= cosines.pointer[j]
        used = j + 1
        norm = g[j + 1].magnitude
        if norm <= target || rest <= 1e-16 * length { break }
        for body in 0..<n { next[body] = (1 / rest) * next[body] }
      }
      if used == 0 { break }
      var i = used - 1
      while i >= 0 {
        for k in i + 1..<max(used, i + 1) { g[i] -= h[k * (m + 1) + i] * g[k] }
        g[i] /= h[i * (m + 1) + i]
        i -= 1
      }
      for k in 0..<used {
        let direction = z + k * n
        for body in 0..<n { x[body] = x[body] + g[k] * direction[body] }
      }
      if norm <= target { break }
    }
    return true
  }

  private static func dot(_ x: UnsafePointer<Vector6>, _ y: UnsafePointer<Vector6>, _ n: Int) -> Double {
    var sum = 0.0
    for body in 0..<n { sum += x[body].dot(y[body]) }
    return sum
  }
}
