import ConstraintSystem

/// The proximal point method with an inner Newton method (Rockafellar 1976; Acary, Brémond, Huber 2018, section 7.3;
/// Siconos' fc3d_proximal).
///
///     λᵏ⁺¹ = solution of the problem with A + α s and b + α s λᵏ,   α ← max(ε, α/10)
///
/// s is the scale of the natural map, one number a cone. Every subproblem is regular and near to a contact on soft
/// ground, so that the inner semismooth Newton method (`SemismoothNewton.swift`) reaches it in a few steps; it is
/// solved until its residual is a tenth of α s ‖λᵏ⁺¹ − λᵏ‖ and no further. α starts at 1e-2 and falls, because each
/// round multiplies the error by about α/(α + κ), κ the smallest eigenvalue of A that matters relative to s.
///
/// The inner function is Fischer and Burmeister's unless another is asked for: it has no modes to switch between, and
/// a wall of 400 bricks takes 17 Newton steps in all with it and 43 with Alart and Curnier's. The more robust of the
/// two methods here: FCLIB's small problems take 4 to 80 steps to 1e-11. For monotone problems (the convex laws) it converges
/// for any start; under Coulomb's law nothing is proved, and a subproblem that Newton fails on is made rounder.
final class ProximalPoint: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "ppa", summary: "proximal point method, inner semismooth Newton, exact Coulomb friction",
    groups: ["classical", "contact", "second-order"], slots: ["linear", "preconditioner"],
    sets: ["free", "box", "cone"], laws: Semismooth.laws,
    reference: "Rockafellar 1976; Acary, Brémond, Huber 2018, 7.3",
    options: [
      OptionDescriptor("linear", "linear solver in body space: ldl (default), lu, cg, …"),
      OptionDescriptor("function", "fischer-burmeister (default), alart-curnier, jean-moreau"),
      OptionDescriptor("alpha", "first proximal weight α, default 1e-2"),
      OptionDescriptor("epsilon", "last proximal weight, default 1e-7, with an iterative linear solver 1e-4"),
    ]
  ) { options in
    return ProximalPoint(
      linear: try options.linearSolver(), kind: try options.contactFunction(default: .fischerBurmeister),
      alpha: try options.number("alpha", in: 1e-12...1e3), epsilon: try options.number("epsilon", in: 1e-12...1))
  }

  private let newton: SemismoothNewton

  init(linear: any LinearSolver, kind: ContactFunction.Kind, alpha: Double?, epsilon: Double?) {
    let epsilon = epsilon ?? (linear.isDirect ? 1e-7 : 1e-4)
    newton = SemismoothNewton(
      linear: linear, kind: kind,
      course: .init(firstWeight: max(alpha ?? 1e-2, epsilon), epsilon: epsilon, factor: 0.1))
  }

  func supports(_ problem: ConstraintProblem) -> Bool { problem.isLinear || Semismooth.laws.contains(problem.law) }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) { newton.prepare(problem, report: &report) }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) { newton.solve(problem, lambda: lambda, stop: stop, report: &report) }
}
