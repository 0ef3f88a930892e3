import ConstraintSystem
import LinearAlgebra

/// Projection onto a contact's cone in the metric R = G⁻¹, and its derivative.
///
/// Scaled by d_r = √(R_r/R_n) the metric becomes R_n times the identity, and the cone one with coefficients
/// μ̂_i = μ_i d_i (rows of one part share R). With parts x_i (tangent, torsion, rolling) and the active ones outside:
///
///     n⁺ = (n + Σ μ̂_i ‖x_i‖) / W,   W = 1 + Σ μ̂_i²,   x_i⁺ = μ̂_i n⁺ x_i/‖x_i‖
///     ∂n⁺ = (1, μ̂_i x̂_iᵀ)/W,       ∂x_i⁺ = μ̂_i x̂_i ∂n⁺ + μ̂_i n⁺/‖x_i‖ (1 − x̂_i x̂_iᵀ)
enum ConeProximal {
  /// What a contact does.
  enum Mode: UInt8 {
    /// λ = 0.
    case open = 0
    /// λ inside the cone: the projection is the identity.
    case inside = 1
    /// λ on the boundary.
    case sliding = 2
  }

  /// First row, size and scaled coefficient of a part; scale d of its rows.
  private struct Part {
    var first = 0
    var size = 0
    var coefficient = 0.0
    var scale = 1.0
  }

  @inline(__always)
  private static func part(_ number: Int, _ block: ConstraintBlock, _ weight: UnsafePointer<Double>) -> Part {
    let rows = Int(block.rowCount)
    var part = Part()
    switch number {
    case 0:
      part.first = 1
      part.size = 2
      part.coefficient = block.friction
    case 1 where block.hasTorsionalRow:
      part.first = 3
      part.size = 1
      part.coefficient = block.torsionalFriction
    case 2 where block.hasRollingRows:
      part.first = rows - 2
      part.size = 2
      part.coefficient = block.rollingFriction
    default: return part
    }
    // R_i/R_n = G_n/G_i.
    part.scale = weight[part.first] > 0 ? (weight[0] / weight[part.first]).squareRoot() : 1
    part.coefficient *= part.scale
    return part
  }

  @inline(__always)
  private static func length(_ x: UnsafePointer<Double>, _ part: Part) -> Double {
    if part.size == 0 { return 0 }
    if part.size == 1 { return part.scale * x[part.first].magnitude }
    let a = x[part.first]
    let b = x[part.first + 1]
    return part.scale * (a * a + b * b).squareRoot()
  }

  /// Projects in place; `weight` is G of the block's rows.
  @inline(__always)
  static func project(
    _ x: UnsafeMutablePointer<Double>, _ block: ConstraintBlock, weight: UnsafePointer<Double>
  ) -> Mode {
    let parts = block.rowCount == 3 ? 1 : 3
    let p0 = part(0, block, weight)
    let l0 = length(x, p0)
    let n0 = x[0]
    if parts == 1 {
      if n0 > 0 && l0 < p0.coefficient * n0 { return .inside }
      let normal = (n0 + p0.coefficient * l0) / (1 + p0.coefficient * p0.coefficient)
      if normal <= 0 {
        x[0] = 0
        x[1] = 0
        x[2] = 0
        return .open
      }
      x[0] = normal
      let s = l0 > 0 ? p0.coefficient * normal / l0 : 0
      x[1] *= s
      x[2] *= s
      return .sliding
    }
    return projectWithMoments(x, block, weight, p0, l0)
  }

  private static func projectWithMoments(
    _ x: UnsafeMutablePointer<Double>, _ block: ConstraintBlock, _ weight: UnsafePointer<Double>, _ p0: Part,
    _ l0: Double
  ) -> Mode {
    let p1 = part(1, block, weight)
    let p2 = part(2, block, weight)
    let coefficient = SIMD4(p0.coefficient, p1.coefficient, p2.coefficient, 0)
    let length = SIMD4(l0, self.length(x, p1), self.length(x, p2), 0)
    let sizes = SIMD4(p0.size, p1.size, p2.size, 0)
    let normal = self.normal(x[0], coefficient, length, sizes)
    if normal <= 0 {
      for row in 0..<Int(block.rowCount) { x[row] = 0 }
      return .open
    }
    var mode = Mode.inside
    x[0] = normal
    for number in 0..<3 {
      let part = number == 0 ? p0 : (number == 1 ? p1 : p2)
      guard part.size > 0 && length[number] >= part.coefficient * normal else { continue }
      mode = .sliding
      let s = length[number] > 0 ? part.coefficient * normal / length[number] : 0
      for row in part.first..<part.first + part.size { x[row] *= s }
    }
    return mode
  }

