import ConstraintSystem
import LinearAlgebra

/// Orders in which a sweep visits the blocks, kept while the problem's pattern stands.
package final class BlockOrder {
  /// The kinds of order.
  package enum Kind: String, CaseIterable {
    /// As they are stored.
    case forward
    /// Forward, then backward.
    case symmetric
    /// By colours: blocks of one colour share no moving body.
    case coloured
    /// Farthest from the bodies that do not move first.
    case topDown = "top-down"
  }

  let kind: Kind
  /// The blocks in this order; empty for `forward` and `symmetric`.
  let blocks = Buffer<Int32>()
  /// Distance of every body from what does not move, in constraints: 1 for one that touches it.
  let levels = Buffer<Int32>()
  /// Largest entry of `levels`.
  private(set) var highestLevel = 0

  private var patternHash: UInt64?
  private let keys = Buffer<Int32>()
  private let counts = Buffer<Int32>()
  private let starts = Buffer<Int32>()
  private let incident = Buffer<Int32>()
  private let queue = Buffer<Int32>()
  private let masks = Buffer<UInt64>()

  package init(_ kind: Kind) { self.kind = kind }

  /// The order to hand to a pass; nil for the stored one.
  package var pointer: UnsafePointer<Int32>? { blocks.count > 0 ? UnsafePointer(blocks.pointer) : nil }

  /// Makes the order fit the problem.
  package func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    guard kind == .coloured || kind == .topDown, patternHash != problem.patternHash else { return }
    patternHash = problem.patternHash
    report.analyses += 1
    let count = problem.blocks.count
    keys.resize(to: count, filling: 0)
    if kind == .topDown {
      findLevels(problem)
      for index in 0..<count {
        let block = problem.blocks.pointer[index]
        // Farthest first, so that a counting sort by ascending keys gives the order.
        keys.pointer[index] = Int32(highestLevel) - level(of: block)
      }
    } else {
      colour(problem)
    }
    sortByKeys()
  }

  /// Distance of a block: that of its farther body.
  func level(of block: ConstraintBlock) -> Int32 {
    max(
      block.bodyA >= 0 ? levels.pointer[Int(block.bodyA)] : 0, block.bodyB >= 0 ? levels.pointer[Int(block.bodyB)] : 0)
  }

  /// Breadth first from all bodies that a block ties to something that does not move. Bodies that nothing ties to it,
  /// a free heap for instance, count from the first of them.
  func findLevels(_ problem: ConstraintProblem) {
    let bodies = problem.bodies.count
    let count = problem.blocks.count
    let list = problem.blocks.pointer
    levels.resize(to: bodies, filling: 0)
    levels.fill(0)
    starts.resize(to: bodies + 2, filling: 0)
    starts.fill(0)
    for index in 0..<count {
      if list[index].bodyA >= 0 { starts.pointer[Int(list[index].bodyA) + 2] += 1 }
      if list[index].bodyB >= 0 { starts.pointer[Int(list[index].bodyB) + 2] += 1 }
    }
    for body in 2..<bodies + 2 { starts.pointer[body] += starts.pointer[body - 1] }
    incident.resize(to: Int(starts.pointer[bodies + 1]), filling: 0)
    queue.resize(to: bodies, filling: 0)
    var end = 0
    func place(_ index: Int, _ body: Int32, _ other: Int32) {
      guard body >= 0 else { return }
      incident.pointer[Int(starts.pointer[Int(body) + 1])] = other
      starts.pointer[Int(body) + 1] += 1
      if other < 0 && levels.pointer[Int(body)] == 0 {
        levels.pointer[Int(body)] = 1
        queue.pointer[end] = body
        end += 1
      }
    }
    for index in 0..<count {
      place(index, list[index].bodyA, list[index].bodyB)
      place(index, list[index].bodyB, list[index].bodyA)
    }
    var head = 0
    highestLevel = 0
    var seed = 0
    while true {
      while head < end {
        let body = Int(queue.pointer[head])
        head += 1
        let next = levels.pointer[body] + 1
        highestLevel = max(highestLevel, Int(next) - 1)
        for slot in Int(starts.pointer[body])..<Int(starts.pointer[body + 1]) {
          let other = Int(incident.pointer[slot])
          guard other >= 0, levels.pointer[other] == 0 else { continue }
          levels.pointer[other] = next
          queue.pointer[end] = Int32(other)
          end += 1
        }
      }
      while seed < bodies && levels.pointer[seed] != 0 { seed += 1 }
      if seed == bodies { return }
      levels.pointer[seed] = 1
      queue.pointer[end] = Int32(seed)
      end += 1
    }
  }

  /// Greedy colouring: the first colour that neither body has yet. The 64th takes all that is left, as the constraints
  /// of a hub, whose order within a colour is the stored one. On a given matrix a block row stands for a body.
  private func colour(_ problem: ConstraintProblem) {
    let count = problem.blocks.count
    if let matrix = problem.givenMatrix {
      for index in 0..<count {
        var taken: UInt64 = 0
        for slot in Int(matrix.rowStarts[index])..<Int(matrix.rowStarts[index + 1]) where matrix.columns[slot] < index {
          taken |= 1 << UInt64(keys.pointer[Int(matrix.columns[slot])])
        }
        keys.pointer[index] = Int32(min(63, (~taken).trailingZeroBitCount))
      }
      return
    }
    masks.resize(to: problem.bodies.count, filling: 0)
    masks.fill(0)
    for index in 0..<count {
      let block = problem.blocks.pointer[index]
      let a = block.bodyA >= 0 ? masks.pointer[Int(block.bodyA)] : 0
      let b = block.bodyB >= 0 ? masks.pointer[Int(block.bodyB)] : 0
      let colour = min(63, (~(a | b)).trailingZeroBitCount)
      keys.pointer[index] = Int32(colour)
      if block.bodyA >= 0 { masks.pointer[Int(block.bodyA)] |= 1 << UInt64(colour) }
      if block.bodyB >= 0 { masks.pointer[Int(block.bodyB)] |= 1 << UInt64(colour) }
    }
  }

  /// `blocks` ← all blocks by ascending key, equal ones as they are stored.
  private func sortByKeys() {
    let count = keys.count
    var highest: Int32 = 0
    for index in 0..<count { highest = max(highest, keys.pointer[index]) }
    counts.resize(to: Int(highest) + 2, filling: 0)
    counts.fill(0)
    for index in 0..<count { counts.pointer[Int(keys.pointer[index]) + 1] += 1 }
    for key in 1..<counts.count { counts.pointer[key] += counts.pointer[key - 1] }
    blocks.resize(to: count, filling: 0)
    for index in 0..<count {
      let next = counts.pointer + Int(keys.pointer[index])
      blocks.pointer[Int(next.pointee)] = Int32(index)
      next.pointee += 1
    }
  }
}
