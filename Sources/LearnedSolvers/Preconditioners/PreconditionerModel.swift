import ConstraintSystem
import LinearAlgebra
import Solvers

/// What the learned preconditioners share: the options that name their weights, and what they tell a solve's report.
final class PreconditionerModel {
  let model: Model
  /// Whether outputs are replaced by their mean: what is left of a win then, no network is needed for.
  let usesMean: Bool
  private var inferenceTime = 0.0
  private var isOutsideTraining = false

  /// The model that the options name, `name` by default. Throws `ModelError` and what the options throw.
  init(_ options: SolverOptions, default name: String, schema: Model.Schema) throws {
    model = try Model(options.word("preconditioner-weights") ?? name, schema: schema)
    usesMean = try options.choice("preconditioner-output", among: ["network", "mean"]) == "mean"
  }

  /// Does the work of the network and takes its time.
  func infer(_ matrix: SymmetricBlockMatrix, _ work: () -> Void) {
    let start = Clock.now()
    work()
    inferenceTime = Clock.now() - start
    isOutsideTraining = model.largestBlockCount.map { matrix.blockCount > $0 } ?? false
  }

  func describe(in report: inout SolveReport) {
    report.inferenceTime += inferenceTime
    if isOutsideTraining { report.solvesOutsideTraining = 1 }
  }
}
