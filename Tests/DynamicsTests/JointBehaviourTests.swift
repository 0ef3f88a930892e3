import ConstraintSystem
import Dynamics
import LinearAlgebra
import Solvers
import Testing

/// Joints against closed forms.
@Suite struct JointBehaviourTests {
  // MARK: Reactions

  /// A weight at rest pulls at every joint that can hold it with m g, and a cantilevered one turns with m g l.
  @Test func reactionOfAHangingWeight() throws {
    let arm = Vector3(2, 0, 0)
    let makers: [(BodyID, World) -> any Joint] = [
      { FixedJoint(nil, $0, at: .zero, in: $1) },
      { HingeJoint(nil, $0, at: .zero, axis: .unitX, in: $1) },
      { SliderJoint(nil, $0, at: .zero, axis: .unitX, in: $1) },
      { CylindricalJoint(nil, $0, at: .zero, axis: .unitX, in: $1) },
    ]
    for make in makers {
      let world = World()
      let body = try world.addBox(at: arm, mass: 3)
      try world.add(make(body, world))
      try world.simulation("ldl", timestep: 1.0 / 60).step()
      // Round-off of numbers of size m g l / h.
      #expect(world.reactions[0].force.distance(Vector3(0, 3 * 9.81, 0)) < 1e-9)
      #expect(world.reactions[0].torque.distance(Vector3(0, 0, 2 * 3 * 9.81)) < 1e-9)
    }
    let world = World()
    let body = try world.addBox(at: Vector3(0, -2, 0), mass: 3)
    try world.add(BallJoint(nil, body, at: .zero, in: world))
    try world.simulation("ldl", timestep: 1.0 / 60, substeps: 3).step()
    #expect(world.reactions[0].force.distance(Vector3(0, 3 * 9.81, 0)) < 1e-9)
    #expect(world.reactions[0].torque.length < 1e-9)
  }

  /// The tension of a conical pendulum, which goes round at constant height: T = m g / cos α, ω² = g / (l cos α).
  @Test func tensionOfAConicalPendulum() throws {
    let world = World()
    let (sine, cosine) = Trigonometry.sineAndCosine(0.7)
    let omega = (9.81 / cosine).squareRoot()
    let bob = try world.add(
      Body(
        pose: RigidTransform(position: Vector3(sine, -cosine, 0)),
        velocity: Vector6(linear: Vector3(0, 0, -omega * sine), angular: .zero),
        mass: MassProperties(mass: 2, centerOfMass: .zero, inertia: .zero)))
    try world.add(DistanceJoint(nil, bob, from: .zero, to: Vector3(sine, -cosine, 0), in: world))
    let simulation = try world.simulation("ldl")
    try simulation.run(until: 5)
    // The velocity given belongs to the middle of the step: the circle wobbles by h ω / 2 · its first kick, 2e-3.
    #expect((world.reactions[0].force.length / (2 * 9.81 / cosine) - 1).magnitude < 4e-3)
    #expect((world.poses[0].position.y + cosine).magnitude < 2e-3)
  }

  /// Exchanging a and b mirrors the reaction and leaves the motion.
  @Test func exchangedBodiesMirrorTheReaction() throws {
    func run(_ exchanged: Bool) throws -> (World, Reaction) {
      let world = World()
      let a = try world.addBox(at: Vector3(0.5, 0, 0))
      let b = try world.addBox(at: Vector3(1.5, 0, 0), mass: 4)
      try world.add(BallJoint(nil, a, at: .zero, in: world))
      let anchor = Vector3(1, 0, 0)
      let axis = Vector3(0.1, 0.3, 1)
      try world.add(
        exchanged
          ? HingeJoint(b, a, at: anchor, axis: axis, in: world) : HingeJoint(a, b, at: anchor, axis: axis, in: world))
      try world.simulation("ldl").run(until: 0.3)
      return (world, world.reactions[1])
    }
    let (first, reaction) = try run(false)
    let (second, mirrored) = try run(true)
    // The rows span the same space in another basis: equal up to the tolerance of the projection, 1e-9 m a step.
    #expect(first.poses[1].position.distance(second.poses[1].position) < 1e-7)
    #expect(reaction.force.length > 10)
    #expect((reaction.force + mirrored.force).length < 1e-5 * reaction.force.length)
    #expect((reaction.torque + mirrored.torque).length < 1e-5 * reaction.force.length)
  }

