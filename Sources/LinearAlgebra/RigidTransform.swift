/// A rigid motion x ↦ R x + p: from body coordinates to world coordinates.
public struct RigidTransform: Hashable, Sendable, BitwiseCopyable {
  /// p (m).
  public var position: Vector3
  /// R as a unit quaternion.
  public var orientation: Quaternion

  /// A motion from its parts.
  @inlinable
  public init(position: Vector3 = .zero, orientation: Quaternion = .identity) {
    self.position = position
    self.orientation = orientation
  }

  /// No motion.
  public static let identity = RigidTransform()

  /// A point of the body in world coordinates.
  @inlinable public func apply(_ point: Vector3) -> Vector3 { orientation.rotate(point) + position }
  /// A point of the world in body coordinates.
  @inlinable public func applyInverse(_ point: Vector3) -> Vector3 { orientation.inverseRotate(point - position) }

  /// `a * b`: first b, then a.
  @inlinable
  public static func * (a: RigidTransform, b: RigidTransform) -> RigidTransform {
    RigidTransform(position: a.apply(b.position), orientation: a.orientation * b.orientation)
  }

  /// The inverse motion.
  @inlinable
  public var inverse: RigidTransform {
    RigidTransform(position: orientation.inverseRotate(-position), orientation: orientation.conjugate)
  }
}
