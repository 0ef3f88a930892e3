import ConstraintSystem
import LinearAlgebra
import Solvers

/// λ₀ = the best of four: zero, the last step's λ, the extrapolated λ, and the last step's λ corrected by a network near
/// what has changed.
///
/// The network (`GatedNetwork`) works on blocks without history and on those that share a body with one; where nothing is
/// new it is not asked. The candidates are scored by the problem's own merit, each with its best length t:
///
///     E(t λ) = ½ t² λᵀA λ − t bᵀλ,   t = max(0, bᵀλ / λᵀA λ),   E = −½ t bᵀλ      (linear, frictionless, convex)
///
/// (a cone contains all t λ, and boxes are tried at t = 1 alone), and by the natural map under `coulomb` and `pyramid`,
/// which have no energy. One product with A each, so the guess is never worse in its merit than the best classical one
/// whatever the weights.
final class LearnedGuess: InitialGuess {
  static let descriptor = GuessDescriptor(
    name: "learned", summary: "best of zero, warm, extrapolated and a network's correction near what is new"
  ) { options in
    try LearnedGuess(model: Model(options.word("guess-weights") ?? "contact-guess", schema: .gated))
  }

  private let network: GatedNetwork
  private let graph = ProblemGraph()
  private let warm = WarmGuess()
  private let extrapolated = ExtrapolatedGuess()
  private let candidate = Buffer<Double>()
  private let product = Buffer<Double>()
  private let twists = Buffer<Vector6>()
  private let judge = NaturalMap()
  private let isNew = Buffer<Bool>()
  private let isNear = Buffer<Bool>()
  private let touched = Buffer<Bool>()
  private var inferenceTime = 0.0
  private var isOutsideTraining = false
  private var wasRejected = false

  init(model: Model) throws { network = try GatedNetwork(model: model) }

  func fill(_ lambda: UnsafeMutablePointer<Double>, for problem: ConstraintProblem, history: ImpulseHistory) {
    inferenceTime = 0
    isOutsideTraining = false
    wasRejected = false
    let rows = problem.rowCount
    candidate.resize(to: rows, filling: 0)
    lambda.update(repeating: 0, count: rows)
    var best = merit(problem, lambda)
    func offer() -> Bool {
      BlockSolution.clamp(problem, candidate.pointer)
      let offered = merit(problem, candidate.pointer)
      guard offered.value < best.value else { return false }
      best = offered
      for row in 0..<rows { lambda[row] = offered.length * candidate.pointer[row] }
      return true
    }
    if history.depth > 0 {
      warm.fill(candidate.pointer, for: problem, history: history)
      _ = offer()
    }
    if history.depth > 1 {
      extrapolated.fill(candidate.pointer, for: problem, history: history)
      _ = offer()
    }
    guard findChanges(problem, history) else { return }
    let start = Clock.now()
    warm.fill(candidate.pointer, for: problem, history: history)
    graph.mask = isNear
    graph.prepare(problem, isNew: isNew)
    network.run(graph, lambda: candidate.pointer)
    isOutsideTraining = network.model.isOutsideTraining(problem)
    wasRejected = !offer()
    inferenceTime = Clock.now() - start
  }

  /// Marks blocks without history and what shares a body with them; false where there are none.
  private func findChanges(_ problem: ConstraintProblem, _ history: ImpulseHistory) -> Bool {
    let blocks = problem.blocks.pointer
    let count = problem.blocks.count
    isNew.resize(to: count, filling: true)
    isNear.resize(to: count, filling: true)
    touched.resize(to: problem.bodies.count, filling: false)
    touched.fill(false)
    history.findNew(isNew.pointer, in: problem)
    var any = false
    for index in 0..<count where isNew.pointer[index] {
      any = true
      if blocks[index].bodyA >= 0 { touched.pointer[Int(blocks[index].bodyA)] = true }
      if blocks[index].bodyB >= 0 { touched.pointer[Int(blocks[index].bodyB)] = true }
    }
    for index in 0..<count {
      let a = Int(blocks[index].bodyA)
      let b = Int(blocks[index].bodyB)
      isNear.pointer[index] = (a >= 0 && touched.pointer[a]) || (b >= 0 && touched.pointer[b])
    }
    return any
  }

  /// The merit of a candidate at its best length.
  private func merit(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>
  ) -> (value: Double, length: Double) {
    let rows = problem.rowCount
    product.resize(to: rows, filling: 0)
    if problem.law == .coulomb || problem.law == .pyramid, !problem.isLinear {
      let value = judge.residual(problem, lambda: lambda).maximum
      return (value.isNaN ? .infinity : value, 1)
    }
    problem.apply(lambda, into: product.pointer, scratch: twists)
    var quadratic = 0.0
    var linear = 0.0
    for row in 0..<rows {
      quadratic += lambda[row] * product.pointer[row]
      linear += lambda[row] * problem.rightHandSide.pointer[row]
    }
    let hasBoxes = (0..<problem.blocks.count).contains { problem.blocks.pointer[$0].set == .box }
    let length = hasBoxes ? 1 : quadratic > 0 ? max(0, linear / quadratic) : 0
    let value = 0.5 * length * length * quadratic - length * linear
    return value.isFinite && length.isFinite ? (value, length) : (.infinity, 0)
  }

  func describe(in report: inout SolveReport) {
    report.inferenceTime += inferenceTime
    if isOutsideTraining { report.solvesOutsideTraining = 1 }
    if wasRejected { report.rejections += 1 }
  }
}
