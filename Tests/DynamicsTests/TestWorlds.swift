import ConstraintSystem
import Dynamics
import LinearAlgebra
import Solvers

/// Small worlds, for tests that go over many of them.
struct TestWorld: Sendable, CustomStringConvertible {
  /// What it is.
  var name: String
  /// Makes a fresh one.
  var make: @Sendable () throws -> World
  var description: String { name }

  /// Every world: one line each.
  static let all = [
    TestWorld(name: "chain") { try chain(20) },
    TestWorld(name: "workshop") { try workshop() },
    TestWorld(name: "closed loop") { try loop() },
    TestWorld(name: "stack") { try stack() },
    TestWorld(name: "heap") { try heap() },
  ]

  /// The law that a solver (a name of the catalog) can be run under: convex where it solves that, else its first.
  static func law(of solver: String) -> FrictionLaw {
    let laws = SolverCatalog.classical.solvers.first { $0.name == solver }?.laws ?? []
    return laws.contains(.convex) ? .convex : laws.first ?? .convex
  }

  /// `count` bars of 1 m on ball joints, from horizontal.
  static func chain(_ count: Int) throws -> World {
    let world = World()
    var last: BodyID?
    for index in 0..<count {
      let body = try world.addBox(at: Vector3(Double(index) + 0.5, 0, 0))
      try world.add(BallJoint(last, body, at: Vector3(Double(index), 0, 0), in: world))
      last = body
    }
    return world
  }

  /// Every joint of the catalog, with limits, motors and springs.
  static func workshop() throws -> World {
    let world = World()
    func box(_ x: Double, _ y: Double = 0) throws -> BodyID { try world.addBox(at: Vector3(x, y, 0)) }
    let swinging = Signal.sine(amplitude: 2, frequency: 1, phase: 0, offset: 1)
    let driven = JointFreedom(
      lower: -0.5, upper: 0.8, motor: JointMotor(target: swinging, maximum: .constant(30)),
      spring: JointSpring(stiffness: 40, damping: 2, rest: swinging))

    let base = try box(0.5)
    try world.add(HingeJoint(nil, base, at: .zero, axis: Vector3(0.1, 0, 1), in: world, driven))
    let carriage = try box(1.5)
    try world.add(SliderJoint(base, carriage, axis: .unitX, in: world, driven))
    let drill = try box(2.5)
    try world.add(
      CylindricalJoint(
        carriage, drill, at: Vector3(2, 0, 0), axis: .unitX, in: world, slide: driven, turn: JointFreedom(lower: -1)))
    let shaft = try box(3.5)
    try world.add(
      UniversalJoint(drill, shaft, at: Vector3(3, 0, 0), axisA: .unitY, axisB: .unitZ, in: world))
    let plate = try box(4.5)
    try world.add(FixedJoint(shaft, plate, at: Vector3(4, 0, 0), in: world, angularCompliance: 1e-3))
    let lamp = try box(5.5)
    try world.add(
      BallJoint(plate, lamp, at: Vector3(5, 0, 0), in: world, compliance: 1e-5, axis: .unitX, coneAngle: 0.3))
    let weight = try box(6, -1)
    try world.add(
      DistanceJoint(lamp, weight, from: Vector3(6, 0, 0), to: Vector3(6, -1, 0), in: world, JointFreedom(upper: 1.2)))

    let wheelA = try box(0, 5)
    let wheelB = try box(2, 5)
    let hub = JointFreedom(motor: JointMotor(target: .constant(3), maximum: .constant(5)))
    try world.add(HingeJoint(nil, wheelA, at: Vector3(0, 5, 0), axis: .unitZ, in: world, hub))
    try world.add(HingeJoint(nil, wheelB, at: Vector3(2, 5, 0), axis: .unitZ, in: world))
    try world.add(GearJoint(wheelA, axis: .unitZ, wheelB, axis: .unitZ, ratio: -2, in: world))
    let heavy = try box(4, 5)
    let light = try box(6, 5)
    try world.add(
      PulleyJoint(
        heavy, at: Vector3(4, 5, 0), over: Vector3(4, 8, 0), light, at: Vector3(6, 5, 0), over: Vector3(6, 8, 0),
        ratio: 2, slack: true, in: world))
    return world
  }

  /// A four-bar linkage in space: 5 rows for every hinge, three of all redundant.
  static func loop() throws -> World {
    let world = World()
    let upright = Quaternion(angle: .pi / 2, axis: .unitZ)
    let a = try world.addBox(at: Vector3(0, 0.5, 0), turned: upright)
    let b = try world.addBox(at: Vector3(0.5, 1, 0))
    let c = try world.addBox(at: Vector3(1, 0.5, 0), turned: upright)
    try world.add(HingeJoint(nil, a, at: .zero, axis: .unitZ, in: world))
    try world.add(HingeJoint(a, b, at: .unitY, axis: .unitZ, in: world))
    try world.add(HingeJoint(b, c, at: Vector3(1, 1, 0), axis: .unitZ, in: world))
    try world.add(HingeJoint(nil, c, at: .unitX, axis: .unitZ, in: world))
    world.velocities[a.index] = Vector6(linear: Vector3(0.5, 0, 0), angular: Vector3(0, 0, -1))
    world.velocities[b.index] = Vector6(linear: Vector3(1, 0, 0), angular: .zero)
    world.velocities[c.index] = Vector6(linear: Vector3(0.5, 0, 0), angular: Vector3(0, 0, -1))
    return world
  }
}
