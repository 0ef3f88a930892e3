import Dynamics
import LinearAlgebra
import Testing

private let ball = Sphere(radius: 0.5)

/// With the narrowphase's manifolds.
@Suite struct CollisionManifoldTests {
  @Test func normalsPointFromTheLowerToTheHigherCollider() throws {
    for planeFirst in [true, false] {
      let stage = CollisionStage()
      if planeFirst { stage.add(Plane(), at: .zero, isStatic: true) }
      stage.add(ball, at: Vector3(0, 0.495, 0))
      if !planeFirst { stage.add(Plane(), at: .zero, isStatic: true) }
      let manifold = try #require(stage.collide().first)
      #expect(manifold.bodyA == 0 && manifold.bodyB == 1 && manifold.colliderA == 0 && manifold.colliderB == 1)
      #expect((manifold.normal - Vector3(0, planeFirst ? 1 : -1, 0)).length < 1e-14)
      #expect((manifold[0].separation + 0.005).magnitude < 1e-14)
    }
  }

  /// Contacts reach as far as the bodies move and no farther.
  @Test func speculativeContactsCoverTheStep() {
    for (speed, gap, expected) in [(0.0, 0.009, 1), (0, 0.011, 0), (60, 0.9, 1), (60, 1.02, 0), (-60, 0.5, 0)] {
      let stage = CollisionStage()
      stage.add(Plane(), at: .zero, isStatic: true)
      stage.add(
        ball, at: Vector3(0, 0.5 + gap, 0), velocity: Vector6(linear: Vector3(0, -speed, 0), angular: .zero))
      #expect(stage.collide().count == expected, "\(speed) m/s, \(gap) m")
    }
    // Parallel motion closes nothing, however fast.
    let stage = CollisionStage()
    stage.add(Plane(), at: .zero, isStatic: true)
    stage.add(ball, at: Vector3(0, 0.6, 0), velocity: Vector6(linear: Vector3(90, 0, 0), angular: .zero))
    #expect(stage.collide().isEmpty)
  }

  @Test func manifoldsAreInOrderAndTwiceTheSameBits() throws {
    let table = try Compound(children: [
      PlacedShape(Box(halfExtents: Vector3(1, 0.1, 1))),
      PlacedShape(Box(halfExtents: Vector3(0.1, 0.5, 0.1)), pose: RigidTransform(position: Vector3(0.8, -0.5, 0.8))),
      PlacedShape(ball, pose: RigidTransform(position: Vector3(-0.8, -0.5, -0.8))),
    ])
    func run() -> [ContactManifold] {
      var random = CollisionRandom(seed: 8)
      let stage = CollisionStage()
      stage.add(Plane(), at: Vector3(0, -2, 0), isStatic: true)
      for i in 0..<60 {
        let shapes: [any Shape] = [table, ball, Box(halfExtents: Vector3(0.3, 0.4, 0.5))]
        stage.add(shapes[i % 3], at: random.vector(2), orientation: random.rotation())
      }
      var last: [ContactManifold] = []
      for _ in 0..<10 {
        for i in 1..<stage.poses.count { stage.poses[i].position += random.vector(0.1) }
        last = stage.collide()
      }
      return last
    }
    let first = run()
    let second = run()
    #expect(first.count > 100 && first.count == second.count)
    var previous: (Int32, Int32, UInt32)?
    for (a, b) in zip(first, second) {
      let key = (a.colliderA, a.colliderB, a.childKey)
      if let previous { #expect(previous < key) }
      previous = key
      #expect(a.normal == b.normal && a.count == b.count)
      for k in 0..<Int(a.count) {
        #expect(a[k].position == b[k].position && a[k].separation == b[k].separation && a[k].feature == b[k].feature)
      }
    }
  }
}
