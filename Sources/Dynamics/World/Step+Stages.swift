import ConstraintSystem
import LinearAlgebra

// The stages that `step()` names, in its order.
extension Simulation {
  /// Gives every body that constraints move a column in the problem.
  func updateColumns() {
    var next: Int32 = 0
    for index in 0..<world.bodyCount {
      let moves = world.masses.pointer[index].inverseMass > 0
      world.columns.pointer[index] = moves ? next : -1
      if moves { next += 1 }
    }
  }

  func detectPairs() {
    world.detector.updateBounds(
      poses: world.poses.pointer, velocities: world.velocities.pointer, timestep: settings.timestep,
      margin: settings.contactMargin)
    world.detector.findPairs()
  }

  func detectContacts() {
    world.detector.collide(into: world.manifolds)
    contacts.update(from: world.manifolds, in: world)
  }

  /// v* = v + h M⁻¹ f with gravity, applied forces and the gyroscopic term, and the rows at the present poses.
  func assembleVelocities(_ h: Double, stage: ConstraintAssembler.Stage) throws {
    problem.removeAll(timestep: h, law: settings.law)
    // Velocities from positions are differences over whole steps: only impulses start halfway.
    forceTime = settings.startsHalfway && forceTime == 0 && !solver.stepping.isPosition ? 0.5 * h : h
    addBodies(forceTime, at: world.time + h, to: problem)
    if isStiffened { stiffen(h) }
    for column in 0..<problem.bodies.count where !problem.freeVelocity.pointer[column].isFinite {
      throw notFinite(column: column, .assembly)
    }
    assembler.begin(
      problem, stage: stage, stabilization: stabilization, timestep: h, time: world.time + h, forceTime: forceTime,
      errorShare: solver.displacer?.errorShare ?? 1)
    addJoints(blocks: jointBlocks)
    assembler.addContacts(contacts, law: settings.law)
    problem.finish()
    islands.find(in: problem)
  }

  /// `h`: how long forces act (s).
  private func addBodies(_ h: Double, at time: Double, to problem: ConstraintProblem) {
    let poses = world.poses.pointer
    let masses = world.masses.pointer
    let velocities = world.velocities.pointer
    let noise = ControlNoise(settings, gravity: world.gravity)
    for index in 0..<world.bodyCount where world.columns.pointer[index] >= 0 {
      let mass = masses[index]
      let rotation = poses[index].orientation.matrix
      var velocity = velocities[index]
      velocity.linear += h * mass.gravityScale * world.gravity
      velocity.angular = Gyroscopic.advance(velocity.angular, rotation, mass, timestep: h)
      if settings.noise > 0 {
        velocity += noise.impulse(on: mass, body: index, substep: substepNumber, timestep: h)
      }
      problem.addBody(
        BodyInertia(
          mass: mass.mass, inverseMass: mass.inverseMass, inertia: rotation.congruence(mass.inertia),
          inverseInertia: rotation.congruence(mass.inverseInertia)), freeVelocity: velocity)
    }
    for applied in world.forces {
      let index = applied.body.index
      let column = Int(world.columns.pointer[index])
      if column < 0 { continue }
      let force = applied.force.value(at: time)
      var torque = applied.torque.value(at: time)
      if let point = applied.point { torque += poses[index].orientation.rotate(point).cross(force) }
      problem.freeVelocity.pointer[column] +=
        h * problem.bodies.pointer[column].inverseTimes(Vector6(linear: force, angular: torque))
    }
  }

  /// M̃ = M + h² K in place of M, and v* = M̃⁻¹ (M v + h f).
  private func stiffen(_ h: Double) {
    geometric.begin(bodies: problem.bodies.count)
    let joints = world.joints
    // Before the first substep there are no forces yet.
    for index in 0..<min(joints.count, reactions.count) where world.intact.pointer[index] {
      geometric.add(reactions.pointer[index].force, of: joints[index], in: world)
    }
    geometric.apply(to: problem, weight: forceTime * h)
  }

  private func addJoints(blocks: Buffer<Int32>?) {
    let joints = world.joints
    blocks?.resize(to: joints.count, filling: -1)
    for index in 0..<joints.count {
      let joint = joints[index]
      let a = joint.bodyA
      let b = joint.bodyB
      let holds = world.intact.pointer[index]
      let moves = (a.map { world.columns.pointer[$0.index] >= 0 } ?? false) || world.columns.pointer[b.index] >= 0
      blocks?.pointer[index] = holds && moves ? Int32(assembler.problem.blocks.count) : -1
      if !holds || !moves { continue }
      assembler.beginConstraint(bodyA: a, bodyB: b, key: UInt64(index) << 8)
      joint.assemble(assembler)
    }
  }

