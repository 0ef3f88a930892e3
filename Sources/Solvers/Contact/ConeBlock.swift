import ConstraintSystem
import LinearAlgebra

/// The problem of one contact point with everything else held:
///
///     w' = w + D (λ' − λ),   λ' ∈ K complementary to w' under the law
///
/// Three rows under a cone law have an exact solution (`ConeBlock+Sliding.swift`). The other cases, moments and the
/// pyramid among them, take a short fixed-point iteration, continued from the last λ: a few rounds a sweep are enough.
enum ConeBlock {
  /// Rounds of the fixed-point iteration a visit.
  static let rounds = 12

  /// Brings a guess into the law's set.
  static func clamp(_ lambda: UnsafeMutablePointer<Double>, _ block: ConstraintBlock, _ law: FrictionLaw) {
    if law == .pyramid {
      Projection.pyramid(lambda, block, normal: lambda[0])
    } else if law == .convex {
      Projection.cone(lambda, block)
    } else {
      lambda[0] = max(lambda[0], 0)
      shortenParts(lambda, block, normal: lambda[0])
    }
  }

  /// `delta` ← λ' − λ by iteration. D by rows; `w` is overwritten. One round is the row-wise method: the normal row,
  /// then the parts on their bounds (under `convex`, which does not separate, all rows at once on the cone).
  static func iterate(
    _ block: ConstraintBlock, _ law: FrictionLaw, coupling d: UnsafePointer<Double>,
    lambda: UnsafePointer<Double>, w: UnsafeMutablePointer<Double>, delta: UnsafeMutablePointer<Double>,
    rounds: Int = ConeBlock.rounds
  ) {
    let rows = Int(block.rowCount)
    switch law {
    case .frictionless: alongNormal(rows, d, lambda, w, delta)
    case .pyramid: pyramid(block, d, lambda, w, delta, rounds)
    case .coulomb: coulomb(block, d, lambda, w, delta, rounds)
    case .convex: convex(block, d, lambda, w, delta, rounds)
    }
  }

  /// λ_n alone.
  private static func alongNormal(
    _ rows: Int, _ d: UnsafePointer<Double>, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>,
    _ delta: UnsafeMutablePointer<Double>
  ) {
    for row in 0..<rows { delta[row] = -lambda[row] }
    delta[0] = d[0] > 0 ? max(lambda[0] - w[0] / d[0], 0) - lambda[0] : 0
  }

  /// w += column · D e_column.
  @inline(__always)
  private static func shift(
    _ w: UnsafeMutablePointer<Double>, _ d: UnsafePointer<Double>, _ rows: Int, _ column: Int, _ step: Double
  ) {
    for row in 0..<rows { w[row] += d[row * rows + column] * step }
  }

  /// Row by row with bounds μ λ_n, normal first.
  private static func pyramid(
    _ block: ConstraintBlock, _ d: UnsafePointer<Double>, _ lambda: UnsafePointer<Double>,
    _ w: UnsafeMutablePointer<Double>, _ delta: UnsafeMutablePointer<Double>, _ rounds: Int
  ) {
    let rows = Int(block.rowCount)
    for row in 0..<rows { delta[row] = 0 }
    for _ in 0..<rounds {
      var moved = 0.0
      for row in 0..<rows {
        let diagonal = d[row * rows + row]
        guard diagonal > 0 else { continue }
        let now = lambda[row] + delta[row]
        let bound = row == 0 ? 0 : Projection.coefficient(of: row, in: block) * (lambda[0] + delta[0])
        let wanted = now - w[row] / diagonal
        let next = row == 0 ? max(wanted, 0) : min(max(wanted, -bound), bound)
        let step = next - now
        delta[row] += step
        shift(w, d, rows, row, step)
        moved = max(moved, diagonal * step.magnitude)
      }
      if moved <= 1e-12 { break }
    }
  }

  /// Exact Coulomb friction: normal row, then the parts on their discs of radius μ λ_n, until they agree.
  private static func coulomb(
    _ block: ConstraintBlock, _ d: UnsafePointer<Double>, _ lambda: UnsafePointer<Double>,
    _ w: UnsafeMutablePointer<Double>, _ delta: UnsafeMutablePointer<Double>, _ rounds: Int
  ) {
    let rows = Int(block.rowCount)
    for row in 0..<rows { delta[row] = 0 }
    guard d[0] > 0 else { return }
    for _ in 0..<rounds {
      let now = lambda[0] + delta[0]
      let step = max(now - w[0] / d[0], 0) - now
      delta[0] += step
      shift(w, d, rows, 0, step)
      var moved = d[0] * step.magnitude
      let normal = lambda[0] + delta[0]
      moved = max(moved, disc(1, 2, block.friction * normal, d, rows, lambda, w, delta))
      if block.hasTorsionalRow {
        moved = max(moved, disc(3, 1, block.torsionalFriction * normal, d, rows, lambda, w, delta))
      }
      if block.hasRollingRows {
        moved = max(moved, disc(rows - 2, 2, block.rollingFriction * normal, d, rows, lambda, w, delta))
      }
      if moved <= 1e-12 { break }
    }
  }

