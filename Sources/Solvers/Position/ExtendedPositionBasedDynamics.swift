import ConstraintSystem

/// Extended position-based dynamics with small steps (Macklin, Müller, Chentanez, "XPBD", MIG 2016; Macklin et al., "Small
/// Steps in Physics Simulation", SCA 2019; Müller et al., "Detailed Rigid Body Simulation with Extended Position Based
/// Dynamics", SCA 2020).
///
///     Δ = h v*,  λ_p = 0;   δλ_p = −(J M⁻¹ Jᵀ + σ)⁻¹ (C(Δ) + σ λ_p);   Δ += M⁻¹ Jᵀ δλ_p;   v⁺ = Δ/h
///
/// h is that of a small step: many of them with one iteration each beat one step with as many iterations, because errors
/// fall with h². σ is a row's compliance α/h² (for a spring of stiffness k, α = 1/k) and C its error with the damping
/// in it, see `PositionModel`: a spring's force does not depend on the number of iterations. Contacts are detected anew in
/// every small step.
///
/// Friction is undone as slip, within the disk of the normal multiplier; afterwards one pass over the contacts' velocities
/// brings restitution and takes what undoing penetration gave.
///
/// Cost: a detection, an assembly and a `PositionSweep` a small step. There is no warm start and slip is forgotten after
/// every small step, so stacks creep: one box of 1 m by 0.2 mm a second, ten by 0.1 m, and twenty fall. What is left undone damps: a
/// chain of 50 links at 1/60 s has joint errors up to 5 mm with an end of 100 link masses, 25 mm with 1000.
final class ExtendedPositionBasedDynamics: PositionSolver {
  static let descriptor = SolverDescriptor(
    name: "xpbd", summary: "extended position-based dynamics with small steps", groups: ["position"], slots: [],
    sets: ["free", "box", "cone"], laws: [.coulomb],
    reference: "Macklin, Müller, Chentanez 2016; Macklin et al. 2019; Müller et al. 2020",
    options: [OptionDescriptor("substeps", "small steps of a substep, default 20")], isApproximate: true
  ) { options in
    ExtendedPositionBasedDynamics(substeps: try options.integer("substeps", in: 1...10_000) ?? 20)
  }

  /// Iterations of a small step unless the stop rule says otherwise.
  static let defaultIterations = 1

  let stepping: Stepping
  let errorShare = 1.0
  let settlesContacts = true
  private let sweep = PositionSweep(factor: 1, isExtended: true)

  init(substeps: Int) { stepping = .position(substeps: substeps) }

  func supports(_ problem: ConstraintProblem) -> Bool { problem.hasBodiesUnderCoulomb }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    sweep.solve(problem, lambda: lambda, iterations: Self.defaultIterations, stop: stop, report: &report)
  }

  func project(
    _ model: any PositionModel, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    sweep.run(model, lambda: lambda, iterations: Self.defaultIterations, stop: stop, report: &report)
  }
}
