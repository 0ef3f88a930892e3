import Dynamics
import LinearAlgebra

/// Bodies without a world: poses and velocities by hand.
final class CollisionStage {
  let detector = CollisionDetector()
  var poses: [RigidTransform] = []
  var velocities: [Vector6] = []
  let manifolds = Buffer<ContactManifold>()

  @discardableResult
  func add(
    _ shape: any Shape, at position: Vector3, filter: CollisionFilter = CollisionFilter(), isStatic: Bool = false,
    orientation: Quaternion = .identity, velocity: Vector6 = .zero
  ) -> Int {
    detector.addCollider(shape: shape, body: poses.count, local: .identity, filter: filter, isStatic: isStatic)
    poses.append(RigidTransform(position: position, orientation: orientation))
    velocities.append(velocity)
    return poses.count - 1
  }

  func update(margin: Double = 0.01) {
    detector.updateBounds(poses: poses, velocities: velocities, timestep: 1.0 / 60, margin: margin)
    detector.findPairs()
  }

  var pairs: [[Int]] {
    (0..<detector.pairCount).map { index in
      let pair = detector.pair(index)
      return [pair.a, pair.b]
    }
  }

  func collide() -> [ContactManifold] {
    update()
    detector.collide(into: manifolds)
    return manifolds.array
  }
}
