import ConstraintSystem
import LinearAlgebra
import Solvers

/// A constraint problem as `GatedNetwork` sees it.
package final class ProblemGraph: GatedNetwork.System {
  package let scales = Buffer<Double>()
  package let groups = BlockGroups()
  /// Blocks that may change, read by `prepare`; nil: all.
  package var mask: Buffer<Bool>?
  private var problem = ConstraintProblem()
  private let twists = Buffer<Vector6>()
  private let degrees = Buffer<Int32>()

  /// A graph of no problem yet.
  package init() {}

  /// Takes a problem; `isNew` says which blocks have no history (nil: none).
  package func prepare(_ problem: ConstraintProblem, isNew: Buffer<Bool>? = nil) {
    self.problem = problem
    let blocks = problem.blocks.pointer
    scales.resize(to: problem.rowCount, filling: 0)
    groups.removeAll()
    degrees.resize(to: problem.bodies.count, filling: 0)
    degrees.fill(0)
    let degrees = self.degrees.pointer
    for index in 0..<problem.blocks.count {
      if blocks[index].bodyA >= 0 { degrees[Int(blocks[index].bodyA)] += 1 }
      if blocks[index].bodyB >= 0 { degrees[Int(blocks[index].bodyB)] += 1 }
    }
    for index in 0..<problem.blocks.count {
      let block = blocks[index]
      let rows = Int(block.rowCount)
      let first = Int(block.firstRow)
      let split = block.set == .cone ? 1 : min(3, rows)
      let linear = scale(first, split)
      let end = block.set == .cone ? min(rows, 3) : rows
      let second = scale(first + split, end - split)
      // The moments of a contact have a scale of their own.
      if end < rows { _ = scale(first + end, rows - end) }
      if let mask, !mask.pointer[index] { continue }
      let crowd =
        (block.bodyA >= 0 ? degrees[Int(block.bodyA)] : 0) + (block.bodyB >= 0 ? degrees[Int(block.bodyB)] : 0)
      // μ̂ = μ √(d_t / d_n) in scaled impulses.
      let mu = block.set == .cone && second > 0 ? block.friction * linear / second : 0
      groups.append(
        first: first, split: split, rows: rows, isContact: block.set == .cone, isBounded: block.set == .box,
        friction: mu, crowd: Int(crowd), isNew: isNew?.pointer[index] ?? false)
    }
    groups.finish(scales: scales)
  }

  /// Gives rows the scale 1/√(mean diagonal), which is returned; 0 where nothing moves.
  @inline(__always)
  private func scale(_ first: Int, _ count: Int) -> Double {
    let diagonal = problem.diagonal.pointer + first
    var mean = 0.0
    switch count {
    // Contacts: without a division.
    case 1: mean = diagonal[0]
    case 2: mean = 0.5 * diagonal[0] + 0.5 * diagonal[1]
    default: for row in 0..<count { mean += diagonal[row] / Double(count) }
    }
    let scale = mean > 0 ? 1 / mean.squareRoot() : 0
    (scales.pointer + first).update(repeating: scale, count: count)
    return scale
  }

  package var rowCount: Int { problem.rowCount }
  package var rightHandSide: UnsafePointer<Double> { UnsafePointer(problem.rightHandSide.pointer) }

  package func residual(_ lambda: UnsafePointer<Double>, into w: UnsafeMutablePointer<Double>) {
    problem.residual(lambda, into: w, scratch: twists)
  }

  package func project(_ lambda: UnsafeMutablePointer<Double>) { BlockSolution.clamp(problem, lambda) }
}
