import ConstraintSystem
import LinearAlgebra

/// Newton's method on φ(λ, w) = 0, block by block (`ContactFunction`), with proximal regularisation: the core that
/// `semismooth` and `ppa` share.
///
/// Around a centre λᵏ with weights σ̃ = α s per row (s: the scale of the natural map) the regularised problem is
///
///     w̃(λ) = A λ − b + σ̃ (λ − λᵏ),     Φ(λ) = φ(λ, w̃(λ)) = 0
///     Newton:  (X + Y (A + σ̃)) dλ = −Φ
///
/// A is singular, so σ̃ > 0 is what makes the system regular; λᵏ⁺¹ = λ removes what it changed. The step length comes
/// from the merit ½ Σ s Φ² (an energy) by the non-monotone rule of Grippo, Lampariello and Lucidi (1986): sufficient
/// decrease against the largest of the last five merits.
///
/// If Newton stalls or takes more than thirty steps about one centre, the best λ becomes the centre and α grows by
/// 100: a nearer, rounder problem; it then falls again by the factor of the method. Fischer and Burmeister's function
/// takes turns with Alart and Curnier's then. A centre whose move no longer
/// lowers the natural map says that round-off, or a b outside the range of A, is what remains.
///
/// Weak where many contacts slide and few hold: a wall of 100 bricks whose bricks all start with velocities of their
/// own ends at 1e-3 m/s. Near its solution the merit has many kinks and the steps become short.
///
/// The direction comes from a dense LU in row space where A is given (unsymmetric A allowed; 2n³/3 a step), and from
/// body space otherwise (`SemismoothNewton+Direction.swift`).
final class SemismoothNewton {
  /// What tells the methods apart.
  struct Course {
    /// α that a solve starts from.
    var firstWeight: Double
    /// α that it ends at.
    var epsilon: Double
    /// Factor from one centre to the next.
    var factor: Double
  }

  /// Newton steps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 200
  /// Rescues after which a solve gives up.
  static let rescues = 12
  /// Newton steps about one centre.
  static let stepsPerCentre = 30
  /// Merits that the line search looks back on.
  static let memory = 5

  let linear: any LinearSolver
  let kind: ContactFunction.Kind
  let course: Course
  let space = BodySpace()
  let gmres = FlexibleGMRES()
  let dense = DenseLUFactorization()
  var function = ContactFunction(kind: .alartCurnier, isCoulomb: true)
  var weight = 0.0
  /// What the linear solver has not seen yet.
  var change = MatrixChange.pattern

  // One entry a row.
  let scale = Buffer<Double>()
  let inverseScale = Buffer<Double>()
  let center = Buffer<Double>()
  let proximal = Buffer<Double>()
  let w = Buffer<Double>()
  let dw = Buffer<Double>()
  let phi = Buffer<Double>()
  let step = Buffer<Double>()
  let trial = Buffer<Double>()
  let trialW = Buffer<Double>()
  let best = Buffer<Double>()
  // K and its symmetric stand-in of every block, by rows, one after the other; ρ of every row.
  let gains = Buffer<Double>()
  let symmetricGains = Buffer<Double>()
  let gainStarts = Buffer<Int32>()
  let offset = Buffer<Double>()
  let scratch = Buffer<Vector6>()
  // One entry a body.
  let right = Buffer<Vector6>()
  let direction = Buffer<Vector6>()
  let force = Buffer<Vector6>()
  private let merits = Buffer<Double>()
  /// Steps about the present centre.
  private var stepsHere = 0

