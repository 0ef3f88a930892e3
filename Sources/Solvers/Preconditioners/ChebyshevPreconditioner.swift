import ConstraintSystem
import LinearAlgebra

/// A polynomial in D⁻¹A, D the diagonal blocks: `steps` of Chebyshev's iteration for A z = r from zero.
///
///     z += d,  r −= A d,  ρ₊ = 1/(2σ − ρ),  d = ρ₊ ρ d + (2 ρ₊/δ) D⁻¹ r,   θ = (b + a)/2, δ = (b − a)/2, σ = θ/δ
///
/// (Saad 2003, algorithm 12.1.) The error's polynomial is smaller than 1 in magnitude on (0, b], so P is symmetric
/// positive definite, if b is above the largest eigenvalue: that is estimated by twelve steps of Lanczos' method at
/// set-up and raised by a tenth, and a = b/30 (Adams et al. 2003). An application costs three products and no
/// triangular solve, so all of it can run in parallel and in any order of rows.
final class ChebyshevPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "chebyshev", summary: "four steps of Chebyshev's iteration on the diagonal blocks",
    reference: "Saad 2003, 12.3; Adams, Brezina, Hu, Tuminaro 2003"
  ) { _ in ChebyshevPreconditioner() }

  /// Terms of the polynomial.
  private static let steps = 4

  private let inverses = DiagonalBlockInverses()
  private let bounds = LanczosBounds()
  private let residual = Buffer<Double>()
  private let direction = Buffer<Double>()
  private let scaled = Buffer<Double>()
  private var matrix: SymmetricBlockMatrix?

  var applicationFlops: Double {
    let n = Double(matrix?.dimension ?? 0)
    return 2 * Double((Self.steps - 1) * (matrix?.nonZeroCount ?? 0) + Self.steps * inverses.entryCount) + 18 * n
  }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) {
    self.matrix = matrix
    inverses.prepare(matrix)
    residual.resize(to: matrix.dimension, filling: 0)
    direction.resize(to: matrix.dimension, filling: 0)
    scaled.resize(to: matrix.dimension, filling: 0)
    bounds.estimate(matrix, limit: 12, accuracy: 1e-2, needsLowest: false) { r, z in inverses.apply(r, into: z) }
  }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    guard let matrix else { return }
    let n = matrix.dimension
    let residual = self.residual.pointer
    let d = direction.pointer
    let scaled = self.scaled.pointer
    inverses.apply(r, into: z)
    guard bounds.highest > 0 else { return }
    let top = 1.1 * bounds.highest
    let bottom = top / 30
    let theta = 0.5 * (top + bottom)
    let delta = 0.5 * (top - bottom)
    let sigma = theta / delta
    var rho = 1 / sigma
    residual.update(from: r, count: n)
    for row in 0..<n {
      d[row] = z[row] / theta
      z[row] = d[row]
    }
    for _ in 1..<Self.steps {
      matrix.multiply(d, into: scaled)
      for row in 0..<n { residual[row] -= scaled[row] }
      inverses.apply(residual, into: scaled)
      let next = 1 / (2 * sigma - rho)
      let keep = next * rho
      let gain = 2 * next / delta
      for row in 0..<n {
        d[row] = keep * d[row] + gain * scaled[row]
        z[row] += d[row]
      }
      rho = next
    }
  }
}
