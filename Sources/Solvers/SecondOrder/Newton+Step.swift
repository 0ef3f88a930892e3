import ConstraintSystem
import LinearAlgebra

// One Newton step: direction from H, length from the line search.
extension Newton {
  /// v += α dv; false where no descent is left.
  func step(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ report: inout SolveReport
  ) -> Bool {
    let bodies = problem.bodies.count
    factorIfNeeded(problem, &report)
    // −∇ = M (v_λ − v).
    for body in 0..<bodies {
      gradient.pointer[body] =
        problem.bodies.pointer[body].times(target.pointer[body] - velocity.pointer[body])
      direction.pointer[body] = .zero
    }
    var linearReport = SolveReport()
    gradient.pointer.withMemoryRebound(to: Double.self, capacity: 6 * bodies) { right in
      direction.pointer.withMemoryRebound(to: Double.self, capacity: 6 * bodies) { solution in
        linear.solve(
          space.matrix, right, into: solution, stop: LinearStop(relative: 1e-4), report: &linearReport)
      }
    }
    report.addCosts(of: linearReport)
    if linearReport.reason == .breakdown { return false }

    problem.constraintVelocity(of: direction.pointer, into: du.pointer)
    report.constraintPasses += 1
    guard let alpha = lineSearch(problem) else { return false }
    for body in 0..<bodies { velocity.pointer[body] += alpha * direction.pointer[body] }
    for row in 0..<problem.rowCount { u.pointer[row] += alpha * du.pointer[row] }
    return true
  }

  /// Assembles and factors H, unless no contact has changed its mode since and none slides.
  private func factorIfNeeded(_ problem: ConstraintProblem, _ report: inout SolveReport) {
    let count = problem.blocks.count
    let modes = self.modes.pointer
    var changed = !isFactored
    if !changed {
      for index in 0..<count
      where modes[index] != factoredModes.pointer[index]
        || (problem.blocks.pointer[index].set == .cone && modes[index] == ConeProximal.Mode.sliding.rawValue)
      {
        changed = true
        break
      }
    }
    guard changed else { return }
    space.begin(problem)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 36) { scratch in
      let weights = scratch.baseAddress!
      for index in 0..<count where modes[index] != 0 {
        let block = problem.blocks.pointer[index]
        let first = Int(block.firstRow)
        if block.set == .cone && modes[index] == ConeProximal.Mode.sliding.rawValue {
          ConeProximal.derivative(y.pointer + first, block, weight: weight.pointer + first, into: weights)
        } else {
          let rows = Int(block.rowCount)
          for entry in 0..<rows * rows { weights[entry] = 0 }
          for row in 0..<rows where block.set != .box || modes[index] & (1 << UInt8(row)) != 0 {
            weights[row * rows + row] = weight.pointer[first + row]
          }
        }
        space.add(problem, block: index, weights: weights)
      }
    }
    linear.prepare(space.matrix, change: change, report: &report)
    change = .values
    isFactored = true
    factoredModes.pointer.update(from: modes, count: count)
  }

  /// α with φ'(α) ≈ 0 along dv: 1 where that is good enough, otherwise bracketed and refined (φ is convex, so φ'
  /// increases). Nil where dv is no descent direction.
  private func lineSearch(_ problem: ConstraintProblem) -> Double? {
    var linearPart = 0.0
    var quadratic = 0.0
    for body in 0..<problem.bodies.count {
      let md = problem.bodies.pointer[body].times(direction.pointer[body])
      linearPart += md.dot(velocity.pointer[body] - problem.freeVelocity.pointer[body])
      quadratic += md.dot(direction.pointer[body])
    }
    func slope(_ alpha: Double) -> Double {
      linearPart + alpha * quadratic - multiplierSlope(problem, alpha)
    }
    let start = slope(0)
    guard start < 0, start.isFinite else { return nil }
    let goal = 0.1 * start.magnitude
    var low = 0.0
    var slopeLow = start
    var high = 1.0
    var slopeHigh = slope(1)
    if slopeHigh.magnitude <= goal { return 1 }
    while slopeHigh < 0 && high < 64 {
      low = high
      slopeLow = slopeHigh
      high *= 2
      slopeHigh = slope(high)
    }
    for round in 0..<20 {
      // Regula falsi, every third time the middle.
      let alpha =
        round % 3 == 2 ? 0.5 * (low + high) : low - slopeLow * (high - low) / (slopeHigh - slopeLow)
      let value = slope(alpha)
      if value.magnitude <= goal { return alpha }
      if value < 0 {
        low = alpha
        slopeLow = value
      } else {
        high = alpha
        slopeHigh = value
      }
    }
    return low > 0 ? low : 0.5 * high
  }

  /// Σ P_K(y − α G J dv) · J dv.
  private func multiplierSlope(_ problem: ConstraintProblem, _ alpha: Double) -> Double {
    let y = self.y.pointer
    let du = self.du.pointer
    let weight = self.weight.pointer
    var sum = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { scratch in
      let x = scratch.baseAddress!
      for index in 0..<problem.blocks.count {
        let block = problem.blocks.pointer[index]
        let first = Int(block.firstRow)
        let rows = Int(block.rowCount)
        for row in 0..<rows { x[row] = y[first + row] - alpha * weight[first + row] * du[first + row] }
        switch block.set {
        case .free: break
        case .box:
          for row in 0..<rows {
            x[row] = min(max(x[row], problem.lower.pointer[first + row]), problem.upper.pointer[first + row])
          }
        case .cone: _ = ConeProximal.project(x, block, weight: weight + first)
        }
        for row in 0..<rows { sum += x[row] * du[first + row] }
      }
    }
    return sum
  }
}
