import LinearAlgebra

/// H = M + Jᵀ G J of a problem, 6×6 blocks, one block row a body: the small view of contact problems (a 20×20 wall
/// has 9 132 rows but 2 400 unknowns here).
///
/// The pattern is that of the body graph. It is kept while every pair of the problem is in it, so that contacts that
/// come and go do not cost an analysis each time.
public final class BodySpace {
  /// H; valid after `begin` and the blocks' `add`.
  public let matrix = SymmetricBlockMatrix()

  private let sizes = Buffer<Int32>()
  private let pairs = Buffer<SIMD2<Int32>>()
  private var keptPairs = 0
  private var patternHash: UInt64?
  /// Offset of every constraint block's off-diagonal block in the values, −1 where it has one body; and of bodies.
  private let offDiagonal = Buffer<Int32>()
  private let diagonal = Buffer<Int32>()

  /// A matrix of no problem yet.
  public init() {}

  /// Makes the pattern fit the problem; says whether it is another than last time.
  public func fit(_ problem: ConstraintProblem) -> MatrixChange {
    if patternHash == problem.patternHash { return .values }
    let change = findSlots(problem) ? MatrixChange.values : .pattern
    if change == .pattern {
      sizes.resize(to: problem.bodies.count, filling: 6)
      matrix.setPattern(blockSizes: sizes, pairs: pairs)
      keptPairs = pairs.count
      _ = findSlots(problem)
      diagonal.resize(to: problem.bodies.count, filling: 0)
      for body in 0..<problem.bodies.count {
        diagonal.pointer[body] = Int32(matrix.slot(row: body, column: body))
      }
    }
    patternHash = problem.patternHash
    return change
  }

  /// Finds every block's place; false where the pattern lacks one, or holds more than twice what is needed.
  private func findSlots(_ problem: ConstraintProblem) -> Bool {
    let blocks = problem.blocks.pointer
    let known = matrix.blockCount == problem.bodies.count
    var complete = known
    pairs.removeAll()
    offDiagonal.resize(to: problem.blocks.count, filling: -1)
    var last = SIMD2<Int32>(-1, -1)
    var slot: Int32 = -1
    for index in 0..<problem.blocks.count {
      let a = blocks[index].bodyA
      let b = blocks[index].bodyB
      guard a >= 0 && b >= 0 else {
        offDiagonal.pointer[index] = -1
        continue
      }
      let pair = SIMD2(max(a, b), min(a, b))
      if pair != last {
        last = pair
        pairs.append(pair)
        slot = known ? Int32(matrix.slot(row: Int(pair.x), column: Int(pair.y))) : -1
        if slot < 0 { complete = false }
      }
      offDiagonal.pointer[index] = slot
    }
    return complete && keptPairs <= 2 * pairs.count
  }

  /// H ← M.
  public func begin(_ problem: ConstraintProblem) {
    matrix.zero()
    let values = matrix.values.pointer
    for body in 0..<problem.bodies.count {
      let inertia = problem.bodies.pointer[body]
      let target = values + Int(diagonal.pointer[body])
      for k in 0..<3 {
        target[k * 6 + k] = inertia.mass
        let row = inertia.inertia[k]
        target[(3 + k) * 6 + 3] = row.x
        target[(3 + k) * 6 + 4] = row.y
        target[(3 + k) * 6 + 5] = row.z
      }
      // A point mass has no inertia; 1 keeps its rotation, which nothing acts on, out of the way.
      for k in 3..<6 where target[k * 6 + k] == 0 { target[k * 6 + k] = 1 }
    }
  }

  /// H += J_cᵀ G_c J_c for one block; `weights` is G_c, symmetric, rows × rows by rows.
  public func add(_ problem: ConstraintProblem, block index: Int, weights: UnsafePointer<Double>) {
    let block = problem.blocks.pointer[index]
    let rows = Int(block.rowCount)
    let jacobian = UnsafePointer(problem.jacobian.pointer + Int(block.firstRow))
    let values = matrix.values.pointer
    let a = Int(block.bodyA)
    let b = Int(block.bodyB)
    withUnsafeTemporaryAllocation(of: JacobianRow.self, capacity: 6) { weighted in
      // G J, 12 numbers a row.
      let gj = weighted.baseAddress!
      for row in 0..<rows {
        var sum = weights[row * rows] * jacobian[0]
        for other in 1..<max(1, rows) where weights[row * rows + other] != 0 {
          sum = sum + weights[row * rows + other] * jacobian[other]
        }
        gj[row] = sum
      }
      for row in 0..<rows {
        let g = gj[row]
        let j = jacobian[row]
        if a >= 0 { Self.addOuter(j.a, g.a, to: values + Int(diagonal.pointer[a])) }
        if b >= 0 { Self.addOuter(j.b, g.b, to: values + Int(diagonal.pointer[b])) }
        if a >= 0 && b >= 0 {
          // The stored block is (larger index, smaller index).
          let target = values + Int(offDiagonal.pointer[index])
          if a > b { Self.addOuter(j.a, g.b, to: target) } else { Self.addOuter(j.b, g.a, to: target) }
        }
      }
    }
  }

  /// `target` += x yᵀ, 6×6 by rows.
  @inline(__always)
  private static func addOuter(_ x: Vector6, _ y: Vector6, to target: UnsafeMutablePointer<Double>) {
    let y0 = SIMD2(y.linear.x, y.linear.y)
    let y1 = SIMD2(y.linear.z, y.angular.x)
    let y2 = SIMD2(y.angular.y, y.angular.z)
    let xs = (x.linear.x, x.linear.y, x.linear.z, x.angular.x, x.angular.y, x.angular.z)
    let rows = UnsafeMutableRawPointer(target).assumingMemoryBound(to: SIMD2<Double>.self)
    func add(_ row: Int, _ s: Double) {
      rows[3 * row] += s * y0
      rows[3 * row + 1] += s * y1
      rows[3 * row + 2] += s * y2
    }
    add(0, xs.0)
    add(1, xs.1)
    add(2, xs.2)
    add(3, xs.3)
    add(4, xs.4)
    add(5, xs.5)
  }
}

extension JacobianRow {
  @inline(__always)
  static func * (s: Double, row: JacobianRow) -> JacobianRow { JacobianRow(a: s * row.a, b: s * row.b) }

  @inline(__always)
  static func + (x: JacobianRow, y: JacobianRow) -> JacobianRow { JacobianRow(a: x.a + y.a, b: x.b + y.b) }
}
