import ConstraintSystem
import LinearAlgebra

/// The equation φ(λ, w) = 0 that says, for one block, that λ ∈ K is complementary to w; and its generalised Jacobians
/// X = ∂φ/∂λ, Y = ∂φ/∂w. φ has the units of λ; r > 0, one a row, is the inverse of the row's scale s.
///
///     free     φ = r w
///     box      φ = λ − [λ − r w] cut to [lo, hi]
///     convex   φ = λ − P_K(λ − r w)                        (natural map in the metric 1/r)
///     coulomb  φ_n = λ_n − max(0, y_n),  φ_i = λ_i − P_D(μ_i max(0, y_n))(y_i),   y = λ − r w
///
/// The last is the function of Alart and Curnier ("A mixed formulation for frictional contact problems prone to Newton
/// like solution methods", 1991), each part i (tangent, torsion, rolling) on its disc D of radius μ_i n. With
/// e = y_i/‖y_i‖ a sliding part has
///
///     ∂φ_i = dλ_i − μ_i e dy_n − μ_i n/‖y_i‖ (1 − e eᵀ) dy_i,   dy = dλ − r dw
///
/// which is unsymmetric: friction follows the normal impulse and not the reverse. The variant of Jean and Moreau takes
/// the disc's radius from λ_n itself instead of y_n.
struct ContactFunction {
  /// Which function stands for a contact point.
  enum Kind: String, CaseIterable {
    /// Projections on the disc of radius μ max(0, y_n); under `convex` on the cone.
    case alartCurnier = "alart-curnier"
    /// Projections on the disc of radius μ max(0, λ_n).
    case jeanMoreau = "jean-moreau"
    /// `FischerBurmeister`, contact points with three rows and one-sided boxes; the others by projection.
    case fischerBurmeister = "fischer-burmeister"
  }

  var kind: Kind
  let isCoulomb: Bool

  /// `phi` ← φ(λ, w) of one block. All pointers are at the block's first row.
  @inline(__always)
  func value(
    _ block: ConstraintBlock, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ r: UnsafePointer<Double>,
    _ lower: UnsafePointer<Double>, _ upper: UnsafePointer<Double>, into phi: UnsafeMutablePointer<Double>
  ) {
    let rows = Int(block.rowCount)
    switch block.set {
    case .free:
      // A row that moves nothing keeps λ = 0.
      for row in 0..<rows { phi[row] = r[row] > 0 ? r[row] * w[row] : lambda[row] }
    case .box:
      for row in 0..<rows {
        if kind == .fischerBurmeister && r[row] > 0 && lower[row].isFinite && upper[row] == .infinity {
          phi[row] = FischerBurmeister.value(lambda[row] - lower[row], r[row] * w[row])
        } else {
          let y = lambda[row] - r[row] * w[row]
          phi[row] = lambda[row] - min(max(y, lower[row]), upper[row])
        }
      }
    case .cone:
      guard r[0] > 0 else {
        for row in 0..<rows { phi[row] = lambda[row] }
        return
      }
      if kind == .fischerBurmeister && rows == 3 {
        FischerBurmeister.value(block.friction, isCoulomb, lambda, w, r[0], into: phi)
        return
      }
      for row in 0..<rows { phi[row] = lambda[row] - r[row] * w[row] }
      if isCoulomb {
        let normal = kind == .jeanMoreau ? max(lambda[0], 0) : max(phi[0], 0)
        phi[0] = lambda[0] - max(phi[0], 0)
        for number in 0..<3 {
          let (first, size, coefficient) = Self.part(number, block)
          let length = Self.length(phi + first, size)
          let bound = coefficient * normal
          let s = length <= bound ? 1 : bound / length
          for row in first..<first + size { phi[row] = lambda[row] - s * phi[row] }
        }
      } else {
        _ = ConeProximal.project(phi, block, weight: r)
        for row in 0..<rows { phi[row] = lambda[row] - phi[row] }
      }
    }
  }

