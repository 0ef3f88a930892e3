import ConstraintSystem
import LinearAlgebra
import Solvers

/// λ₀ = f_θ(A, b): the article's direct approximation as a first guess, with no safeguard and no history.
///
/// The baseline that `learned` is measured against.
final class NetworkGuess: InitialGuess {
  static let descriptor = GuessDescriptor(
    name: "network", summary: "λ by a graph network from nothing but the problem, without a safeguard"
  ) { options in
    try NetworkGuess(model: Model(options.word("guess-weights") ?? "graph-network", schema: .gated))
  }

  private let network: GatedNetwork
  private let graph = ProblemGraph()
  private var inferenceTime = 0.0
  private var isOutsideTraining = false

  init(model: Model) throws { network = try GatedNetwork(model: model) }

  func fill(_ lambda: UnsafeMutablePointer<Double>, for problem: ConstraintProblem, history: ImpulseHistory) {
    let start = Clock.now()
    lambda.update(repeating: 0, count: problem.rowCount)
    graph.prepare(problem)
    network.run(graph, lambda: lambda)
    isOutsideTraining = network.model.isOutsideTraining(problem)
    inferenceTime = Clock.now() - start
  }

  func describe(in report: inout SolveReport) {
    report.inferenceTime += inferenceTime
    if isOutsideTraining { report.solvesOutsideTraining = 1 }
  }
}
