import ConstraintSystem
import LinearAlgebra

/// Projected block Gauss–Seidel: one constraint after the other, forward, each solved on its own set with the others
/// held (Jean, "The non-smooth contact dynamics method", 1999; Moreau; Catto's sequential impulses solve the same
/// problem row by row).
///
///     w_c = J_c v + β_c + σ_c λ_c,   λ_c ← solution of the block's own problem,   v += M⁻¹ J_cᵀ Δλ_c
///
/// v is carried along, so A is never formed: a sweep costs O(rows), two passes over J and M⁻¹Jᵀ. Joints are solved by
/// their inverse block D_c⁻¹, boxes row by row, contact points by `ConeBlock` under any law.
///
/// A sweep's largest change of velocity |D_c Δλ_c| bounds nothing but falls with the error: the natural map is measured
/// only when it is below the tolerance. Converges for every law on the scenes here, linearly, at a rate that worsens
/// with mass ratios and lengths of chains (1 − O(1/n²)).
final class ProjectedGaussSeidel: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "pgs", summary: "projected block Gauss–Seidel, forward order", groups: ["classical", "contact"], slots: [],
    sets: ["free", "box", "cone"], laws: FrictionLaw.allCases, reference: "Jean 1999; Acary, Brémond, Huber 2018, 4.3",
    options: []
  ) { _ in ProjectedGaussSeidel() }

  /// Sweeps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 100

  /// Inverse of every block's D_c = J_c M⁻¹ J_cᵀ + σ_c, and D_c itself, by rows, at 36 numbers' pace at most.
  private let inverses = Buffer<Double>()
  private let blocks = Buffer<Double>()
  private let offsets = Buffer<Int32>()
  private let velocity = Buffer<Vector6>()
  private let judge = NaturalMap()

  func supports(_ problem: ConstraintProblem) -> Bool { true }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    let count = problem.blocks.count
    offsets.resize(to: count, filling: 0)
    var total = 0
    for index in 0..<count {
      offsets.pointer[index] = Int32(total)
      let size = Int(problem.blocks.pointer[index].rowCount)
      total += size * size
    }
    blocks.resize(to: total, filling: 0)
    inverses.resize(to: total, filling: 0)
    for index in 0..<count {
      let block = problem.blocks.pointer[index]
      let offset = Int(offsets.pointer[index])
      Self.couple(problem, block, into: blocks.pointer + offset)
      // Box rows are solved one by one by their diagonal alone.
      if block.set != .box {
        SmallLDL.invert(blocks.pointer + offset, size: Int(block.rowCount), into: inverses.pointer + offset)
      }
    }
    report.flops += Double(problem.rowCount) * 200
  }

  /// D_c = J_c M⁻¹ J_cᵀ + diag(σ_c), by rows.
  private static func couple(
    _ problem: ConstraintProblem, _ block: ConstraintBlock, into d: UnsafeMutablePointer<Double>
  ) {
    let size = Int(block.rowCount)
    let jacobian = problem.jacobian.pointer + Int(block.firstRow)
    let scaled = problem.inverseMassJacobian.pointer + Int(block.firstRow)
    for row in 0..<size {
      for column in 0..<row {
        // Halves on bodies that do not move are zero.
        let entry = jacobian[row].a.dot(scaled[column].a) + jacobian[row].b.dot(scaled[column].b)
        d[row * size + column] = entry
        d[column * size + row] = entry
      }
      d[row * size + row] = problem.diagonal.pointer[Int(block.firstRow) + row]
    }
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    // One more velocity, always zero, stands for everything that does not move: no branch on the side.
    let count = problem.bodies.count
    velocity.resize(to: count + 1, filling: .zero)
    clampGuess(problem, lambda)
    problem.velocity(of: lambda, into: velocity.pointer)
    velocity.pointer[count] = .zero

    let limit = stop.iterations ?? Self.defaultIterations
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    report.reason = .iterationLimit
    var sweep = 0
    while true {
      if report.believedResidual.isNaN || report.believedResidual <= stop.tolerance {
        let measured = judge.residual(problem, lambda: lambda, velocity: velocity.pointer).maximum
        if measured <= stop.tolerance {
          report.believedResidual = measured
          report.reason = .converged
          break
        }
      }
      if sweep == limit { break }
      if let deadline, Clock.now() >= deadline {
        report.reason = .timeLimit
        break
      }
      report.believedResidual = self.sweep(problem, lambda)
      sweep += 1
      if !report.believedResidual.isFinite {
        report.reason = .breakdown
        break
      }
    }
    report.iterations += sweep
    report.constraintPasses += sweep
    report.flops += Double(sweep) * Double(problem.rowCount) * 56
  }

  /// Brings a guess into the sets, so that the first sweep starts from impulses that are possible.
  private func clampGuess(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
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

  /// One pass over all blocks; gives the largest |D_c Δλ_c| of a row (m/s).
  private func sweep(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) -> Double {
    let list = problem.blocks.pointer
    let jacobian = problem.jacobian.pointer
    let scaled = problem.inverseMassJacobian.pointer
    let bias = problem.bias.pointer
    let compliance = problem.compliance.pointer
    let diagonal = problem.diagonal.pointer
    let velocity = self.velocity.pointer
    let inverses = self.inverses.pointer
    let couplings = self.blocks.pointer
    let offsets = self.offsets.pointer
    let still = problem.bodies.count
    let law = problem.law
    var largest = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 12) { scratch in
      let w = scratch.baseAddress!
      let delta = w + 6
      for index in 0..<problem.blocks.count {
        let block = list[index]
        let first = Int(block.firstRow)
        let rows = Int(block.rowCount)
        let a = block.bodyA >= 0 ? Int(block.bodyA) : still
        let b = block.bodyB >= 0 ? Int(block.bodyB) : still
        var va = velocity[a]
        var vb = velocity[b]
        let offset = Int(offsets[index])

        if block.set == .box {
          for row in first..<first + rows {
            guard diagonal[row] > 0 else { continue }
            let residual =
              jacobian[row].a.dot(va) + jacobian[row].b.dot(vb) + bias[row] + compliance[row] * lambda[row]
            let next = min(
              max(lambda[row] - residual / diagonal[row], problem.lower.pointer[row]), problem.upper.pointer[row])
            let step = next - lambda[row]
            lambda[row] = next
            va += step * scaled[row].a
            vb += step * scaled[row].b
            largest = max(largest, diagonal[row] * step.magnitude)
          }
        } else {
          for row in 0..<rows {
            let j = jacobian + (first + row)
            w[row] =
              j.pointee.a.dot(va) + j.pointee.b.dot(vb) + bias[first + row]
              + compliance[first + row] * lambda[first + row]
          }
          let inverse = inverses + offset
          if block.set == .free {
            for row in 0..<rows {
              var sum = 0.0
              for column in 0..<rows { sum -= inverse[row * rows + column] * w[column] }
              delta[row] = sum
            }
          } else {
            ConeBlock.solve(
              block, law, coupling: couplings + offset, inverse: inverse, lambda: lambda + first, w: w, delta: delta)
          }
          for row in 0..<rows {
            let step = delta[row]
            lambda[first + row] += step
            va += step * scaled[first + row].a
            vb += step * scaled[first + row].b
            largest = max(largest, diagonal[first + row] * step.magnitude)
          }
        }
        if a != still { velocity[a] = va }
        if b != still { velocity[b] = vb }
      }
    }
    return largest
  }
}
