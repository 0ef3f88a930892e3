import ConstraintSystem
import LinearAlgebra

/// Small problems that every solver has to survive, made from rows alone.
///
/// Each is described as data first, so that a test can permute its bodies, turn its tangents or change its units and
/// build it again.
struct ProblemDescription {
  struct Row {
    var a = Vector6.zero
    var b = Vector6.zero
    var bias = 0.0
    var compliance = 0.0
    var lower = -Double.infinity
    var upper = Double.infinity
  }

  struct Block {
    var a: Int
    var b: Int
    var set = ConstraintSet.free
    var friction = 0.0
    var torsional = 0.0
    var rolling = 0.0
    var rows: [Row]
  }

  struct Body {
    var mass: Double
    var inertia: Matrix3
    var velocity: Vector6
  }

  var name: String
  var law = FrictionLaw.convex
  var timestep = 1.0 / 60
  var bodies: [Body] = []
  var blocks: [Block] = []

  /// Whether every block is an equality.
  var isLinear: Bool { blocks.allSatisfy { $0.set == .free } }

  /// Builds the problem; body i gets column `columns[i]` and blocks come in the order `order`.
  func build(columns: [Int]? = nil, order: [Int]? = nil) -> ConstraintProblem {
    let problem = ConstraintProblem()
    problem.removeAll(timestep: timestep, law: law)
    let columns = columns ?? Array(bodies.indices)
    var bodyAt = Array(repeating: 0, count: bodies.count)
    for (body, column) in columns.enumerated() { bodyAt[column] = body }
    for column in bodies.indices {
      let body = bodies[bodyAt[column]]
      problem.addBody(
        BodyInertia(
          mass: body.mass, inverseMass: 1 / body.mass, inertia: body.inertia,
          inverseInertia: body.inertia == .zero ? .zero : body.inertia.inverse!), freeVelocity: body.velocity)
    }
    for index in order ?? Array(blocks.indices) {
      let block = blocks[index]
      problem.beginBlock(
        bodyA: block.a < 0 ? -1 : columns[block.a], bodyB: block.b < 0 ? -1 : columns[block.b], set: block.set,
        friction: block.friction, torsionalFriction: block.torsional, rollingFriction: block.rolling,
        key: UInt64(index + 1))
      for row in block.rows {
        problem.addRow(
          JacobianRow(a: row.a, b: row.b), bias: row.bias, compliance: row.compliance, lower: row.lower,
          upper: row.upper)
      }
    }
    problem.finish()
    return problem
  }
}

extension ProblemDescription {
  /// The same problem with A and b given as numbers, no bodies behind them. A is computed column by column from the
  /// rows of `build()`.
  func buildGiven() -> ConstraintProblem {
    let source = build()
    let n = source.rowCount
    var entries: [BlockRowMatrix.Entry] = []
    let column = Buffer<Double>(repeating: 0, count: n)
    let unit = Buffer<Double>(repeating: 0, count: n)
    for j in 0..<n {
      unit[j] = 1
      source.apply(unit.pointer, into: column.pointer, scratch: Buffer<Vector6>())
      unit[j] = 0
      for i in 0..<n where column[i] != 0 {
        entries.append(BlockRowMatrix.Entry(row: i, column: j, value: column[i]))
      }
    }
    let problem = ConstraintProblem()
    problem.removeAll(timestep: timestep, law: law)
    for index in 0..<source.blocks.count {
      let block = source.blocks[index]
      let rows = Int(block.firstRow)..<Int(block.firstRow + block.rowCount)
      problem.addGivenBlock(
        block.set, rightHandSide: rows.map { source.rightHandSide[$0] }, friction: block.friction,
        torsionalFriction: block.torsionalFriction, rollingFriction: block.rollingFriction,
        lower: rows.map { source.lower[$0] }, upper: rows.map { source.upper[$0] })
    }
    problem.finish(matrix: BlockRowMatrix(blockSizes: blocks.map(\.rows.count), entries: entries))
    return problem
  }
}

/// A deterministic generator (SplitMix64), so that failures can be repeated.
struct TestGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func uniform(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &self) }
  mutating func vector(_ size: Double) -> Vector3 {
    Vector3(uniform(-size...size), uniform(-size...size), uniform(-size...size))
  }
}
