import ConstraintSystem
import Dynamics
import LinearAlgebra
import Solvers
import Testing

/// Every joint's Jacobian against differences of its equation.
@Suite struct JointJacobianTests {
  /// A joint in a world of two bodies, made at the bodies' first poses.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var make: @Sendable (BodyID?, BodyID, World) -> any Joint
    var testDescription: String { name }
  }

  static let anchor = Vector3(0.3, -0.2, 0.4)
  static let axis = Vector3(1, -2, 0.5).normalized()
  /// Everything at once: two limits, a motor and a spring.
  static let freedom = JointFreedom(
    lower: -0.3, upper: 0.4, motor: JointMotor(target: .constant(1), maximum: .constant(5)),
    spring: JointSpring(stiffness: 20, rest: .constant(0.1)))

  static let cases: [Case] = [
    Case(name: "ball") { BallJoint($0, $1, at: anchor, in: $2) },
    Case(name: "ball, soft, in a cone") {
      BallJoint($0, $1, at: anchor, in: $2, compliance: 1e-3, axis: axis, coneAngle: 0.7)
    },
    Case(name: "hinge") { HingeJoint($0, $1, at: anchor, axis: axis, in: $2, freedom) },
    Case(name: "slider") { SliderJoint($0, $1, at: anchor, axis: axis, in: $2, freedom) },
    Case(name: "cylindrical") {
      CylindricalJoint($0, $1, at: anchor, axis: axis, in: $2, slide: freedom, turn: freedom)
    },
    Case(name: "universal") {
      UniversalJoint($0, $1, at: anchor, axisA: axis, axisB: axis.tangents.0, in: $2)
    },
    Case(name: "fixed") { FixedJoint($0, $1, at: anchor, in: $2) },
    Case(name: "fixed, soft") {
      FixedJoint($0, $1, at: anchor, in: $2, compliance: 1e-4, angularCompliance: 1e-3)
    },
    Case(name: "rod") { DistanceJoint($0, $1, from: anchor, to: Vector3(1, 1, 0), in: $2) },
    Case(name: "sprung rope") {
      DistanceJoint(
        $0, $1, from: anchor, to: Vector3(1, 1, 0), in: $2,
        JointFreedom(lower: 0.2, upper: 1.1, spring: JointSpring(stiffness: 30, rest: .constant(0.5))))
    },
    Case(name: "gear") { a, b, world in
      GearJoint(a ?? b, axis: axis, b, axis: axis.tangents.0, ratio: -1.7, in: world)
    },
    Case(name: "pulley") { a, b, world in
      PulleyJoint(
        a ?? b, at: anchor, over: Vector3(3, 4, 5), b, at: Vector3(1, 1, 0), over: Vector3(-2, 6, 1), ratio: 2.5,
        in: world)
    },
    Case(name: "slack pulley") { a, b, world in
      PulleyJoint(
        a ?? b, at: anchor, over: Vector3(3, 4, 5), b, at: Vector3(1, 1, 0), over: Vector3(-2, 6, 1), slack: true,
        in: world)
    },
  ]

  static func hasBodyA(_ name: String) -> Bool { name == "gear" || name.hasSuffix("pulley") }

  /// The rows of the joint at the poses of `world`, with the errors C that their biases stand for.
  ///
  /// Under `baumgarte` β is 0.2 C/h for rigid rows and violated limits, C/h for open limits and undamped springs; motors
  /// have no C.
  static func rows(of simulation: Simulation, at poses: [RigidTransform]) throws -> [(row: JacobianRow, error: Double?)]
  {
    let world = simulation.world
    for (index, pose) in poses.enumerated() { world.poses[index] = pose }
    world.velocities.fill(.zero)
    try simulation.step()
    let problem = simulation.problem
    var rows: [(JacobianRow, Double?)] = []
    for block in problem.blocks.array {
      for row in Int(block.firstRow)..<Int(block.firstRow + block.rowCount) {
        let scaled = problem.bias[row] * simulation.settings.timestep
        var error: Double? = scaled
        if block.set == .free && problem.compliance[row] == 0 { error = scaled / 0.2 }
        if block.set == .box && problem.lower[row] != 0 { error = nil }
        if block.set == .box && problem.lower[row] == 0 && scaled < 0 { error = scaled / 0.2 }
        rows.append((problem.jacobian[row], error))
      }
    }
    return rows
  }

  static func moved(_ poses: [RigidTransform], by twists: [Vector6], _ time: Double) -> [RigidTransform] {
    zip(poses, twists).map { pose, twist in
      RigidTransform(
        position: pose.position + time * twist.linear,
        orientation: pose.orientation.advanced(by: twist.angular, for: time))
    }
  }

  /// J v = (8 (C(ε v) − C(−ε v)) − C(2ε v) + C(−2ε v)) / 12ε, whose own error is ε⁴/30 times the fifth derivative of C.
  /// That grows as 1/θ⁴ where an angle is measured near its singularity (θ = 3e-3 in one of the trials): with ε = 2e-5
  /// it stays below 1e-8, and round-off below 1e-10.
  @Test(arguments: cases) func jacobianIsTheDerivativeOfTheError(_ joint: Case) throws {
    var random = SeededGenerator(seed: 7)
    for trial in 0..<40 {
      let world = World()
      world.gravity = .zero
      let start = (0..<2).map { _ in RigidTransform(position: random.vector(), orientation: random.rotation()) }
      for pose in start { try world.addBox(at: pose.position, turned: pose.orientation) }
      // Every other joint hangs on the world, where it can.
      let a: BodyID? = trial % 2 == 0 || Self.hasBodyA(joint.name) ? BodyID(0) : nil
      try world.add(joint.make(a, BodyID(1), world))
      let simulation = try world.simulation("pgs:iterations=0", timestep: 1, stabilization: .baumgarte)
      simulation.settings.measures = false
      let angle = trial < 20 ? 0.5 : 2.0
      let poses = start.map {
        RigidTransform(
          position: $0.position + random.vector(0.5), orientation: random.rotation(angle / 2) * $0.orientation)
      }
      let twists = (0..<2).map { _ in Vector6(linear: random.vector(), angular: random.vector()) }
      let epsilon = 2e-5
      let rows = try Self.rows(of: simulation, at: poses)
      let near = try [epsilon, -epsilon, 2 * epsilon, -2 * epsilon].map {
        try Self.rows(of: simulation, at: Self.moved(poses, by: twists, $0))
      }
      #expect(rows.count > 0)
      for (index, row) in rows.enumerated() {
        guard row.error != nil else { continue }
        let velocity = row.row.a.dot(twists[0]) + row.row.b.dot(twists[1])
        let c = near.map { $0[index].error! }
        let difference = (8 * (c[0] - c[1]) - c[2] + c[3]) / (12 * epsilon)
        #expect((velocity - difference).magnitude < 1e-6, "row \(index), trial \(trial)")
      }
    }
  }

  /// Torn apart by 170° every lock turns back the short way: Newton on C alone, J the joint's own, must end at C = 0
  /// without passing half a turn. 1e-9: where the quadratic convergence of the last steps ends.
  @Test(arguments: cases.filter { ["hinge", "slider", "fixed", "cylindrical"].contains($0.name) })
  func tornJointsCloseTheShortWay(_ joint: Case) throws {
    for axis in [Vector3.unitX, .unitZ, Self.axis.tangents.0, Self.axis.tangents.1] {
      let world = World()
      world.gravity = .zero
      let b = try world.addBox(Vector3(1, 1, 1))
      let made = joint.make(nil, b, world)
      try world.add(made)
      let simulation = try world.simulation("ldl:tolerance=1e-12", timestep: 1)
      let torn = Quaternion(angle: 170 * .pi / 180, axis: axis)
      world.poses[0] = RigidTransform(position: -torn.rotate(Self.anchor) + Self.anchor, orientation: torn)
      var last = Double.infinity
      for _ in 0..<60 {
        world.velocities.fill(.zero)
        try simulation.step()
        let angle = world.poses[0].orientation.rotationVector.length
        if joint.name == "fixed" || joint.name == "slider" {
          #expect(angle <= last + 1e-12)
          last = angle
        }
      }
      let swing = world.poses[0].orientation.rotate(Self.axis).cross(Self.axis).length
      let cosine = world.poses[0].orientation.rotate(Self.axis).dot(Self.axis)
      #expect(swing < 1e-9 && cosine > 0, "\(axis)")
    }
  }
}
