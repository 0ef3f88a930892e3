import ConstraintSystem
import LinearAlgebra

/// Primal–dual interior point method for the convex laws, Nesterov–Todd scaling, Mehrotra's predictor and corrector
/// (Nesterov, Todd 1997; Mehrotra 1992; Vandenberghe 2010; for contact Mangoni, Tasora, Garziera 2018 and Acary,
/// Armand, Nguyen, Shpakovych 2023).
///
///     min ½ λᵀAλ − bᵀλ,  s = G λ + g ∈ K,  K a product of second-order cones,  dual z ∈ K, s ∘ z = 0
///
/// A contact's parts are the cones (μ_i λ_n, λ_i): tangent, torsion, rolling share λ_n. A bound is a cone of dimension
/// one, a joint has none. With the residuals r_x = Aλ − b − Gᵀz, r_z = Gλ + g − s and the scaled point l = W z = W⁻¹ s,
/// each step solves, for r_s = l ∘ l (predictor) and l ∘ l + W⁻¹ds ∘ W dz − σ τ e (corrector),
///
///     (A + D) dλ = −r_x − Gᵀ(W⁻¹(l \ r_s) + W⁻² r_z),   D = GᵀW⁻²G + ε s
///     ds = G dλ + r_z,   dz = −W⁻¹(l \ r_s) − W⁻² ds,   τ = sᵀz/rank,   σ = (1 − α_aff)³
///
/// D is one small block a constraint. On bodies the system is (M + Jᵀ D⁻¹ J) dv = Jᵀ D⁻¹ r, dλ = D⁻¹(r − J dv), by any
/// linear solver; on a given symmetric A it is dense LU. ε = 1e-8 keeps both regular for a singular A: it damps the
/// step and leaves the residuals as they are, so no strictly interior solution is needed.
///
/// 10 to 30 steps whatever the problem, each with one factorisation and two solves; it cannot use a warm start, because
/// a point at the cones' boundary has no centre. Fails where the bounds have no common interior and b pushes against
/// them.
final class InteriorPoint: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "ipm", summary: "primal–dual interior point, Nesterov–Todd scaling",
    groups: ["classical", "contact", "second-order"], slots: ["linear", "preconditioner"],
    sets: ["free", "box", "cone"], laws: Newton.laws,
    reference: "Nesterov, Todd 1997; Mangoni et al. 2018; Acary, Armand et al. 2023",
    options: [OptionDescriptor("linear", "linear solver in body space: ldl (default), lu, cg, …")]
  ) { options in
    InteriorPoint(linear: try options.linearSolver())
  }

  /// Steps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 100
  /// Weight of the damping, relative to the scale of a row.
  static let damping = 1e-8

  /// One second-order cone: s = (coefficient λ[row] + constant, λ[first], λ[first + 1]), `size` numbers of it.
  struct Cone {
    var row: Int32
    var first: Int32
    var size: Int32
    var block: Int32
    var coefficient: Double
    var constant: Double
  }

  let linear: any LinearSolver
  let space = BodySpace()
  let dense = DenseLUFactorization()
  var change = MatrixChange.pattern
  let cones = Buffer<Cone>()
  let s = Buffer<ConeScaling.Element>()
  let z = Buffer<ConeScaling.Element>()
  let ds = Buffer<ConeScaling.Element>()
  let dz = Buffer<ConeScaling.Element>()
  let complement = Buffer<ConeScaling.Element>()
  let scalings = Buffer<ConeScaling>()
  // One entry a row; a fixed row keeps λ = 0 (no friction, or nothing that it moves).
  let isFixed = Buffer<Bool>()
  let scale = Buffer<Double>()
  let w = Buffer<Double>()
  let dualResidual = Buffer<Double>()
  let right = Buffer<Double>()
  let step = Buffer<Double>()
  let trial = Buffer<Double>()
  let best = Buffer<Double>()
  /// D of every block and its inverse, by rows, one after the other.
  let weights = Buffer<Double>()
  let inverses = Buffer<Double>()
  let weightStarts = Buffer<Int32>()
  let scratch = Buffer<Vector6>()
  let direction = Buffer<Vector6>()
  let force = Buffer<Vector6>()

  init(linear: any LinearSolver) { self.linear = linear }

  func supports(_ problem: ConstraintProblem) -> Bool {
    problem.isSymmetric && (problem.isLinear || Newton.laws.contains(problem.law))
  }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    let rows = problem.rowCount
    isFixed.resize(to: rows, filling: false)
    scale.resize(to: rows, filling: 0)
    w.resize(to: rows, filling: 0)
    dualResidual.resize(to: rows, filling: 0)
    right.resize(to: rows, filling: 0)
    step.resize(to: rows, filling: 0)
    trial.resize(to: rows, filling: 0)
    best.resize(to: rows, filling: 0)
    weightStarts.resize(to: problem.blocks.count, filling: 0)
    cones.removeAll()
    var total = 0
    for index in 0..<problem.blocks.count {
      weightStarts.pointer[index] = Int32(total)
      let size = Int(problem.blocks.pointer[index].rowCount)
      total += size * size
      addCones(problem, index)
    }
    weights.resize(to: total, filling: 0)
    inverses.resize(to: total, filling: 0)
    s.resize(to: cones.count, filling: .zero)
    z.resize(to: cones.count, filling: .zero)
    ds.resize(to: cones.count, filling: .zero)
    dz.resize(to: cones.count, filling: .zero)
    complement.resize(to: cones.count, filling: .zero)
    scalings.reserve(cones.count)
    guard problem.givenMatrix == nil else { return }
    direction.resize(to: problem.bodies.count, filling: .zero)
    force.resize(to: problem.bodies.count, filling: .zero)
    if space.fit(problem) == .pattern { change = .pattern }
  }

  private func addCones(_ problem: ConstraintProblem, _ index: Int) {
    let block = problem.blocks.pointer[index]
    let first = Int(block.firstRow)
    func add(_ row: Int, _ coefficient: Double, _ constant: Double, first: Int = 0, size: Int = 1) {
      cones.append(
        Cone(
          row: Int32(row), first: Int32(first), size: Int32(size), block: Int32(index), coefficient: coefficient,
          constant: constant))
    }
    for row in first..<first + Int(block.rowCount) {
      scale.pointer[row] = problem.diagonal.pointer[row]
      isFixed.pointer[row] = problem.diagonal.pointer[row] <= 0
      guard block.set == .box && !isFixed.pointer[row] else { continue }
      let lower = problem.lower.pointer[row]
      let upper = problem.upper.pointer[row]
      if lower == upper {
        isFixed.pointer[row] = true
        continue
      }
      if lower > -.infinity { add(row, 1, -lower) }
      if upper < .infinity { add(row, -1, upper) }
    }
    guard block.set == .cone else { return }
    if isFixed.pointer[first] {
      for row in first..<first + Int(block.rowCount) { isFixed.pointer[row] = true }
      return
    }
    var hasParts = false
    for number in 0..<3 {
      let (start, size, coefficient) = ContactFunction.part(number, block)
      if size == 0 { continue }
      if coefficient > 0 {
        add(first, coefficient, 0, first: first + start, size: size + 1)
        hasParts = true
      } else {
        for row in first + start..<first + start + size { isFixed.pointer[row] = true }
      }
    }
    if !hasParts { add(first, 1, 0) }
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let rows = problem.rowCount
    let limit = stop.iterations ?? Self.defaultIterations
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    clamp(problem, lambda)
    best.pointer.update(from: lambda, count: rows)
    var bestResidual = judge(problem, lambda, &report)
    report.reason = bestResidual <= stop.tolerance ? .converged : .iterationLimit
    var iteration = 0
    var stalls = 0
    if report.reason != .converged { start(problem, lambda) }
    while report.reason != .converged {
      trial.pointer.update(from: lambda, count: rows)
      clamp(problem, trial.pointer)
      let residual = judge(problem, trial.pointer, &report)
      stalls = residual < 0.9 * bestResidual ? 0 : stalls + 1
      if residual < bestResidual {
        bestResidual = residual
        best.pointer.update(from: trial.pointer, count: rows)
      }
      if residual <= stop.tolerance {
        report.reason = .converged
        break
      }
      if iteration >= limit { break }
      if let deadline, Clock.now() >= deadline {
        report.reason = .timeLimit
        break
      }
      if stalls >= 25 {
        report.reason = .inconsistent
        report.inconsistency = bestResidual
        break
      }
      iteration += 1
      guard advance(problem, lambda, &report) else {
        report.reason = .breakdown
        break
      }
    }
    lambda.update(from: best.pointer, count: rows)
    report.believedResidual = bestResidual
    report.iterations += iteration
  }

  /// The natural map at λ (m/s).
  private func judge(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ report: inout SolveReport
  ) -> Double {
    problem.residual(lambda, into: w.pointer, scratch: scratch)
    report.operatorApplications += 1
    return NaturalMap.residual(problem, lambda: lambda, w: w.pointer).maximum
  }

  /// A point inside all cones: impulses that change velocities by the largest |b|, and duals of that velocity.
  private func start(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    var size = 0.0
    for row in 0..<problem.rowCount { size = max(size, problem.rightHandSide.pointer[row].magnitude) }
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      for row in first..<first + Int(block.rowCount) {
        if isFixed.pointer[row] {
          lambda[row] =
            block.set == .box ? min(max(0, problem.lower.pointer[row]), problem.upper.pointer[row]) : 0
          continue
        }
        let typical = size / scale.pointer[row]
        switch block.set {
        case .free: break
        case .cone: lambda[row] = row == first ? typical : 0
        case .box:
          let lower = problem.lower.pointer[row]
          let upper = problem.upper.pointer[row]
          if lower > -.infinity && upper < .infinity {
            lambda[row] = 0.5 * (lower + upper)
          } else if lower > -.infinity {
            lambda[row] = lower + typical
          } else if upper < .infinity {
            lambda[row] = upper - typical
          }
        }
      }
    }
    for index in 0..<cones.count {
      let cone = cones.pointer[index]
      s.pointer[index] = slack(cone, lambda)
      s.pointer[index].x += cone.constant
      z.pointer[index] = .init(size / cone.coefficient.magnitude, 0, 0, 0)
    }
  }

  /// G x of one cone.
  @inline(__always)
  func slack(_ cone: Cone, _ x: UnsafePointer<Double>) -> ConeScaling.Element {
    var result = ConeScaling.Element(cone.coefficient * x[Int(cone.row)], 0, 0, 0)
    if cone.size > 1 { result.y = x[Int(cone.first)] }
    if cone.size > 2 { result.z = x[Int(cone.first) + 1] }
    return result
  }

  /// `x` += Gᵀ y of one cone, times `factor`.
  @inline(__always)
  func addTransposed(_ cone: Cone, _ y: ConeScaling.Element, _ factor: Double, to x: UnsafeMutablePointer<Double>) {
    x[Int(cone.row)] += factor * cone.coefficient * y.x
    if cone.size > 1 { x[Int(cone.first)] += factor * y.y }
    if cone.size > 2 { x[Int(cone.first) + 1] += factor * y.z }
  }

  /// Brings λ into the sets.
  private func clamp(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      switch block.set {
      case .free: break
      case .box:
        for row in first..<first + Int(block.rowCount) {
          lambda[row] = min(max(lambda[row], problem.lower.pointer[row]), problem.upper.pointer[row])
        }
      case .cone: ConeBlock.clamp(lambda + first, block, .convex)
      }
    }
  }
}
