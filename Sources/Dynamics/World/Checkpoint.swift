import ConstraintSystem
import LinearAlgebra

// Checkpoints: everything that a simulation carries from one step to the next, so that one that starts from it gives the
// same bits as one that never stopped. What the scene gives (masses, shapes, joints, settings) is not in them: they are
// read into a simulation of the same scene.
//
// State is: the bodies' poses and velocities, which joints hold, clocks and the hash so far; the last reactions and the
// stiffness they gave (the next step's geometric stiffness and chord impulses read them); joints that count turns; the
// bounds, pairs and hints of collision detection; and the impulses of the last two steps, from which the solver's guess is
// made. Solvers keep nothing else from problem to problem but analyses of patterns, which come out the same again.
extension Simulation {
  /// The state between two steps.
  public func checkpoint() -> StateArchive {
    var archive = StateArchive()
    archive.add("clock", words: [UInt64(stepCount), stateHash])
    archive.add("time", numbers: [world.time, world.impulseTime, forceTime])
    archive.add("poses", world.poses)
    archive.add("velocities", world.velocities)
    archive.add("intact", words: (0..<world.intact.count).map { world.intact[$0] ? 1 : 0 })
    archive.add("reactions", reactions)
    archive.add("joint states", numbers: world.joints.flatMap(\.state))
    stiffness.save(to: &archive)
    world.detector.save(to: &archive)
    solver.save(to: &archive)
    return archive
  }

  /// Goes to a state of `checkpoint()`, made by a simulation of the same scene. Throws `StateArchiveError` for anything
  /// that cannot be one; the simulation is then of no use any more.
  public func restore(_ archive: StateArchive) throws {
    let clock = try archive.words("clock", count: 2)
    guard let steps = Int(exactly: clock[0]), steps >= 0, steps < 1 << 40 else {
      throw StateArchiveError("clock", "has no number of steps")
    }
    let times = try archive.numbers("time", count: 3)
    try archive.read("poses", into: world.poses, count: world.bodyCount, filling: .identity)
    for index in 0..<world.bodyCount where (world.poses[index].orientation.norm - 1).magnitude > 1e-6 {
      throw StateArchiveError("poses", "body \"\(world.names[index])\" has no unit quaternion")
    }
    try archive.read("velocities", into: world.velocities, count: world.bodyCount, filling: .zero)
    try restoreJoints(archive)
    try archive.read("reactions", into: reactions, filling: Reaction())
    guard reactions.count == 0 || reactions.count == world.joints.count else {
      throw StateArchiveError("reactions", "are those of \(reactions.count) joints, expected \(world.joints.count)")
    }
    try stiffness.restore(archive, bodies: world.bodyCount)
    try world.detector.restore(archive)
    try solver.restore(archive)
    stepCount = steps
    stateHash = clock[1]
    world.time = times[0]
    world.impulseTime = times[1]
    forceTime = times[2]
  }

  private func restoreJoints(_ archive: StateArchive) throws {
    let intact = try archive.words("intact", count: world.joints.count)
    for (index, joint) in world.joints.enumerated() where world.intact[index] != (intact[index] != 0) {
      world.intact[index] = intact[index] != 0
      if let a = joint.bodyA { world.detector.setJoined(a.index, joint.bodyB.index, world.intact[index]) }
    }
    // A time of NaN is the state of a joint that was never asked.
    var states = try archive.words("joint states").map(Double.init(bitPattern:))[...]
    for joint in world.joints {
      let count = joint.state.count
      guard states.count >= count else { throw StateArchiveError("joint states", "are too few") }
      joint.state = Array(states.prefix(count))
      states = states.dropFirst(count)
    }
    guard states.isEmpty else { throw StateArchiveError("joint states", "are too many") }
  }
}

extension StiffnessEstimate {
  func save(to archive: inout StateArchive) {
    archive.add("stiffness", stiffness)
    archive.add("stiffness inertia", inverseInertia)
    archive.add("stiffness offset", offset)
    archive.add("stiffness joints", words: joints.array.map { UInt64(UInt32(bitPattern: $0)) })
  }

  func restore(_ archive: StateArchive, bodies: Int) throws {
    try archive.read("stiffness", into: stiffness, filling: 0)
    let count = stiffness.count
    guard count <= bodies else { throw StateArchiveError("stiffness", "is that of too many bodies") }
    try archive.read("stiffness inertia", into: inverseInertia, count: count, filling: 0)
    try archive.read("stiffness offset", into: offset, count: count, filling: 0)
    let numbers = try archive.words("stiffness joints", count: count)
    joints.removeAll()
    for number in numbers { joints.append(Int32(truncatingIfNeeded: number)) }
  }
}
