import ConstraintSystem
import LinearAlgebra

// dλ with (X + Y (A + σ̃)) dλ = −Φ.
//
// In row space the matrix is formed and factored by dense LU. In body space the block's own part is eliminated,
//
//     K = (X + Y (σ + σ̃))⁻¹ Y,   ρ = (X + Y (σ + σ̃))⁻¹ Φ,   dλ = −ρ − K J dv
//     (M + Jᵀ K J) dv = −Jᵀ ρ
//
// K is symmetric for joints, boxes and the convex law. Under `coulomb` a sliding contact's is not: the system is then
// solved by flexible GMRES in the form (1 + M⁻¹ Jᵀ K J) dv = −M⁻¹ Jᵀ ρ, without forming it, and the linear slot solves
// with the symmetric H = M + Jᵀ K̂ J as preconditioner. K̂ is the symmetric part of K, or where that is indefinite K without the coupling of friction to the normal. That
// coupling has rank one a sliding contact, and with stiff normals its weight is μ A_tn/A_nn: a few iterations.
extension SemismoothNewton {
  /// `step` ← dλ; false where the system is singular or its solution not finite.
  func findDirection(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ report: inout SolveReport
  ) -> Bool {
    let found =
      problem.givenMatrix.map { directionInRows(problem, $0, lambda, &report) }
      ?? directionInBodies(problem, lambda, &report)
    guard found else { return false }
    for row in 0..<problem.rowCount where !step.pointer[row].isFinite { return false }
    return true
  }

