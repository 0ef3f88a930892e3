import ConstraintSystem

/// λ' of any block with everything else held, from its w and its own D: what every method that visits one block after
/// the other (or all of them at once) has in common.
package enum BlockSolution {
  /// `delta` ← λ' − λ, where w' = w + D (λ' − λ) is complementary to λ' on the block's set.
  ///
  /// D and its inverse by rows, D not necessarily symmetric; `w` is overwritten. `lower` and `upper` are those of the
  /// block's rows, read for boxes. `byRow` gives one step of the row-wise method instead of the block's solution.
  /// With `relaxation` ω ≠ 1 the step is ω (λ' − λ), brought back into the set where ω > 1.
  @inline(__always)
  package static func solve(
    _ block: ConstraintBlock, _ law: FrictionLaw, coupling d: UnsafePointer<Double>, inverse: UnsafePointer<Double>,
    lambda: UnsafePointer<Double>, lower: UnsafePointer<Double>, upper: UnsafePointer<Double>,
    w: UnsafeMutablePointer<Double>, delta: UnsafeMutablePointer<Double>, byRow: Bool = false, relaxation: Double = 1
  ) {
    let rows = Int(block.rowCount)
    switch block.set {
    case .free where !byRow:
      for row in 0..<rows {
        var sum = 0.0
        for column in 0..<rows { sum -= inverse[row * rows + column] * w[column] }
        delta[row] = relaxation * sum
      }
    case .free, .box:
      rowwise(block, d, lambda, lower, upper, w, delta, relaxation)
    case .cone:
      if rows == 3 && !byRow && (law == .convex || law == .coulomb),
        let step = ConeBlock.solveThree(
          friction: block.friction, isConvex: law == .convex, coupling: d, inverse: inverse, lambda: lambda,
          w: (w[0], w[1], w[2]))
      {
        delta[0] = step.0
        delta[1] = step.1
        delta[2] = step.2
      } else {
        ConeBlock.iterate(
          block, law, coupling: d, lambda: lambda, w: w, delta: delta, rounds: byRow ? 1 : ConeBlock.rounds)
      }
      if relaxation != 1 { relax(block, law, lambda, delta, by: relaxation) }
    }
  }

  /// Free and box rows one after the other, each by its diagonal.
  private static func rowwise(
    _ block: ConstraintBlock, _ d: UnsafePointer<Double>, _ lambda: UnsafePointer<Double>,
    _ lower: UnsafePointer<Double>, _ upper: UnsafePointer<Double>, _ w: UnsafeMutablePointer<Double>,
    _ delta: UnsafeMutablePointer<Double>, _ relaxation: Double
  ) {
    let rows = Int(block.rowCount)
    for row in 0..<rows {
      let diagonal = d[row * rows + row]
      delta[row] = 0
      guard diagonal > 0 else { continue }
      let next = min(max(lambda[row] - relaxation * w[row] / diagonal, lower[row]), upper[row])
      let step = next - lambda[row]
      delta[row] = step
      for other in 0..<rows { w[other] += d[other * rows + row] * step }
    }
  }

  /// delta ← P(λ + ω delta) − λ of a cone block.
  static func relax(
    _ block: ConstraintBlock, _ law: FrictionLaw, _ lambda: UnsafePointer<Double>,
    _ delta: UnsafeMutablePointer<Double>, by relaxation: Double
  ) {
    let rows = Int(block.rowCount)
    for row in 0..<rows { delta[row] *= relaxation }
    guard relaxation > 1 else { return }
    for row in 0..<rows { delta[row] += lambda[row] }
    ConeBlock.clamp(delta, block, law)
    for row in 0..<rows { delta[row] -= lambda[row] }
  }

  /// Brings all of a guess into the problem's sets.
  package static func clamp(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      switch block.set {
      case .free: break
      case .box:
        for row in first..<first + Int(block.rowCount) {
          lambda[row] = min(max(lambda[row], problem.lower.pointer[row]), problem.upper.pointer[row])
        }
      case .cone: ConeBlock.clamp(lambda + first, block, problem.law)
      }
    }
  }
}
