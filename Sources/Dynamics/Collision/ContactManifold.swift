import LinearAlgebra

/// One contact point of a manifold (world frame).
public struct ContactPoint: Sendable, BitwiseCopyable {
  /// The middle between the two surfaces (m).
  public var position: Vector3
  /// Gap along the normal (m); negative where the surfaces overlap.
  public var separation: Double
  /// What of the two shapes touches: the same number from step to step as long as it is the same pair of features.
  public var feature: UInt32

  /// A point from its parts.
  @inlinable
  public init(position: Vector3, separation: Double, feature: UInt32) {
    self.position = position
    self.separation = separation
    self.feature = feature
  }
}

/// Up to four contact points of two pieces that share a normal.
public struct ContactManifold: Sendable, BitwiseCopyable {
  /// Index of body a.
  public var bodyA: Int32 = -1
  /// Index of body b; the normal points from a to b.
  public var bodyB: Int32 = -1
  /// Index of a's collider.
  public var colliderA: Int32 = -1
  /// Index of b's collider.
  public var colliderB: Int32 = -1
  /// Which pieces of the two shapes, or which triangle: tells manifolds of one pair of colliders apart.
  public var childKey: UInt32 = 0
  /// Number of points, 0 … 4.
  public var count: Int32 = 0
  /// Unit normal from a to b (world frame).
  public var normal = Vector3.zero
  private var points: (ContactPoint, ContactPoint, ContactPoint, ContactPoint)

  /// A manifold without points.
  public init() {
    let none = ContactPoint(position: .zero, separation: 0, feature: 0)
    points = (none, none, none, none)
  }

  /// Point 0 … 3.
  public subscript(index: Int) -> ContactPoint {
    get {
      switch index {
      case 0: points.0
      case 1: points.1
      case 2: points.2
      default: points.3
      }
    }
    set {
      switch index {
      case 0: points.0 = newValue
      case 1: points.1 = newValue
      case 2: points.2 = newValue
      default: points.3 = newValue
      }
    }
  }

  /// Adds a point; there must be room for it.
  public mutating func append(_ point: ContactPoint) {
    assert(count < 4)
    self[Int(count)] = point
    count += 1
  }
}
