import ConstraintSystem
import LinearAlgebra

/// Newton's method in body space with proximal multiplier updates, for the convex laws.
///
/// With σ̃ = ε s per block the proximal problem around the multipliers λᵏ is unconstrained in v:
///
///     min ½ ‖v − v*‖²_M + Σ_c φ_c(y_c),   y_c = G_c (σ̃_c λᵏ_c − J_c v − β_c),   G = (σ + σ̃)⁻¹
///     ∇ = M (v − v*) − Jᵀ P_K(y),          H = M + Jᵀ (∂P_K G) J
///
/// φ_c is the squared distance in the metric G⁻¹ that P_K projects in; where σ_n ≠ σ_t the cone is scaled into the
/// metric of its normal (μ̂ = μ √(R_t/R_n)). Newton with an exact line search solves it in a few steps; then
/// λᵏ⁺¹ = P_K(y) and again (Rockafellar 1976), until the natural map of the *unregularised* problem meets the
/// tolerance. One pass at ε = 1e-6 leaves up to 2e-3 m/s, three reach 1e-6; ε ≤ 1e-10 drowns in round-off.
/// (Todorov 2014; Castro et al., "SAP", 2022; for the proximal outer loop Carpentier et al. 2024.)
///
/// Cost of a step: three passes over the rows, and where a contact has changed between open, sticking and sliding
/// one assembly and factorisation of H (6×6 blocks, analysis kept while the body graph stands).
/// On b outside the range of A the natural map stops falling: the solve ends with `inconsistent`.
final class Newton: ConstraintSolver {
  /// Laws that are convex programmes.
  static let laws: [FrictionLaw] = [.frictionless, .convex]

  static let descriptor = SolverDescriptor(
    name: "newton", summary: "Newton in body space with proximal multiplier updates",
    groups: ["classical", "second-order"], slots: ["linear", "preconditioner"], sets: ["free", "box", "cone"],
    laws: laws, reference: "Todorov 2014; Castro et al. 2022; Rockafellar 1976",
    options: [
      OptionDescriptor("linear", "linear solver of H dv = −∇: ldl (default), lu, cg, …"),
      OptionDescriptor("epsilon", "proximal weight ε, default 1e-6, with an iterative linear solver 1e-4"),
    ]
  ) { options in
    return Newton(linear: try options.linearSolver(), epsilon: try options.number("epsilon", in: 1e-12...1))
  }

  /// Newton steps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 100

  /// Proximal weight that a problem with contacts starts from, and what it is multiplied by until it is ε. Started at
  /// ε, a contact opens and closes on velocities of ε s λ. Too long a stride has the same effect, because an error of
  /// one stage is magnified by 1/factor in the next: in a pile under impact a factor of 0.01 takes 98 Newton steps at
  /// the median and often fails within 100, 0.1 takes 69, 0.3 takes 52 and never failed.
  static let firstWeight = 1e-2
  static let weightFactor = 0.3

  let linear: any LinearSolver
  let epsilon: Double
  let space = BodySpace()

  // One entry a row.
  let center = Buffer<Double>()
  let proximal = Buffer<Double>()
  let weight = Buffer<Double>()
  let u = Buffer<Double>()
  let du = Buffer<Double>()
  let y = Buffer<Double>()
  let w = Buffer<Double>()
  let best = Buffer<Double>()
  // One entry a body.
  let velocity = Buffer<Vector6>()
  let target = Buffer<Vector6>()
  let direction = Buffer<Vector6>()
  let gradient = Buffer<Vector6>()
  // One entry a block: `ConeProximal.Mode` of a cone, a bit mask of a box's inner rows.
  let modes = Buffer<UInt8>()
  let factoredModes = Buffer<UInt8>()
  var isFactored = false
  /// The proximal weight of the present stage.
  var weightNow = 0.0
  /// What the linear solver has not seen yet: a solve that ends at its guess leaves it for the next one.
  var change = MatrixChange.pattern

  init(linear: any LinearSolver, epsilon: Double? = nil) {
    self.linear = linear
    self.epsilon = epsilon ?? (linear.isDirect ? 1e-6 : 1e-4)
  }

