/// A 3×3 matrix, double precision, stored by rows.
public struct Matrix3: Hashable, Sendable, BitwiseCopyable {
  /// Rows.
  public var row0, row1, row2: Vector3

  /// A matrix from its rows.
  @inlinable
  public init(rows row0: Vector3, _ row1: Vector3, _ row2: Vector3) {
    self.row0 = row0
    self.row1 = row1
    self.row2 = row2
  }

  /// A matrix from its columns.
  @inlinable
  public init(columns a: Vector3, _ b: Vector3, _ c: Vector3) {
    self.init(rows: Vector3(a.x, b.x, c.x), Vector3(a.y, b.y, c.y), Vector3(a.z, b.z, c.z))
  }

  /// A diagonal matrix.
  @inlinable
  public init(diagonal d: Vector3) {
    self.init(rows: Vector3(d.x, 0, 0), Vector3(0, d.y, 0), Vector3(0, 0, d.z))
  }

  /// Zero.
  public static let zero = Matrix3(diagonal: .zero)
  /// Identity.
  public static let identity = Matrix3(diagonal: Vector3(1, 1, 1))

  /// The matrix [a]× with `[a]× b = a × b`.
  @inlinable
  public init(crossProductWith a: Vector3) {
    self.init(rows: Vector3(0, -a.z, a.y), Vector3(a.z, 0, -a.x), Vector3(-a.y, a.x, 0))
  }

  /// The matrix a bᵀ.
  @inlinable
  public init(outer a: Vector3, _ b: Vector3) {
    self.init(rows: a.x * b, a.y * b, a.z * b)
  }

  /// Row 0, 1 or 2.
  @inlinable public subscript(row: Int) -> Vector3 {
    get { row == 0 ? row0 : (row == 1 ? row1 : row2) }
    set { if row == 0 { row0 = newValue } else if row == 1 { row1 = newValue } else { row2 = newValue } }
  }

  /// Column 0, 1 or 2.
  @inlinable public func column(_ index: Int) -> Vector3 { Vector3(row0[index], row1[index], row2[index]) }
  /// The diagonal.
  @inlinable public var diagonal: Vector3 { Vector3(row0.x, row1.y, row2.z) }
  /// The transposed matrix.
  @inlinable public var transpose: Matrix3 { Matrix3(columns: row0, row1, row2) }
  /// Sum of the diagonal.
  @inlinable public var trace: Double { row0.x + row1.y + row2.z }
  /// Determinant.
  @inlinable public var determinant: Double { row0.dot(row1.cross(row2)) }
  /// Whether all entries are finite.
  @inlinable public var isFinite: Bool { row0.isFinite && row1.isFinite && row2.isFinite }

  /// The inverse; nil where the determinant is zero or not finite.
  @inlinable
  public var inverse: Matrix3? {
    let d = determinant
    guard d != 0, d.isFinite else { return nil }
    let s = 1 / d
    return Matrix3(columns: s * row1.cross(row2), s * row2.cross(row0), s * row0.cross(row1))
  }

  /// Sum.
  @inlinable public static func + (a: Matrix3, b: Matrix3) -> Matrix3 {
    Matrix3(rows: a.row0 + b.row0, a.row1 + b.row1, a.row2 + b.row2)
  }
  /// Difference.
  @inlinable public static func - (a: Matrix3, b: Matrix3) -> Matrix3 {
    Matrix3(rows: a.row0 - b.row0, a.row1 - b.row1, a.row2 - b.row2)
  }
  /// Product.
  @inlinable public static func * (s: Double, a: Matrix3) -> Matrix3 {
    Matrix3(rows: s * a.row0, s * a.row1, s * a.row2)
  }
  /// Product.
  @inlinable public static func * (a: Matrix3, v: Vector3) -> Vector3 {
    Vector3(a.row0.dot(v), a.row1.dot(v), a.row2.dot(v))
  }
  /// Product.
  @inlinable public static func * (a: Matrix3, b: Matrix3) -> Matrix3 {
    Matrix3(
      rows: a.row0.x * b.row0 + a.row0.y * b.row1 + a.row0.z * b.row2,
      a.row1.x * b.row0 + a.row1.y * b.row1 + a.row1.z * b.row2,
      a.row2.x * b.row0 + a.row2.y * b.row1 + a.row2.z * b.row2)
  }

  /// `selfᵀ v` without forming the transpose.
  @inlinable
  public func transposeTimes(_ v: Vector3) -> Vector3 { v.x * row0 + v.y * row1 + v.z * row2 }

  /// `self · b · selfᵀ`: a tensor `b` turned by this rotation. `b` must be symmetric; the result is so exactly.
  @inlinable
  public func congruence(_ b: Matrix3) -> Matrix3 {
    let t = self * b
    let xy = t.row0.dot(row1)
    let xz = t.row0.dot(row2)
    let yz = t.row1.dot(row2)
    return Matrix3(
      rows: Vector3(t.row0.dot(row0), xy, xz), Vector3(xy, t.row1.dot(row1), yz), Vector3(xz, yz, t.row2.dot(row2)))
  }
}
