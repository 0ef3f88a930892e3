import ConstraintSystem
import LinearAlgebra

/// The sweep that `pbd` and `xpbd` share: one constraint after the other, bodies moved at once.
///
///     e = C(Δ) + σ λ_p                      (xpbd; pbd leaves σ λ_p out)
///     λ_p ← P_K(λ_p − s D⁻¹ e),   D = J M⁻¹ Jᵀ + σ,   Δ += M⁻¹ Jᵀ δλ_p
///
/// with λ_p the displacement multipliers of `PositionModel` and s the stiffness factor. Joints are evaluated anew right
/// before their turn and solved as blocks, limits and motors row by row; of a contact first the normal, then the tangents
/// together, shortened to the disk μ λ_n of the normal just found, then the moments.
///
/// An iteration goes forward and back. With G the sweep's error matrix, velocities from positions make the errors of one
/// step into those of the next by e⁺ = G (2 e − e⁻), z² − 2 g z + g = 0 for every eigenvalue g of G. A real g in [0, 1), as
/// those of the symmetric sweep are, gives |z| = √g < 1. A forward sweep over closed loops has complex ones, and near 1
/// these grow: a net of 20 × 20 balls gained six times m g times its extent in 40 steps. On trees both are stable.
///
/// Cost of an iteration: two evaluations a joint, four passes over J and M⁻¹ Jᵀ.
final class PositionSweep {
  /// s, 0 < s ≤ 1.
  private let factor: Double
  /// 1 where the multipliers found so far count against the compliance, else 0.
  private let memory: Double
  private let frozen = LinearPositionModel()

  /// `isExtended`: whether σ λ_p is part of the error.
  init(factor: Double, isExtended: Bool) {
    self.factor = factor
    memory = isExtended ? 1 : 0
  }

