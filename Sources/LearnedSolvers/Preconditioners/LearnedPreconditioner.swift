import ConstraintSystem
import LinearAlgebra
import Solvers

/// The classical preconditioner that a network takes to be the fastest for the matrix, with the numbers that it needs:
/// block IC(0), or nine steps of Chebyshev's iteration on the interval [a, b] of D⁻¹A's spectrum, D the diagonal blocks:
///
///     IC(0) where γ > 0, otherwise
///     b = (1 + max_i Σ_j ‖Â_ij‖ / ‖Â_ii‖) · (1 + ½ s(β)) / (1 − ½ s(β)),   a = b/30 · (1 + 0.95 s(α)) / (1 − 0.95 s(α))
///
/// with s(t) = t / (1 + |t|), γ the output of one network and (α, β) those of another, for the whole matrix. They read
/// the means and the largest values of the blocks' features (`BlockFeatures`) and the share of fill that IC(0) drops
/// (`EliminationPattern`). γ is what the binary logarithm of the polynomial's time against IC(0)'s is taken to be: linear
/// in four of the features and their products with the size, since it has to hold far beyond the sizes of the training. The
/// first factor of b is Gershgorin's bound by blocks (Feingold, Varga 1962) in Frobenius norms: up to twice too high, and
/// a tenth costs some tenths of the iterations. `chebyshev` finds b by twelve steps of Lanczos' method at every set-up;
/// here five guard it: b is at least their Ritz value, whatever the network says.
///
/// IC(0) is exact on chains, and on nets needs a number of iterations that grows with their side; the polynomial's
/// follows the softness, and it has no triangular solve. Nine is odd, so P is positive definite for
/// any a < b (`ChebyshevIteration`), hence for any weights, and conjugate gradients stay exact. `preconditioner-output=mean`
/// takes one (γ, α, β) for all matrices instead, trained like the network: what is left of a win then needs none.
///
/// Set-up beside the chosen method's: some 25 ns a stored block of A or H. Trained by iterations and times of the real solver
/// (`Training/preconditioners.py`).
final class LearnedPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "learned", summary: "ic0 or Chebyshev's iteration, the choice and its interval predicted by a network",
    reference: "Saad 2003, 10.3, 12.3; Feingold, Varga 1962"
  ) { options in
    try LearnedPreconditioner(
      PreconditionerModel(options, default: "preconditioner-policy", schema: .preconditionerPolicy))
  }

  /// Steps of the iteration in an application: odd.
  private static let steps = 9
  /// Inputs of the interval network: mean and largest value of every feature, size of the matrix, share of dropped fill.
  static let inputCount = 2 * BlockFeatures.count + 2
  /// Inputs of the choice: mean coupling, mean anisotropy, dropped fill, these times the size, and the size.
  static let choiceInputs = 7
  /// Outputs: γ, α, β.
  static let outputCount = 3

  private let source: PreconditionerModel
  private let choice: DenseNetwork
  private let interval: DenseNetwork
  private let features = BlockFeatures()
  private let pattern = EliminationPattern()
  private let inputs = Buffer<Float>(repeating: 0, count: LearnedPreconditioner.inputCount)
  private let choiceInput = Buffer<Float>(repeating: 0, count: LearnedPreconditioner.choiceInputs)
  private let outputs = Buffer<Float>(repeating: 0, count: LearnedPreconditioner.outputCount)
  /// The one answer of `preconditioner-output=mean`.
  private let constant: [Float]
  private let iteration = ChebyshevIteration()
  private let inverses = DiagonalBlockInverses()
  private let bounds = LanczosBounds()
  private let factor = IncompleteBlockLDL()
  private let work = Buffer<Double>()
  /// Whether `iteration` has seen the present pattern.
  private var hasPattern = false
  private var usesFactor = false
  private var bottom = 0.0
  private var top = 0.0
  private var matrix: SymmetricBlockMatrix?

  init(_ source: PreconditionerModel) throws {
    self.source = source
    let weights = source.model.weights
    choice = try DenseNetwork(weights, "choice", inputs: Self.choiceInputs, outputs: 1)
    interval = try DenseNetwork(weights, "interval", inputs: Self.inputCount, outputs: Self.outputCount - 1)
    constant = try weights.tensor("constant", shape: [Self.outputCount]).values
  }

  var applicationFlops: Double {
    usesFactor ? 2 * Double(matrix?.nonZeroCount ?? 0) : iteration.flops(steps: Self.steps)
  }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) {
    self.matrix = matrix
    if change == .pattern {
      hasPattern = false
      pattern.analyze(matrix)
    }
    source.infer(matrix) { decide(matrix) }
    if usesFactor {
      factor.factor(matrix)
      work.resize(to: matrix.dimension, filling: 0)
    } else {
      iteration.prepare(matrix, isNewPattern: !hasPattern)
      hasPattern = true
      inverses.prepare(matrix)
      bounds.estimate(matrix, limit: 5, accuracy: 1e-2, needsLowest: false) { r, z in inverses.apply(r, into: z) }
      if top < bounds.highest {
        bottom *= bounds.highest / top
        top = bounds.highest
      }
    }
  }

  private func decide(_ matrix: SymmetricBlockMatrix) {
    features.prepare(matrix)
    features.pool(into: inputs.pointer)
    let blocks = Double(max(matrix.blockCount, 1))
    inputs.pointer[2 * BlockFeatures.count] = Float(SweepHistory.logarithm(blocks) / 16)
    inputs.pointer[2 * BlockFeatures.count + 1] = Float(pattern.droppedShare)
    if source.usesMean {
      outputs.pointer.update(from: constant, count: Self.outputCount)
    } else {
      let x = inputs.pointer
      let size = x[2 * BlockFeatures.count]
      let chosen = choiceInput.pointer
      for (index, feature) in [0, 3, 2 * BlockFeatures.count + 1].enumerated() {
        chosen[index] = x[feature]
        chosen[3 + index] = x[feature] * size
      }
      chosen[6] = size
      choice.evaluate(chosen, into: outputs.pointer)
      interval.evaluate(inputs.pointer, into: outputs.pointer + 1)
    }
    usesFactor = outputs.pointer[0] > 0
    top = (1 + features.largestCoupling) * Self.factor(0.5 * SafeOutput.softsign(outputs.pointer[2]))
    bottom = min(top / 30 * Self.factor(0.95 * SafeOutput.softsign(outputs.pointer[1])), 0.9 * top)
  }

  /// (1 + t) / (1 − t).
  private static func factor(_ t: Double) -> Double { (1 + t) / (1 - t) }

  func describe(in report: inout SolveReport) {
    source.describe(in: &report)
    for index in 0..<Self.inputCount { report.networkInput[index] = inputs.pointer[index] }
  }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    guard let matrix else { return }
    if usesFactor {
      factor.solve(matrix, r, into: z, work: work.pointer)
    } else {
      iteration.apply(steps: Self.steps, from: bottom, to: top, r, into: z)
    }
  }
}
