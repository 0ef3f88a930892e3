import ConstraintSystem
import LinearAlgebra

// What the laboratory reads off a step: reactions, stiffness, penetration and joint error.
extension Simulation {
  /// From the centre of mass that carries a joint's reaction to its anchor, at the poses of J.
  func readArms() {
    let joints = world.joints
    arms.resize(to: joints.count, filling: .zero)
    for index in 0..<joints.count where jointBlocks.pointer[index] >= 0 {
      let joint = joints[index]
      // A side without a column has no Jacobian kept; the other side carries the opposite force.
      let onB = world.columns.pointer[joint.bodyB.index] >= 0
      let center = world.poses.pointer[onB ? joint.bodyB.index : joint.bodyA!.index].position
      arms.pointer[index] = joint.anchor(in: world) - center
    }
  }

  /// Force and torque on body b from every joint's blocks, Jᵀ λ / h, about its anchor.
  func readReactions() {
    let joints = world.joints
    reactions.resize(to: joints.count, filling: Reaction())
    for index in 0..<joints.count {
      reactions.pointer[index] = Reaction()
      if jointBlocks.pointer[index] < 0 { continue }
      addReaction(index, onB: world.columns.pointer[joints[index].bodyB.index] >= 0, lambda.pointer)
    }
  }

  /// Adds the impulses of joint `index` (one a row of the velocity problem) to its reaction.
  func addReaction(_ index: Int, onB: Bool, _ impulses: UnsafePointer<Double>) {
    var wrench = Vector6.zero
    var block = Int(jointBlocks.pointer[index])
    let key = UInt64(index)
    while block < problem.blocks.count && problem.blocks.pointer[block].key >> 8 == key {
      let first = Int(problem.blocks.pointer[block].firstRow)
      for row in first..<first + Int(problem.blocks.pointer[block].rowCount) {
        let jacobian = problem.jacobian.pointer[row]
        wrench += (impulses[row] / forceTime) * (onB ? jacobian.b : -jacobian.a)
      }
      block += 1
    }
    reactions.pointer[index].force += wrench.linear
    reactions.pointer[index].torque += wrench.angular - arms.pointer[index].cross(wrench.linear)
  }

  /// Adds the substep's reactions to the step's, and notes what is loaded beyond its strength.
  func finishReactions(_ record: inout StepRecord) {
    overloaded.removeAll()
    stiffness.begin(bodies: problem.bodies.count)
    let joints = world.joints
    let share = 1 / Double(substepCount)
    for index in 0..<joints.count where jointBlocks.pointer[index] >= 0 {
      let reaction = reactions.pointer[index]
      world.reactions.pointer[index].force += share * reaction.force
      world.reactions.pointer[index].torque += share * reaction.torque
      stiffness.add(reaction.force, of: joints[index], in: world)
      if reaction.force.length > world.breakingForces.pointer[index] { overloaded.append(Int32(index)) }
    }
    let ratio = stiffness.ratio(timestep: problem.timestep)
    // With M + h² K for M a mode is never faster than 1/h.
    record.stiffnessRatio = max(record.stiffnessRatio, isStiffened ? ratio / (1 + ratio * ratio).squareRoot() : ratio)
  }

  /// Lets go of the joints that were overloaded in this substep; their bodies collide again.
  func breakJoints() {
    for entry in 0..<overloaded.count {
      let index = Int(overloaded.pointer[entry])
      world.intact.pointer[index] = false
      if let a = world.joints[index].bodyA { world.detector.setJoined(a.index, world.joints[index].bodyB.index, false) }
    }
  }

  /// Energy, momentum, penetration and joint error after the step, outside its clock.
  func measure(_ h: Double, _ record: inout StepRecord) {
    record.energy = world.mechanicalEnergy
    record.momentum = world.momentum
    if world.joints.count + contacts.records.count == 0 { return }
    assemblePositions(h, time: world.time)
    let blocks = positionProblem.blocks.pointer
    for index in 0..<positionProblem.blocks.count {
      if blocks[index].key >> 63 != 0 {
        let first = Int(blocks[index].firstRow)
        for row in first..<first + Int(blocks[index].rowCount) {
          record.penetration = max(record.penetration, -positionProblem.bias.pointer[row] * h)
        }
      } else {
        record.jointError = max(record.jointError, jointError(ofBlock: index, h))
      }
    }
  }