  /// n⁺: see `Projection.cone`; four rounds are exact.
  private static func normal(
    _ start: Double, _ coefficient: SIMD4<Double>, _ length: SIMD4<Double>, _ sizes: SIMD4<Int>
  ) -> Double {
    var normal = start
    for _ in 0..<4 {
      var sum = start
      var weight = 1.0
      for number in 0..<3 where sizes[number] > 0 && length[number] >= coefficient[number] * normal {
        sum += coefficient[number] * length[number]
        weight += coefficient[number] * coefficient[number]
      }
      let next = sum / weight
      if next == normal { break }
      normal = next
    }
    return normal
  }

  /// `weights` ← ∂P_K(y) G of a sliding contact, rows × rows by rows; symmetric.
  static func derivative(
    _ y: UnsafePointer<Double>, _ block: ConstraintBlock, weight: UnsafePointer<Double>,
    into weights: UnsafeMutablePointer<Double>
  ) {
    let rows = Int(block.rowCount)
    let p0 = part(0, block, weight)
    let p1 = rows > 3 ? part(1, block, weight) : Part()
    let p2 = rows > 3 ? part(2, block, weight) : Part()
    let coefficient = SIMD4(p0.coefficient, p1.coefficient, p2.coefficient, 0)
    let length = SIMD4(self.length(y, p0), self.length(y, p1), self.length(y, p2), 0)
    let normal = self.normal(y[0], coefficient, length, SIMD4(p0.size, p1.size, p2.size, 0))
    for entry in 0..<rows * rows { weights[entry] = 0 }

    // e = (1, μ̂_i x̂_i) over the active parts, in scaled coordinates: ∂P = e eᵀ/W + tangential parts.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { scratch in
      let e = scratch.baseAddress!
      for row in 0..<rows { e[row] = 0 }
      e[0] = 1
      var total = 1.0
      for number in 0..<3 {
        let part = number == 0 ? p0 : (number == 1 ? p1 : p2)
        if part.size == 0 { continue }
        let long = length[number]
        let isActive = long >= part.coefficient * normal
        if isActive { total += part.coefficient * part.coefficient }
        for row in part.first..<part.first + part.size {
          if !isActive {
            weights[row * rows + row] = weight[row]
            continue
          }
          let unit = long > 0 ? part.scale * y[row] / long : 0
          e[row] = part.coefficient * unit
          guard part.size == 2, long > 0 else { continue }
          // μ̂ n⁺/‖x‖ (1 − x̂ x̂ᵀ), back in unscaled coordinates: divided by d², times 1/R_n = G_n.
          let s = part.coefficient * normal / long * weight[0] / (part.scale * part.scale)
          for column in part.first..<part.first + 2 {
            let other = part.scale * y[column] / long
            weights[row * rows + column] += s * ((row == column ? 1 : 0) - unit * other)
          }
        }
      }
      for row in 0..<rows where e[row] != 0 {
        for column in 0..<rows where e[column] != 0 {
          let dRow = row == 0 ? 1 : scale(of: row, p0, p1, p2)
          let dColumn = column == 0 ? 1 : scale(of: column, p0, p1, p2)
          weights[row * rows + column] += e[row] * e[column] / (total * dRow * dColumn) * weight[0]
        }
      }
    }
  }

  private static func scale(of row: Int, _ p0: Part, _ p1: Part, _ p2: Part) -> Double {
    if row < 3 { return p0.scale }
    return p1.size > 0 && row == 3 ? p1.scale : p2.scale
  }
}
