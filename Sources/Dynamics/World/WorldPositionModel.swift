import ConstraintSystem
import LinearAlgebra

/// The positions of a world's bodies as a `PositionModel`: joints are assembled anew at the displaced poses, each by
/// itself into a scratch problem; contacts stay linear around the substep's start, with the gap that they had there.
///
/// A body's pose follows its displacement when a joint is evaluated: x = x₀ + Δx, and q by the rotations in the order in
/// which they were seen.
final class WorldPositionModel: PositionModel {
  let problem = ConstraintProblem()
  let offset = Buffer<Double>()
  let initialError = Buffer<Double>()
  let displacement = Buffer<Vector6>()
  let startVelocity = Buffer<Vector6>()
  let unitBlocks = Buffer<Int32>()
  let arms = Buffer<UnitArms>()
  /// Velocity of every column, once `takeVelocities` was called.
  let velocity = Buffer<Vector6>()

  private unowned(unsafe) let world: World
  private unowned(unsafe) let assembler: ConstraintAssembler
  private let scratch = ConstraintProblem()
  private let jointOfUnit = Buffer<Int32>()
  private let bodyOfColumn = Buffer<Int32>()
  private let startPoses = Buffer<RigidTransform>()
  /// Displacements that the poses have seen.
  private let seen = Buffer<Vector6>()
  private var hasVelocities = false

  init(world: World, assembler: ConstraintAssembler) {
    self.world = world
    self.assembler = assembler
  }

  /// Takes a velocity problem of the stage `displacement`, just written, and bodies that stand at the substep's start, but for
  /// kinematic ones, which have moved. `start` is the time (s) there.
  func begin(
    _ velocities: ConstraintProblem, jointBlocks: Buffer<Int32>, contacts: ContactRows, stabilization: Stabilization,
    time: Double,
    forceTime: Double
  ) {
    let h = velocities.timestep
    problem.assign(velocities)
    hasVelocities = false
    listBodies(h)
    listUnits(jointBlocks)
    setErrors(h, contacts)
    scratch.removeAll(timestep: h, law: velocities.law)
    scratch.bodies.assign(velocities.bodies)
    scratch.freeVelocity.assign(velocities.freeVelocity)
    assembler.begin(
      scratch, stage: .evaluation, stabilization: stabilization, timestep: h, time: time, forceTime: forceTime)
  }

  private func listBodies(_ h: Double) {
    let count = problem.bodies.count
    bodyOfColumn.resize(to: count, filling: 0)
    startPoses.resize(to: count, filling: .identity)
    startVelocity.resize(to: count, filling: .zero)
    displacement.resize(to: count, filling: .zero)
    seen.resize(to: count, filling: .zero)
    seen.fill(.zero)
    for body in 0..<world.bodyCount {
      let column = Int(world.columns.pointer[body])
      if column < 0 { continue }
      bodyOfColumn.pointer[column] = Int32(body)
      startPoses.pointer[column] = world.poses.pointer[body]
      startVelocity.pointer[column] = world.velocities.pointer[body]
      displacement.pointer[column] = h * problem.freeVelocity.pointer[column]
    }
  }

  /// A unit for every joint in the problem; the contacts' blocks come after them.
  private func listUnits(_ jointBlocks: Buffer<Int32>) {
    jointOfUnit.removeAll()
    unitBlocks.removeAll()
    var end = Int32(0)
    while end < problem.blocks.count && problem.blocks.pointer[Int(end)].key >> 63 == 0 { end += 1 }
    for joint in 0..<jointBlocks.count where jointBlocks.pointer[joint] >= 0 {
      unitBlocks.append(jointBlocks.pointer[joint])
      jointOfUnit.append(Int32(joint))
    }
    unitBlocks.append(end)
    arms.resize(to: jointOfUnit.count, filling: UnitArms())
  }

