import Dynamics
import Foundation
import LinearAlgebra
import Solvers
import Testing

/// Planar and spatial mechanisms of the IFToMM benchmark library (González, Dopico, Cuadrado et al., "A benchmarking
/// system for multibody dynamics", Multibody System Dynamics 16, 2006), and histories of one-joint mechanisms computed
/// by MSC ADAMS.
@Suite struct PublishedMechanismTests {
  /// With a whole first kick poses are off by the h/2 that it comes early, times their speed: that is what the published
  /// tolerances are for. The half kick leaves errors of second order, for which they are 40 times too loose.
  static let starts: [(startsHalfway: Bool, factor: Double)] = [(false, 1), (true, 0.025)]

  /// A01: a point mass of 1 kg on a massless rod of 1 m, from horizontal. The period is
  /// 4 √(L/g) K(sin 45°) = 2.367841948 s.
  @Test(arguments: starts) func pendulum(_ startsHalfway: Bool, _ factor: Double) throws {
    let world = World()
    let bob = try world.add(
      Body(
        pose: RigidTransform(position: Vector3(-1, 0, 0)),
        mass: MassProperties(mass: 1, centerOfMass: .zero, inertia: .zero)))
    try world.add(DistanceJoint(nil, bob, from: .zero, to: Vector3(-1, 0, 0), in: world))
    let simulation = try world.simulation("ldl")
    simulation.settings.startsHalfway = startsHalfway
    try simulation.run(until: 1)
    let error = world.poses[0].position.distance(Vector3(0.98629175, -0.16501085, 0))
    #expect(error < 2e-3 * factor)

    // Back at rest after a period: the velocity along the arc changes its sign there.
    var crossing = 0.0
    var before = world.velocities[0].linear.y
    try simulation.run(until: 2.5) { _ in
      let now = world.velocities[0].linear.y
      if world.poses[0].position.x < -0.9 && before > 0 && now <= 0 {
        crossing = world.time - 1e-3 * now / (now - before)
      }
      before = now
    }
    #expect((crossing - 2.367841948).magnitude < 2e-3)
  }

  /// A02: a four-bar linkage of two windows.
  @Test(arguments: starts) func fourBarOfTwoWindows(_ startsHalfway: Bool, _ factor: Double) throws {
    let world = World()
    let upright = Quaternion(angle: .pi / 2, axis: .unitZ)
    let spin = Vector6(linear: Vector3(0.5, 0, 0), angular: Vector3(0, 0, -1))
    // A slender rod has no inertia about its length: 1 mm thick is near enough and positive definite.
    let thin = Vector3(1, 1e-3, 1e-3)
    var posts: [BodyID] = []
    for index in 0..<3 {
      let x = Double(index)
      let post = try world.addBox(thin, at: Vector3(x, 0.5, 0), turned: upright, velocity: spin)
      try world.add(HingeJoint(nil, post, at: Vector3(x, 0, 0), axis: .unitZ, in: world))
      posts.append(post)
    }
    for index in 0..<2 {
      let x = Double(index)
      let coupler = try world.addBox(
        thin, at: Vector3(x + 0.5, 1, 0), velocity: Vector6(linear: .unitX, angular: .zero))
      try world.add(HingeJoint(posts[index], coupler, at: Vector3(x, 1, 0), axis: .unitZ, in: world))
      try world.add(HingeJoint(coupler, posts[index + 1], at: Vector3(x + 1, 1, 0), axis: .unitZ, in: world))
    }
    let simulation = try world.simulation("ldl")
    simulation.settings.startsHalfway = startsHalfway
    var worst = 0.0
    func top() -> Vector3 { world.poses[0].apply(Vector3(0.5, 0, 0)) }
    try simulation.run(until: 1) { worst = max(worst, $0.jointError) }
    #expect(top().distance(Vector3(-0.19502030, -0.98079921, 0)) < 2e-3 * factor)
    try simulation.run(until: 4) { worst = max(worst, $0.jointError) }
    #expect(top().distance(Vector3(0.11761610, 0.99305914, 0)) < 4e-3 * factor)
    // The projection leaves what would take less than 1e-6 m/s to undo: 1e-9 m in a step of 1 ms.
    #expect(worst < 1e-9)
  }

  /// A04: Bricard's six-bar loop moves although its 30 constraints leave no freedom by count (rank 29).
  @Test(arguments: starts) func bricard(_ startsHalfway: Bool, _ factor: Double) throws {
    let world = World()
    let points = [
      Vector3(0, 0, 0), Vector3(1, 0, 0), Vector3(1, -1, 0), Vector3(1, -1, 1), Vector3(0, -1, 1), Vector3(0, 0, 1),
    ]
    var rods: [BodyID?] = []
    for index in 0..<5 {
      let along = points[index + 1] - points[index]
      rods.append(
        try world.addBox(
          Vector3(1, 0.1, 0.1), at: 0.5 * (points[index] + points[index + 1]),
          turned: Quaternion(from: .unitX, to: along)))
    }
    rods.append(nil)
    for index in 0..<6 {
      let next = (index + 1) % 6
      let axis = (points[next] - points[index]).cross(points[(index + 2) % 6] - points[next])
      let joint =
        rods[next] == nil
        ? HingeJoint(nil, rods[index]!, at: points[next], axis: axis, in: world)
        : HingeJoint(rods[index], rods[next]!, at: points[next], axis: axis, in: world)
      try world.add(joint)
    }
    let simulation = try world.simulation("ldl")
    simulation.settings.startsHalfway = startsHalfway
    var unsolved = 0
    let localP3 = world.local(points[2], in: rods[1])
    try simulation.run(until: 1) { record in
      // β = 0 keeps b in the range of the singular A, so an exact λ exists at every step.
      if record.report.reason != .converged || record.positionReport.reason != .converged { unsolved += 1 }
    }
    #expect(unsolved == 0)
    #expect(simulation.problem.rowCount == 30)
    let p3 = world.poses[rods[1]!.index].apply(localP3)
    #expect(p3.distance(Vector3(0.27448132, -0.88670794, -0.46233000)) < 3e-3 * factor)
  }

