import ConstraintSystem
import LinearAlgebra
import Solvers

/// A constraint problem as `GatedNetwork` sees it.
package final class ProblemGraph: GatedNetwork.System {
  package let scales = Buffer<Double>()
  package let traits = Buffer<SIMD8<Float>>()
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
    traits.resize(to: problem.blocks.count, filling: .zero)
    degrees.resize(to: problem.bodies.count, filling: 0)
    degrees.fill(0)
    for index in 0..<problem.blocks.count {
      for body in [blocks[index].bodyA, blocks[index].bodyB] where body >= 0 { degrees.pointer[Int(body)] += 1 }
    }
    for index in 0..<problem.blocks.count {
      let block = blocks[index]
      let (first, split, rows) = shape(index)
      let linear = scale(first..<first + split)
      let second = block.set == .cone ? scale(first + 1..<first + min(rows, 3)) : scale(first + split..<first + rows)
      if block.set == .cone && rows > 3 { _ = scale(first + 3..<first + rows) }
      var crowd = 0
      for body in [block.bodyA, block.bodyB] where body >= 0 { crowd += Int(degrees.pointer[Int(body)]) }
      // μ̂ = μ √(d_t / d_n) in scaled impulses.
      let mu = block.set == .cone && second > 0 ? block.friction * linear / second : 0
      var traits = SIMD8<Float>.zero
      traits[0] = block.set == .cone ? 1 : 0
      traits[1] = block.set == .box ? 1 : 0
      traits[2] = Float(mu / (1 + mu))
      traits[3] = Float(Double(crowd) / (8 + Double(crowd)))
      traits[4] = isNew.map { $0.pointer[index] ? 1 : 0 } ?? 0
      self.traits.pointer[index] = traits
    }
  }

  /// Gives rows the scale 1/√(mean diagonal), which is returned.
  private func scale(_ rows: Range<Int>) -> Double {
    guard !rows.isEmpty else { return 0 }
    var mean = 0.0
    for row in rows { mean += problem.diagonal.pointer[row] / Double(rows.count) }
    let scale = mean > 0 ? 1 / mean.squareRoot() : 0
    for row in rows { scales.pointer[row] = scale }
    return scale
  }

  package var rowCount: Int { problem.rowCount }
  package var blockCount: Int { problem.blocks.count }
  package var rightHandSide: UnsafePointer<Double> { UnsafePointer(problem.rightHandSide.pointer) }

  package func shape(_ block: Int) -> (first: Int, split: Int, rows: Int) {
    let block = problem.blocks.pointer[block]
    let rows = Int(block.rowCount)
    return (Int(block.firstRow), block.set == .cone ? 1 : min(3, rows), rows)
  }

  package func residual(_ lambda: UnsafePointer<Double>, into w: UnsafeMutablePointer<Double>) {
    problem.residual(lambda, into: w, scratch: twists)
  }

  package func project(_ lambda: UnsafeMutablePointer<Double>) { BlockSolution.clamp(problem, lambda) }
}
