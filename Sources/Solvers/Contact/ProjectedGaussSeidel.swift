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

  func supports(_ problem: ConstraintProblem) -> Bool { problem.givenMatrix == nil }

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
      problem.copyDiagonalBlock(index, into: blocks.pointer + offset)
      // Box rows are solved one by one by their diagonal alone.
      if block.set != .box {
        SmallLDL.invert(blocks.pointer + offset, size: Int(block.rowCount), into: inverses.pointer + offset)
      }
    }
    report.flops += Double(problem.rowCount) * 200
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
    let hasExactCone = law == .convex || law == .coulomb
    var largest = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 12) { scratch in
      let w = scratch.baseAddress!
      let delta = w + 6
      for index in 0..<problem.blocks.count {
        let block = list + index
        let first = Int(block.pointee.firstRow)
        let rows = Int(block.pointee.rowCount)
        let a = block.pointee.bodyA >= 0 ? Int(block.pointee.bodyA) : still
        let b = block.pointee.bodyB >= 0 ? Int(block.pointee.bodyB) : still
        var va = WideVector6(loading: velocity + a)
        var vb = WideVector6(loading: velocity + b)
        let offset = Int(offsets[index])
        switch block.pointee.set {
        case .box:
          for row in first..<first + rows where diagonal[row] > 0 {
            let u = (jacobian + row).pairedVelocity(va, vb)
            let residual = u.x + u.y + bias[row] + compliance[row] * lambda[row]
            let next = min(
              max(lambda[row] - residual / diagonal[row], problem.lower.pointer[row]), problem.upper.pointer[row])
            let step = next - lambda[row]
            lambda[row] = next
            (scaled + row).add(step, to: &va, &vb)
            largest = max(largest, diagonal[row] * step.magnitude)
          }
        case .cone where rows == 3 && hasExactCone:
          let u0 = (jacobian + first).pairedVelocity(va, vb)
          let u1 = (jacobian + first + 1).pairedVelocity(va, vb)
          let u2 = (jacobian + first + 2).pairedVelocity(va, vb)
          let w0 = u0.x + u0.y + bias[first] + compliance[first] * lambda[first]
          let w1 = u1.x + u1.y + bias[first + 1] + compliance[first + 1] * lambda[first + 1]
          let w2 = u2.x + u2.y + bias[first + 2] + compliance[first + 2] * lambda[first + 2]
          var step = ConeBlock.solveThree(
            friction: block.pointee.friction, isConvex: law == .convex, coupling: couplings + offset,
            inverse: inverses + offset, lambda: lambda + first, w: (w0, w1, w2))
          if step == nil {
            w[0] = w0
            w[1] = w1
            w[2] = w2
            ConeBlock.iterate(
              block.pointee, law, coupling: couplings + offset, lambda: lambda + first, w: w, delta: delta)
            step = (delta[0], delta[1], delta[2])
          }
          let (d0, d1, d2) = step!
          lambda[first] += d0
          lambda[first + 1] += d1
          lambda[first + 2] += d2
          (scaled + first).add(d0, to: &va, &vb)
          (scaled + first + 1).add(d1, to: &va, &vb)
          (scaled + first + 2).add(d2, to: &va, &vb)
          largest = max(
            largest, diagonal[first] * d0.magnitude, diagonal[first + 1] * d1.magnitude,
            diagonal[first + 2] * d2.magnitude)
        case .free, .cone:
          for row in 0..<rows {
            let u = (jacobian + first + row).pairedVelocity(va, vb)
            w[row] = u.x + u.y + bias[first + row] + compliance[first + row] * lambda[first + row]
          }
          if block.pointee.set == .free {
            let inverse = inverses + offset
            for row in 0..<rows {
              var sum = 0.0
              for column in 0..<rows { sum -= inverse[row * rows + column] * w[column] }
              delta[row] = sum
            }
          } else {
            ConeBlock.iterate(
              block.pointee, law, coupling: couplings + offset, lambda: lambda + first, w: w, delta: delta)
          }
          for row in 0..<rows {
            let step = delta[row]
            lambda[first + row] += step
            (scaled + first + row).add(step, to: &va, &vb)
            largest = max(largest, diagonal[first + row] * step.magnitude)
          }
        }
        if a != still { va.store(to: velocity + a) }
        if b != still { vb.store(to: velocity + b) }
      }
    }
    return largest
  }
}

extension UnsafeMutablePointer<JacobianRow> {
  /// J_a v_a + J_b v_b, summed by parity: u is the sum of both.
  @inline(__always)
  func pairedVelocity(_ va: WideVector6, _ vb: WideVector6) -> SIMD2<Double> {
    let (a, b) = halves
    return a.pairedDot(va) + b.pairedDot(vb)
  }

  /// The twists v_a, v_b += s times this row.
  @inline(__always)
  func add(_ s: Double, to va: inout WideVector6, _ vb: inout WideVector6) {
    let (a, b) = halves
    va.add(s, a)
    vb.add(s, b)
  }

  @inline(__always)
  private var halves: (WideVector6, WideVector6) {
    let a = UnsafeRawPointer(self).assumingMemoryBound(to: Vector6.self)
    return (WideVector6(loading: a), WideVector6(loading: a + 1))
  }
}