  init(linear: any LinearSolver, kind: ContactFunction.Kind, course: Course) {
    self.linear = linear
    self.kind = kind
    self.course = course
  }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    let rows = problem.rowCount
    function = ContactFunction(kind: kind, isCoulomb: problem.law == .coulomb)
    scale.resize(to: rows, filling: 0)
    inverseScale.resize(to: rows, filling: 0)
    center.resize(to: rows, filling: 0)
    proximal.resize(to: rows, filling: 0)
    w.resize(to: rows, filling: 0)
    dw.resize(to: rows, filling: 0)
    phi.resize(to: rows, filling: 0)
    step.resize(to: rows, filling: 0)
    trial.resize(to: rows, filling: 0)
    trialW.resize(to: rows, filling: 0)
    best.resize(to: rows, filling: 0)
    offset.resize(to: rows, filling: 0)
    setScales(problem)
    guard problem.givenMatrix == nil else { return }
    if space.fit(problem) == .pattern { change = .pattern }
    let bodies = problem.bodies.count
    right.resize(to: bodies, filling: .zero)
    direction.resize(to: bodies, filling: .zero)
    force.resize(to: bodies, filling: .zero)
    gainStarts.resize(to: problem.blocks.count, filling: 0)
    var total = 0
    for index in 0..<problem.blocks.count {
      gainStarts.pointer[index] = Int32(total)
      let size = Int(problem.blocks.pointer[index].rowCount)
      total += size * size
    }
    gains.resize(to: total, filling: 0)
    symmetricGains.resize(to: total, filling: 0)
  }

  /// s of every row: A's diagonal, and for a cone the means over its force and its moment rows.
  private func setScales(_ problem: ConstraintProblem) {
    let diagonal = problem.diagonal.pointer
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      let rows = Int(block.rowCount)
      let forceScale = block.set == .cone ? (diagonal[first] + diagonal[first + 1] + diagonal[first + 2]) / 3 : 0
      var moment = 0.0
      for row in 3..<max(3, rows) { moment += diagonal[first + row] / Double(rows - 3) }
      for row in 0..<rows {
        let s = block.set == .cone ? (row < 3 ? forceScale : moment) : diagonal[first + row]
        scale.pointer[first + row] = max(s, 0)
        inverseScale.pointer[first + row] = s > 0 ? 1 / s : 0
      }
    }
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let rows = problem.rowCount
    let limit = stop.iterations ?? Self.defaultIterations
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    clamp(problem, lambda)
    var bestResidual = judge(problem, lambda, &report)
    best.pointer.update(from: lambda, count: rows)
    center.pointer.update(from: lambda, count: rows)
    weight = course.firstWeight
    function.kind = kind
    var iteration = 0
    var stalls = 0
    var rescues = 0
    var residualAtMove = Double.infinity
    // What round-off makes of A λ − b.
    let roundOff = 1e-15 * size(problem, lambda)
    startCentre()
    report.reason = bestResidual <= stop.tolerance ? .converged : .iterationLimit
    var merit = evaluate(problem, lambda, &report)
    while report.reason != .converged {
      guard merit.isFinite else {
        report.reason = .breakdown
        break
      }
      // The law's set holds λ only where Φ = 0: what is judged, and handed back, is λ brought into it.
      trial.pointer.update(from: lambda, count: rows)
      clamp(problem, trial.pointer)
      let natural = judge(problem, trial.pointer, &report)
      if natural < bestResidual {
        bestResidual = natural
        best.pointer.update(from: trial.pointer, count: rows)
        if natural <= stop.tolerance {
          report.reason = .converged
          break
        }
      }
      if iteration >= limit { break }
      if let deadline, Clock.now() >= deadline {
        report.reason = .timeLimit
        break
      }
      let (inner, outer) = errors(lambda, rows)
      if (stepsHere > 0 && inner <= max(0.1 * outer, 0.02 * stop.tolerance)) || inner <= roundOff {
        // Solved well enough about this centre: move it, and make the problem harder until it is the one asked for.
        stalls = weight > course.epsilon || bestResidual <= 0.9 * residualAtMove ? 0 : stalls + 1
        residualAtMove = bestResidual
        if stalls == 4 {
          endWithoutProgress(problem, bestResidual, &report)
          break
        }
        center.pointer.update(from: lambda, count: rows)
        weight = max(course.epsilon, course.factor * weight)
        startCentre()
        merit = evaluate(problem, lambda, &report)
        continue
      }
      merits.append(merit)
      let found = stepsHere < Self.stepsPerCentre && advance(problem, lambda, merit, &report)
      iteration += 1
      stepsHere += 1
      if !found {
        rescues += 1
        if rescues > Self.rescues || bestResidual <= roundOff {
          endWithoutProgress(problem, bestResidual, &report)
          break
        }
        lambda.update(from: best.pointer, count: rows)
        center.pointer.update(from: lambda, count: rows)
        weight = min(1, 100 * weight)
        // At the tip of a cone Fischer and Burmeister's function has no usable derivative; projections have.
        if kind == .fischerBurmeister { function.kind = rescues % 2 == 0 ? kind : .alartCurnier }
        startCentre()
      }
      merit = evaluate(problem, lambda, &report)
    }
    lambda.update(from: best.pointer, count: rows)
    report.believedResidual = bestResidual
    report.iterations += iteration
  }

  /// Forgets the steps about the last centre.
  private func startCentre() {
    stepsHere = 0
    merits.removeAll()
  }

  /// No step helps any more: round-off, or a b that no λ reaches.
  private func endWithoutProgress(_ problem: ConstraintProblem, _ residual: Double, _ report: inout SolveReport) {
    if residual > 1e-9 * size(problem, best.pointer) {
      report.reason = .inconsistent
      report.inconsistency = residual
    } else {
      report.reason = .breakdown
    }
  }

  /// ‖b‖₂ + ‖s λ‖₂ (m/s).
  private func size(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) -> Double {
    var b = 0.0
    var l = 0.0
    for row in 0..<problem.rowCount {
      b += problem.rightHandSide.pointer[row] * problem.rightHandSide.pointer[row]
      l += scale.pointer[row] * lambda[row] * scale.pointer[row] * lambda[row]
    }
    return b.squareRoot() + l.squareRoot()
  }

  /// The natural map of the problem itself at λ (m/s).
  private func judge(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ report: inout SolveReport
  ) -> Double {
    problem.residual(lambda, into: trialW.pointer, scratch: scratch)
    report.operatorApplications += 1
    return NaturalMap.residual(problem, lambda: lambda, w: trialW.pointer).maximum
  }

  /// w̃ and Φ at λ; gives the merit.
  private func evaluate(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ report: inout SolveReport
  ) -> Double {
    problem.residual(lambda, into: w.pointer, scratch: scratch)
    report.operatorApplications += 1
    report.constraintPasses += 1
    for row in 0..<problem.rowCount {
      proximal.pointer[row] = weight * scale.pointer[row]
      w.pointer[row] += proximal.pointer[row] * (lambda[row] - center.pointer[row])
    }
    return merit(problem, lambda, w.pointer)
  }

  /// ½ Σ s Φ², and Φ.
  private func merit(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>
  ) -> Double {
    let phi = self.phi.pointer
    let blocks = problem.blocks.pointer
    let function = self.function
    for index in 0..<problem.blocks.count {
      let first = Int(blocks[index].firstRow)
      function.value(
        blocks[index], lambda + first, w + first, inverseScale.pointer + first, problem.lower.pointer + first,
        problem.upper.pointer + first, into: phi + first)
    }
    var sum = 0.0
    for row in 0..<problem.rowCount { sum += scale.pointer[row] * phi[row] * phi[row] }
    return 0.5 * sum
  }

  /// ‖s Φ‖₂ and ‖σ̃ (λ − λᵏ)‖₂ (m/s).
  private func errors(_ lambda: UnsafePointer<Double>, _ rows: Int) -> (inner: Double, outer: Double) {
    var inner = 0.0
    var outer = 0.0
    for row in 0..<rows {
      let a = scale.pointer[row] * phi.pointer[row]
      let b = proximal.pointer[row] * (lambda[row] - center.pointer[row])
      inner += a * a
      outer += b * b
    }
    return (inner.squareRoot(), outer.squareRoot())
  }

  /// λ += t dλ; false where there is no direction or no step along it helps.
  private func advance(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ merit: Double,
    _ report: inout SolveReport
  ) -> Bool {
    let rows = problem.rowCount
    guard findDirection(problem, lambda, &report) else { return false }
    problem.apply(step.pointer, into: dw.pointer, scratch: scratch)
    report.operatorApplications += 1
    for row in 0..<rows { dw.pointer[row] += proximal.pointer[row] * step.pointer[row] }
    var reference = merit
    for index in max(0, merits.count - Self.memory)..<merits.count {
      reference = max(reference, merits.pointer[index])
    }
    var length = 1.0
    var bestLength = 0.0
    var bestMerit = merit
    for _ in 0..<12 {
      for row in 0..<rows {
        trial.pointer[row] = lambda[row] + length * step.pointer[row]
        trialW.pointer[row] = w.pointer[row] + length * dw.pointer[row]
      }
      let value = self.merit(problem, trial.pointer, trialW.pointer)
      report.constraintPasses += 1
      if value <= reference * (1 - 2e-4 * length) {
        bestLength = length
        break
      }
      if value < bestMerit {
        bestMerit = value
        bestLength = length
      }
      length *= 0.5
    }
    if bestLength == 0 { return false }
    for row in 0..<rows { lambda[row] += bestLength * step.pointer[row] }
    return true
  }

  /// Brings λ into the law's sets.
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
      case .cone: ConeBlock.clamp(lambda + first, block, problem.law == .coulomb ? .coulomb : .convex)
      }
    }
  }
}
