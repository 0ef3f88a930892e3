import ConstraintSystem
import LinearAlgebra

// The stages of a substep that moves positions first: predict, project, velocities from positions, velocity pass.
extension Simulation {
  /// Contacts at the poses of a later substep: what slides and rolls has left its first contact points.
  func detectAgain(_ record: inout StepRecord, _ watch: inout Stopwatch) {
    detectPairs()
    watch.lap(.broadphase, &record)
    detectContacts()
    watch.lap(.narrowphase, &record)
  }

  /// x⁺ and v⁺ by a position-based solver, from a velocity problem of the stage `displacement`.
  func displaceBodies(_ h: Double, _ record: inout StepRecord, _ watch: inout Stopwatch) throws {
    readArms()
    for index in 0..<world.bodyCount where world.kinds[index] == .kinematic {
      move(index, by: world.velocities.pointer[index], h)
    }
    positions.begin(
      problem, jointBlocks: jointBlocks, contacts: contacts, stabilization: stabilization, time: world.time + h,
      forceTime: forceTime)
    watch.lap(.assembly, &record)
    if let willSolve {
      willSolve(problem)
      watch.skip()
    }
    let report = solver.displace(positions, into: lambda)
    guard report.reason != .unsupported else {
      throw SimulationError.unsupported(solver: solver.text, law: problem.law)
    }
    watch.lap(report, &record)
    positions.finish()
    for column in 0..<problem.bodies.count where !positions.displacement.pointer[column].isFinite {
      throw notFinite(column: column, .solve)
    }
    velocity.assign(positions.velocity)
    settleContacts()
    note(report, in: &record)
    watch.lap(.integration, &record)
    judge(&record, &watch)
    try setVelocities(velocity)
    readReactions()
  }

  /// One pass over the velocities of closed contacts (Müller et al. 2020, section 3.6): restitution, and where the solver
  /// wants it no normal velocity from undoing penetration and no slip that friction could hold. Impulses are added to λ,
  /// which stays in its set.
  private func settleContacts() {
    let settles = solver.displacer?.settlesContacts ?? false
    let records = contacts.records.pointer
    let blocks = problem.blocks.pointer
    let lambda = self.lambda.pointer
    var contact = 0
    for index in 0..<problem.blocks.count {
      let block = blocks[index]
      guard block.key >> 63 != 0 else { continue }
      let rebound = records[contact].rebound
      let drift = records[contact].drift
      contact += 1
      let first = Int(block.firstRow)
      guard lambda[first] > 0, settles || rebound < 0 else { continue }
      push(first, block, by: aim(first, block, target: -rebound, drift: drift), atLeast: -lambda[first])
      guard settles && block.set == .cone else { continue }
      hold(first + 1, block, within: block.friction * lambda[first])
      if block.hasTorsionalRow {
        let bound = block.torsionalFriction * lambda[first]
        let next = min(max(lambda[first + 3] + stop(first + 3, block), -bound), bound)
        push(first + 3, block, by: next - lambda[first + 3])
      }
      if block.hasRollingRows {
        hold(first + Int(block.rowCount) - 2, block, within: block.rollingFriction * lambda[first])
      }
    }
  }

  /// The impulse that would bring a row of a contact to the velocity `target`, by itself. `drift` is the part of that
  /// velocity that bodies without a column have.
  private func aim(_ row: Int, _ block: ConstraintBlock, target: Double, drift: Double) -> Double {
    let jacobian = problem.jacobian.pointer[row]
    let size = problem.diagonal.pointer[row] - problem.compliance.pointer[row]
    guard size > 0 else { return 0 }
    var u = drift
    if block.bodyA >= 0 { u += jacobian.a.dot(velocity.pointer[Int(block.bodyA)]) }
    if block.bodyB >= 0 { u += jacobian.b.dot(velocity.pointer[Int(block.bodyB)]) }
    return (target - u) / size
  }

  /// The impulse that would stop a row of slip: its bias is the drift.
  private func stop(_ row: Int, _ block: ConstraintBlock) -> Double {
    aim(row, block, target: 0, drift: problem.bias.pointer[row])
  }

  private func push(_ row: Int, _ block: ConstraintBlock, by impulse: Double, atLeast least: Double = -.infinity) {
    let step = max(impulse, least)
    let scaled = problem.inverseMassJacobian.pointer[row]
    lambda.pointer[row] += step
    if block.bodyA >= 0 { velocity.pointer[Int(block.bodyA)] += step * scaled.a }
    if block.bodyB >= 0 { velocity.pointer[Int(block.bodyB)] += step * scaled.b }
  }

  /// Holds two rows against slip, their impulses within a disk; one length for both, so that friction points against it.
  private func hold(_ row: Int, _ block: ConstraintBlock, within bound: Double) {
    let size = max(problem.diagonal.pointer[row], problem.diagonal.pointer[row + 1])
    guard size > 0 else { return }
    let x = lambda.pointer[row] + stop(row, block) * problem.diagonal.pointer[row] / size
    let y = lambda.pointer[row + 1] + stop(row + 1, block) * problem.diagonal.pointer[row + 1] / size
    let length = (x * x + y * y).squareRoot()
    let scale = length > bound ? bound / length : 1
    push(row, block, by: scale * x - lambda.pointer[row])
    push(row + 1, block, by: scale * y - lambda.pointer[row + 1])
  }
}
