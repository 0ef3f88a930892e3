import ConstraintSystem
import LinearAlgebra
import Solvers

/// The article's direct approximation, λ ≈ f_θ(A, b): one evaluation of a network, no iteration, no guarantee.
///
/// f_θ is the fixed-size perceptron of one mechanism (`MechanismNetwork`) where the matrix has its pattern, otherwise the
/// graph network, which knows no size (`GatedNetwork`). The start in `x` is not used: what comes out is a function of A and
/// b alone.
///
/// Unchanged when units, masses or the time step change: b̂ has rms 1, Â a unit diagonal. Cost: 2 flops a weight, or 0.05
/// µs a block and layer.
final class DirectApproximation: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "network", summary: "one evaluation of a network, λ ≈ f(A, b); a baseline without guarantee",
    groups: ["learned"], slots: [], reference: "Wach 2024, direct approximation",
    options: [
      OptionDescriptor("weights", "model of a mechanism: a file or a name, default mechanism-network"),
      OptionDescriptor("graph-weights", "graph network for all other matrices, default graph-network"),
    ], isApproximate: true
  ) { options in
    DirectApproximation(
      mechanism: try MechanismNetwork(options.word("weights") ?? "mechanism-network", forms: [.direct]),
      network: try GatedNetwork(model: Model(options.word("graph-weights") ?? "graph-network", schema: .gated)))
  }

  private let mechanism: MechanismNetwork
  private let network: GatedNetwork
  private let graph = MatrixGraph()
  private let r = Buffer<Double>()

  init(mechanism: MechanismNetwork, network: GatedNetwork) {
    self.mechanism = mechanism
    self.network = network
  }

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    mechanism.prepare(matrix, change: change, report: &report)
    guard !mechanism.fits else { return }
    let start = Clock.now()
    graph.prepare(matrix)
    report.inferenceTime += Clock.now() - start
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>, stop: LinearStop,
    report: inout SolveReport
  ) {
    if mechanism.fits { return mechanism.solve(matrix, b, into: x, r: r, stop: stop, report: &report) }
    let start = Clock.now()
    x.update(repeating: 0, count: matrix.dimension)
    graph.rightHandSide = b
    network.run(graph, lambda: x)
    report.inferenceTime += Clock.now() - start
    // A block a constraint between two bodies: about as many bodies as blocks.
    if network.model.largestBodyCount.map({ matrix.blockCount > $0 }) ?? false { report.solvesOutsideTraining = 1 }
    MechanismNetwork.judge(matrix, b, x, r: r, stop: stop, report: &report)
  }
}
