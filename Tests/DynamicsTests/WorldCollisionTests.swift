import Dynamics
import LinearAlgebra
import Solvers
import Testing

/// Shapes, detector and steps together.
@Suite struct WorldCollisionTests {
  private func simulation(_ world: World, coulomb: Bool = false) throws -> Simulation {
    var settings = StepSettings()
    if coulomb { settings.law = .coulomb }
    return Simulation(
      world: world, solver: try SolverCatalog.classical.make("pgs:iterations=500,tolerance=1e-10"), settings: settings)
  }

  /// A box that falls on a plane comes to rest on four points, at its half height up to the stabilisation's slop.
  @Test func boxRestsOnFourPoints() throws {
    let world = World()
    try world.add(Body(kind: .static, shape: Plane()))
    let box = try world.add(
      Body(pose: RigidTransform(position: Vector3(0, 0.8, 0)), shape: Box(halfExtents: Vector3(0.5, 0.5, 0.5))))
    let simulation = try simulation(world)
    for _ in 0..<120 { try simulation.step() }
    #expect(world.manifolds.count == 1)
    #expect(world.manifolds[0].count == 4)
    #expect((world.poses[box.index].position.y - 0.5).magnitude < 1e-6)
    #expect(world.velocities[box.index].linear.length < 1e-6)
  }

  /// 3.3 m a step against a wall of 2 cm: the contact is there before the ball is through.
  @Test func fastBallDoesNotPassAThinWall() throws {
    let world = World()
    world.gravity = .zero
    try world.add(Body(kind: .static, shape: Box(halfExtents: Vector3(0.01, 5, 5))))
    for start in [-2.1, -3.3, -4.7, -6.05] {
      let body = try world.add(
        Body(
          pose: RigidTransform(position: Vector3(start, 0.5 * start, 0)),
          velocity: Vector6(linear: Vector3(200, 0, 0), angular: .zero), shape: Sphere(radius: 0.1),
          filter: CollisionFilter(family: 3)))
      #expect(body.index > 0)
    }
    let simulation = try simulation(world)
    for _ in 0..<20 { try simulation.step() }
    for index in 1..<world.bodyCount { #expect(world.poses[index].position.x < -0.1) }
  }

  /// A ball that slides at v₀ without spin ends up rolling at v₀/(1 + k), k = I/(m r²), whatever the friction: the
  /// angular momentum about the line of contact is conserved. 1e-3 is what the steps around the change from sliding to
  /// rolling leave at h = 1/60 s (μ g h/v₀ = 5e-3 in one step, of which a fifth remains at most).
  @Test func slidingBallEndsUpRolling() throws {
    for (hollow, factor) in [(false, 5.0 / 7), (true, 3.0 / 5)] {
      let world = World()
      try world.add(Body(kind: .static, shape: Plane(), surface: Surface(friction: 0.3)))
      let ball = try world.add(
        Body(
          pose: RigidTransform(position: Vector3(0, 0.25, 0)),
          velocity: Vector6(linear: Vector3(10, 0, 0), angular: .zero), shape: Sphere(radius: 0.25, hollow: hollow),
          surface: Surface(friction: 0.3)))
      let simulation = try simulation(world, coulomb: true)
      for _ in 0..<240 { try simulation.step() }
      let velocity = world.velocities[ball.index]
      #expect((velocity.linear.x / 10 - factor).magnitude < 1e-3)
      #expect((velocity.linear.x + 0.25 * velocity.angular.z).magnitude < 1e-6)
    }
  }

  /// The pieces of a compound touch where they are, though the world keeps the centre of mass.
  @Test func offCentreCompoundKeepsItsCentreOfMass() throws {
    let dumbbell = try Compound(children: [
      PlacedShape(Sphere(radius: 0.2), pose: RigidTransform(position: Vector3(1, 0, 0))),
      PlacedShape(Sphere(radius: 0.2), pose: RigidTransform(position: Vector3(3, 0, 0))),
    ])
    let world = World()
    try world.add(Body(kind: .static, shape: Plane()))
    let body = try world.add(Body(pose: RigidTransform(position: Vector3(0, 0.2, 0)), shape: dumbbell))
    #expect((world.poses[body.index].position - Vector3(2, 0.2, 0)).length < 1e-12)
    let simulation = try simulation(world)
    for _ in 0..<60 { try simulation.step() }
    #expect(world.manifolds.count == 2)
    for index in 0..<2 {
      let point = world.manifolds[index][0].position
      #expect((point.x - (index == 0 ? 1 : 3)).magnitude < 1e-3 && point.z.magnitude < 1e-3)
    }
    #expect(world.manifolds[0].childKey != world.manifolds[1].childKey)
  }
}
