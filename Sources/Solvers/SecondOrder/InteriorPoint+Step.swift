import ConstraintSystem
import LinearAlgebra

// One step of the interior point method: scaling, factorisation, predictor, corrector.
extension InteriorPoint {
  /// Moves λ, s and z; false where the scaling or the system breaks down.
  func advance(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ report: inout SolveReport
  ) -> Bool {
    let rows = problem.rowCount
    let count = cones.count
    problem.residual(lambda, into: dualResidual.pointer, scratch: scratch)
    report.operatorApplications += 1
    scalings.removeAll()
    var gap = 0.0
    for index in 0..<count {
      guard let scaling = ConeScaling(s: s.pointer[index], z: z.pointer[index]) else { return false }
      scalings.append(scaling)
      gap += ConeScaling.dot(s.pointer[index], z.pointer[index])
      addTransposed(cones.pointer[index], z.pointer[index], -1, to: dualResidual.pointer)
    }
    let tau = gap / Double(max(1, count))
    guard factor(problem, &report) else { return false }

    for index in 0..<count {
      let l = scalings.pointer[index].times(z.pointer[index])
      complement.pointer[index] = ConeScaling.product(l, l)
    }
    guard direct(problem, lambda, &report) else { return false }
    let affine = stepLength(limit: 1)
    let centring = (1 - affine) * (1 - affine) * (1 - affine)
    if count > 0 {
      for index in 0..<count {
        let scaling = scalings.pointer[index]
        let second = ConeScaling.product(
          scaling.inverseTimes(ds.pointer[index]), scaling.times(dz.pointer[index]))
        complement.pointer[index] += second
        complement.pointer[index].x -= centring * tau
      }
      guard direct(problem, lambda, &report) else { return false }
    }
    let alpha = count == 0 ? 1 : min(1, 0.99 * stepLength(limit: 2))
    for row in 0..<rows {
      lambda[row] += alpha * step.pointer[row]
      if !lambda[row].isFinite { return false }
    }
    for index in 0..<count {
      s.pointer[index] = Self.inside(s.pointer[index] + alpha * ds.pointer[index])
      z.pointer[index] = Self.inside(z.pointer[index] + alpha * dz.pointer[index])
    }
    return true
  }

  /// x, moved into the cone's interior where round-off has put it outside.
  private static func inside(_ x: ConeScaling.Element) -> ConeScaling.Element {
    let length = (x.y * x.y + x.z * x.z).squareRoot()
    if x.x > length * (1 + 1e-14) && x.x > 1e-300 { return x }
    return .init(max(length * (1 + 1e-12), 1e-300), x.y, x.z, 0)
  }

  /// The longest step that keeps all s and z in their cones.
  private func stepLength(limit: Double) -> Double {
    var alpha = limit
    for index in 0..<cones.count {
      alpha = ConeScaling.length(s.pointer[index], ds.pointer[index], limit: alpha)
      alpha = ConeScaling.length(z.pointer[index], dz.pointer[index], limit: alpha)
    }
    return alpha
  }

