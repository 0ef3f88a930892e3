import ConstraintSystem
import LinearAlgebra

/// A linear method as a solver of constraint problems.
///
/// On a problem with free rows alone it solves A λ = b itself, A block-sparse, one block a constraint. With limits,
/// motors or contacts it becomes the linear slot of another method, chosen by the law; what it is called stays what the
/// user typed:
///
///     frictionless, convex   newton       (frictionless: fewer systems than active-set, on walls and under impact)
///     coulomb                semismooth
///     pyramid                active-set
///
/// A is often singular. With b in its range every answer gives the same velocities. Otherwise a direct method leaves a
/// residual that no λ removes: the solve ends with `inconsistent` and says how large it is.
final class LiftedLinearSolver: ConstraintSolver {
  /// The descriptor of a linear solver as a solver.
  static func descriptor(_ linear: LinearSolverDescriptor) -> SolverDescriptor {
    SolverDescriptor(
      name: linear.name, summary: linear.summary, groups: linear.groups, slots: linear.slots,
      sets: ["free", "box", "cone"], laws: FrictionLaw.allCases, reference: linear.reference, options: linear.options,
      isApproximate: linear.isApproximate
    ) { options in
      LiftedLinearSolver(
        linear: try linear.make(options), newton: try Newton(linear: linear.make(options)),
        semismooth: try Semismooth(linear: linear.make(options)),
        activeSet: try ActiveSet(linear: linear.make(options)), isApproximate: linear.isApproximate)
    }
  }

  private let linear: any LinearSolver
  private let newton: Newton
  private let semismooth: Semismooth
  private let activeSet: ActiveSet
  /// Whether the linear solver may be wrong by any amount.
  private let isApproximate: Bool
  private let delassus = DelassusMatrix()
  private let residual = Buffer<Double>()
  private let twists = Buffer<Vector6>()

  init(
    linear: any LinearSolver, newton: Newton, semismooth: Semismooth, activeSet: ActiveSet, isApproximate: Bool
  ) {
    self.isApproximate = isApproximate
    self.linear = linear
    self.newton = newton
    self.semismooth = semismooth
    self.activeSet = activeSet
  }

  /// The method that the linear solver serves under the problem's law.
  private func host(_ problem: ConstraintProblem) -> any ConstraintSolver {
    switch problem.law {
    case .frictionless, .convex: newton
    case .coulomb: semismooth
    case .pyramid: activeSet
    }
  }

  func supports(_ problem: ConstraintProblem) -> Bool {
    // On a given matrix `semismooth` has a factorisation of its own and no use for the slot.
    if problem.isLinear { return problem.isSymmetric || linear is any UnsymmetricLinearSolver }
    return host(problem).supports(problem) && (problem.law != .coulomb || problem.givenMatrix == nil)
  }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    guard problem.isLinear else { return host(problem).prepare(problem, report: &report) }
    if !problem.isSymmetric, let given = problem.givenMatrix, let general = linear as? any UnsymmetricLinearSolver {
      return general.prepare(given, report: &report)
    }
    let change = delassus.assemble(problem)
    if change == .pattern { report.analyses += 1 }
    linear.prepare(delassus.matrix, change: change, report: &report)
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    guard problem.isLinear else {
      host(problem).solve(problem, lambda: lambda, stop: stop, report: &report)
      // A host that was led astray may end outside of the sets.
      if isApproximate { BlockSolution.clamp(problem, lambda) }
      return
    }
    let b = problem.rightHandSide.pointer
    if !problem.isSymmetric, let given = problem.givenMatrix, let general = linear as? any UnsymmetricLinearSolver {
      general.solve(given, b, into: lambda, report: &report)
    } else {
      linear.solve(
        delassus.matrix, b, into: lambda,
        stop: LinearStop(
          absolute: stop.tolerance, iterations: stop.iterations, deadline: stop.timeLimit.map { Clock.now() + $0 }),
        report: &report)
    }
    // A direct method has measured ‖Aλ − b‖₂, which bounds every row.
    if linear.isDirect && report.believedResidual <= stop.tolerance {
      report.reason = .converged
      return
    }
    residual.resize(to: problem.rowCount, filling: 0)
    problem.residual(lambda, into: residual.pointer, scratch: twists)
    report.operatorApplications += 1
    let largest = NaturalMap.residual(problem, lambda: lambda, w: residual.pointer).maximum
    report.believedResidual = largest
    if largest <= stop.tolerance {
      report.reason = .converged
    } else if linear.isDirect && report.reason != .breakdown {
      report.reason = .inconsistent
      report.inconsistency = largest
    }
  }
}