  private func directionInRows(
    _ problem: ConstraintProblem, _ given: BlockRowMatrix, _ lambda: UnsafePointer<Double>,
    _ report: inout SolveReport
  ) -> Bool {
    let n = problem.rowCount
    dense.matrix.resize(rows: n, columns: n)
    let s = dense.matrix.pointer
    s.update(repeating: 0, count: n * n)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 72) { scratch in
      let x = scratch.baseAddress!
      let y = x + 36
      for index in 0..<problem.blocks.count {
        let block = problem.blocks.pointer[index]
        let first = Int(block.firstRow)
        let rows = Int(block.rowCount)
        derivative(problem, block, lambda, x: x, y: y)
        for slot in Int(given.rowStarts.pointer[index])..<Int(given.rowStarts.pointer[index + 1]) {
          let column = Int(given.columns.pointer[slot])
          let start = Int(given.offsets.pointer[column])
          let width = Int(given.offsets.pointer[column + 1]) - start
          let entries = given.values.pointer + Int(given.entryStarts.pointer[slot])
          for row in 0..<rows {
            for k in 0..<rows where y[row * rows + k] != 0 {
              let factor = y[row * rows + k]
              for j in 0..<width { s[(start + j) * n + first + row] += factor * entries[k * width + j] }
            }
          }
        }
        for row in 0..<rows {
          for column in 0..<rows {
            s[(first + column) * n + first + row] +=
              x[row * rows + column] + y[row * rows + column] * proximal.pointer[first + column]
          }
        }
      }
    }
    report.factorizations += 1
    report.triangularSolves += 1
    report.flops += 2.0 / 3.0 * Double(n) * Double(n) * Double(n)
    guard dense.factor() == .factored else { return false }
    for row in 0..<n { step.pointer[row] = -phi.pointer[row] }
    dense.solve(step.pointer)
    return true
  }

  @inline(__always)
  private func derivative(
    _ problem: ConstraintProblem, _ block: ConstraintBlock, _ lambda: UnsafePointer<Double>,
    x: UnsafeMutablePointer<Double>, y: UnsafeMutablePointer<Double>
  ) {
    let first = Int(block.firstRow)
    function.derivative(
      block, lambda + first, w.pointer + first, inverseScale.pointer + first, problem.lower.pointer + first,
      problem.upper.pointer + first, x: x, y: y)
  }

  private func directionInBodies(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ report: inout SolveReport
  ) -> Bool {
    guard eliminateBlocks(problem, lambda) else { return false }
    space.begin(problem)
    for index in 0..<problem.blocks.count {
      space.add(problem, block: index, weights: symmetricGains.pointer + Int(gainStarts.pointer[index]))
    }
    if change == .pattern { report.analyses += 1 }
    linear.prepare(space.matrix, change: change, report: &report)
    change = .values
    let bodies = problem.bodies.count
    right.fill(.zero)
    direction.fill(.zero)
    for row in 0..<problem.rowCount { step.pointer[row] = -offset.pointer[row] }
    problem.addInverseMassJacobianTranspose(step.pointer, to: right.pointer)
    // ‖residual‖ is magnified by 1/α on its way to w.
    let solved = gmres.solve(
      bodies: bodies, right: right.pointer, into: direction.pointer, tolerance: max(1e-12, 1e-2 * weight),
      report: &report,
      operator: { x, y in self.applyTangent(problem, x, y) },
      preconditioner: { x, z, report in self.precondition(problem, x, z, &report) })
    guard solved else { return false }
    problem.constraintVelocity(of: direction.pointer, into: dw.pointer)
    multiplyGains(problem, dw.pointer, into: step.pointer)
    for row in 0..<problem.rowCount { step.pointer[row] = -offset.pointer[row] - step.pointer[row] }
    return true
  }

  /// K, its stand-in K̂ and ρ of every block; false where a block's own part is singular.
  private func eliminateBlocks(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) -> Bool {
    var isRegular = true
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 114) { scratch in
      let x = scratch.baseAddress!
      let y = x + 36
      let right = y + 36
      for index in 0..<problem.blocks.count where isRegular {
        let block = problem.blocks.pointer[index]
        let first = Int(block.firstRow)
        let rows = Int(block.rowCount)
        derivative(problem, block, lambda, x: x, y: y)
        for row in 0..<rows {
          for column in 0..<rows {
            let sigma = problem.compliance.pointer[first + column] + proximal.pointer[first + column]
            x[row * rows + column] += y[row * rows + column] * sigma
            right[row * (rows + 1) + column] = y[row * rows + column]
          }
          right[row * (rows + 1) + rows] = phi.pointer[first + row]
        }
        guard SmallLU.solve(x, size: rows, right, columns: rows + 1) else {
          isRegular = false
          continue
        }
        let gain = gains.pointer + Int(gainStarts.pointer[index])
        let symmetric = symmetricGains.pointer + Int(gainStarts.pointer[index])
        for row in 0..<rows {
          for column in 0..<rows { gain[row * rows + column] = right[row * (rows + 1) + column] }
          offset.pointer[first + row] = right[row * (rows + 1) + rows]
        }
        symmetrize(block, gain, into: symmetric)
      }
    }
    return isRegular
  }

  /// K̂: the symmetric part of K; where that is not positive, of its diagonal blocks alone (normal and parts).
  private func symmetrize(
    _ block: ConstraintBlock, _ gain: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>
  ) {
    let rows = Int(block.rowCount)
    for row in 0..<rows {
      for column in 0..<rows {
        result[row * rows + column] = 0.5 * (gain[row * rows + column] + gain[column * rows + row])
      }
    }
    guard block.set == .cone && (function.isCoulomb || function.kind == .fischerBurmeister) else { return }
    if rows == 3 && Self.isPositive(result) { return }
    for row in 0..<rows {
      for column in 0..<rows where Self.part(of: row, block) != Self.part(of: column, block) {
        result[row * rows + column] = 0
      }
    }
    result[0] = max(result[0], 0)
    for number in 0..<3 {
      let (first, size, _) = ContactFunction.part(number, block)
      if size == 1 { result[first * rows + first] = max(result[first * rows + first], 0) }
      guard size == 2 else { continue }
      // A 2 × 2 block with a negative eigenvalue is replaced by its trace, or by nothing.
      let a = result[first * rows + first]
      let d = result[(first + 1) * rows + first + 1]
      let b = result[first * rows + first + 1]
      if a >= 0 && d >= 0 && a * d >= b * b { continue }
      let mean = max(0.5 * (a + d), 0)
      result[first * rows + first] = mean
      result[(first + 1) * rows + first + 1] = mean
      result[first * rows + first + 1] = 0
      result[(first + 1) * rows + first] = 0
    }
  }

  /// Whether a symmetric 3 × 3 block is positive definite, by its leading minors.
  private static func isPositive(_ m: UnsafePointer<Double>) -> Bool {
    let second = m[0] * m[4] - m[1] * m[1]
    let third =
      m[0] * (m[4] * m[8] - m[5] * m[5]) - m[1] * (m[1] * m[8] - m[5] * m[2]) + m[2] * (m[1] * m[5] - m[4] * m[2])
    return m[0] > 0 && second > 1e-12 * m[0] * m[4] && third > 1e-12 * m[0] * m[4] * m[8]
  }

  @inline(__always)
  private static func part(of row: Int, _ block: ConstraintBlock) -> Int {
    row == 0 ? 0 : (row < 3 ? 1 : (row == 3 && block.hasTorsionalRow ? 2 : 3))
  }

  /// `result` ← K u, block by block.
  private func multiplyGains(
    _ problem: ConstraintProblem, _ u: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>
  ) {
    let blocks = problem.blocks.pointer
    for index in 0..<problem.blocks.count {
      let first = Int(blocks[index].firstRow)
      let rows = Int(blocks[index].rowCount)
      let gain = gains.pointer + Int(gainStarts.pointer[index])
      for row in 0..<rows {
        var sum = 0.0
        for column in 0..<rows { sum += gain[row * rows + column] * u[first + column] }
        result[first + row] = sum
      }
    }
  }

  /// y ← (1 + M⁻¹ Jᵀ K J) x.
  private func applyTangent(
    _ problem: ConstraintProblem, _ x: UnsafePointer<Vector6>, _ y: UnsafeMutablePointer<Vector6>
  ) {
    problem.constraintVelocity(of: x, into: dw.pointer)
    multiplyGains(problem, dw.pointer, into: trialW.pointer)
    y.update(from: x, count: problem.bodies.count)
    problem.addInverseMassJacobianTranspose(trialW.pointer, to: y)
  }

  /// z ← Ĥ⁻¹ M x by the linear slot; false where it breaks down.
  private func precondition(
    _ problem: ConstraintProblem, _ x: UnsafePointer<Vector6>, _ z: UnsafeMutablePointer<Vector6>,
    _ report: inout SolveReport
  ) -> Bool {
    let bodies = problem.bodies.count
    for body in 0..<bodies {
      force.pointer[body] = problem.bodies.pointer[body].times(x[body])
      z[body] = .zero
    }
    var linearReport = SolveReport()
    force.pointer.withMemoryRebound(to: Double.self, capacity: 6 * bodies) { f in
      z.withMemoryRebound(to: Double.self, capacity: 6 * bodies) { solution in
        linear.solve(space.matrix, f, into: solution, stop: LinearStop(relative: 1e-4), report: &linearReport)
      }
    }
    report.addCosts(of: linearReport)
    return linearReport.reason != .breakdown
  }
}
