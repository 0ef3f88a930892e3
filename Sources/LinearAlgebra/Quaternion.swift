/// A quaternion (w, x, y, z). Unit quaternions turn body coordinates into world coordinates.
public struct Quaternion: Hashable, Sendable, BitwiseCopyable {
  /// Components, scalar part first.
  public var w, x, y, z: Double

  /// A quaternion from its components.
  @inlinable
  public init(_ w: Double, _ x: Double, _ y: Double, _ z: Double) {
    self.w = w
    self.x = x
    self.y = y
    self.z = z
  }

  /// No rotation.
  public static let identity = Quaternion(1, 0, 0, 0)

  /// The vector part.
  @inlinable public var imaginary: Vector3 { Vector3(x, y, z) }

  /// Rotation by `angle` (rad) about the unit vector `axis`.
  public init(angle: Double, axis: Vector3) {
    self.init(rotationVector: angle * axis)
  }

  /// exp(φ/2): rotation by |φ| (rad) about φ/|φ|. Same bits on every processor (no libm).
  @inlinable
  public init(rotationVector phi: Vector3) {
    let halfSquared = 0.25 * phi.lengthSquared
    if halfSquared < 0.25 {
      // Series of cos x and sin(x)/x in q = x², by Horner; |x| ≤ ½, so the first term left out is below 1e-16.
      // Reciprocals of factorials, because a division costs as much as five products.
      let q = halfSquared
      var c = -1.0 / 87_178_291_200
      c = 1.0 / 479_001_600 + q * c
      c = -1.0 / 3_628_800 + q * c
      c = 1.0 / 40320 + q * c
      c = -1.0 / 720 + q * c
      c = 1.0 / 24 + q * c
      c = -1.0 / 2 + q * c
      c = 1 + q * c
      var s = 1.0 / 6_227_020_800
      s = -1.0 / 39_916_800 + q * s
      s = 1.0 / 362_880 + q * s
      s = -1.0 / 5040 + q * s
      s = 1.0 / 120 + q * s
      s = -1.0 / 6 + q * s
      s = 1 + q * s
      self.init(c, 0.5 * s * phi.x, 0.5 * s * phi.y, 0.5 * s * phi.z)
    } else {
      let half = halfSquared.squareRoot()
      let (sine, cosine) = Trigonometry.sineAndCosine(half)
      let s = 0.5 * sine / half
      self.init(cosine, s * phi.x, s * phi.y, s * phi.z)
    }
  }

  /// The rotation whose matrix is `m`, which must be orthonormal with determinant 1.
  public init(rotation m: Matrix3) {
    // The largest of the four squares keeps the root away from zero (Shepperd 1978).
    let d = m.diagonal
    let t = m.trace
    if t > d.maximum {
      let s = (1 + t).squareRoot() * 2
      self.init(s / 4, (m.row2.y - m.row1.z) / s, (m.row0.z - m.row2.x) / s, (m.row1.x - m.row0.y) / s)
    } else if d.x >= d.y && d.x >= d.z {
      let s = (1 + d.x - d.y - d.z).squareRoot() * 2
      self.init((m.row2.y - m.row1.z) / s, s / 4, (m.row0.y + m.row1.x) / s, (m.row0.z + m.row2.x) / s)
    } else if d.y >= d.z {
      let s = (1 + d.y - d.x - d.z).squareRoot() * 2
      self.init((m.row0.z - m.row2.x) / s, (m.row0.y + m.row1.x) / s, s / 4, (m.row1.z + m.row2.y) / s)
    } else {
      let s = (1 + d.z - d.x - d.y).squareRoot() * 2
      self.init((m.row1.x - m.row0.y) / s, (m.row0.z + m.row2.x) / s, (m.row1.z + m.row2.y) / s, s / 4)
    }
    self = normalized
  }

  /// The shortest rotation that takes unit vector `a` to unit vector `b`.
  public init(from a: Vector3, to b: Vector3) {
    let w = 1 + a.dot(b)
    if w > 1e-12 {
      let c = a.cross(b)
      self = Quaternion(w, c.x, c.y, c.z).normalized
    } else {
      let t = a.tangents.0
      self.init(0, t.x, t.y, t.z)
    }
  }

  /// The rotation b followed by the rotation a (Hamilton's product).
  @inlinable
  public static func * (a: Quaternion, b: Quaternion) -> Quaternion {
    Quaternion(
      a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
      a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w)
  }

  /// The inverse of a unit quaternion.
  @inlinable public var conjugate: Quaternion { Quaternion(w, -x, -y, -z) }
  /// Euclidean norm.
  @inlinable public var norm: Double { (w * w + x * x + y * y + z * z).squareRoot() }
  /// The unit quaternion in this direction.
  @inlinable
  public var normalized: Quaternion {
    let s = 1 / norm
    return Quaternion(s * w, s * x, s * y, s * z)
  }
  /// Whether all components are finite.
  @inlinable public var isFinite: Bool { w.isFinite && x.isFinite && y.isFinite && z.isFinite }

  /// The vector `v` (body coordinates) turned by this unit quaternion (world coordinates).
  @inlinable
  public func rotate(_ v: Vector3) -> Vector3 {
    let u = imaginary
    let t = 2 * u.cross(v)
    return v + w * t + u.cross(t)
  }

  /// The vector `v` (world coordinates) in body coordinates.
  @inlinable public func inverseRotate(_ v: Vector3) -> Vector3 { conjugate.rotate(v) }

  /// The rotation matrix.
  @inlinable
  public var matrix: Matrix3 {
    let xx = x * x
    let yy = y * y
    let zz = z * z
    let xy = x * y
    let xz = x * z
    let yz = y * z
    let wx = w * x
    let wy = w * y
    let wz = w * z
    return Matrix3(
      rows: Vector3(1 - 2 * (yy + zz), 2 * (xy - wz), 2 * (xz + wy)),
      Vector3(2 * (xy + wz), 1 - 2 * (xx + zz), 2 * (yz - wx)), Vector3(2 * (xz - wy), 2 * (yz + wx), 1 - 2 * (xx + yy))
    )
  }

  /// The rotation vector φ (rad, |φ| ≤ π) of this unit quaternion.
  public var rotationVector: Vector3 {
    let sign: Double = w < 0 ? -1 : 1
    let s = imaginary.length
    if s < 1e-12 { return 2 * sign * imaginary }
    return (2 * Trigonometry.arcTangent(s, sign * w) * sign / s) * imaginary
  }

  /// Angle (rad, in (−π, π]) of the twist of this unit quaternion about the unit vector `axis`.
  public func twist(about axis: Vector3) -> Double {
    let s = imaginary.dot(axis)
    return w < 0 ? 2 * Trigonometry.arcTangent(-s, -w) : 2 * Trigonometry.arcTangent(s, w)
  }

  /// This rotation after turning for `time` (s) at the world angular velocity `omega` (rad/s), constant meanwhile.
  @inlinable
  public func advanced(by omega: Vector3, for time: Double) -> Quaternion {
    (Quaternion(rotationVector: time * omega) * self).normalized
  }
}