  /// The iterations on a frozen problem.
  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, iterations: Int, stop: StopRule,
    report: inout SolveReport
  ) {
    frozen.begin(problem)
    run(frozen, lambda: lambda, iterations: iterations, stop: stop, report: &report)
  }

  /// Iterations from λ = 0, as in the papers; `lambda` gets λ_p/h.
  func run(
    _ model: any PositionModel, lambda: UnsafeMutablePointer<Double>, iterations: Int, stop: StopRule,
    report: inout SolveReport
  ) {
    let problem = model.problem
    let limit = stop.iterations ?? iterations
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    let units = model.unitCount
    let unitBlocks = model.unitBlocks.pointer
    let firstLinear = units > 0 ? Int(unitBlocks[units]) : 0
    lambda.update(repeating: 0, count: problem.rowCount)
    report.reason = .iterationLimit
    var iteration = 0
    while iteration < limit {
      if let deadline, Clock.now() >= deadline {
        report.reason = .timeLimit
        break
      }
      for unit in 0..<units {
        model.evaluate(unit: unit)
        project(model, problem, lambda, from: Int(unitBlocks[unit]), to: Int(unitBlocks[unit + 1]), by: 1)
      }
      project(model, problem, lambda, from: firstLinear, to: problem.blocks.count, by: 1)
      project(model, problem, lambda, from: problem.blocks.count - 1, to: firstLinear - 1, by: -1)
      var unit = units - 1
      while unit >= 0 {
        model.evaluate(unit: unit)
        project(model, problem, lambda, from: Int(unitBlocks[unit + 1]) - 1, to: Int(unitBlocks[unit]) - 1, by: -1)
        unit -= 1
      }
      iteration += 1
    }
    let inverse = 1 / problem.timestep
    for row in 0..<problem.rowCount { lambda[row] *= inverse }
    report.iterations += iteration
    report.constraintPasses += 2 * iteration
    report.flops += Double(iteration) * Double(problem.rowCount) * 300
  }

  /// One pass over some blocks.
  private func project(
    _ model: any PositionModel, _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>,
    from start: Int, to end: Int, by stride: Int
  ) {
    let list = problem.blocks.pointer
    let jacobian = problem.jacobian.pointer
    let scaled = problem.inverseMassJacobian.pointer
    let compliance = problem.compliance.pointer
    let lower = problem.lower.pointer
    let upper = problem.upper.pointer
    let offset = model.offset.pointer
    let displacement = model.displacement.pointer
    let h = problem.timestep
    let factor = self.factor
    let memory = self.memory
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 84) { scratch in
      let d = scratch.baseAddress!
      let inverse = d + 36
      let error = d + 72
      let step = d + 78
      var index = start
      while index != end {
        defer { index += stride }
        let block = list + index
        let first = Int(block.pointee.firstRow)
        let rows = Int(block.pointee.rowCount)
        let a = Int(block.pointee.bodyA)
        let b = Int(block.pointee.bodyB)
        var da = a >= 0 ? WideVector6(loading: displacement + a) : WideVector6(.zero, .zero, .zero)
        var db = b >= 0 ? WideVector6(loading: displacement + b) : WideVector6(.zero, .zero, .zero)
        switch block.pointee.set {
        case .free:
          for row in 0..<rows {
            let u = (jacobian + first + row).pairedVelocity(da, db)
            error[row] = u.x + u.y + offset[first + row] + memory * compliance[first + row] * lambda[first + row]
            for column in 0...row {
              let entry = Self.coupling(jacobian + first + row, scaled + first + column)
              d[row * rows + column] = entry
              d[column * rows + row] = entry
            }
            d[row * rows + row] += compliance[first + row]
          }
          SmallLDL.invert(d, size: rows, into: inverse)
          for row in 0..<rows {
            var sum = 0.0
            for column in 0..<rows { sum -= inverse[row * rows + column] * error[column] }
            step[row] = factor * sum
          }
          for row in 0..<rows {
            lambda[first + row] += step[row]
            (scaled + first + row).add(step[row], to: &da, &db)
          }
        case .box:
          for row in first..<first + rows {
            let size = Self.coupling(jacobian + row, scaled + row) + compliance[row]
            guard size > 0 else { continue }
            let u = (jacobian + row).pairedVelocity(da, db)
            let violation = u.x + u.y + offset[row] + memory * compliance[row] * lambda[row]
            let next = min(max(lambda[row] - factor * violation / size, h * lower[row]), h * upper[row])
            (scaled + row).add(next - lambda[row], to: &da, &db)
            lambda[row] = next
          }
        case .cone:
          let size = Self.coupling(jacobian + first, scaled + first) + compliance[first]
          if size > 0 {
            let u = (jacobian + first).pairedVelocity(da, db)
            let gap = u.x + u.y + offset[first] + memory * compliance[first] * lambda[first]
            let next = max(lambda[first] - factor * gap / size, 0)
            (scaled + first).add(next - lambda[first], to: &da, &db)
            lambda[first] = next
          }
          let normal = lambda[first]
          slide(first + 1, block.pointee.friction * normal, jacobian, scaled, offset, lambda, &da, &db)
          if block.pointee.hasTorsionalRow {
            turn(first + 3, block.pointee.torsionalFriction * normal, jacobian, scaled, offset, lambda, &da, &db)
          }
          if block.pointee.hasRollingRows {
            slide(
              first + rows - 2, block.pointee.rollingFriction * normal, jacobian, scaled, offset, lambda, &da, &db)
          }
        }
        if a >= 0 { da.store(to: displacement + a) }
        if b >= 0 { db.store(to: displacement + b) }
      }
    }
  }

  /// Undoes the slip of two rows together, within a disk.
  @inline(__always)
  private func slide(
    _ row: Int, _ bound: Double, _ jacobian: UnsafeMutablePointer<JacobianRow>,
    _ scaled: UnsafeMutablePointer<JacobianRow>, _ offset: UnsafePointer<Double>,
    _ lambda: UnsafeMutablePointer<Double>, _ da: inout WideVector6, _ db: inout WideVector6
  ) {
    let d00 = Self.coupling(jacobian + row, scaled + row)
    let d01 = Self.coupling(jacobian + row, scaled + row + 1)
    let d11 = Self.coupling(jacobian + row + 1, scaled + row + 1)
    let determinant = d00 * d11 - d01 * d01
    guard determinant > 1e-12 * d00 * d11 else { return }
    let u0 = (jacobian + row).pairedVelocity(da, db)
    let u1 = (jacobian + row + 1).pairedVelocity(da, db)
    let e0 = u0.x + u0.y + offset[row]
    let e1 = u1.x + u1.y + offset[row + 1]
    let scale = factor / determinant
    var next0 = lambda[row] - scale * (d11 * e0 - d01 * e1)
    var next1 = lambda[row + 1] - scale * (d00 * e1 - d01 * e0)
    if next0 * next0 + next1 * next1 > bound * bound {
      // It slides: a step of one length in both directions, so that it ends against the slip whatever D is.
      let size = 0.5 * (d00 + d11) + (0.25 * (d00 - d11) * (d00 - d11) + d01 * d01).squareRoot()
      next0 = lambda[row] - factor * e0 / size
      next1 = lambda[row + 1] - factor * e1 / size
      let length = (next0 * next0 + next1 * next1).squareRoot()
      if length > bound {
        let shorten = bound / length
        next0 *= shorten
        next1 *= shorten
      }
    }
    (scaled + row).add(next0 - lambda[row], to: &da, &db)
    (scaled + row + 1).add(next1 - lambda[row + 1], to: &da, &db)
    lambda[row] = next0
    lambda[row + 1] = next1
  }

  /// Undoes the turn of one row, within ± `bound`.
  @inline(__always)
  private func turn(
    _ row: Int, _ bound: Double, _ jacobian: UnsafeMutablePointer<JacobianRow>,
    _ scaled: UnsafeMutablePointer<JacobianRow>, _ offset: UnsafePointer<Double>,
    _ lambda: UnsafeMutablePointer<Double>, _ da: inout WideVector6, _ db: inout WideVector6
  ) {
    let size = Self.coupling(jacobian + row, scaled + row)
    guard size > 0 else { return }
    let u = (jacobian + row).pairedVelocity(da, db)
    let next = min(max(lambda[row] - factor * (u.x + u.y + offset[row]) / size, -bound), bound)
    (scaled + row).add(next - lambda[row], to: &da, &db)
    lambda[row] = next
  }

  /// J M⁻¹ Jᵀ of two rows of a block. Halves on bodies that do not move are zero.
  @inline(__always)
  private static func coupling(
    _ row: UnsafeMutablePointer<JacobianRow>, _ scaled: UnsafeMutablePointer<JacobianRow>
  ) -> Double {
    row.pointee.a.dot(scaled.pointee.a) + row.pointee.b.dot(scaled.pointee.b)
  }
}