  func supports(_ problem: ConstraintProblem) -> Bool {
    problem.givenMatrix == nil && (problem.isLinear || Self.laws.contains(problem.law))
  }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    if space.fit(problem) == .pattern {
      change = .pattern
      report.analyses += 1
    }
    isFactored = false
    let rows = problem.rowCount
    center.resize(to: rows, filling: 0)
    proximal.resize(to: rows, filling: 0)
    weight.resize(to: rows, filling: 0)
    u.resize(to: rows, filling: 0)
    du.resize(to: rows, filling: 0)
    y.resize(to: rows, filling: 0)
    w.resize(to: rows, filling: 0)
    best.resize(to: rows, filling: 0)
    let bodies = problem.bodies.count
    velocity.resize(to: bodies, filling: .zero)
    target.resize(to: bodies, filling: .zero)
    direction.resize(to: bodies, filling: .zero)
    gradient.resize(to: bodies, filling: .zero)
    modes.resize(to: problem.blocks.count, filling: 0)
    factoredModes.resize(to: problem.blocks.count, filling: 0)
    weightNow = problem.isLinear ? epsilon : max(epsilon, Self.firstWeight)
    setWeights(problem)
  }

  /// σ̃ and G of every row. A row that moves nothing (diagonal 0) gets G = 0, so λ = 0.
  private func setWeights(_ problem: ConstraintProblem) {
    isFactored = false
    let diagonal = problem.diagonal.pointer
    let compliance = problem.compliance.pointer
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      let rows = Int(block.rowCount)
      // One scalar a cone, so that it stays a cone; moment rows by their own mean.
      let force = block.set == .cone ? (diagonal[first] + diagonal[first + 1] + diagonal[first + 2]) / 3 : 0
      var moment = 0.0
      for row in 3..<max(3, rows) { moment += diagonal[first + row] / Double(rows - 3) }
      for row in 0..<rows {
        let s = block.set == .cone ? (row < 3 ? force : moment) : diagonal[first + row]
        proximal.pointer[first + row] = weightNow * s
        let r = compliance[first + row] + weightNow * s
        weight.pointer[first + row] = r > 0 ? 1 / r : 0
      }
    }
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let rows = problem.rowCount
    let limit = stop.iterations ?? Self.defaultIterations
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    project(problem, lambda)
    center.pointer.update(from: lambda, count: rows)
    problem.velocity(of: lambda, into: velocity.pointer)
    problem.constraintVelocity(of: velocity.pointer, into: u.pointer)
    report.constraintPasses += 2

    // The guess may be good enough as it is.
    for row in 0..<rows {
      w.pointer[row] = u.pointer[row] + problem.bias.pointer[row] + problem.compliance.pointer[row] * lambda[row]
    }
    var bestResidual = NaturalMap.residual(problem, lambda: lambda, w: w.pointer).maximum
    report.believedResidual = bestResidual
    if bestResidual <= stop.tolerance {
      report.reason = .converged
      return
    }
    best.pointer.update(from: lambda, count: rows)

    report.reason = .iterationLimit
    var iteration = 0
    var stalls = 0
    var residualAtUpdate = Double.infinity
    while true {
      let errors = evaluate(problem, lambda)
      report.constraintPasses += 2
      report.believedResidual = errors.natural
      if errors.natural < bestResidual {
        bestResidual = errors.natural
        best.pointer.update(from: lambda, count: rows)
      }
      if errors.natural <= stop.tolerance {
        report.reason = .converged
        break
      }
      if !errors.natural.isFinite {
        report.reason = .breakdown
        break
      }
      if iteration >= limit { break }
      if let deadline, Clock.now() >= deadline {
        report.reason = .timeLimit
        break
      }
      if errors.inner <= max(0.5 * errors.proximal, 0.05 * stop.tolerance) {
        // The subproblem is solved well enough: move its centre, and make it harder until it is the one asked for.
        stalls = errors.natural > 0.999 * residualAtUpdate ? stalls + 1 : 0
        residualAtUpdate = errors.natural
        if stalls == 5 {
          report.reason = .inconsistent
          report.inconsistency = bestResidual
          break
        }
        center.pointer.update(from: lambda, count: rows)
        if weightNow > epsilon {
          weightNow = max(epsilon, Self.weightFactor * weightNow)
          setWeights(problem)
          stalls = 0
        }
        continue
      }
      iteration += 1
      guard step(problem, lambda, &report) else {
        // No descent left at this precision: as far as this centre goes.
        stalls += 1
        if stalls == 5 {
          report.reason = .breakdown
          break
        }
        center.pointer.update(from: lambda, count: rows)
        continue
      }
    }
    if report.believedResidual > bestResidual {
      lambda.update(from: best.pointer, count: rows)
      report.believedResidual = bestResidual
    }
    report.iterations += iteration
  }

  /// The errors of one evaluation (m/s).
  struct Errors {
    /// Natural map of the unregularised problem at λ.
    var natural: Double
    /// Largest |J (v − v_λ)|: how far v is from the subproblem's solution.
    var inner: Double
    /// Largest |σ̃ (λ − λᵏ)|: how far the subproblem is from the problem.
    var proximal: Double
  }

  /// λ = P_K(y(v)) and its errors; leaves v_λ = v* + M⁻¹ Jᵀ λ in `target`.
  private func evaluate(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) -> Errors {
    let rows = problem.rowCount
    let u = self.u.pointer
    let y = self.y.pointer
    let w = self.w.pointer
    let bias = problem.bias.pointer
    for row in 0..<rows {
      y[row] = weight.pointer[row] * (proximal.pointer[row] * center.pointer[row] - u[row] - bias[row])
    }
    lambda.update(from: y, count: rows)
    project(problem, lambda)
    problem.velocity(of: lambda, into: target.pointer)
    problem.constraintVelocity(of: target.pointer, into: w)
    var inner = 0.0
    var outer = 0.0
    let compliance = problem.compliance.pointer
    for row in 0..<rows {
      inner = max(inner, (u[row] - w[row]).magnitude)
      outer = max(outer, (proximal.pointer[row] * (lambda[row] - center.pointer[row])).magnitude)
      w[row] += bias[row] + compliance[row] * lambda[row]
    }
    let natural = NaturalMap.residual(problem, lambda: lambda, w: w).maximum
    return Errors(natural: natural, inner: inner, proximal: outer)
  }

  /// P_K in the metric G⁻¹, block by block, in place; notes the modes.
  private func project(_ problem: ConstraintProblem, _ x: UnsafeMutablePointer<Double>) {
    let blocks = problem.blocks.pointer
    let modes = self.modes.pointer
    for index in 0..<problem.blocks.count {
      let block = blocks[index]
      let first = Int(block.firstRow)
      switch block.set {
      case .free: modes[index] = ConeProximal.Mode.inside.rawValue
      case .box:
        var mask: UInt8 = 0
        for row in 0..<Int(block.rowCount) {
          let value = x[first + row]
          let lower = problem.lower.pointer[first + row]
          let upper = problem.upper.pointer[first + row]
          if value > lower && value < upper { mask |= 1 << UInt8(row) }
          x[first + row] = min(max(value, lower), upper)
        }
        modes[index] = mask
      case .cone:
        modes[index] = ConeProximal.project(x + first, block, weight: weight.pointer + first).rawValue
      }
    }
  }
}
