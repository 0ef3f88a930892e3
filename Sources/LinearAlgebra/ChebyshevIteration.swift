/// Chebyshev's iteration for A z = r from zero, on A with its diagonal blocks D scaled to the identity:
///
///     z += d,  r −= Â d,  ρ₊ = 1/(2σ − ρ),  d = ρ₊ ρ d + (2 ρ₊/δ) r,   θ = (b + a)/2, δ = (b − a)/2, σ = θ/δ
///
/// (Saad 2003, algorithm 12.1.) After k steps the error along an eigenvector of D⁻¹A with eigenvalue t is
/// T_k((b + a − 2t)/(b − a)) / T_k((b + a)/(b − a)) of what it was. That is below 1 on (0, b]; beyond b it falls without
/// bound for odd k and grows for even k. So z = P⁻¹ r with P symmetric positive definite wherever A is: for odd k with any
/// 0 < a < b, for even k if b is above the largest eigenvalue. In single precision (`NormalizedMatrix`), so P⁻¹ is
/// symmetric to 1e-7 of its size.
public final class ChebyshevIteration {
  private let operators = NormalizedMatrix()
  private let residual = Buffer<Float>()
  private let direction = Buffer<Float>()
  private let next = Buffer<Float>()
  private let sum = Buffer<Float>()
  private var matrix: SymmetricBlockMatrix?

  /// No matrix yet.
  public init() {}

  /// Takes in a matrix. `isNewPattern` where its blocks are not those of the last call.
  public func prepare(_ matrix: SymmetricBlockMatrix, isNewPattern: Bool) {
    self.matrix = matrix
    operators.prepare(matrix, isNewPattern: isNewPattern)
    for vector in [residual, direction, next, sum] {
      vector.resize(to: operators.paddedCount, filling: 0)
      // What is between blocks' sizes and heights stays zero.
      if isNewPattern { vector.fill(0) }
    }
  }

  /// `z` ← the iterate after `steps` ≥ 1 steps on [bottom, top] of D⁻¹A's spectrum.
  public func apply(
    steps: Int, from bottom: Double, to top: Double, _ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>
  ) {
    guard let matrix else { return }
    // Into the range of single precision, whatever the units.
    var largest = 0.0
    for row in 0..<matrix.dimension { largest = max(largest, r[row].magnitude) }
    guard largest > 0, largest.isFinite else { return z.update(from: r, count: matrix.dimension) }
    let theta = 0.5 * (top + bottom)
    let delta = 0.5 * (top - bottom)
    let sigma = theta / delta
    var rho = 1 / sigma
    let residual = self.residual.pointer
    let sum = self.sum.pointer
    var d = direction.pointer
    var other = next.pointer
    operators.scatter(matrix, r, scale: 1 / largest, into: residual)
    let first = Float(1 / theta)
    for entry in 0..<operators.paddedCount {
      d[entry] = first * residual[entry]
      sum[entry] = d[entry]
    }
    for _ in 1..<max(steps, 1) {
      let following = 1 / (2 * sigma - rho)
      operators.step(
        d, other, residual: residual, z: sum, keep: Float(following * rho), gain: Float(2 * following / delta))
      swap(&d, &other)
      rho = following
    }
    operators.gather(matrix, sum, scale: largest, into: z)
  }

  /// Floating-point operations of `apply`.
  public func flops(steps: Int) -> Double {
    Double(steps - 1) * (2 * Double(operators.entryCount) + 6 * Double(operators.paddedCount))
  }
}
