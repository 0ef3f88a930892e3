import LinearAlgebra

/// A = J M⁻¹ Jᵀ + diag(σ) of a problem as a block-sparse matrix, one block row a constraint.
///
/// Two blocks are coupled where they share a body, so a body with k constraints makes a clique of k. The pattern and
/// the place of every product are kept while the problem's pattern hash stands.
public final class DelassusMatrix {
  /// A; valid after `assemble`.
  public let matrix = SymmetricBlockMatrix()

  private var patternHash: UInt64?
  private let sizes = Buffer<Int32>()
  private let pairs = Buffer<SIMD2<Int32>>()
  /// Blocks at every body, and where each body's begin.
  private let starts = Buffer<Int32>()
  private let incident = Buffer<Int32>()
  /// Offset in the matrix's values of every product, in the order of assembly.
  private let targets = Buffer<Int32>()

  /// A matrix of no problem yet.
  public init() {}

  /// Fills in A for the problem's values; says whether the pattern is another than last time. Of a given matrix the
  /// lower triangle is taken: ask `problem.isSymmetric` first.
  public func assemble(_ problem: ConstraintProblem) -> MatrixChange {
    if let given = problem.givenMatrix { return copy(given, of: problem) }
    var change = MatrixChange.values
    if patternHash != problem.patternHash {
      analyze(problem)
      patternHash = problem.patternHash
      change = .pattern
    }
    matrix.zero()
    let values = matrix.values.pointer
    let blocks = problem.blocks.pointer
    let jacobian = problem.jacobian.pointer
    let scaled = problem.inverseMassJacobian.pointer
    let incident = self.incident.pointer
    let targets = self.targets.pointer
    var product = 0
    for body in 0..<problem.bodies.count {
      let begin = Int(starts.pointer[body])
      let end = Int(starts.pointer[body + 1])
      for second in begin..<end {
        let i = blocks[Int(incident[second])]
        let onA = Int(i.bodyA) == body
        for first in begin...second {
          let j = blocks[Int(incident[first])]
          let otherOnA = Int(j.bodyA) == body
          let target = values + Int(targets[product])
          product += 1
          let columns = Int(j.rowCount)
          let left = Self.halves(jacobian + Int(i.firstRow), onA: onA)
          let right = Self.halves(scaled + Int(j.firstRow), onA: otherOnA)
          for row in 0..<Int(i.rowCount) {
            let g = WideVector6(loading: left + 2 * row)
            for column in 0..<columns {
              let products = g.pairedDot(WideVector6(loading: right + 2 * column))
              target[row * columns + column] += products.x + products.y
            }
          }
        }
      }
    }
    let compliance = problem.compliance.pointer
    for index in 0..<problem.blocks.count {
      let block = blocks[index]
      let size = Int(block.rowCount)
      let target = values + matrix.slot(row: index, column: index)
      for row in 0..<size { target[row * size + row] += compliance[Int(block.firstRow) + row] }
    }
    return change
  }

  private func copy(_ given: BlockRowMatrix, of problem: ConstraintProblem) -> MatrixChange {
    let change = patternHash == problem.patternHash ? MatrixChange.values : .pattern
    if change == .pattern {
      sizes.removeAll()
      pairs.removeAll()
      for row in 0..<given.blockCount {
        sizes.append(Int32(given.size(ofBlock: row)))
        for slot in Int(given.rowStarts[row])..<Int(given.rowStarts[row + 1]) {
          pairs.append(SIMD2(Int32(row), given.columns[slot]))
        }
      }
      matrix.setPattern(blockSizes: sizes, pairs: pairs)
      patternHash = problem.patternHash
    }
    matrix.zero()
    for row in 0..<given.blockCount {
      let rows = given.size(ofBlock: row)
      for slot in Int(given.rowStarts[row])..<Int(given.rowStarts[row + 1]) where given.columns[slot] <= Int32(row) {
        let column = Int(given.columns[slot])
        let target = matrix.values.pointer + matrix.slot(row: row, column: column)
        let source = given.values.pointer + Int(given.entryStarts[slot])
        target.update(from: source, count: rows * given.size(ofBlock: column))
      }
    }
    return change
  }

  /// The halves of rows on one of their bodies: every second six-vector from here.
  @inline(__always)
  private static func halves(_ rows: UnsafeMutablePointer<JacobianRow>, onA: Bool) -> UnsafePointer<Vector6> {
    UnsafeRawPointer(rows).assumingMemoryBound(to: Vector6.self) + (onA ? 0 : 1)
  }

  private func analyze(_ problem: ConstraintProblem) {
    let blocks = problem.blocks.pointer
    let count = problem.blocks.count
    let bodies = problem.bodies.count
    sizes.resize(to: count, filling: 0)
    starts.resize(to: bodies + 2, filling: 0)
    starts.fill(0)
    for index in 0..<count {
      sizes.pointer[index] = blocks[index].rowCount
      if blocks[index].bodyA >= 0 { starts.pointer[Int(blocks[index].bodyA) + 2] += 1 }
      if blocks[index].bodyB >= 0 { starts.pointer[Int(blocks[index].bodyB) + 2] += 1 }
    }
    for body in 2..<bodies + 2 { starts.pointer[body] += starts.pointer[body - 1] }
    incident.resize(to: Int(starts.pointer[bodies + 1]), filling: 0)
    for index in 0..<count {
      place(index, at: blocks[index].bodyA)
      place(index, at: blocks[index].bodyB)
    }
    pairs.removeAll()
    for body in 0..<bodies {
      let begin = Int(starts.pointer[body])
      let end = Int(starts.pointer[body + 1])
      for second in begin..<end {
        for first in begin..<second { pairs.append(SIMD2(incident.pointer[second], incident.pointer[first])) }
      }
    }
    matrix.setPattern(blockSizes: sizes, pairs: pairs)
    targets.removeAll()
    for body in 0..<bodies {
      let begin = Int(starts.pointer[body])
      let end = Int(starts.pointer[body + 1])
      for second in begin..<end {
        for first in begin...second {
          let slot = matrix.slot(row: Int(incident.pointer[second]), column: Int(incident.pointer[first]))
          targets.append(Int32(slot))
        }
      }
    }
  }

  private func place(_ block: Int, at body: Int32) {
    guard body >= 0 else { return }
    let next = starts.pointer + (Int(body) + 1)
    incident.pointer[Int(next.pointee)] = Int32(block)
    next.pointee += 1
  }
}
