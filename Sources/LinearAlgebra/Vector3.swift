/// A vector in three dimensions, double precision.
public struct Vector3: Hashable, Sendable, BitwiseCopyable {
  /// Components.
  public var x, y, z: Double

  /// A vector from its components.
  @inlinable
  public init(_ x: Double, _ y: Double, _ z: Double) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// (0, 0, 0).
  public static let zero = Vector3(0, 0, 0)
  /// Unit vector along x.
  public static let unitX = Vector3(1, 0, 0)
  /// Unit vector along y.
  public static let unitY = Vector3(0, 1, 0)
  /// Unit vector along z.
  public static let unitZ = Vector3(0, 0, 1)

  /// Component 0, 1 or 2.
  @inlinable
  public subscript(index: Int) -> Double {
    get { index == 0 ? x : (index == 1 ? y : z) }
    set {
      if index == 0 { x = newValue } else if index == 1 { y = newValue } else { z = newValue }
    }
  }

  /// Sum.
  @inlinable public static func + (a: Vector3, b: Vector3) -> Vector3 { Vector3(a.x + b.x, a.y + b.y, a.z + b.z) }
  /// Difference.
  @inlinable public static func - (a: Vector3, b: Vector3) -> Vector3 { Vector3(a.x - b.x, a.y - b.y, a.z - b.z) }
  /// Negative.
  @inlinable public static prefix func - (a: Vector3) -> Vector3 { Vector3(-a.x, -a.y, -a.z) }
  /// Product.
  @inlinable public static func * (s: Double, a: Vector3) -> Vector3 { Vector3(s * a.x, s * a.y, s * a.z) }
  /// Product.
  @inlinable public static func * (a: Vector3, s: Double) -> Vector3 { s * a }
  /// Quotient by a number.
  @inlinable public static func / (a: Vector3, s: Double) -> Vector3 { Vector3(a.x / s, a.y / s, a.z / s) }
  /// Adds to the left side.
  @inlinable public static func += (a: inout Vector3, b: Vector3) { a = a + b }
  /// Subtracts from the left side.
  @inlinable public static func -= (a: inout Vector3, b: Vector3) { a = a - b }
  /// Scales the left side.
  @inlinable public static func *= (a: inout Vector3, s: Double) { a = s * a }

  /// Scalar product.
  @inlinable public func dot(_ b: Vector3) -> Double { x * b.x + y * b.y + z * b.z }

  /// Vector product `self × b`.
  @inlinable
  public func cross(_ b: Vector3) -> Vector3 {
    Vector3(y * b.z - z * b.y, z * b.x - x * b.z, x * b.y - y * b.x)
  }

  /// Squared Euclidean norm.
  @inlinable public var lengthSquared: Double { dot(self) }
  /// Euclidean norm.
  @inlinable public var length: Double { lengthSquared.squareRoot() }

  /// The unit vector in this direction; `fallback` where the length is zero or not finite.
  @inlinable
  public func normalized(fallback: Vector3 = .zero) -> Vector3 {
    let length = self.length
    return length > 0 && length.isFinite ? self / length : fallback
  }

  /// Component-wise absolute value.
  @inlinable public var magnitudes: Vector3 { Vector3(x.magnitude, y.magnitude, z.magnitude) }
  /// Whether all components are finite.
  @inlinable public var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
  /// Largest component.
  @inlinable public var maximum: Double { x > y ? (x > z ? x : z) : (y > z ? y : z) }

  /// Component-wise product.
  @inlinable public func scaled(by s: Vector3) -> Vector3 { Vector3(x * s.x, y * s.y, z * s.z) }
  /// Component-wise minimum.
  @inlinable
  public func minimum(_ b: Vector3) -> Vector3 { Vector3(x < b.x ? x : b.x, y < b.y ? y : b.y, z < b.z ? z : b.z) }
  /// Component-wise maximum.
  @inlinable
  public func maximum(_ b: Vector3) -> Vector3 { Vector3(x > b.x ? x : b.x, y > b.y ? y : b.y, z > b.z ? z : b.z) }

  /// Two unit vectors that complete this unit vector to a right-handed basis: `self × t₁ = t₂`.
  ///
  /// Duff et al., "Building an Orthonormal Basis, Revisited", JCGT 6(1), 2017: no branch on a small component.
  @inlinable
  public var tangents: (Vector3, Vector3) {
    let sign: Double = z >= 0 ? 1 : -1
    let a = -1 / (sign + z)
    let b = x * y * a
    return (Vector3(1 + sign * x * x * a, sign * b, -sign * x), Vector3(b, sign + y * y * a, -y))
  }
}

/// A pair of three-vectors in Plücker order: linear first, angular second. A twist (m/s, rad/s) or a wrench (N, N·m).
public struct Vector6: Hashable, Sendable, BitwiseCopyable {
  /// Linear part.
  public var linear: Vector3
  /// Angular part.
  public var angular: Vector3

  /// A pair from its parts.
  @inlinable
  public init(linear: Vector3, angular: Vector3) {
    self.linear = linear
    self.angular = angular
  }

  /// Zero.
  public static let zero = Vector6(linear: .zero, angular: .zero)

  /// Sum.
  @inlinable public static func + (a: Vector6, b: Vector6) -> Vector6 {
    Vector6(linear: a.linear + b.linear, angular: a.angular + b.angular)
  }
  /// Difference.
  @inlinable public static func - (a: Vector6, b: Vector6) -> Vector6 {
    Vector6(linear: a.linear - b.linear, angular: a.angular - b.angular)
  }
  /// Negative.
  @inlinable public static prefix func - (a: Vector6) -> Vector6 { Vector6(linear: -a.linear, angular: -a.angular) }
  /// Product.
  @inlinable public static func * (s: Double, a: Vector6) -> Vector6 {
    Vector6(linear: s * a.linear, angular: s * a.angular)
  }
  /// Adds to the left side.
  @inlinable public static func += (a: inout Vector6, b: Vector6) { a = a + b }
  /// Subtracts from the left side.
  @inlinable public static func -= (a: inout Vector6, b: Vector6) { a = a - b }

  /// Scalar product (power of a wrench on a twist).
  @inlinable public func dot(_ b: Vector6) -> Double { linear.dot(b.linear) + angular.dot(b.angular) }
  /// Whether all components are finite.
  @inlinable public var isFinite: Bool { linear.isFinite && angular.isFinite }
}