  private func setErrors(_ h: Double, _ contacts: ContactRows) {
    let rows = problem.rowCount
    offset.resize(to: rows, filling: 0)
    initialError.resize(to: rows, filling: 0)
    for row in 0..<rows { offset.pointer[row] = h * problem.bias.pointer[row] }
    for row in 0..<rows {
      initialError.pointer[row] = row < assembler.jointErrors.count ? assembler.jointErrors.pointer[row] : 0
    }
    var contact = 0
    for block in Int(unitBlocks.pointer[unitBlocks.count - 1])..<problem.blocks.count {
      let row = Int(problem.blocks.pointer[block].firstRow)
      let record = contacts.records.pointer + contact
      contact += 1
      offset.pointer[row] = record.pointee.gap + h * record.pointee.drift
      initialError.pointer[row] = min(0, record.pointee.gap)
    }
  }

  func evaluate(unit: Int) {
    let index = Int(jointOfUnit.pointer[unit])
    let joint = world.joints[index]
    let a = joint.bodyA
    let b = joint.bodyB
    let columnA = a.map { Int(world.columns.pointer[$0.index]) } ?? -1
    let columnB = Int(world.columns.pointer[b.index])
    if columnA >= 0 { pose(columnA) }
    if columnB >= 0 { pose(columnB) }
    assembler.clearRows()
    assembler.beginConstraint(bodyA: a, bodyB: b, key: UInt64(index) << 8)
    joint.assemble(assembler)

    let first = Int(problem.blocks.pointer[Int(unitBlocks.pointer[unit])].firstRow)
    let h = problem.timestep
    let da = columnA >= 0 ? displacement.pointer[columnA] : .zero
    let db = columnB >= 0 ? displacement.pointer[columnB] : .zero
    for row in 0..<scratch.rowCount {
      let jacobian = scratch.jacobian.pointer[row]
      let moved = jacobian.a.dot(da) + jacobian.b.dot(db)
      problem.jacobian.pointer[first + row] = jacobian
      problem.inverseMassJacobian.pointer[first + row] = scratch.inverseMassJacobian.pointer[row]
      problem.diagonal.pointer[first + row] = scratch.diagonal.pointer[row]
      offset.pointer[first + row] =
        h * scratch.bias.pointer[row] + (assembler.rateShares.pointer[row] - 1) * moved
    }
    let anchor = joint.anchor(in: world)
    arms.pointer[unit] = UnitArms(
      a: a.map { anchor - world.poses.pointer[$0.index].position } ?? .zero,
      b: anchor - world.poses.pointer[b.index].position)
  }

  /// Brings a body's pose to its displacement.
  private func pose(_ column: Int) {
    let now = displacement.pointer[column]
    let last = seen.pointer[column]
    let pose = world.poses.pointer + Int(bodyOfColumn.pointer[column])
    if now.linear != last.linear { pose.pointee.position = startPoses.pointer[column].position + now.linear }
    if now.angular != last.angular {
      pose.pointee.orientation = pose.pointee.orientation.advanced(by: now.angular - last.angular, for: 1)
    }
    seen.pointer[column] = now
  }

  func takeVelocities() {
    let h = problem.timestep
    let count = problem.bodies.count
    velocity.resize(to: count, filling: .zero)
    for column in 0..<count {
      pose(column)
      let free = problem.freeVelocity.pointer[column]
      let moved = displacement.pointer[column]
      let turned =
        (world.poses.pointer[Int(bodyOfColumn.pointer[column])].orientation
        * startPoses.pointer[column].orientation.conjugate).rotationVector
      // What nothing has moved keeps its velocity to the last bit.
      let isFree = moved.linear == h * free.linear && moved.angular == h * free.angular
      velocity.pointer[column] = isFree ? free : Vector6(linear: moved.linear / h, angular: turned / h)
    }
    hasVelocities = true
  }

  /// Brings all poses to the displacements, and takes the velocities if nobody has.
  func finish() {
    if !hasVelocities { takeVelocities() }
    for column in 0..<problem.bodies.count { pose(column) }
  }
}
