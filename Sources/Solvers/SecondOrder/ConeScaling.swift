import LinearAlgebra

/// Nesterov and Todd's scaling of one second-order cone of dimension 1, 2 or 3, x₀ ≥ ‖x̄‖ (Nesterov, Todd 1997;
/// Vandenberghe, "The CVXOPT linear and quadratic cone program solvers", 2010, section 4).
///
/// For s, z inside the cone, W is the symmetric matrix with W z = W⁻¹ s:
///
///     W = η (2 v vᵀ − J),   W⁻¹ = (2 J v vᵀ J − J)/η,   W⁻² = (2 J w wᵀ J − J)/η²,   J = diag(1, −1)
///     η⁴ = (sᵀJs)/(zᵀJz),   w = (ŝ + J ẑ)/(2γ),   γ² = (1 + ŝᵀẑ)/2,   v = (w + e)/√(2(w₀ + 1))
///
/// with ŝ, ẑ scaled to determinant 1. Vectors are three numbers; those beyond the dimension are 0.
struct ConeScaling {
  typealias Element = SIMD4<Double>

  var eta = 1.0
  var v = Element(1, 0, 0, 0)
  var w = Element(1, 0, 0, 0)

  /// The scaling of a pair; nil where one is not inside.
  init?(s: Element, z: Element) {
    let ds = Self.determinant(s)
    let dz = Self.determinant(z)
    guard ds > 0 && dz > 0 && s.x > 0 && z.x > 0 else { return nil }
    let a = s / ds.squareRoot()
    let b = z / dz.squareRoot()
    let gamma = (0.5 * (1 + Self.dot(a, b))).squareRoot()
    w = (a + Self.reflect(b)) / (2 * gamma)
    let unit = Element(1, 0, 0, 0)
    v = (w + unit) / (2 * (w.x + 1)).squareRoot()
    eta = (ds / dz).squareRoot().squareRoot()
  }

  /// x₀² − ‖x̄‖², by factors.
  @inline(__always)
  static func determinant(_ x: Element) -> Double {
    let length = (x.y * x.y + x.z * x.z).squareRoot()
    return (x.x - length) * (x.x + length)
  }

  @inline(__always)
  static func reflect(_ x: Element) -> Element { Element(x.x, -x.y, -x.z, 0) }

  @inline(__always)
  static func dot(_ x: Element, _ y: Element) -> Double { x.x * y.x + x.y * y.y + x.z * y.z }

  /// W x.
  @inline(__always)
  func times(_ x: Element) -> Element { eta * (2 * Self.dot(v, x) * v - Self.reflect(x)) }

  /// W⁻¹ x.
  @inline(__always)
  func inverseTimes(_ x: Element) -> Element {
    let u = Self.reflect(v)
    return (2 * Self.dot(u, x) * u - Self.reflect(x)) / eta
  }

  /// Entry (i, j) of W⁻².
  @inline(__always)
  func inverseSquare(_ i: Int, _ j: Int) -> Double {
    let u = Self.reflect(w)
    let reflected = i == j ? (i == 0 ? 1.0 : -1.0) : 0
    return (2 * u[i] * u[j] - reflected) / (eta * eta)
  }

  /// x ∘ y of the Jordan algebra.
  @inline(__always)
  static func product(_ x: Element, _ y: Element) -> Element {
    Element(dot(x, y), x.x * y.y + y.x * x.y, x.x * y.z + y.x * x.z, 0)
  }

  /// u with x ∘ u = y; x inside the cone.
  @inline(__always)
  static func quotient(_ x: Element, _ y: Element) -> Element {
    let d = determinant(x)
    let tangential = x.y * y.y + x.z * y.z
    let u0 = (x.x * y.x - tangential) / d
    return Element(u0, (y.y - u0 * x.y) / x.x, (y.z - u0 * x.z) / x.x, 0)
  }

  /// The largest α ≤ `limit` with x + α d in the cone; x inside.
  @inline(__always)
  static func length(_ x: Element, _ d: Element, limit: Double) -> Double {
    // a α² + 2 b α + c ≥ 0 and x₀ + α d₀ ≥ 0.
    let a = determinant(d)
    let b = x.x * d.x - x.y * d.y - x.z * d.z
    let c = determinant(x)
    var alpha = limit
    if d.x < 0 { alpha = min(alpha, -x.x / d.x) }
    let discriminant = b * b - a * c
    if discriminant >= 0 {
      let root = discriminant.squareRoot()
      // The smallest positive root, without cancellation.
      if b < 0 {
        let q = -b + root
        alpha = min(alpha, c / q)
      } else if a < 0 {
        alpha = min(alpha, (b + root) / -a)
      }
    }
    return alpha
  }
}
