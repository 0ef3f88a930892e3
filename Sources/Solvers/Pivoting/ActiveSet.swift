import ConstraintSystem
import LinearAlgebra

/// Primal–dual active set with the safeguard of block principal pivoting, for box rows (Hintermüller, Ito, Kunisch
/// 2002; Júdice, Pires, "A block principal pivoting algorithm for large-scale strictly monotone linear complementarity
/// problems", 1994).
///
/// Each row is at its lower bound, at its upper bound, or inside. With the bounds' rows fixed, w = 0 on the inner ones
/// is a linear system; then every row that is inside but beyond a bound, or at a bound with w of the wrong sign, changes
/// its state at once. When the number of such rows has not fallen for ten rounds, only the one with the largest index
/// changes (Murty's rule, which ends after finitely many rounds) until it does.
///
/// Both need a regular system, so the problem is solved in proximal steps: A + σ̃, b + σ̃ λᵏ with σ̃ = ε s, λᵏ⁺¹ = λ
/// (as in `newton`), ε falling from 1. Under `pyramid` the friction rows have the bounds ± μ λᵏ_n, renewed after every step; the solve
/// ends when they and the centre agree, measured by the natural map of the problem itself. That outer iteration
/// contracts where friction does not feed back on the normal impulses by more than it takes; otherwise the solve ends
/// at its limit.
///
/// On bodies the system is H v = M v* + Jᵀ_F λ_F + Jᵀ_I G (σ̃ λᵏ − β), H = M + Jᵀ_I G J_I, G = (σ + σ̃)⁻¹: one
/// assembly and factorisation a round. On a given symmetric A it is A itself with the fixed rows masked out.
final class ActiveSet: ConstraintSolver {
  /// Laws that it solves.
  static let laws: [FrictionLaw] = [.frictionless, .pyramid]

  static let descriptor = SolverDescriptor(
    name: "active-set", summary: "primal–dual active set, block principal pivoting",
    groups: ["classical", "contact", "pivoting"], slots: ["linear", "preconditioner"], sets: ["free", "box", "cone"],
    laws: laws, reference: "Júdice, Pires 1994; Hintermüller, Ito, Kunisch 2002",
    options: [
      OptionDescriptor("linear", "linear solver of the inner rows: ldl (default), lu, cg, …"),
      OptionDescriptor("epsilon", "proximal weight ε, default 1e-6, with an iterative linear solver 1e-4"),
    ]
  ) { options in
    return ActiveSet(linear: try options.linearSolver(), epsilon: try options.number("epsilon", in: 1e-12...1))
  }

  /// Linear systems of a solve unless the stop rule says otherwise.
  static let defaultIterations = 500
  /// Rounds without fewer infeasible rows until they change one by one.
  static let patience = 10

  /// Proximal weight that a problem with bounds starts from; it falls by ten a step until it is ε. Started at ε,
  /// rows of large piles change states on velocities of ε s λ for hundreds of rounds.
  static let firstWeight = 1.0

  /// Where a row is.
  private enum State: UInt8 {
    case inside
    case lower
    case upper
  }

  private let linear: any LinearSolver
  private let epsilon: Double
  private let space = BodySpace()
  private let delassus = DelassusMatrix()
  private var change = MatrixChange.pattern
  private var weight = 0.0

  // One entry a row.
  private let states = Buffer<UInt8>()
  private let lower = Buffer<Double>()
  private let upper = Buffer<Double>()
  private let proximal = Buffer<Double>()
  private let center = Buffer<Double>()
  private let w = Buffer<Double>()
  private let u = Buffer<Double>()
  private let right = Buffer<Double>()
  private let judged = Buffer<Double>()
  private let best = Buffer<Double>()
  // One entry a body.
  private let scratch = Buffer<Vector6>()
  private let velocity = Buffer<Vector6>()
  private let force = Buffer<Vector6>()

