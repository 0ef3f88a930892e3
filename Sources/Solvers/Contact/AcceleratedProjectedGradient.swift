import ConstraintSystem

/// Accelerated projected gradient descent on the impulses, for the convex laws: Nesterov's method with adaptive restart
/// and backtracking (Nesterov 1983; Mazhar, Heyn, Negrut, Tasora, "Using Nesterov's method to accelerate multibody
/// dynamics with friction and contact", 2015; Chrono's APGD).
///
///     min ½ λᵀ A λ − bᵀ λ,  λ ∈ K
///
/// Formulas in `AcceleratedProjection`; variables are scaled by the natural map's s, one number a cone (`ScaledDual`),
/// which Chrono leaves to the user. Cost: one product with A and one projection an iteration, rarely two. Error O(1/k²),
/// with restarts linear at a rate 1 − O(1/√κ): long chains and mass ratios cost the root of what they cost `pgs`.
/// The residual is not monotone; the best λ is given back, as in the paper.
final class AcceleratedProjectedGradient: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "apgd", summary: "accelerated projected gradient with adaptive restart and backtracking",
    groups: ["classical", "contact", "first-order"], slots: [], sets: ["free", "box", "cone"],
    laws: [.frictionless, .convex], reference: "Nesterov 1983; Mazhar, Heyn, Negrut, Tasora 2015", options: []
  ) { _ in AcceleratedProjectedGradient() }

  /// Iterations of a solve unless the stop rule says otherwise.
  static let defaultIterations = 1000

  private let dual = ScaledDual()
  private let core: AcceleratedProjection

  init() { core = AcceleratedProjection(dual) }

  func supports(_ problem: ConstraintProblem) -> Bool {
    problem.isSymmetric && (Self.descriptor.laws.contains(problem.law) || problem.hasNoCones)
  }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    dual.prepare(problem)
    core.prepare(problem)
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let check = StopCheck(stop, defaultIterations: Self.defaultIterations)
    dual.load(problem, lambda, into: core.x.pointer)
    let products = report.operatorApplications
    let iterations = core.run(problem, &report) {
      dual.residual(problem)
    } ends: { error, iteration, report in
      check.ends(error, after: iteration, &report)
    }
    dual.store(problem, core.x.pointer, into: lambda)
    report.iterations += iterations
    report.constraintPasses += 2 * (report.operatorApplications - products)
    report.flops += Double(report.operatorApplications - products) * Double(problem.rowCount) * 80
  }
}
