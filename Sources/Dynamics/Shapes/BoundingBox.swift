import LinearAlgebra

/// A box along the world's axes (m).
public struct BoundingBox: Sendable, BitwiseCopyable, Hashable {
  /// Smallest coordinates.
  public var lower: Vector3
  /// Largest coordinates.
  public var upper: Vector3

  /// A box from its corners.
  @inlinable
  public init(lower: Vector3, upper: Vector3) {
    self.lower = lower
    self.upper = upper
  }

  /// A box from its middle.
  @inlinable
  public init(center: Vector3, halfExtents: Vector3) {
    self.init(lower: center - halfExtents, upper: center + halfExtents)
  }

  /// A box of no points: its union with any box is that box.
  public static let empty = BoundingBox(
    lower: Vector3(.infinity, .infinity, .infinity), upper: Vector3(-.infinity, -.infinity, -.infinity))
  /// The whole space.
  public static let infinite = BoundingBox(
    lower: Vector3(-.infinity, -.infinity, -.infinity), upper: Vector3(.infinity, .infinity, .infinity))

  /// Middle.
  @inlinable public var center: Vector3 { 0.5 * (lower + upper) }
  /// Half of the lengths of the edges.
  @inlinable public var halfExtents: Vector3 { 0.5 * (upper - lower) }
  /// Whether no coordinate is infinite or undefined.
  @inlinable public var isFinite: Bool { lower.isFinite && upper.isFinite }

  /// Half of the surface (m²): what the surface-area heuristic compares.
  @inlinable
  public var halfArea: Double {
    let d = upper - lower
    return d.x * d.y + d.y * d.z + d.z * d.x
  }

  /// The smallest box around both.
  @inlinable
  public func union(_ other: BoundingBox) -> BoundingBox {
    BoundingBox(lower: lower.minimum(other.lower), upper: upper.maximum(other.upper))
  }

  /// The smallest box around this one and a point.
  @inlinable
  public func union(_ point: Vector3) -> BoundingBox {
    BoundingBox(lower: lower.minimum(point), upper: upper.maximum(point))
  }

  /// Whether the boxes share a point; touching counts.
  @inlinable
  public func overlaps(_ other: BoundingBox) -> Bool {
    lower.x <= other.upper.x && other.lower.x <= upper.x && lower.y <= other.upper.y && other.lower.y <= upper.y
      && lower.z <= other.upper.z && other.lower.z <= upper.z
  }

  /// Whether `other` lies in this box.
  @inlinable
  public func contains(_ other: BoundingBox) -> Bool {
    lower.x <= other.lower.x && other.upper.x <= upper.x && lower.y <= other.lower.y && other.upper.y <= upper.y
      && lower.z <= other.lower.z && other.upper.z <= upper.z
  }

  /// The box with every face moved outwards by `distance` (m).
  @inlinable
  public func expanded(by distance: Double) -> BoundingBox {
    let d = Vector3(distance, distance, distance)
    return BoundingBox(lower: lower - d, upper: upper + d)
  }

  /// The box around this one and itself after moving by `displacement` (m).
  @inlinable
  public func swept(by displacement: Vector3) -> BoundingBox {
    BoundingBox(lower: lower + displacement.minimum(.zero), upper: upper + displacement.maximum(.zero))
  }

  /// The box around this one after a rigid motion: half extents |R| e (Arvo 1990).
  @inlinable
  public func transformed(by pose: RigidTransform) -> BoundingBox {
    let rotation = pose.orientation.matrix
    let e = halfExtents
    return BoundingBox(
      center: pose.apply(center),
      halfExtents: Vector3(
        rotation.row0.magnitudes.dot(e), rotation.row1.magnitudes.dot(e), rotation.row2.magnitudes.dot(e)))
  }
}
