import ConstraintSystem

/// Position-based dynamics: bodies are moved until C(x, q) = 0, velocities are where they went (Müller, Heidelberger,
/// Hennix, Ratcliff, "Position Based Dynamics", J. Vis. Comm. 18, 2007; rigid bodies: Deul, Charrier, Bender,
/// "Position-based rigid-body dynamics", 2016).
///
///     Δ = h v*;   n times over all constraints:  Δ −= s M⁻¹ Jᵀ (J M⁻¹ Jᵀ + σ)⁻¹ C(Δ);   v⁺ = Δ/h
///
/// s is the stiffness factor, 1 unless said. A spring gets the step that would make it right if it were alone, and gets
/// it again with every iteration: it is as stiff as the iterations are many, which is what `xpbd` mends. Rigid rows differ
/// from `xpbd` in nothing but the defaults.
///
/// Cost: `PositionSweep`. Undoing an error is a velocity, so a torn joint closes with a jerk, and what the iterations
/// leave undone is damping: heavy loads on long chains sag and lose energy. Friction is a disk, its velocity error first
/// order in h.
final class PositionBasedDynamics: PositionSolver {
  static let descriptor = SolverDescriptor(
    name: "pbd", summary: "position-based dynamics, stiffness by iterations", groups: ["position"], slots: [],
    sets: ["free", "box", "cone"], laws: [.coulomb], reference: "Müller et al. 2007; Deul, Charrier, Bender 2016",
    options: [
      OptionDescriptor("substeps", "parts of a substep, default 1"),
      OptionDescriptor("stiffness", "part of an error that an iteration undoes, 0 … 1, default 1"),
    ], isApproximate: true
  ) { options in
    PositionBasedDynamics(
      substeps: try options.integer("substeps", in: 1...10_000) ?? 1,
      stiffness: try options.number("stiffness", in: 1e-6...1) ?? 1)
  }

  /// Iterations of a substep unless the stop rule says otherwise.
  static let defaultIterations = 20

  let stepping: Stepping
  let errorShare = 1.0
  let settlesContacts = true
  private let sweep: PositionSweep

  init(substeps: Int, stiffness: Double) {
    stepping = .position(substeps: substeps)
    sweep = PositionSweep(factor: stiffness, isExtended: false)
  }

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
