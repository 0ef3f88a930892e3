import ConstraintSystem
import LinearAlgebra

/// Constraint problems with history and solution in flat columns, as the file has them: everything about bodies, blocks
/// and rows of all systems one behind the other, and where each system begins.
///
/// `/systems/rowStart` and its like hold one number more than there are systems. Indices inside of a system are relative
/// to it. See `Documentation/Datasets.md` for what every column means.
public struct DatasetColumns: Sendable, Equatable {
  // Systems.
  /// Index of the family.
  public var family: [Int] = []
  /// Number of the world in its family.
  public var world: [Int] = []
  /// Seed of the world.
  public var seed: [Int64] = []
  /// Step of the world.
  public var step: [Int] = []
  /// Why the step is of interest: `DatasetEvent`.
  public var event: [Int] = []
  /// Friction law: its place in `FrictionLaw.allCases`.
  public var law: [Int] = []
  /// Number of contacts.
  public var contacts: [Int] = []
  /// Length of the step (s).
  public var timestep: [Double] = []
  /// Natural-map residual of the label (m/s).
  public var labelResidual: [Double] = []
  /// First body of every system, and the number of all.
  public var bodyStart = [0]
  /// First block of every system, and the number of all.
  public var blockStart = [0]
  /// First row of every system, and the number of all.
  public var rowStart = [0]

  // Bodies.
  /// m (kg).
  public var mass: [Double] = []
  /// 1/m (1/kg).
  public var inverseMass: [Double] = []
  /// I (kg·m²), world frame, nine numbers a body, by rows.
  public var inertia: [Double] = []
  /// I⁻¹ (1/(kg·m²)), likewise.
  public var inverseInertia: [Double] = []
  /// v* (m/s, rad/s), six numbers a body.
  public var freeVelocity: [Double] = []

  // Blocks.
  /// First row in the system.
  public var firstRow: [Int] = []
  /// Number of rows.
  public var rowCount: [Int] = []
  /// Body a in the system, −1 for one that does not move.
  public var bodyA: [Int] = []
  /// Body b likewise.
  public var bodyB: [Int] = []
  /// `ConstraintSet`'s number.
  public var set: [Int] = []
  /// μ.
  public var friction: [Double] = []
  /// μ_τ (m).
  public var torsional: [Double] = []
  /// μ_r (m).
  public var rolling: [Double] = []
  /// In how many steps in a row before this one the block was there, at most 255; 0 for one without history.
  public var age: [Int] = []
  /// Identity from step to step.
  public var key: [Int64] = []

  // Rows.
  /// J, twelve numbers a row: on body a, on body b.
  public var jacobian: [Double] = []
  /// β (m/s, rad/s).
  public var bias: [Double] = []
  /// σ.
  public var compliance: [Double] = []
  /// b (m/s, rad/s).
  public var rightHandSide: [Double] = []
  /// Diagonal of A.
  public var diagonal: [Double] = []
  /// lo of box rows, −∞ elsewhere.
  public var lower: [Double] = []
  /// hi of box rows, ∞ elsewhere.
  public var upper: [Double] = []
  /// The label λ*.
  public var lambda: [Double] = []
  /// λ of the step before, scaled to this one's length; 0 for blocks that are new.
  public var lambdaPrevious: [Double] = []
  /// λ of the step before that, likewise.
  public var lambdaBefore: [Double] = []

  /// No systems.
  public init() {}

  /// Number of systems.
  public var count: Int { family.count }
  /// Bodies of a system.
  public func bodies(of system: Int) -> Range<Int> { bodyStart[system]..<bodyStart[system + 1] }
  /// Blocks of a system.
  public func blocks(of system: Int) -> Range<Int> { blockStart[system]..<blockStart[system + 1] }
  /// Rows of a system.
  public func rows(of system: Int) -> Range<Int> { rowStart[system]..<rowStart[system + 1] }