  /// D and D⁻¹ of every block, and the factorisation of the system.
  private func factor(_ problem: ConstraintProblem, _ report: inout SolveReport) -> Bool {
    weights.fill(0)
    for index in 0..<cones.count {
      let cone = cones.pointer[index]
      let block = problem.blocks.pointer[Int(cone.block)]
      let rows = Int(block.rowCount)
      let target = weights.pointer + Int(weightStarts.pointer[Int(cone.block)])
      let scaling = scalings.pointer[index]
      let normal = Int(cone.row - block.firstRow)
      let first = Int(cone.first - block.firstRow)
      for i in 0..<Int(cone.size) {
        let row = i == 0 ? normal : first + i - 1
        for j in 0..<Int(cone.size) {
          let column = j == 0 ? normal : first + j - 1
          target[row * rows + column] +=
            scaling.inverseSquare(i, j) * (i == 0 ? cone.coefficient : 1) * (j == 0 ? cone.coefficient : 1)
        }
      }
    }
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let rows = Int(block.rowCount)
      let first = Int(block.firstRow)
      let target = weights.pointer + Int(weightStarts.pointer[index])
      for row in 0..<rows { target[row * rows + row] += Self.damping * scale.pointer[first + row] }
    }
    return problem.givenMatrix == nil ? factorBodies(problem, &report) : factorRows(problem, &report)
  }

  private func factorRows(_ problem: ConstraintProblem, _ report: inout SolveReport) -> Bool {
    let n = problem.rowCount
    dense.matrix.resize(rows: n, columns: n)
    let a = dense.matrix.pointer
    problem.givenMatrix!.copyDense(into: a)
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let rows = Int(block.rowCount)
      let first = Int(block.firstRow)
      let source = weights.pointer + Int(weightStarts.pointer[index])
      for row in 0..<rows {
        for column in 0..<rows { a[(first + column) * n + first + row] += source[row * rows + column] }
      }
    }
    for row in 0..<n where isFixed.pointer[row] {
      for other in 0..<n {
        a[other * n + row] = 0
        a[row * n + other] = 0
      }
      a[row * n + row] = 1
    }
    report.factorizations += 1
    report.flops += 2.0 / 3.0 * Double(n) * Double(n) * Double(n)
    return dense.factor() == .factored
  }

  private func factorBodies(_ problem: ConstraintProblem, _ report: inout SolveReport) -> Bool {
    var isRegular = true
    space.begin(problem)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 36) { scratch in
      let matrix = scratch.baseAddress!
      for index in 0..<problem.blocks.count where isRegular {
        let block = problem.blocks.pointer[index]
        let rows = Int(block.rowCount)
        let first = Int(block.firstRow)
        let source = weights.pointer + Int(weightStarts.pointer[index])
        let inverse = inverses.pointer + Int(weightStarts.pointer[index])
        for row in 0..<rows {
          for column in 0..<rows {
            let isOut = isFixed.pointer[first + row] || isFixed.pointer[first + column]
            let unit = row == column ? 1.0 : 0
            matrix[row * rows + column] = isOut ? unit : source[row * rows + column]
            inverse[row * rows + column] = isFixed.pointer[first + row] ? 0 : unit
          }
          if !isFixed.pointer[first + row] {
            matrix[row * rows + row] += problem.compliance.pointer[first + row]
          }
        }
        // Near a cone's boundary D has eigenvalues 1e16 apart: the smallest are held up, which damps the step.
        var trace = 0.0
        for row in 0..<rows { trace += matrix[row * rows + row] }
        for row in 0..<rows { matrix[row * rows + row] += 1e-13 * trace }
        isRegular = SmallLU.solve(matrix, size: rows, inverse, columns: rows)
        for row in 0..<rows {
          for column in 0..<row {
            let mean = 0.5 * (inverse[row * rows + column] + inverse[column * rows + row])
            inverse[row * rows + column] = mean
            inverse[column * rows + row] = mean
          }
        }
        space.add(problem, block: index, weights: inverse)
      }
    }
    guard isRegular else { return false }
    if change == .pattern { report.analyses += 1 }
    linear.prepare(space.matrix, change: change, report: &report)
    change = .values
    return true
  }

  /// dλ, ds, dz for the present right-hand side r_s in `complement`.
  private func direct(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ report: inout SolveReport
  ) -> Bool {
    let rows = problem.rowCount
    for row in 0..<rows { right.pointer[row] = -dualResidual.pointer[row] }
    for index in 0..<cones.count {
      let cone = cones.pointer[index]
      let scaling = scalings.pointer[index]
      let l = scaling.times(z.pointer[index])
      var slackResidual = slack(cone, lambda) - s.pointer[index]
      slackResidual.x += cone.constant
      // dz = −W⁻¹(l \ r_s + W⁻¹ ds), ds = G dλ + r_z.
      ds.pointer[index] = slackResidual
      dz.pointer[index] = scaling.inverseTimes(ConeScaling.quotient(l, complement.pointer[index]))
      let known = dz.pointer[index] + scaling.inverseTimes(scaling.inverseTimes(slackResidual))
      addTransposed(cone, known, -1, to: right.pointer)
    }
    for row in 0..<rows where isFixed.pointer[row] { right.pointer[row] = 0 }
    guard problem.givenMatrix == nil ? solveBodies(problem, &report) : solveRows(rows, &report) else { return false }
    for index in 0..<cones.count {
      ds.pointer[index] += slack(cones.pointer[index], step.pointer)
      let scaling = scalings.pointer[index]
      dz.pointer[index] = -dz.pointer[index] - scaling.inverseTimes(scaling.inverseTimes(ds.pointer[index]))
    }
    return true
  }

  private func solveRows(_ rows: Int, _ report: inout SolveReport) -> Bool {
    step.pointer.update(from: right.pointer, count: rows)
    dense.solve(step.pointer)
    report.triangularSolves += 1
    return true
  }

  private func solveBodies(_ problem: ConstraintProblem, _ report: inout SolveReport) -> Bool {
    let bodies = problem.bodies.count
    multiplyInverses(problem, right.pointer, into: step.pointer)
    scratch.resize(to: bodies, filling: .zero)
    scratch.fill(.zero)
    problem.addInverseMassJacobianTranspose(step.pointer, to: scratch.pointer)
    for body in 0..<bodies {
      force.pointer[body] = problem.bodies.pointer[body].times(scratch.pointer[body])
      direction.pointer[body] = .zero
    }
    var linearReport = SolveReport()
    force.pointer.withMemoryRebound(to: Double.self, capacity: 6 * bodies) { f in
      direction.pointer.withMemoryRebound(to: Double.self, capacity: 6 * bodies) { solution in
        linear.solve(space.matrix, f, into: solution, stop: LinearStop(relative: 1e-11), report: &linearReport)
      }
    }
    report.addCosts(of: linearReport)
    if linearReport.reason == .breakdown { return false }
    problem.constraintVelocity(of: direction.pointer, into: trial.pointer)
    report.constraintPasses += 2
    for row in 0..<problem.rowCount { trial.pointer[row] = right.pointer[row] - trial.pointer[row] }
    multiplyInverses(problem, trial.pointer, into: step.pointer)
    return true
  }

  /// `result` ← D⁻¹ x.
  private func multiplyInverses(
    _ problem: ConstraintProblem, _ x: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let rows = Int(block.rowCount)
      let first = Int(block.firstRow)
      let inverse = inverses.pointer + Int(weightStarts.pointer[index])
      for row in 0..<rows {
        var sum = 0.0
        for column in 0..<rows { sum += inverse[row * rows + column] * x[first + column] }
        result[first + row] = sum
      }
    }
  }
}
