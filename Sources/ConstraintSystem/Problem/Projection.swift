import LinearAlgebra

/// P_K: the nearest point of a block's set. Cones are projected jointly over force, torsional and rolling rows.
public enum Projection {
  /// Projects the `block`'s impulses in place, in the metric of the identity.
  ///
  /// `lengthScale` ℓ (m) says that torsional and rolling rows were scaled to the units of force rows, λ/ℓ: their
  /// coefficients are then μ_τ/ℓ and μ_r/ℓ. 1 for impulses in their own units.
  ///
  /// A cone {‖t‖ ≤ μ n, |τ| ≤ μ_τ n, ‖r‖ ≤ μ_r n}: for a fixed n the nearest t, τ, r are those shortened to their
  /// bounds, so n minimises (n − n₀)² + Σ max(0, ‖xᵢ‖ − μᵢ n)², a convex function of one variable with at most
  /// three kinks: n = (n₀ + Σ μᵢ‖xᵢ‖) / (1 + Σ μᵢ²) over the shortened parts.
  @inlinable
  public static func cone(
    _ x: UnsafeMutablePointer<Double>, _ block: ConstraintBlock, lengthScale: Double = 1
  ) {
    let tangent = (x[1] * x[1] + x[2] * x[2]).squareRoot()
    let mu = block.friction
    if block.rowCount == 3 {
      if tangent <= mu * x[0] { return }
      let normal = (x[0] + mu * tangent) / (1 + mu * mu)
      if normal <= 0 {
        x[0] = 0
        x[1] = 0
        x[2] = 0
        return
      }
      let shorten = mu * normal / tangent
      x[0] = normal
      x[1] *= shorten
      x[2] *= shorten
      return
    }
    coneWithMoments(x, block, tangent: tangent, lengthScale: lengthScale)
  }

  @usableFromInline
  static func coneWithMoments(
    _ x: UnsafeMutablePointer<Double>, _ block: ConstraintBlock, tangent: Double, lengthScale: Double
  ) {
    let rows = Int(block.rowCount)
    let spin = block.hasTorsionalRow ? x[3].magnitude : 0
    let roll =
      block.hasRollingRows ? (x[rows - 2] * x[rows - 2] + x[rows - 1] * x[rows - 1]).squareRoot() : 0
    let mu = SIMD4(
      block.friction, block.torsionalFriction / lengthScale, block.rollingFriction / lengthScale, 0)
    let length = SIMD4(tangent, spin, roll, 0)
    // The derivative is concave and increasing, so Newton from n₀ climbs to the root; a part leaves the sum at most
    // once: four rounds are exact.
    var normal = x[0]
    for _ in 0..<4 {
      var sum = x[0]
      var weight = 1.0
      for part in 0..<3 where length[part] > mu[part] * normal {
        sum += mu[part] * length[part]
        weight += mu[part] * mu[part]
      }
      let next = sum / weight
      if next == normal { break }
      normal = next
    }
    if normal <= 0 {
      for row in 0..<rows { x[row] = 0 }
      return
    }
    x[0] = normal
    if tangent > mu[0] * normal {
      let s = mu[0] * normal / tangent
      x[1] *= s
      x[2] *= s
    }
    if spin > mu[1] * normal { x[3] *= mu[1] * normal / spin }
    if roll > mu[2] * normal {
      let s = mu[2] * normal / roll
      x[rows - 2] *= s
      x[rows - 1] *= s
    }
  }

  /// Projects on the `pyramid` law's set: λ_n ≥ 0, |λ_t1|, |λ_t2| ≤ μ λ_n and the moments likewise, where the bounds
  /// are those of `normal` (N·s), the normal impulse that is judged.
  @inlinable
  public static func pyramid(_ x: UnsafeMutablePointer<Double>, _ block: ConstraintBlock, normal: Double) {
    x[0] = max(x[0], 0)
    let n = max(normal, 0)
    for row in 1..<Int(block.rowCount) {
      let bound = coefficient(of: row, in: block) * n
      x[row] = min(max(x[row], -bound), bound)
    }
  }

  /// μ, μ_τ or μ_r: the coefficient that bounds row 1 … of a cone.
  @inlinable
  public static func coefficient(of row: Int, in block: ConstraintBlock) -> Double {
    if row < 3 { return block.friction }
    if row == 3 && block.hasTorsionalRow { return block.torsionalFriction }
    return block.rollingFriction
  }
}
