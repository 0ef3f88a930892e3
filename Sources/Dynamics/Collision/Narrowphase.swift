import LinearAlgebra

/// What the narrowphase remembers of a pair of pieces from step to step, to start where it ended.
public struct PairHint: BitwiseCopyable, Sendable {
  /// Last separating or contact axis in a's frame; zero where there is none.
  public var axis = Vector3.zero
  /// Whatever the pair's function keeps beside it.
  public var data: UInt64 = 0

  /// Nothing known yet.
  public init() {}
}

/// Contact points of two pieces.
enum Narrowphase {
  /// Fills in normal (from a to b, world), count and points of `manifold`; count = 0 where the gap exceeds `margin` (m).
  static func collide(
    _ a: Geometry, _ poseA: RigidTransform, _ b: Geometry, _ poseB: RigidTransform, margin: Double,
    hint: inout PairHint, into manifold: inout ContactManifold
  ) {
    manifold.count = 0
  }
}