  /// Adds a problem and its history; the label follows by `setLabel`.
  mutating func append(
    _ problem: ConstraintProblem, previous: [Double], before: [Double], age ages: [UInt8],
    place: (family: Int, world: Int, seed: Int64, step: Int), event kind: DatasetEvent
  ) {
    family.append(place.family)
    world.append(place.world)
    seed.append(place.seed)
    step.append(place.step)
    event.append(kind.rawValue)
    law.append(FrictionLaw.allCases.firstIndex(of: problem.law)!)
    contacts.append(problem.contactCount)
    timestep.append(problem.timestep)
    labelResidual.append(.infinity)
    for index in 0..<problem.bodies.count {
      let body = problem.bodies[index]
      mass.append(body.mass)
      inverseMass.append(body.inverseMass)
      inertia += Self.numbers(body.inertia)
      inverseInertia += Self.numbers(body.inverseInertia)
      freeVelocity += Self.numbers(problem.freeVelocity[index])
    }
    for index in 0..<problem.blocks.count {
      let block = problem.blocks[index]
      firstRow.append(Int(block.firstRow))
      rowCount.append(Int(block.rowCount))
      bodyA.append(Int(block.bodyA))
      bodyB.append(Int(block.bodyB))
      set.append(Int(block.set.rawValue))
      friction.append(block.friction)
      torsional.append(block.torsionalFriction)
      rolling.append(block.rollingFriction)
      age.append(Int(ages[index]))
      key.append(Int64(bitPattern: block.key))
    }
    for row in 0..<problem.rowCount {
      jacobian += Self.numbers(problem.jacobian[row].a)
      jacobian += Self.numbers(problem.jacobian[row].b)
    }
    bias += problem.bias.array
    compliance += problem.compliance.array
    rightHandSide += problem.rightHandSide.array
    diagonal += problem.diagonal.array
    lower += problem.lower.array
    upper += problem.upper.array
    lambda += [Double](repeating: 0, count: problem.rowCount)
    lambdaPrevious += previous
    lambdaBefore += before
    bodyStart.append(mass.count)
    blockStart.append(key.count)
    rowStart.append(bias.count)
  }

  /// Sets the label of a system and its residual (m/s).
  mutating func setLabel(_ label: [Double], residual: Double, of system: Int) {
    lambda.replaceSubrange(rows(of: system), with: label)
    labelResidual[system] = residual
  }

  /// Adds a system of `other`.
  mutating func append(_ other: DatasetColumns, system: Int) {
    family.append(other.family[system])
    world.append(other.world[system])
    seed.append(other.seed[system])
    step.append(other.step[system])
    event.append(other.event[system])
    law.append(other.law[system])
    contacts.append(other.contacts[system])
    timestep.append(other.timestep[system])
    labelResidual.append(other.labelResidual[system])
    let bodies = other.bodies(of: system)
    mass += other.mass[bodies]
    inverseMass += other.inverseMass[bodies]
    inertia += other.inertia[Self.times(9, bodies)]
    inverseInertia += other.inverseInertia[Self.times(9, bodies)]
    freeVelocity += other.freeVelocity[Self.times(6, bodies)]
    let blocks = other.blocks(of: system)
    firstRow += other.firstRow[blocks]
    rowCount += other.rowCount[blocks]
    bodyA += other.bodyA[blocks]
    bodyB += other.bodyB[blocks]
    set += other.set[blocks]
    friction += other.friction[blocks]
    torsional += other.torsional[blocks]
    rolling += other.rolling[blocks]
    age += other.age[blocks]
    key += other.key[blocks]
    let rows = other.rows(of: system)
    jacobian += other.jacobian[Self.times(12, rows)]
    bias += other.bias[rows]
    compliance += other.compliance[rows]
    rightHandSide += other.rightHandSide[rows]
    diagonal += other.diagonal[rows]
    lower += other.lower[rows]
    upper += other.upper[rows]
    lambda += other.lambda[rows]
    lambdaPrevious += other.lambdaPrevious[rows]
    lambdaBefore += other.lambdaBefore[rows]
    bodyStart.append(mass.count)
    blockStart.append(key.count)
    rowStart.append(bias.count)
  }

  private static func times(_ width: Int, _ range: Range<Int>) -> Range<Int> {
    width * range.lowerBound..<width * range.upperBound
  }

  private static func numbers(_ v: Vector6) -> [Double] {
    [v.linear.x, v.linear.y, v.linear.z, v.angular.x, v.angular.y, v.angular.z]
  }

  private static func numbers(_ m: Matrix3) -> [Double] {
    [m.row0.x, m.row0.y, m.row0.z, m.row1.x, m.row1.y, m.row1.z, m.row2.x, m.row2.y, m.row2.z]
  }
}

/// Why a step is of interest for learning.
public enum DatasetEvent: Int, Sendable, CaseIterable {
  /// A step like the one before.
  case quiet = 0
  /// The first problem of a world: nothing has history.
  case first = 1
  /// A joint is gone that was there before.
  case broken = 2
  /// There are blocks without history: new contacts.
  case newContact = 3
  /// The warm guess is much worse than usual: an impact, a jerk.
  case impact = 4
}