  /// λ and v⁺ = v* + M⁻¹ Jᵀ λ.
  func solveVelocities(_ record: inout StepRecord, _ watch: inout Stopwatch) throws {
    if let willSolve {
      willSolve(problem)
      watch.skip()
    }
    let report = solver.solve(problem, into: lambda)
    guard report.reason != .unsupported else {
      throw SimulationError.unsupported(solver: solver.text, law: problem.law)
    }
    watch.lap(report, &record)
    velocity.resize(to: problem.bodies.count, filling: .zero)
    problem.velocity(of: lambda.pointer, into: velocity.pointer)
    note(report, in: &record)
    watch.lap(.other, &record)
    judge(&record, &watch)
    try setVelocities(velocity)
  }

  /// A velocity problem's size and solve.
  func note(_ report: SolveReport, in record: inout StepRecord) {
    record.rows = problem.rowCount
    record.contacts = problem.contactCount
    record.islands = problem.islandCount
    record.report.accumulate(report)
  }

  /// The judge measures λ outside the step's clock.
  func judge(_ record: inout StepRecord, _ watch: inout Stopwatch) {
    if settings.hashesStages && record.stageHashes == StageHashes() {
      record.stageHashes = stageHashes()
      watch.skip()
    }
    guard settings.measures else { return }
    // The judge computes v⁺ from λ: positions may have given the bodies others.
    let residual =
      solver.stepping.isPosition
      ? judge.residual(problem, lambda: lambda.pointer)
      : judge.residual(problem, lambda: lambda.pointer, velocity: velocity.pointer)
    if residual.maximum >= record.residual.maximum || record.residual.worstBlock < 0 { record.residual = residual }
    watch.skip()
  }

  func setVelocities(_ velocity: Buffer<Vector6>) throws {
    let velocities = world.velocities.pointer
    for index in 0..<world.bodyCount {
      let column = Int(world.columns.pointer[index])
      if column < 0 { continue }
      guard velocity.pointer[column].isFinite else { throw notFinite(column: column, .solve) }
      velocities[index] = velocity.pointer[column]
    }
  }

  /// The velocities without the springs of `soft`; positions move with those that have them.
  func relaxVelocities(_ h: Double, _ record: inout StepRecord, _ watch: inout Stopwatch) throws {
    let soft = velocity
    let free = problem.freeVelocity
    relaxed.assign(free)
    // The same v*: the bodies are still where they were.
    assembler.begin(
      positionProblem, stage: .relaxation, stabilization: .soft, timestep: h, time: world.time + h,
      forceTime: forceTime)
    positionProblem.removeAll(timestep: h, law: settings.law)
    for column in 0..<problem.bodies.count {
      positionProblem.addBody(problem.bodies.pointer[column], freeVelocity: free.pointer[column])
    }
    addJoints(blocks: nil)
    assembler.addContacts(contacts, law: settings.law)
    positionProblem.finish()
    watch.lap(.assembly, &record)
    let report = solver.solve(positionProblem, into: lambda, purpose: .relaxation)
    watch.lap(report, &record)
    record.report.accumulate(report)
    relaxed.resize(to: soft.count, filling: .zero)
    positionProblem.velocity(of: lambda.pointer, into: relaxed.pointer)
    watch.lap(.other, &record)
  }

  /// After positions moved with the soft velocities, the bodies keep the relaxed ones.
  func applyRelaxation() {
    guard stabilization == .soft else { return }
    for index in 0..<world.bodyCount where world.columns.pointer[index] >= 0 {
      world.velocities.pointer[index] = relaxed.pointer[Int(world.columns.pointer[index])]
    }
  }

  /// x⁺ = x + h v⁺, q⁺ = exp(h ω⁺) q (semi-implicit Euler).
  func integrate(_ h: Double) throws {
    for index in 0..<world.bodyCount where world.kinds[index] != .static {
      move(index, by: world.velocities.pointer[index], h)
      guard world.poses.pointer[index].position.isFinite && world.poses.pointer[index].orientation.isFinite else {
        throw SimulationError.notFinite(step: stepCount, body: world.names[index], stage: .integration)
      }
    }
  }

  func move(_ index: Int, by velocity: Vector6, _ h: Double) {
    let pose = world.poses.pointer + index
    pose.pointee.position += h * velocity.linear
    if velocity.angular != .zero {
      pose.pointee.orientation = pose.pointee.orientation.advanced(by: velocity.angular, for: h)
    }
  }

