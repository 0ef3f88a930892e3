import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// The graph network is PyTorch's, and sees a problem and not how it is written down.
@Suite struct GraphNetworkTests {
  static let models = ["graph-network", "contact-guess"]

  /// λ of a varied problem.
  static func run(
    _ model: String, _ golden: GoldenProblem, _ variation: GoldenProblem.Variation = .init()
  ) throws -> [Double] {
    let network = try GatedNetwork(model: Model(model, schema: .gated))
    let problem = golden.build(variation)
    let graph = ProblemGraph()
    let isGuess = model == "contact-guess"
    let isNew = Buffer<Bool>(golden.newBlocks(variation))
    if isGuess {
      let near = Buffer<Bool>(repeating: false, count: problem.blocks.count)
      var touched = [Bool](repeating: false, count: problem.bodies.count)
      func bodies(_ index: Int) -> [Int] {
        [problem.blocks[index].bodyA, problem.blocks[index].bodyB].map(Int.init).filter { $0 >= 0 }
      }
      for index in 0..<problem.blocks.count where isNew[index] { for body in bodies(index) { touched[body] = true } }
      for index in 0..<problem.blocks.count { near[index] = bodies(index).contains { touched[$0] } }
      graph.mask = near
    }
    graph.prepare(problem, isNew: isGuess ? isNew : nil)
    let start =
      isGuess ? golden.vary(golden.lambdaPrevious, variation) : [Double](repeating: 0, count: problem.rowCount)
    let lambda = Buffer<Double>(start)
    graph.project(lambda.pointer)
    network.run(graph, lambda: lambda.pointer)
    return lambda.array
  }

  /// Largest difference, relative to the largest impulse.
  static func difference(_ x: [Double], _ y: [Double]) -> Double {
    let scale = y.map(\.magnitude).max() ?? 0
    return zip(x, y).map { ($0 - $1).magnitude }.max()! / max(scale, 1e-30)
  }

  /// 1e-5: the networks are single precision in both, sums are in another order.
  @Test(arguments: models) func equalsPyTorch(_ model: String) throws {
    let all = try GoldenProblem.all(of: model)
    #expect(all.count >= 3)
    for (index, golden) in all.enumerated() {
      let found = try Self.run(model, golden)
      #expect(Self.difference(found, golden.expected) < 1e-5, "system \(index)")
    }
  }

  /// 1e-4: single-precision features of values that round otherwise, amplified by the layers that follow.
  @Test(arguments: models) func unitsFramesAndOrderDoNotMatter(_ model: String) throws {
    for (index, golden) in try GoldenProblem.all(of: model).enumerated() {
      let plain = try Self.run(model, golden)
      for variation in [
        GoldenProblem.Variation(massScale: 1000), .init(turn: 0.7), .init(isReversed: true),
        .init(massScale: 0.01, turn: -2, isReversed: true),
      ] {
        let found = try Self.run(model, golden, variation)
        #expect(Self.difference(found, golden.vary(plain, variation)) < 1e-4, "system \(index), \(variation)")
      }
    }
  }
}
