import ConstraintSystem
import Solvers

extension SolverCatalog {
  /// The classical methods and the learned ones: what the laboratory chooses from.
  public static let complete = SolverCatalog.classical.adding(
    solvers: [LearnedUpdate.descriptor],
    linearSolvers: [
      DirectApproximation.descriptor,
      LatentSolver.descriptor,
    ],
    guesses: [
      LearnedGuess.descriptor,
      NetworkGuess.descriptor,
    ],
    preconditioners: [
      LearnedPreconditioner.descriptor,
      FactorCorrection.descriptor,
      DeflationPreconditioner.descriptor,
    ],
    assemblies: [
      AssemblyDescriptor(
        name: "neural-pcg", text: "pcg:preconditioner=learned,guess=warm",
        summary: "conjugate gradients with the learned preconditioner, warm-started", groups: ["learned", "krylov"])
    ])
}