  /// A static body is the world.
  @Test func staticBodyIsTheWorld() throws {
    func run(_ isBody: Bool) throws -> UInt64 {
      let world = World()
      let bodies = try (0..<3).map { try world.addBox(at: Vector3(0.5 + Double($0), 0, 0)) }
      let ground = isBody ? try world.addBox(at: .zero, kind: .static) : nil
      try world.add(HingeJoint(ground, bodies[0], at: .zero, axis: .unitZ, in: world))
      try world.add(BallJoint(bodies[0], bodies[1], at: .unitX, in: world))
      try world.add(CylindricalJoint(bodies[1], bodies[2], at: Vector3(2, 0, 0), axis: .unitX, in: world))
      try world.simulation("ldl").run(until: 0.2)
      var hash: UInt64 = 0
      for body in bodies {
        let position = world.poses[body.index].position
        hash = (hash ^ position.x.bitPattern) &* 31 &+ position.y.bitPattern &* 17 &+ position.z.bitPattern
      }
      return hash
    }
    #expect(try run(false) == run(true))
  }

  /// A joint breaks in the step in which its reaction exceeds its strength, and not before.
  @Test func overloadedJointBreaks() throws {
    for (strength, holds) in [(3 * 9.81 * 1.01, true), (3 * 9.81 * 0.99, false)] {
      let world = World()
      let body = try world.addBox(at: Vector3(0, -1, 0), mass: 3)
      try world.add(BallJoint(nil, body, at: .zero, in: world), breakingForce: strength)
      try world.simulation("ldl", timestep: 0.01).run(until: 1)
      #expect(world.intact[0] == holds)
      // Free fall by ½ g t² + ½ g h t, which is what semi-implicit Euler falls; the first step still held.
      let fall = holds ? 0 : 0.5 * 9.81 * 0.99 * (0.99 + 0.01)
      #expect((world.poses[0].position.y + 1 + fall).magnitude < 1e-9)
    }
  }

  // MARK: Energy and drift

  /// A pendulum at 60 Hz swings for a minute and comes back to its height: constraint forces do no work up to third
  /// order. The tolerance is the energy's own wobble within a swing, h ω / 2 = 3 %, as velocities are those between
  /// poses; without the chord impulses nothing would be left after that time.
  @Test func pendulumKeepsItsEnergy() throws {
    let world = World()
    let bar = try world.addBox(at: Vector3(0.5, 0, 0))
    try world.add(BallJoint(nil, bar, at: .zero, in: world))
    let simulation = try world.simulation("ldl", timestep: 1.0 / 60)
    var highest = -Double.infinity
    var worst = 0.0
    try simulation.run(until: 60) { record in
      if world.time > 57 { highest = max(highest, world.poses[0].position.y) }
      worst = max(worst, record.jointError)
    }
    #expect((highest).magnitude < 0.015)
    // Newton's remainder after one projection: C″ δ² / 2 with δ = (h ω)² / 2 · 0.5 m ≈ 2e-3 m.
    #expect(worst < 1e-5)
  }

  /// A chain of links on ball joints: every joint within 1e-9 m of closed at h = 1 ms, where the projection's step is
  /// 3e-6 m, its square the remainder.
  @Test func projectionKeepsJointsClosed() throws {
    let world = World()
    var last: BodyID?
    for index in 0..<10 {
      let body = try world.addBox(at: Vector3(Double(index) + 0.5, 0, 0))
      try world.add(BallJoint(last, body, at: Vector3(Double(index), 0, 0), in: world))
      last = body
    }
    var worst = 0.0
    try world.simulation("ldl").run(until: 1) { worst = max(worst, $0.jointError) }
    #expect(worst < 2e-9)
  }

  /// A torn joint closes at once and sets nothing in motion.
  @Test func closingATornJointMakesNoMomentum() throws {
    let world = World()
    world.gravity = .zero
    let a = try world.addBox(at: Vector3(-0.5, 0, 0))
    let b = try world.addBox(at: Vector3(0.5, 0, 0))
    try world.add(BallJoint(a, b, at: .zero, in: world))
    world.poses[b.index].position += Vector3(0.2, 0.1, -0.05)
    let simulation = try world.simulation("ldl", timestep: 1.0 / 60)
    for _ in 0..<5 { try simulation.step() }
    // A projection leaves what would take less than 1e-6 m/s to undo, row by row.
    #expect(try simulation.step().jointError < 1e-6 / 60 * 2)
    // A gap of 0.2 m in a step would be 14 m/s. θ is 0 in the first step and 1 − ‖C‖/‖C⁺‖ ≤ 0 in the others.
    #expect(world.velocities[0].linear.length < 1e-9 && world.velocities[1].angular.length < 1e-9)
  }

