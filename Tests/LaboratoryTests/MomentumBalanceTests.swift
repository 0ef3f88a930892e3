import Dynamics
import LinearAlgebra
import Testing

import Laboratory

@Suite struct MomentumBalanceTests {
  static func world() throws -> World {
    let world = World()
    world.gravity = .zero
    try world.add(Body(velocity: Vector6(linear: Vector3(2, 0, 0), angular: .zero), mass: SceneInCode.mass(1)))
    try world.add(Body(pose: RigidTransform(position: .unitY), mass: SceneInCode.mass(1)))
    return world
  }

  /// A push of 0.5 m/s along x on one of two bodies of 1 kg at y = 0 and 1 m: ΔP = 0.5 N·s of Σ m‖v‖ = 2.5 N·s. About
  /// the centre of mass the bodies' ±1 m/s at ½ m become ±1.25 m/s: ΔL = 0.25 of 1.25 kg·m²/s. Both are a fifth.
  @Test func findsAPushFromNowhere() throws {
    let world = try Self.world()
    var balance = try #require(MomentumBalance(world))
    #expect(balance.drift == 0)
    world.velocities[0].linear.x += 0.5
    balance.observe(world)
    #expect(try #require(balance.drift) == 0.2)
  }

  @Test func equalAndOppositePushesAreNone() throws {
    let world = try Self.world()
    var balance = try #require(MomentumBalance(world))
    world.velocities[0].linear.y += 1
    world.velocities[1].linear.y -= 1
    balance.observe(world)
    #expect(balance.drift == 0)
  }

  @Test func aCoupleIsFound() throws {
    let world = try Self.world()
    var balance = try #require(MomentumBalance(world))
    world.velocities[0].linear.z += 1
    world.velocities[1].linear.z -= 1
    balance.observe(world)
    // ΔL = 1 about x, L₀ = 1 about z; the sum of all moments is 2 · ½ · ‖(1, 0, 1)‖ = √2.
    #expect((try #require(balance.drift) - 1 / 2.0.squareRoot()).magnitude < 1e-15)
  }

  @Test func doesNotApplyWhereSomethingOutsidePushes() throws {
    let pushed = try Self.world()
    pushed.forces = [AppliedForce(body: BodyID(0))]
    #expect(MomentumBalance(pushed) == nil)

    let mixed = try Self.world()
    try mixed.add(Body(mass: SceneInCode.mass(1), gravityScale: 0))
    #expect(MomentumBalance(mixed) == nil)

    let anchored = try Self.world()
    let post = try anchored.add(Body(kind: .static))
    #expect(MomentumBalance(anchored) != nil)
    try anchored.add(BallJoint(post, BodyID(0), at: .zero, in: anchored))
    #expect(MomentumBalance(anchored) == nil)

    #expect(MomentumBalance(World()) == nil)
  }
}