  /// ‖C‖ of the rows of a block of the position problem that hold points together (m).
  private func jointError(ofBlock index: Int, _ h: Double) -> Double {
    let block = positionProblem.blocks.pointer[index]
    guard block.set == .free else { return 0 }
    var squared = 0.0
    for row in Int(block.firstRow)..<Int(block.firstRow + block.rowCount)
    where positionProblem.jacobian.pointer[row].isTranslation {
      let error = positionProblem.bias.pointer[row] * h
      squared += error * error
    }
    return squared.squareRoot()
  }

  /// Error of every joint at the present poses (m), 0 for one that does not hold: for pictures.
  public func jointErrors(into errors: Buffer<Double>) {
    let h = settings.timestep / Double(substepCount)
    errors.resize(to: world.joints.count, filling: 0)
    errors.fill(0)
    updateColumns()
    assemblePositions(h, time: world.time)
    for index in 0..<positionProblem.blocks.count {
      let key = positionProblem.blocks.pointer[index].key
      guard key >> 63 == 0 else { continue }
      let joint = Int(key >> 8)
      errors.pointer[joint] = max(errors.pointer[joint], jointError(ofBlock: index, h))
    }
  }
}

extension JacobianRow {
  /// Whether the row moves points, so that its error is a length.
  var isTranslation: Bool { a.linear != .zero || b.linear != .zero }
}

/// Estimates ω h of the fastest transverse mode that joint forces give a body.
///
/// A body with forces F_j at arms r_j has the rotational stiffness K = Σ (F·r) 1 − ½ (F rᵀ + r Fᵀ). Across the arm that
/// is Σ max(0, F·r), so ω² ≈ Σ max(0, F·r) · eᵀ I⁻¹ e with e ⟂ r. For a rod of mass m and length l under tension T
/// it is exactly 12 T/(m l). A body that hangs on one joint swings about that: I + m r² in place of I. Beyond ω h = 2 a step that is explicit in the forces' directions fails.
final class StiffnessEstimate {
  let stiffness = Buffer<Double>()
  let inverseInertia = Buffer<Double>()
  /// Number of joints that pull at the body, and m r² of the last one (kg·m²).
  let joints = Buffer<Int32>()
  let offset = Buffer<Double>()

  func begin(bodies: Int) {
    stiffness.resize(to: bodies, filling: 0)
    inverseInertia.resize(to: bodies, filling: 0)
    joints.resize(to: bodies, filling: 0)
    offset.resize(to: bodies, filling: 0)
    stiffness.fill(0)
    inverseInertia.fill(0)
    joints.fill(0)
  }

  /// Adds the force that a joint puts on its bodies.
  func add(_ force: Vector3, of joint: any Joint, in world: World) {
    let anchor = joint.anchor(in: world)
    add(force, at: anchor, on: joint.bodyB, world)
    if let a = joint.bodyA { add(-force, at: anchor, on: a, world) }
  }

  private func add(_ force: Vector3, at anchor: Vector3, on body: BodyID, _ world: World) {
    let column = Int(world.columns.pointer[body.index])
    if column < 0 { return }
    let pose = world.poses.pointer[body.index]
    let arm = anchor - pose.position
    let tension = force.dot(arm)
    let length = arm.length
    if tension <= 0 || length == 0 { return }
    stiffness.pointer[column] += tension
    joints.pointer[column] += 1
    offset.pointer[column] = world.masses.pointer[body.index].mass * length * length
    let (e1, e2) = (arm / length).tangents
    let inverse = world.masses.pointer[body.index].inverseInertia
    let l1 = pose.orientation.inverseRotate(e1)
    let l2 = pose.orientation.inverseRotate(e2)
    inverseInertia.pointer[column] = max(inverseInertia.pointer[column], l1.dot(inverse * l1), l2.dot(inverse * l2))
  }

  /// ω² (1/s²) of a body; 0 for one that was not there.
  @inline(__always)
  func squaredFrequency(_ column: Int) -> Double {
    guard column >= 0 && column < stiffness.count else { return 0 }
    let inverse = inverseInertia.pointer[column]
    let k = stiffness.pointer[column]
    return joints.pointer[column] == 1 ? k * inverse / (1 + offset.pointer[column] * inverse) : k * inverse
  }

  /// Largest ω h.
  func ratio(timestep h: Double) -> Double {
    var largest = 0.0
    for column in 0..<stiffness.count { largest = max(largest, squaredFrequency(column)) }
    return largest.squareRoot() * h
  }
}