  // MARK: Limits, motors, springs

  /// A motor accelerates a wheel by M/I until it turns at its target, with a torque of at most M.
  @Test(arguments: ["pgs", "newton"]) func motorReachesItsTarget(_ solver: String) throws {
    let world = World()
    world.gravity = .zero
    let wheel = try world.addBox(Vector3(1, 1, 1), mass: 6)
    let joint = HingeJoint(
      nil, wheel, at: .zero, axis: .unitZ, in: world,
      JointFreedom(motor: JointMotor(target: .constant(4), maximum: .constant(2))))
    try world.add(joint)
    let simulation = try world.simulation(solver, timestep: 0.01)
    // I = m/12 (1² + 1²) = 1 kg·m².
    try simulation.run(until: 1)
    // Velocities are those of t − h/2.
    #expect((world.velocities[0].angular.z - 2 * 0.995).magnitude < 1e-6)
    #expect((world.reactions[0].torque.z - 2).magnitude < 1e-6)
    try simulation.run(until: 3)
    #expect((world.velocities[0].angular.z - 4).magnitude < 1e-6)
    #expect(world.reactions[0].torque.z.magnitude < 1e-3)
  }

  /// A motor's target follows its schedule at the end of the step.
  @Test func motorFollowsASchedule() throws {
    let world = World()
    world.gravity = .zero
    let block = try world.addBox()
    let signal = Signal.sine(amplitude: 2, frequency: 0.5, phase: 0.3, offset: 0.1)
    try world.add(
      SliderJoint(nil, block, axis: .unitY, in: world, JointFreedom(motor: JointMotor(target: signal))))
    let simulation = try world.simulation("newton", timestep: 0.01)
    for _ in 0..<100 {
      try simulation.step()
      #expect((world.velocities[0].linear.y - signal.value(at: world.time)).magnitude < 1e-6)
    }
  }

  /// A door falls onto its stop and stays there; a block slides to the end of its rail.
  @Test(arguments: ["pgs", "newton"]) func limitsStop(_ solver: String) throws {
    let world = World()
    let door = try world.addBox(at: Vector3(0.5, 0, 0))
    let hinge = HingeJoint(nil, door, at: .zero, axis: .unitZ, in: world, JointFreedom(lower: -0.6, upper: 0.2))
    try world.add(hinge)
    let block = try world.addBox(at: Vector3(0, 5, 0))
    let slider = SliderJoint(nil, block, axis: Vector3(1, -1, 0), in: world, JointFreedom(upper: 0.5))
    try world.add(slider)
    let simulation = try world.simulation(solver, timestep: 1.0 / 60)
    var deepest = 0.0
    try simulation.run(until: 2) { _ in
      deepest = max(deepest, -0.6 - hinge.angle(in: world), slider.travel(in: world) - 0.5)
    }
    // A gap closes within a step but no further: what is left is the solver's tolerance, h · 1e-6 m/s, accumulated over
    // a few steps until the projection acts.
    #expect(deepest < 1e-6)
    #expect((hinge.angle(in: world) + 0.6).magnitude < 1e-6)
    #expect((slider.travel(in: world) - 0.5).magnitude < 1e-6)
    #expect(world.velocities[0].angular.length < 1e-5 && world.velocities[1].linear.length < 1e-5)
  }

  /// A mass on a spring: T = 2π √(m/k). Implicit integration damps (the amplitude falls by exp(−ω² h t/2)) and is slow
  /// by ω h / 4 relative, 1e-4 here.
  @Test func springPeriod() throws {
    let world = World()
    world.gravity = .zero
    let block = try world.addBox(mass: 2)
    let joint = SliderJoint(
      nil, block, axis: .unitX, in: world, JointFreedom(spring: JointSpring(stiffness: 50, rest: .constant(0.3))))
    try world.add(joint)
    let simulation = try world.simulation("ldl", timestep: 1e-4)
    let period = 2 * Double.pi * (2.0 / 50).squareRoot()
    // From rest at 0, relaxed at 0.3: the first pass of 0.3 after a quarter, the third after a period and a quarter.
    var passes: [Double] = []
    var before = 0.0
    try simulation.run(until: 1.4 * period) { _ in
      let now = joint.travel(in: world) - 0.3
      if passes.count < 3 && before != 0 && before * now <= 0 {
        passes.append(world.time - 1e-4 * now / (now - before))
      }
      before = now
    }
    #expect(passes.count == 3)
    #expect(((passes[2] - passes[0]) / period - 1).magnitude < 2e-4)
  }

