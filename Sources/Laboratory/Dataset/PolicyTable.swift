import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers

/// What the policy of `learned-update` sees of every system of an evaluation, a line a system and tolerance: with the
/// sweeps of `--csv` under every fixed arm, what the policy is trained on. Empty features: solved by the first sweeps.
public enum PolicyTable {
  /// Sweeps after which the policy looks first.
  public static let firstLook = LearnedUpdate.firstLook

  /// Writes the table of what is seen after some sweeps of the fallback. Throws `InputError` (`cannotWrite`).
  public static func write(_ evaluation: Evaluation, after sweeps: Int, to path: String) throws {
    let columns = (0..<LearnedUpdate.featureCount).map { "feature\($0)" }
    let writer = CSVWriter(path: path, columns: ["system", "tolerance"] + columns)
    let looker = LearnedUpdate(lookingAfter: sweeps)
    let problem = ConstraintProblem()
    let history = ImpulseHistory()
    let warm = try SolverCatalog.complete.make("pgs").guess
    let lambda = Buffer<Double>()
    for system in evaluation.systems {
      evaluation.dataset.columns.assign(system: system, to: problem)
      evaluation.dataset.columns.fill(history, system: system, problem: problem)
      for tolerance in evaluation.options.tolerances {
        lambda.resize(to: problem.rowCount, filling: 0)
        lambda.fill(0)
        if evaluation.options.start == .warm { warm.fill(lambda.pointer, for: problem, history: history) }
        let features = looker.features(problem, lambda: lambda.pointer, tolerance: tolerance)
        writer.append("\(system)")
        writer.append(tolerance)
        for index in columns.indices {
          if let features { writer.append(Double(features[index])) } else { writer.append("") }
        }
        writer.endRow()
      }
    }
    try writer.close()
  }
}
