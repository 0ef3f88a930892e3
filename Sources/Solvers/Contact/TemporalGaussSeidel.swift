import ConstraintSystem
import LinearAlgebra

/// Small steps of soft rows, one sweep each, relaxed ("TGS soft", Catto, "Solver2D", 2024; Macklin et al., "Small Steps in
/// Physics Simulation", 2019; the name from PhysX's temporal Gauss–Seidel).
///
/// The step finds contacts once and is cut into substeps of
///
///     v* = v + h M⁻¹ f;  warm start;  one sweep over rows that are damped springs, with bias;
///     x⁺ = x + h v;  one sweep over the same rows rigid and without bias, which takes the springs' push out of v⁺.
///
/// That is the `soft` stabilisation with substeps of its own (`Stepping.soft`); this file is the sweep, row by row:
///
///     λ_r ← P_K(λ_r − w_r / D_rr),   v += M⁻¹ J_rᵀ δλ_r
///
/// joints first, contacts after; of a contact the normal, then the tangents with the larger D of both, shortened together to
/// the disk μ λ_n, then the moments. Restitution stands in the contact rows of the substep in which a contact closes.
///
/// Cost of a sweep: two passes over J and M⁻¹ Jᵀ. Approximate by construction: convergence is left to the steps. Rigid
/// enough for games at 4 substeps and mass ratios of about ten; the springs are as soft as the substep is long.
final class TemporalGaussSeidel: SteppingSolver {
  static let descriptor = SolverDescriptor(
    name: "tgs", summary: "soft substeps of one sweep, each with a relaxing sweep", groups: ["contact"], slots: [],
    sets: ["free", "box", "cone"], laws: [.coulomb], reference: "Catto 2024; Macklin et al. 2019",
    options: [OptionDescriptor("substeps", "parts of a substep, default 4")], isApproximate: true
  ) { options in
    TemporalGaussSeidel(substeps: try options.integer("substeps", in: 1...10_000) ?? 4)
  }

  /// Sweeps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 1

  let stepping: Stepping
  private let velocity = Buffer<Vector6>()

  init(substeps: Int) { stepping = .soft(substeps: substeps) }

  func supports(_ problem: ConstraintProblem) -> Bool { problem.hasBodiesUnderCoulomb }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {}

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    // One more velocity, always zero, stands for everything that does not move.
    let count = problem.bodies.count
    velocity.resize(to: count + 1, filling: .zero)
    clampGuess(problem, lambda)
    problem.velocity(of: lambda, into: velocity.pointer)
    velocity.pointer[count] = .zero
    let limit = stop.iterations ?? Self.defaultIterations
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    report.reason = .iterationLimit
    var iteration = 0
    while iteration < limit {
      if let deadline, Clock.now() >= deadline {
        report.reason = .timeLimit
        break
      }
      sweep(problem, lambda)
      iteration += 1
    }
    report.iterations += iteration
    report.constraintPasses += iteration + 1
    report.flops += Double(iteration + 1) * Double(problem.rowCount) * 56
  }

  /// Brings a guess into the sets.
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

  private func sweep(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    let list = problem.blocks.pointer
    let jacobian = problem.jacobian.pointer
    let scaled = problem.inverseMassJacobian.pointer
    let bias = problem.bias.pointer
    let compliance = problem.compliance.pointer
    let diagonal = problem.diagonal.pointer
    let velocity = self.velocity.pointer
    let still = problem.bodies.count
    for index in 0..<problem.blocks.count {
      let block = list + index
      let first = Int(block.pointee.firstRow)
      let rows = Int(block.pointee.rowCount)
      let a = block.pointee.bodyA >= 0 ? Int(block.pointee.bodyA) : still
      let b = block.pointee.bodyB >= 0 ? Int(block.pointee.bodyB) : still
      var va = WideVector6(loading: velocity + a)
      var vb = WideVector6(loading: velocity + b)
      func w(_ row: Int) -> Double {
        let u = (jacobian + row).pairedVelocity(va, vb)
        return u.x + u.y + bias[row] + compliance[row] * lambda[row]
      }
      func wanted(_ row: Int) -> Double { lambda[row] - w(row) / diagonal[row] }
      func take(_ next: Double, _ row: Int) {
        (scaled + row).add(next - lambda[row], to: &va, &vb)
        lambda[row] = next
      }
      func takeDisk(_ row: Int, _ bound: Double) {
        // One length for both, so that sliding friction points against the slip whatever D is.
        let size = max(diagonal[row], diagonal[row + 1])
        guard size > 0 else { return }
        let x = lambda[row] - w(row) / size
        let y = lambda[row + 1] - w(row + 1) / size
        let length = (x * x + y * y).squareRoot()
        let scale = length > bound ? bound / length : 1
        take(scale * x, row)
        take(scale * y, row + 1)
      }
      switch block.pointee.set {
      case .free:
        for row in first..<first + rows where diagonal[row] > 0 { take(wanted(row), row) }
      case .box:
        for row in first..<first + rows where diagonal[row] > 0 {
          take(min(max(wanted(row), problem.lower.pointer[row]), problem.upper.pointer[row]), row)
        }
      case .cone:
        if diagonal[first] > 0 { take(max(wanted(first), 0), first) }
        let normal = lambda[first]
        takeDisk(first + 1, block.pointee.friction * normal)
        if block.pointee.hasTorsionalRow && diagonal[first + 3] > 0 {
          let bound = block.pointee.torsionalFriction * normal
          take(min(max(wanted(first + 3), -bound), bound), first + 3)
        }
        if block.pointee.hasRollingRows { takeDisk(first + rows - 2, block.pointee.rollingFriction * normal) }
      }
      if a != still { va.store(to: velocity + a) }
      if b != still { vb.store(to: velocity + b) }
    }
  }
}