  /// At rest a spring carries m g = k x; so does a soft ball joint. That has no damping but the implicit integration's,
  /// exp(−ω² h t / 2) = exp(−20) of 0.2 m after 40 s.
  @Test func springsCarryTheWeight() throws {
    let world = World()
    let hung = try world.addBox(mass: 2)
    try world.add(
      DistanceJoint(
        nil, hung, from: .unitY, to: .zero, in: world,
        JointFreedom(spring: JointSpring(stiffness: 100, damping: 20, rest: .constant(1)))))
    let soft = try world.addBox(at: Vector3(5, 0, 0), mass: 2)
    try world.add(BallJoint(nil, soft, at: Vector3(5, 0, 0), in: world, compliance: 0.01))
    try world.simulation("ldl", timestep: 0.02).run(until: 40)
    #expect((world.poses[0].position.y + 2 * 9.81 / 100).magnitude < 1e-6)
    #expect((world.poses[1].position.y + 2 * 9.81 / 100).magnitude < 1e-6)
    #expect((world.reactions[1].force.y - 2 * 9.81).magnitude < 1e-4)
  }

  /// A rope is slack in free fall and taut afterwards.
  @Test(arguments: ["pgs", "newton"]) func ropeIsSlackThenTaut(_ solver: String) throws {
    let world = World()
    let weight = try world.add(
      Body(
        pose: RigidTransform(position: Vector3(0, -0.5, 0)),
        mass: MassProperties(mass: 2, centerOfMass: .zero, inertia: .zero)))
    let rope = DistanceJoint(nil, weight, from: .zero, to: Vector3(0, -0.5, 0), in: world, JointFreedom(upper: 1))
    try world.add(rope)
    let simulation = try world.simulation(solver, timestep: 1e-3)
    // Free until ½ g t² = 0.5 m, t = 0.319 s.
    try simulation.run(until: 0.3)
    #expect(world.reactions[0].force == .zero)
    #expect((world.poses[0].position.y + 0.5 + 0.5 * 9.81 * 0.3 * 0.3).magnitude < 1e-9)
    try simulation.run(until: 0.5)
    #expect((rope.length(in: world) - 1).magnitude < 1e-6)
    // The solver's tolerance, 1e-6 m/s, is m · 1e-6 / h of force.
    #expect((world.reactions[0].force.y - 2 * 9.81).magnitude < 4e-3)
  }

  /// A cone limit holds a leaning pole.
  @Test(arguments: ["pgs", "newton"]) func coneLimitHolds(_ solver: String) throws {
    let world = World()
    let pole = try world.addBox(Vector3(0.1, 1, 0.1), at: Vector3(0, 0.5, 0))
    world.velocities[0] = Vector6(linear: Vector3(0.25, 0, 0.15), angular: Vector3(0.3, 0, -0.5))
    try world.add(BallJoint(nil, pole, at: .zero, in: world, axis: .unitY, coneAngle: 0.4))
    let simulation = try world.simulation(solver, timestep: 1.0 / 60)
    var widest = 0.0
    for _ in 0..<300 {
      try simulation.step()
      let up = world.poses[0].orientation.rotate(.unitY)
      widest = max(widest, Trigonometry.arcTangent(up.cross(.unitY).length, up.y))
    }
    #expect(widest > 0.39)
    // Where the pole slides round the cone the limit's row turns: its curvature is left to the projection, one Newton
    // step of (h ω)² ≈ 1e-4.
    #expect(widest < 0.4 + 1e-5)
  }

  // MARK: Pulleys, gears, shafts