  /// A projected gradient step of rows first ..< first + size onto the disc of `radius`; the step length is 1 over a
  /// bound of the rows' largest eigenvalue. Gives the velocity that it changed.
  @inline(__always)
  private static func disc(
    _ first: Int, _ size: Int, _ radius: Double, _ d: UnsafePointer<Double>, _ rows: Int,
    _ lambda: UnsafePointer<Double>, _ w: UnsafeMutablePointer<Double>, _ delta: UnsafeMutablePointer<Double>
  ) -> Double {
    let d0 = d[first * rows + first]
    if size == 1 {
      guard d0 > 0 else { return 0 }
      let now = lambda[first] + delta[first]
      let step = min(max(now - w[first] / d0, -radius), radius) - now
      delta[first] += step
      shift(w, d, rows, first, step)
      return d0 * step.magnitude
    }
    let d1 = d[(first + 1) * rows + first + 1]
    let off = d[first * rows + first + 1]
    let largest = 0.5 * (d0 + d1) + (0.25 * (d0 - d1) * (d0 - d1) + off * off).squareRoot()
    guard largest > 0 else { return 0 }
    let x0 = lambda[first] + delta[first]
    let x1 = lambda[first + 1] + delta[first + 1]
    var y0 = x0 - w[first] / largest
    var y1 = x1 - w[first + 1] / largest
    let length = (y0 * y0 + y1 * y1).squareRoot()
    if length > radius {
      let s = radius / length
      y0 *= s
      y1 *= s
    }
    delta[first] += y0 - x0
    delta[first + 1] += y1 - x1
    shift(w, d, rows, first, y0 - x0)
    shift(w, d, rows, first + 1, y1 - x1)
    return largest * max((y0 - x0).magnitude, (y1 - x1).magnitude)
  }

  /// The convex problem on the cone: projected gradient, moments scaled to the units of forces, step 1 over the trace.
  private static func convex(
    _ block: ConstraintBlock, _ d: UnsafePointer<Double>, _ lambda: UnsafePointer<Double>,
    _ w: UnsafeMutablePointer<Double>, _ delta: UnsafeMutablePointer<Double>, _ rounds: Int
  ) {
    let rows = Int(block.rowCount)
    var force = 0.0
    for row in 0..<3 { force += d[row * rows + row] }
    guard force > 0 else {
      for row in 0..<rows { delta[row] = 0 }
      return
    }
    var moment = 0.0
    for row in 3..<max(3, rows) { moment += d[row * rows + row] }
    // λ_m = ℓ λ'_m makes ℓ² D_mm comparable with D_ff.
    let scale = rows > 3 && moment > 0 ? (force / 3 / (moment / Double(rows - 3))).squareRoot() : 1
    let bound = force + scale * scale * moment
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { scratch in
      let x = scratch.baseAddress!
      for row in 0..<rows { delta[row] = 0 }
      for _ in 0..<rounds {
        for row in 0..<rows {
          let now = lambda[row] + delta[row]
          x[row] = row < 3 ? now - w[row] / bound : now / scale - w[row] * scale / bound
        }
        Projection.cone(x, block, lengthScale: scale)
        var moved = 0.0
        for row in 0..<rows {
          let step = (row < 3 ? x[row] : x[row] * scale) - (lambda[row] + delta[row])
          delta[row] += step
          shift(w, d, rows, row, step)
          moved = max(moved, bound * step.magnitude)
        }
        if moved <= 1e-12 { break }
      }
    }
  }

  /// Shortens tangent, torsional and rolling parts to their bounds at a given normal impulse.
  private static func shortenParts(
    _ x: UnsafeMutablePointer<Double>, _ block: ConstraintBlock, normal: Double
  ) {
    let rows = Int(block.rowCount)
    let tangent = (x[1] * x[1] + x[2] * x[2]).squareRoot()
    if tangent > block.friction * normal {
      let s = block.friction * normal / tangent
      x[1] *= s
      x[2] *= s
    }
    if block.hasTorsionalRow {
      let bound = block.torsionalFriction * normal
      x[3] = min(max(x[3], -bound), bound)
    }
    if block.hasRollingRows {
      let roll = (x[rows - 2] * x[rows - 2] + x[rows - 1] * x[rows - 1]).squareRoot()
      if roll > block.rollingFriction * normal {
        let s = block.rollingFriction * normal / roll
        x[rows - 2] *= s
        x[rows - 1] *= s
      }
    }
  }
}