  // MARK: ADAMS

  static let folder: String = {
    if let set = ProcessInfo.processInfo.environment["DELASSUS_CASES"] { return set + "/adams" }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return root.appendingPathComponent("../shared/cases/adams").standardized.path
  }()
  static let isThere = FileManager.default.fileExists(atPath: folder + "/cases.json")

  struct Definition: Decodable {
    struct Mass: Decodable {
      var m: Double
      var I: [Double]
      var x: [Double]
      var q_wxyz: [Double]
      var g: [Double]
    }
    var body: Mass
    var joint: String
    var at: [Double]?
    var axis: [Double]?
    var point_ground: [Double]?
    var point_body: [Double]?
  }

  static func vector(_ numbers: [Double]) -> Vector3 { Vector3(numbers[0], numbers[1], numbers[2]) }

  /// Lines of (time, three numbers).
  static func history(_ name: String, _ quantity: String) throws -> [(time: Double, value: Vector3)] {
    let text = try String(contentsOfFile: "\(folder)/\(name)_ADAMS_\(quantity).txt", encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).compactMap { line in
      let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
      return numbers.count == 4 ? (numbers[0], Vector3(numbers[1], numbers[2], numbers[3])) : nil
    }
  }

  @Test(
    .enabled(if: isThere, "the histories of ADAMS are not here; DELASSUS_CASES says where"),
    arguments: [
      ("Revolute_Case01", 1e-3), ("Revolute_Case02", 1e-3), ("Spherical_Case02", 2e-3), ("Cylindrical_Case02", 1e-2),
      ("Distance_Case01", 1e-3),
    ]) func adams(_ name: String, _ tolerance: Double) throws
  {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/cases.json"))
    let definition = try #require(JSONDecoder().decode([String: Definition].self, from: data)[name])
    let mass = definition.body
    let world = World()
    world.gravity = Self.vector(mass.g)
    let q = mass.q_wxyz
    let body = try world.add(
      Body(
        pose: RigidTransform(
          position: Self.vector(mass.x), orientation: Quaternion(q[0], q[1], q[2], q[3]).normalized),
        mass: MassProperties(
          mass: mass.m, centerOfMass: .zero, inertia: Matrix3(diagonal: Self.vector(mass.I)))))
    let joint: any Joint
    switch definition.joint {
    case "revolute":
      joint = HingeJoint(
        nil, body, at: Self.vector(definition.at!), axis: Self.vector(definition.axis!), in: world)
    case "ball": joint = BallJoint(nil, body, at: Self.vector(definition.at!), in: world)
    case "cylindrical":
      joint = CylindricalJoint(
        nil, body, at: Self.vector(definition.at!), axis: Self.vector(definition.axis!), in: world)
    default:
      joint = DistanceJoint(
        nil, body, from: Self.vector(definition.point_ground!), to: Self.vector(definition.point_body!), in: world)
    }
    try world.add(joint)
    let simulation = try world.simulation("ldl", timestep: 5e-4)
    let positions = try Self.history(name, "Pos")
    let forces = try Self.history(name, "Rforce")
    let torques = try Self.history(name, "Rtorque")
    #expect(positions.count == 501 && forces.count == 501 && torques.count == 501)
    var position = RootMeanSquare()
    var force = RootMeanSquare()
    var torque = RootMeanSquare()
    var forceScale = RootMeanSquare()
    var torqueScale = RootMeanSquare()
    for (index, sample) in positions.enumerated() {
      try simulation.run(until: sample.time)
      position.add(world.poses[0].position - sample.value)
      guard index > 0, index + 1 < positions.count else { continue }
      // The kick of the step that follows acts at these poses. ADAMS states what the body does to the ground.
      try simulation.step()
      force.add(world.reactions[0].force + forces[index].value)
      torque.add(world.reactions[0].torque + torques[index].value)
      forceScale.add(forces[index].value)
      torqueScale.add(torques[index].value)
    }
    #expect(position.value < tolerance, "position, RMS \(position.value) m")
    #expect(force.value < 2e-2 * forceScale.value, "force, RMS \(force.value) of \(forceScale.value) N")
    // Where there is no torque but round-off in the history, 1e-6 N·m stands for it.
    #expect(torque.value < max(1e-6, 2e-2 * torqueScale.value), "torque, RMS \(torque.value) N·m")
    // Those tolerances would hide an error of first order (before the rows knew their curvature, positions were off by
    // 9e-3 m). The scheme is of second order, and what it leaves at this step is below the files' six digits: 5e-6 m,
    // and 1e-5 of the force.
    #expect(position.value < 1e-5 && force.value < 5e-5 * forceScale.value)
  }
}

/// √(Σ|x|²/n).
private struct RootMeanSquare {
  private var sum = 0.0
  private var count = 0.0

  mutating func add(_ x: Vector3) {
    sum += x.lengthSquared
    count += 1
  }
  var value: Double { (sum / count).squareRoot() }
}