  /// Moves the bodies back onto the joints' and out of the contacts' constraints: one problem of pseudo-velocities,
  /// min ½‖Δ‖²_M with J Δ = −C/h at the new poses, by the same solver. Undoing errors makes no momentum; what the
  /// curvature of the paths asked for does (`ChordImpulses`).
  ///
  /// One linear problem leaves an error of second order in the rotations that it asks for. Where those are small that
  /// is enough; where they are not, the problem is assembled and solved again.
  func projectPositions(_ h: Double, _ record: inout StepRecord, _ watch: inout Stopwatch) throws {
    var round = 0
    var isDone = false
    while !isDone && round < Self.projectionRounds {
      assemblePositions(h, time: world.time + h)
      watch.lap(.assembly, &record)
      // Errors that would take less than the tolerance's velocity to undo are left alone.
      guard violation(positionProblem) > solver.stop.tolerance else {
        watch.lap(.other, &record)
        return
      }
      let report = solver.solve(positionProblem, into: positionLambda, purpose: .position)
      watch.lap(report, &record)
      record.positionReport.accumulate(report)
      correction.resize(to: positionProblem.bodies.count, filling: .zero)
      positionProblem.velocity(of: positionLambda.pointer, into: correction.pointer)
      let rotation = limitCorrections(h)
      isDone = rotation <= Self.smallRotation
      for index in 0..<world.bodyCount where world.columns.pointer[index] >= 0 {
        move(index, by: correction.pointer[Int(world.columns.pointer[index])], h)
      }
      if round == 0 && rotation <= Self.largestRotation { addChordImpulses(h) }
      watch.lap(.integration, &record)
      round += 1
    }
  }

  /// Position problems of a substep at most.
  private static let projectionRounds = 8
  /// Rotation (rad) whose second-order error, ½θ² of a lever, needs no further problem.
  private static let smallRotation = 0.01
  /// Largest rotation (rad) that one position problem may ask for: beyond it a full step leaves more than it found.
  private static let largestRotation = 0.25

  /// Shortens the correction of every island in which a body would turn too far. Gives the largest rotation (rad) that
  /// was asked for.
  private func limitCorrections(_ h: Double) -> Double {
    let corrections = correction.pointer
    let count = positionProblem.bodies.count
    var squared = 0.0
    for body in 0..<count { squared = max(squared, corrections[body].angular.lengthSquared) }
    let largest = squared.squareRoot()
    let limit = Self.largestRotation / h
    guard largest > limit else { return largest * h }
    islands.find(in: positionProblem)
    let island = positionProblem.islandOfBody.pointer
    islandScale.resize(to: positionProblem.islandCount, filling: 1)
    islandScale.fill(1)
    for body in 0..<count {
      let speed = corrections[body].angular.length
      let scale = islandScale.pointer + Int(island[body])
      if speed * scale.pointee > limit { scale.pointee = limit / speed }
    }
    for body in 0..<count { corrections[body] = islandScale.pointer[Int(island[body])] * corrections[body] }
    return largest * h
  }

  /// The position problem at the present poses, which belong to `time` (s).
  func assemblePositions(_ h: Double, time: Double) {
    positionProblem.removeAll(timestep: h, law: .frictionless)
    for index in 0..<world.bodyCount where world.columns.pointer[index] >= 0 {
      let mass = world.masses.pointer[index]
      let rotation = world.poses.pointer[index].orientation.matrix
      positionProblem.addBody(
        BodyInertia(
          mass: mass.mass, inverseMass: mass.inverseMass, inertia: rotation.congruence(mass.inertia),
          inverseInertia: rotation.congruence(mass.inverseInertia)), freeVelocity: .zero)
    }
    assembler.begin(
      positionProblem, stage: .position, stabilization: stabilization, timestep: h, time: time)
    addJoints(blocks: nil)
    assembler.addContacts(contacts, law: .frictionless)
    positionProblem.finish()
  }

  /// Largest velocity (m/s, rad/s) that a row of a position problem asks for.
  private func violation(_ problem: ConstraintProblem) -> Double {
    var largest = 0.0
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      for row in Int(block.firstRow)..<Int(block.firstRow + block.rowCount) {
        let beta = problem.bias.pointer[row]
        largest = max(largest, block.set == .free ? beta.magnitude : -beta)
      }
    }
    return largest
  }

  func notFinite(column: Int, _ stage: StepStage) -> SimulationError {
    let index = (0..<world.bodyCount).first { Int(world.columns.pointer[$0]) == column } ?? 0
    return .notFinite(step: stepCount, body: world.names[index], stage: stage)
  }
}
