import ConstraintSystem
import Solvers

extension SolverCatalog {
  /// The classical methods and the learned ones: what the laboratory chooses from.
  public static let complete = SolverCatalog.classical.adding()
}