  /// Atwood's machine: a = g (m_b − m_a)/(m_a + m_b); with a block and tackle of n strands on b,
  /// a_b = g (m_b − n m_a)/(m_b + n² m_a).
  @Test(arguments: [1.0, 2.0, 3.0]) func atwood(_ strands: Double) throws {
    let world = World()
    let a = try world.addBox(Vector3(0.1, 0.1, 0.1), at: Vector3(0, -40, 0), mass: 1)
    let b = try world.addBox(Vector3(0.1, 0.1, 0.1), at: Vector3(2, -3, 0), mass: 5)
    try world.add(
      PulleyJoint(
        a, at: Vector3(0, -40, 0), over: .zero, b, at: Vector3(2, -3, 0), over: Vector3(2, 0, 0), ratio: strands,
        in: world))
    let simulation = try world.simulation("ldl", timestep: 0.01)
    try simulation.run(until: 1)
    let expected = -9.81 * (5 - strands) / (5 + strands * strands)
    // Velocities are those of t − h/2.
    let velocity = 0.995 * expected
    #expect((world.velocities[1].linear.y - velocity).magnitude < 1e-9)
    #expect((world.velocities[0].linear.y + strands * velocity).magnitude < 1e-9)
    // b is held by the tension of all strands: m_b (g + a_b).
    #expect((world.reactions[0].force.y - 5 * (9.81 + expected)).magnitude < 1e-6)
  }

  /// Two wheels keep their ratio for 100 turns, also where a step turns them by more than half a turn.
  @Test(arguments: [1.0 / 240, 1.0 / 20]) func gearsDoNotCreep(timestep: Double) throws {
    let world = World()
    world.gravity = .zero
    let a = try world.addBox(Vector3(1, 1, 1))
    let b = try world.addBox(Vector3(1, 1, 1), at: Vector3(2, 0, 0), mass: 3)
    try world.add(HingeJoint(nil, b, at: Vector3(2, 0, 0), axis: .unitX, in: world))
    try world.add(
      HingeJoint(
        nil, a, at: .zero, axis: .unitZ, in: world, JointFreedom(motor: JointMotor(target: .constant(60)))))
    try world.add(GearJoint(a, axis: .unitZ, b, axis: .unitX, ratio: -1.5, in: world))
    let simulation = try world.simulation("newton", timestep: timestep)
    // 60 rad/s for 100 · 2π / 60 s. At 20 Hz b turns by 4.5 rad a step.
    let steps = Int((100 * 2 * .pi / 60 / timestep).rounded())
    for _ in 0..<steps { try simulation.step() }
    let turned = 60 * timestep * Double(steps)
    func error(_ body: Int, _ axis: Vector3, _ angle: Double) -> Double {
      (world.poses[body].orientation.conjugate * Quaternion(angle: angle, axis: axis)).rotationVector.length
    }
    // The motor's own tolerance, 1e-6 rad/s, over ten seconds; the gear's error stays below that of one step.
    #expect(error(0, .unitZ, turned) < 1e-5)
    #expect(error(1, .unitX, -1.5 * turned) < 2e-5)
    #expect(world.velocities[1].angular.x < -89.999)
  }

  /// Two shafts at an angle β joined by a cross: tan θ_b = tan θ_a / cos β, once θ_a is counted from the plane of the
  /// shafts (Hooke).
  @Test func universalJointTurnsUnevenly() throws {
    let beta = 0.6
    let world = World()
    world.gravity = .zero
    let (sine, cosine) = Trigonometry.sineAndCosine(beta)
    let shaftB = Vector3(cosine, sine, 0)
    let a = try world.addBox(at: Vector3(-0.5, 0, 0))
    let b = try world.addBox(at: 0.5 * shaftB)
    try world.add(
      HingeJoint(
        nil, a, at: Vector3(-0.5, 0, 0), axis: .unitX, in: world,
        JointFreedom(motor: JointMotor(target: .constant(1)))))
    try world.add(CylindricalJoint(nil, b, at: 0.5 * shaftB, axis: shaftB, in: world))
    // The cross's arm on a starts square to the plane of the shafts, along z; b's in the plane.
    try world.add(
      UniversalJoint(a, b, at: .zero, axisA: .unitZ, axisB: Vector3(-sine, cosine, 0), in: world))
    let simulation = try world.simulation("newton", timestep: 1e-3)
    for _ in 0..<1000 { try simulation.step() }
    let angleA = world.poses[0].orientation.twist(about: .unitX)
    let angleB = world.poses[1].orientation.twist(about: shaftB)
    let (sineA, cosineA) = Trigonometry.sineAndCosine(angleA)
    // The motor holds velocities; the projection closes the cross by moving both shafts, h/2 per rad in all.
    #expect((angleA - 1).magnitude < 5e-4)
    // From the plane square to that of the shafts the ratio is cos β (and 1/cos β a quarter turn later).
    #expect((angleB - Trigonometry.arcTangent(sineA * cosine, cosineA)).magnitude < 1e-6)
  }
}
