import LinearAlgebra

/// Which other bodies a body collides with.
///
/// Two bodies collide if neither's mask leaves out the other's group, unless they share a nonzero `family` (then they
/// never do) or are joined.
public struct CollisionFilter: Sendable, BitwiseCopyable, Hashable {
  /// Groups that the body belongs to, a bit each.
  public var group: UInt32
  /// Groups that the body collides with.
  public var mask: UInt32
  /// Bodies of the same nonzero family do not collide with each other.
  public var family: Int32

  /// A filter; the default collides with everything.
  public init(group: UInt32 = 1, mask: UInt32 = .max, family: Int32 = 0) {
    self.group = group
    self.mask = mask
    self.family = family
  }
}

/// Collision detection: bounds in a dynamic tree, pairs, manifolds.
public final class CollisionDetector {
  init() {}

  /// Adds the shape of a body; `local` is the shape's frame relative to the body's centre of mass.
  func addCollider(shape: any Shape, body: Int, local: RigidTransform, filter: CollisionFilter, isStatic: Bool) {}

  /// Notes that a joint connects two bodies (they stop colliding), or that one less does.
  func setJoined(_ a: Int, _ b: Int, _ joined: Bool) {}

  /// Moves the bounds to the bodies' poses; `margin` (m) is the gap up to which contacts are wanted.
  func updateBounds(
    poses: UnsafePointer<RigidTransform>, velocities: UnsafePointer<Vector6>, timestep: Double, margin: Double
  ) {}

  /// Finds the pairs of colliders whose bounds overlap.
  func findPairs() {}

  /// Contact manifolds of all pairs, in an order that depends on nothing but the colliders' numbers.
  func collide(into manifolds: Buffer<ContactManifold>) { manifolds.removeAll() }
}
