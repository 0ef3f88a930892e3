import ConstraintSystem

/// Sequential impulses, as games run them: row by row, from the last step's impulses, a fixed small number of times,
/// the accumulated impulse clamped and not its increment (Catto, "Iterative dynamics with temporal coherence", 2005;
/// "Fast and simple physics using sequential impulses", GDC 2006; Box2D, Bullet, ODE's quickstep are its kin).
///
///     n:        λ_n ← max(λ_n − w_n / D_nn, 0)
///     t₁, t₂:   pyramid: λ_ti ← clamp(λ_ti − w_ti / D_ii, ± μ λ_n) with the λ_n of this moment
///               coulomb: (λ_t1, λ_t2) ← the same on the disc of radius μ λ_n, one step length for both
///     convex:   the point's rows together, λ_c ← P_K(λ_c − w_c / trace D_c): row by row the cone's programme does not
///               separate, and the bounds μ λ_n would lead to the coulomb solution (Anitescu, Tasora 2010)
///
/// v follows every row. This is `pgs:block=row` with ten iterations: cost O(rows) each. Ten are enough to look right in
/// a game with warm starts; left to run it converges to the law's solution, slower than by blocks.
final class SequentialImpulses: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "impulse", summary: "sequential impulses: row by row, accumulated clamping, 10 iterations",
    groups: ["classical", "contact", "first-order", "game"], slots: [], sets: ["free", "box", "cone"],
    laws: FrictionLaw.allCases, reference: "Catto 2005; Catto 2006", options: []
  ) { _ in SequentialImpulses() }

  /// Sweeps of a solve unless the stop rule says otherwise: Box2D's number for velocities is 8, Bullet's 10.
  static let defaultIterations = 10

  private let sweep = GaussSeidelSweep(byRow: true)

  func supports(_ problem: ConstraintProblem) -> Bool { problem.givenMatrix == nil }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) { sweep.prepare(problem, report: &report) }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    sweep.start(problem, lambda)
    let iterations = sweep.iterate(
      problem, lambda, until: StopCheck(stop, defaultIterations: Self.defaultIterations), &report
    ) { sweep.pass(problem, lambda) }
    report.constraintPasses += iterations
    report.flops += Double(iterations) * sweep.flops(problem)
  }
}