  /// X and Y of one block, rows × rows by rows.
  func derivative(
    _ block: ConstraintBlock, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ r: UnsafePointer<Double>,
    _ lower: UnsafePointer<Double>, _ upper: UnsafePointer<Double>, x: UnsafeMutablePointer<Double>,
    y: UnsafeMutablePointer<Double>
  ) {
    let rows = Int(block.rowCount)
    for entry in 0..<rows * rows {
      x[entry] = 0
      y[entry] = 0
    }
    switch block.set {
    case .free:
      for row in 0..<rows { if r[row] > 0 { y[row * rows + row] = r[row] } else { x[row * rows + row] = 1 } }
    case .box:
      for row in 0..<rows {
        let place = row * rows + row
        if kind == .fischerBurmeister && r[row] > 0 && lower[row].isFinite && upper[row] == .infinity {
          (x[place], y[place]) = FischerBurmeister.derivative(lambda[row] - lower[row], r[row] * w[row])
          y[place] *= r[row]
          continue
        }
        let moved = lambda[row] - r[row] * w[row]
        if r[row] > 0 && moved > lower[row] && moved < upper[row] { y[place] = r[row] } else { x[place] = 1 }
      }
    case .cone:
      if r[0] <= 0 {
        for row in 0..<rows { x[row * rows + row] = 1 }
      } else if kind == .fischerBurmeister && rows == 3 {
        FischerBurmeister.derivative(block.friction, isCoulomb, lambda, w, r[0], x: x, y: y)
      } else if isCoulomb {
        alartCurnier(block, lambda, w, r, x: x, y: y)
      } else {
        natural(block, lambda, w, r, x: x, y: y)
      }
    }
  }

  private func alartCurnier(
    _ block: ConstraintBlock, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ r: UnsafePointer<Double>,
    x: UnsafeMutablePointer<Double>, y: UnsafeMutablePointer<Double>
  ) {
    let rows = Int(block.rowCount)
    let moved = lambda[0] - r[0] * w[0]
    if moved > 0 { y[0] = r[0] } else { x[0] = 1 }
    let normal = kind == .jeanMoreau ? max(lambda[0], 0) : max(moved, 0)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { scratch in
      let e = scratch.baseAddress!
      for number in 0..<3 {
        let (first, size, coefficient) = Self.part(number, block)
        if size == 0 { continue }
        for k in 0..<size { e[k] = lambda[first + k] - r[first + k] * w[first + k] }
        let length = Self.length(e, size)
        let bound = coefficient * normal
        if length < bound {
          for row in first..<first + size { y[row * rows + row] = r[row] }
          continue
        }
        for row in first..<first + size { x[row * rows + row] = 1 }
        guard normal > 0 && length > 0 else { continue }
        for k in 0..<size { e[k] /= length }
        for i in 0..<size {
          let row = first + i
          // y_n depends on λ_n and w_n, λ_n on itself alone.
          x[row * rows] = -coefficient * e[i]
          if kind != .jeanMoreau { y[row * rows] = coefficient * e[i] * r[0] }
          if size == 1 { continue }
          for j in 0..<size {
            let turn = bound / length * ((i == j ? 1 : 0) - e[i] * e[j])
            x[row * rows + first + j] -= turn
            y[row * rows + first + j] += r[row] * turn
          }
        }
      }
    }
  }

  private func natural(
    _ block: ConstraintBlock, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ r: UnsafePointer<Double>,
    x: UnsafeMutablePointer<Double>, y: UnsafeMutablePointer<Double>
  ) {
    let rows = Int(block.rowCount)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 12) { scratch in
      let moved = scratch.baseAddress!
      let projected = moved + 6
      for row in 0..<rows {
        moved[row] = lambda[row] - r[row] * w[row]
        projected[row] = moved[row]
      }
      switch ConeProximal.project(projected, block, weight: r) {
      case .open: for row in 0..<rows { x[row * rows + row] = 1 }
      case .inside: for row in 0..<rows { y[row * rows + row] = r[row] }
      case .sliding:
        // Y = ∂P r, X = 1 − ∂P.
        ConeProximal.derivative(moved, block, weight: r, into: y)
        for row in 0..<rows {
          for column in 0..<rows {
            x[row * rows + column] = (row == column ? 1 : 0) - y[row * rows + column] / r[column]
          }
        }
      }
    }
  }

  /// First row, number of rows and coefficient of a cone's part: tangent, torsion, rolling; no rows where it has none.
  @inline(__always)
  static func part(_ number: Int, _ block: ConstraintBlock) -> (first: Int, size: Int, coefficient: Double) {
    let rows = Int(block.rowCount)
    switch number {
    case 0: return (1, 2, block.friction)
    case 1 where block.hasTorsionalRow: return (3, 1, block.torsionalFriction)
    case 2 where block.hasRollingRows: return (rows - 2, 2, block.rollingFriction)
    default: return (1, 0, 0)
    }
  }

  @inline(__always)
  static func length(_ x: UnsafePointer<Double>, _ size: Int) -> Double {
    size == 0 ? 0 : (size == 1 ? x[0].magnitude : (x[0] * x[0] + x[1] * x[1]).squareRoot())
  }
}
