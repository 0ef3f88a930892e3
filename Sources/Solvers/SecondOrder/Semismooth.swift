import ConstraintSystem

/// Exact Coulomb friction by a semismooth Newton method with line search (Alart, Curnier 1991; Christensen et al.
/// 1998; Acary, Brémond, Huber 2018, section 5; Siconos' fc3d_nonsmooth_Newton).
///
///     Φ(λ) = φ(λ, A λ − b) = 0,   block by block (`ContactFunction.swift`)
///
/// Newton starts at the guess with the small proximal weight α = 1e-7 s that a singular A needs, and moves the
/// centre λᵏ until the natural map meets the tolerance. Near a solution three to ten steps are the rule. Far from one
/// the generalised Jacobian may send it astray, because under Coulomb's law there is no energy to descend: when the
/// line search finds nothing, the weight grows and falls again, so that the method becomes `ppa` until it is near
/// enough (`SemismoothNewton.swift`). The convex laws and joints are solved by the same equations.
///
/// Functions: `alart-curnier`, `jean-moreau` (the disc's radius from λ_n), `fischer-burmeister` (smoother, no modes to
/// switch, a few more steps). A given A is solved in row space by dense LU, symmetric or not: 2n³/3 a step. A problem
/// of bodies is solved in body space, by any linear solver of the catalog.
final class Semismooth: ConstraintSolver {
  /// Laws that it solves.
  static let laws: [FrictionLaw] = [.frictionless, .convex, .coulomb]

  static let descriptor = SolverDescriptor(
    name: "semismooth", summary: "semismooth Newton with line search, exact Coulomb friction",
    groups: ["classical", "contact", "second-order"], slots: ["linear", "preconditioner"],
    sets: ["free", "box", "cone"], laws: laws, reference: "Alart, Curnier 1991; Acary, Brémond, Huber 2018, 5",
    options: [
      OptionDescriptor("linear", "linear solver in body space: ldl (default), lu, cg, …"),
      OptionDescriptor("function", "alart-curnier (default), jean-moreau, fischer-burmeister"),
      OptionDescriptor("epsilon", "proximal weight α, default 1e-7, with an iterative linear solver 1e-4"),
    ]
  ) { options in
    return Semismooth(
      linear: try options.linearSolver(), kind: try options.contactFunction(),
      epsilon: try options.number("epsilon", in: 1e-12...1))
  }

  private let newton: SemismoothNewton

  init(linear: any LinearSolver, kind: ContactFunction.Kind = .alartCurnier, epsilon: Double? = nil) {
    let epsilon = epsilon ?? (linear.isDirect ? 1e-7 : 1e-4)
    newton = SemismoothNewton(
      linear: linear, kind: kind, course: .init(firstWeight: epsilon, epsilon: epsilon, factor: 0.1))
  }

  func supports(_ problem: ConstraintProblem) -> Bool { problem.isLinear || Self.laws.contains(problem.law) }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) { newton.prepare(problem, report: &report) }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) { newton.solve(problem, lambda: lambda, stop: stop, report: &report) }
}

/// A name among the kinds of `ContactFunction`, for the option "function".
private struct FunctionName: NamedEntry {
  let kind: ContactFunction.Kind
  var name: String { kind.rawValue }
}

extension SolverOptions {
  /// The option "function".
  func contactFunction(default kind: ContactFunction.Kind = .alartCurnier) throws -> ContactFunction.Kind {
    try entry(
      "function", among: ContactFunction.Kind.allCases.map(FunctionName.init), default: kind.rawValue
    ).kind
  }
}
