import LinearAlgebra

/// The function of Fischer and Burmeister on the second-order cone (Fukushima, Luo, Tseng, "Smoothing functions for
/// second-order-cone complementarity problems", 2002):
///
///     φ(x, y) = x + y − (x² + y²)^½ = 0   ⇔   x, y ∈ L, xᵀy = 0,   L = {x₀ ≥ ‖x̄‖}
///
/// with squares and root of the Jordan algebra x ∘ y = (xᵀy, x₀ȳ + y₀x̄). A contact point is brought to L by
/// x = (μ λ_n, λ_t), y = r (ŵ_n, μ w_t), ŵ_n = w_n + μ‖w_t‖ under `coulomb` (de Saxcé). With L_s the matrix of s ∘ ·,
/// s = (x² + y²)^½:
///
///     ∂φ/∂x = 1 − L_s⁻¹ L_x,   ∂φ/∂y = 1 − L_s⁻¹ L_y
///
/// On the cone's boundary s is singular; its smaller eigenvalue is held at 1e-8 of the larger one.
enum FischerBurmeister {
  /// φ of a scalar pair.
  @inline(__always)
  static func value(_ a: Double, _ c: Double) -> Double { a + c - (a * a + c * c).squareRoot() }

  /// ∂φ/∂a and ∂φ/∂c of a scalar pair; at the origin the mean of the two one-sided ones.
  @inline(__always)
  static func derivative(_ a: Double, _ c: Double) -> (Double, Double) {
    let length = (a * a + c * c).squareRoot()
    return length > 0 ? (1 - a / length, 1 - c / length) : (0.5, 0.5)
  }

  /// A vector of the algebra.
  private typealias Element = (Double, Double, Double)

  @inline(__always)
  private static func pair(
    _ mu: Double, _ isCoulomb: Bool, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ r: Double
  ) -> (x: Element, y: Element) {
    let slip = isCoulomb ? mu * (w[1] * w[1] + w[2] * w[2]).squareRoot() : 0
    return ((mu * lambda[0], lambda[1], lambda[2]), (r * (w[0] + slip), r * mu * w[1], r * mu * w[2]))
  }

  /// (x² + y²)^½ by its eigenvalues and its direction; `floor` bounds the smaller one, relative to the larger.
  @inline(__always)
  private static func root(_ x: Element, _ y: Element, floor: Double) -> Element {
    let z0 = x.0 * x.0 + x.1 * x.1 + x.2 * x.2 + y.0 * y.0 + y.1 * y.1 + y.2 * y.2
    let z1 = 2 * (x.0 * x.1 + y.0 * y.1)
    let z2 = 2 * (x.0 * x.2 + y.0 * y.2)
    let length = (z1 * z1 + z2 * z2).squareRoot()
    let large = (z0 + length).squareRoot()
    let small = max(max(z0 - length, 0).squareRoot(), floor * large)
    let half = length > 0 ? 0.5 * (large - small) / length : 0
    return (0.5 * (large + small), half * z1, half * z2)
  }

  /// φ of a contact point; a contact without friction by its normal row alone.
  static func value(
    _ mu: Double, _ isCoulomb: Bool, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ r: Double,
    into phi: UnsafeMutablePointer<Double>
  ) {
    if mu == 0 {
      phi[0] = value(lambda[0], r * w[0])
      phi[1] = lambda[1]
      phi[2] = lambda[2]
      return
    }
    let (x, y) = pair(mu, isCoulomb, lambda, w, r)
    let s = root(x, y, floor: 0)
    phi[0] = x.0 + y.0 - s.0
    phi[1] = x.1 + y.1 - s.1
    phi[2] = x.2 + y.2 - s.2
  }

  /// ∂φ/∂λ and ∂φ/∂w of a contact point, 3 × 3 by rows; both hold zeros before.
  static func derivative(
    _ mu: Double, _ isCoulomb: Bool, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ r: Double,
    x dx: UnsafeMutablePointer<Double>, y dy: UnsafeMutablePointer<Double>
  ) {
    if mu == 0 {
      (dx[0], dy[0]) = derivative(lambda[0], r * w[0])
      dy[0] *= r
      dx[4] = 1
      dx[8] = 1
      return
    }
    let (x, y) = pair(mu, isCoulomb, lambda, w, r)
    let s = root(x, y, floor: 1e-8)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 27) { scratch in
      let matrix = scratch.baseAddress!
      // [L_x L_y], 3 × 6 by rows.
      let right = matrix + 9
      arrow(x, into: right, stride: 6)
      arrow(y, into: right + 3, stride: 6)
      arrow(s, into: matrix, stride: 3)
      if s.0 <= 0 || !SmallLU.solve(matrix, size: 3, right, columns: 6) { for k in 0..<18 { right[k] = 0 } }
      let slip = (w[1] * w[1] + w[2] * w[2]).squareRoot()
      for row in 0..<3 {
        let a0 = (row == 0 ? 1 : 0) - right[6 * row]
        let a1 = (row == 1 ? 1 : 0) - right[6 * row + 1]
        let a2 = (row == 2 ? 1 : 0) - right[6 * row + 2]
        dx[3 * row] = mu * a0
        dx[3 * row + 1] = a1
        dx[3 * row + 2] = a2
        let b0 = r * ((row == 0 ? 1 : 0) - right[6 * row + 3])
        let b1 = r * ((row == 1 ? 1 : 0) - right[6 * row + 4])
        let b2 = r * ((row == 2 ? 1 : 0) - right[6 * row + 5])
        dy[3 * row] = b0
        dy[3 * row + 1] = mu * b1
        dy[3 * row + 2] = mu * b2
        if isCoulomb && slip > 0 {
          dy[3 * row + 1] += b0 * mu * w[1] / slip
          dy[3 * row + 2] += b0 * mu * w[2] / slip
        }
      }
    }
  }

  /// L_v by rows.
  @inline(__always)
  private static func arrow(_ v: Element, into m: UnsafeMutablePointer<Double>, stride: Int) {
    m[0] = v.0
    m[1] = v.1
    m[2] = v.2
    m[stride] = v.1
    m[stride + 1] = v.0
    m[stride + 2] = 0
    m[2 * stride] = v.2
    m[2 * stride + 1] = 0
    m[2 * stride + 2] = v.0
  }
}