  init(linear: any LinearSolver, epsilon: Double? = nil) {
    self.linear = linear
    self.epsilon = epsilon ?? (linear.isDirect ? 1e-6 : 1e-4)
  }

  func supports(_ problem: ConstraintProblem) -> Bool {
    problem.isSymmetric && PivotingRows.supports(problem)
  }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    let rows = problem.rowCount
    states.resize(to: rows, filling: 0)
    lower.resize(to: rows, filling: 0)
    upper.resize(to: rows, filling: 0)
    proximal.resize(to: rows, filling: 0)
    center.resize(to: rows, filling: 0)
    w.resize(to: rows, filling: 0)
    u.resize(to: rows, filling: 0)
    right.resize(to: rows, filling: 0)
    judged.resize(to: rows, filling: 0)
    best.resize(to: rows, filling: 0)
    velocity.resize(to: problem.bodies.count, filling: .zero)
    force.resize(to: problem.bodies.count, filling: .zero)
    let now = problem.givenMatrix == nil ? space.fit(problem) : delassus.assemble(problem)
    if now == .pattern { change = .pattern }
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let rows = problem.rowCount
    let limit = stop.iterations ?? Self.defaultIterations
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    PivotingRows.clamp(problem, lambda)
    best.pointer.update(from: lambda, count: rows)
    var bestResidual = judge(problem, lambda, &report)
    report.reason = bestResidual <= stop.tolerance ? .converged : .iterationLimit
    var iteration = 0
    var stalls = 0
    if report.reason != .converged { start(problem, lambda) }
    setWeight(problem.isLinear ? epsilon : max(epsilon, Self.firstWeight), problem)
    outer: while report.reason != .converged {
      var fewest = Int.max
      var rounds = 0
      while true {
        if iteration >= limit { break outer }
        if let deadline, Clock.now() >= deadline {
          report.reason = .timeLimit
          break outer
        }
        guard solveInner(problem, lambda, &report) else {
          report.reason = .breakdown
          break outer
        }
        iteration += 1
        for row in 0..<rows {
          w.pointer[row] += proximal.pointer[row] * (lambda[row] - center.pointer[row])
        }
        let infeasible = exchange(problem, lambda, tolerance: 0.01 * stop.tolerance, onlyLast: rounds > Self.patience)
        if infeasible == 0 { break }
        if infeasible < fewest {
          fewest = infeasible
          rounds = 0
        } else {
          rounds += 1
        }
      }
      // The judge's λ is inside the sets, with the friction bounds of its own normal impulses.
      judged.pointer.update(from: lambda, count: rows)
      PivotingRows.clamp(problem, judged.pointer)
      let residual = judge(problem, judged.pointer, &report)
      stalls = residual < 0.999 * bestResidual ? 0 : stalls + 1
      if residual < bestResidual {
        bestResidual = residual
        best.pointer.update(from: judged.pointer, count: rows)
      }
      if residual <= stop.tolerance {
        report.reason = .converged
      } else if stalls == 20 {
        report.reason = .inconsistent
        report.inconsistency = bestResidual
        break
      }
      center.pointer.update(from: judged.pointer, count: rows)
      PivotingRows.bounds(problem, judged.pointer, lower: lower.pointer, upper: upper.pointer)
      if weight > epsilon {
        stalls = 0
        setWeight(max(epsilon, 0.1 * weight), problem)
      }
    }
    lambda.update(from: best.pointer, count: rows)
    report.believedResidual = bestResidual
    report.iterations += iteration
  }

  private func setWeight(_ value: Double, _ problem: ConstraintProblem) {
    weight = value
    for row in 0..<problem.rowCount { proximal.pointer[row] = value * problem.diagonal.pointer[row] }
  }

  private func judge(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ report: inout SolveReport
  ) -> Double {
    problem.residual(lambda, into: w.pointer, scratch: scratch)
    report.operatorApplications += 1
    return NaturalMap.residual(problem, lambda: lambda, w: w.pointer).maximum
  }

  /// Centre, bounds and states of the guess; `w` holds its A λ − b.
  private func start(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) {
    center.pointer.update(from: lambda, count: problem.rowCount)
    PivotingRows.bounds(problem, lambda, lower: lower.pointer, upper: upper.pointer)
    for row in 0..<problem.rowCount {
      let s = problem.diagonal.pointer[row]
      let moved = s > 0 ? lambda[row] - w.pointer[row] / s : 0
      var state = State.inside
      if moved <= lower.pointer[row] { state = .lower } else if moved >= upper.pointer[row] { state = .upper }
      states.pointer[row] = state.rawValue
    }
  }

  /// Moves every row that is on the wrong side, or the last of them; gives their number. `w` holds w̃.
  private func exchange(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, tolerance: Double, onlyLast: Bool
  ) -> Int {
    var count = 0
    var last = -1
    var lastState = State.inside
    for row in 0..<problem.rowCount {
      let s = problem.diagonal.pointer[row]
      if s <= 0 { continue }
      let state = State(rawValue: states.pointer[row])!
      var next = state
      switch state {
      case .inside:
        if s * (lower.pointer[row] - lambda[row]) > tolerance {
          next = .lower
        } else if s * (lambda[row] - upper.pointer[row]) > tolerance {
          next = .upper
        }
      // Between equal bounds no sign is wrong.
      case .lower: if w.pointer[row] < -tolerance && lower.pointer[row] < upper.pointer[row] { next = .inside }
      case .upper: if w.pointer[row] > tolerance && lower.pointer[row] < upper.pointer[row] { next = .inside }
      }
      guard next != state else { continue }
      count += 1
      last = row
      lastState = next
      if !onlyLast { states.pointer[row] = next.rawValue }
    }
    if onlyLast && last >= 0 { states.pointer[last] = lastState.rawValue }
    return count
  }

  @inline(__always)
  private func isInside(_ row: Int, _ problem: ConstraintProblem) -> Bool {
    states.pointer[row] == State.inside.rawValue && problem.diagonal.pointer[row] > 0
  }

  /// λ of the present states, and `w` = A λ − b.
  private func solveInner(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ report: inout SolveReport
  ) -> Bool {
    let rows = problem.rowCount
    for row in 0..<rows where !isInside(row, problem) {
      let s = problem.diagonal.pointer[row]
      let bound = states.pointer[row] == State.upper.rawValue ? upper.pointer[row] : lower.pointer[row]
      lambda[row] = s > 0 ? bound : min(max(0, lower.pointer[row]), upper.pointer[row])
    }
    let solved =
      problem.givenMatrix == nil ? solveBodies(problem, lambda, &report) : solveRows(problem, lambda, &report)
    guard solved else { return false }
    for row in 0..<rows where !lambda[row].isFinite { return false }
    problem.residual(lambda, into: w.pointer, scratch: scratch)
    report.operatorApplications += 1
    return true
  }

  private func solveBodies(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ report: inout SolveReport
  ) -> Bool {
    space.begin(problem)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 36) { scratch in
      let weights = scratch.baseAddress!
      for index in 0..<problem.blocks.count {
        let first = Int(problem.blocks.pointer[index].firstRow)
        let size = Int(problem.blocks.pointer[index].rowCount)
        for entry in 0..<size * size { weights[entry] = 0 }
        var isEmpty = true
        for row in 0..<size where isInside(first + row, problem) {
          weights[row * size + row] = gain(first + row, problem)
          isEmpty = false
        }
        if !isEmpty { space.add(problem, block: index, weights: weights) }
      }
    }
    if change == .pattern { report.analyses += 1 }
    linear.prepare(space.matrix, change: change, report: &report)
    change = .values
    // From the velocity of λ as it stands; dv is small once the states are right, and so is its error.
    for pass in 0..<2 {
      problem.velocity(of: lambda, into: velocity.pointer)
      problem.constraintVelocity(of: velocity.pointer, into: u.pointer)
      report.constraintPasses += 2
      // H dv = Jᵀ_I G (σ̃ λᵏ − (σ + σ̃) λ − u − β), λ += G (…) − G J dv
      for row in 0..<problem.rowCount {
        let sigma = problem.compliance.pointer[row] + proximal.pointer[row]
        right.pointer[row] =
          isInside(row, problem)
          ? gain(row, problem)
            * (proximal.pointer[row] * center.pointer[row] - sigma * lambda[row] - u.pointer[row]
              - problem.bias.pointer[row]) : 0
      }
      scratch.resize(to: problem.bodies.count, filling: .zero)
      scratch.fill(.zero)
      problem.addInverseMassJacobianTranspose(right.pointer, to: scratch.pointer)
      for body in 0..<problem.bodies.count {
        force.pointer[body] = problem.bodies.pointer[body].times(scratch.pointer[body])
        velocity.pointer[body] = .zero
      }
      guard solveLinear(force.pointer, into: velocity.pointer, count: 6 * problem.bodies.count, &report) else {
        return false
      }
      problem.constraintVelocity(of: velocity.pointer, into: u.pointer)
      for row in 0..<problem.rowCount where isInside(row, problem) {
        lambda[row] += right.pointer[row] - gain(row, problem) * u.pointer[row]
      }
      if pass == 0 && linear.isDirect && weight >= 1e-6 { break }
    }
    return true
  }

  @inline(__always)
  private func gain(_ row: Int, _ problem: ConstraintProblem) -> Double {
    1 / (problem.compliance.pointer[row] + proximal.pointer[row])
  }

  private func solveLinear(
    _ b: UnsafeMutablePointer<Vector6>, into x: UnsafeMutablePointer<Vector6>, count: Int, _ report: inout SolveReport
  ) -> Bool {
    b.withMemoryRebound(to: Double.self, capacity: count) { right in
      x.withMemoryRebound(to: Double.self, capacity: count) { solution in
        solveLinear(space.matrix, right, into: solution, &report)
      }
    }
  }

  private func solveLinear(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    _ report: inout SolveReport
  ) -> Bool {
    var linearReport = SolveReport()
    linear.solve(matrix, b, into: x, stop: LinearStop(relative: 1e-11), report: &linearReport)
    report.addCosts(of: linearReport)
    return linearReport.reason != .breakdown
  }

  /// (A + σ̃)_II dλ_I = b − A λ − σ̃ (λ − λᵏ), the other rows masked by the identity.
  private func solveRows(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ report: inout SolveReport
  ) -> Bool {
    _ = delassus.assemble(problem)
    let matrix = delassus.matrix
    let values = matrix.values.pointer
    matrix.forEachBlock { row, column, entry in
      let rows = matrix.size(ofBlock: row)
      let columns = matrix.size(ofBlock: column)
      for i in 0..<rows {
        for j in 0..<columns {
          let r = matrix.offset(ofBlock: row) + i
          let c = matrix.offset(ofBlock: column) + j
          if !isInside(r, problem) || !isInside(c, problem) {
            values[entry + i * columns + j] = r == c ? 1 : 0
          } else if r == c {
            values[entry + i * columns + j] += proximal.pointer[r]
          }
        }
      }
    }
    if change == .pattern { report.analyses += 1 }
    linear.prepare(matrix, change: change, report: &report)
    change = .values
    problem.residual(lambda, into: w.pointer, scratch: scratch)
    report.operatorApplications += 1
    for row in 0..<problem.rowCount {
      right.pointer[row] =
        isInside(row, problem)
        ? -w.pointer[row] - proximal.pointer[row] * (lambda[row] - center.pointer[row]) : 0
      u.pointer[row] = 0
    }
    guard solveLinear(matrix, right.pointer, into: u.pointer, &report) else { return false }
    for row in 0..<problem.rowCount where isInside(row, problem) { lambda[row] += u.pointer[row] }
    return true
  }
}
