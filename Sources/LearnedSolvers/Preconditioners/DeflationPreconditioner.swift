import ConstraintSystem
import LinearAlgebra
import Solvers

/// Block IC(0) and a coarse space whose columns a network shapes:
///
///     P⁻¹ = (L D Lᵀ)⁻¹ + W E⁺ Wᵀ,   E = Wᵀ A W
///
/// W begins with the constants of every aggregate (`CoarseSpace`) and is drawn towards A's near null space by K steps
/// W ← W − ω_k D⁻¹ A W, D the diagonal blocks, with a step ω_k = 1 + s(·) ∈ (0, 2) of its own for every block and k, which
/// the network reads off the block row: a smoothed aggregation (Vaněk, Mandel, Brezina 1996) whose smoother is learned.
/// Then it is made orthonormal within the aggregates. Any W will do: P⁻¹ is a sum of a positive definite and a positive
/// semi-definite matrix, so conjugate gradients stay exact whatever the weights (Tang et al. 2009).
///
/// `aggregation` is the classical coarse space. Set-up: K products a column; an application `ic0`'s and one coarse solve.
final class DeflationPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "deflation", summary: "ic0 and a coarse space whose columns a network shapes",
    reference: "Nicolaides 1987; Vaněk, Mandel, Brezina 1996; Tang et al. 2009"
  ) { options in
    try DeflationPreconditioner(PreconditionerModel(options, default: "coarse-space", schema: .coarseSpace))
  }

  /// Steps on the columns.
  static let steps = 4
  /// Inputs of the network: the block's features and the share of its neighbours in its aggregate.
  static let inputCount = BlockFeatures.count + 1

  private let source: PreconditionerModel
  private let network: DenseNetwork
  private let features = BlockFeatures()
  private let space = CoarseSpace()
  private let factor = IncompleteBlockLDL()
  private let inverses = DiagonalBlockInverses()
  private let outputs = Buffer<Float>()
  private let inputs = Buffer<Float>(repeating: 0, count: DeflationPreconditioner.inputCount)
  private let inside = Buffer<Float>()
  private let degrees = Buffer<Float>()
  private let product = Buffer<Double>()
  private let change = Buffer<Double>()
  private let work = Buffer<Double>()
  private var matrix: SymmetricBlockMatrix?

  init(_ source: PreconditionerModel) throws {
    self.source = source
    network = try DenseNetwork(source.model.weights, "steps", inputs: Self.inputCount, outputs: Self.steps)
  }

  var applicationFlops: Double {
    guard let matrix else { return 0 }
    return 2 * Double(matrix.nonZeroCount) + space.flops(matrix)
  }

  func prepare(_ matrix: SymmetricBlockMatrix, change kind: MatrixChange) {
    self.matrix = matrix
    let n = matrix.dimension
    if kind == .pattern { space.analyze(matrix, modes: matrix.largestSize <= 6 ? matrix.largestSize : 1) }
    factor.factor(matrix)
    inverses.prepare(matrix)
    product.resize(to: n, filling: 0)
    change.resize(to: n, filling: 0)
    work.resize(to: n, filling: 0)
    source.infer(matrix) { infer(matrix) }
    space.fillConstants(matrix)
    for mode in 0..<space.modeCount {
      let w = space.modes.pointer + mode * n
      for step in 0..<Self.steps { smooth(matrix, w, step) }
    }
    space.factor(matrix)
  }

  /// `outputs` ← ω_k − 1 before it is bounded, of every block.
  private func infer(_ matrix: SymmetricBlockMatrix) {
    let blocks = matrix.blockCount
    features.prepare(matrix)
    for buffer in [inside, degrees] {
      buffer.resize(to: blocks, filling: 0)
      buffer.fill(0)
    }
    matrix.forEachBlock { row, column, _ in
      guard row != column else { return }
      let same: Float = space.aggregate(ofBlock: row) == space.aggregate(ofBlock: column) ? 1 : 0
      for block in [row, column] {
        inside.pointer[block] += same
        degrees.pointer[block] += 1
      }
    }
    outputs.resize(to: blocks * Self.steps, filling: 0)
    for block in 0..<blocks {
      inputs.pointer.update(
        from: features.values.pointer + block * BlockFeatures.count, count: BlockFeatures.count)
      inputs.pointer[BlockFeatures.count] = inside.pointer[block] / max(degrees.pointer[block], 1)
      network.evaluate(inputs.pointer, into: outputs.pointer + block * Self.steps)
    }
    guard source.usesMean else { return }
    for step in 0..<Self.steps {
      var sum = 0.0
      for block in 0..<blocks { sum += Double(outputs.pointer[block * Self.steps + step]) }
      for block in 0..<blocks { outputs.pointer[block * Self.steps + step] = Float(sum / Double(blocks)) }
    }
  }

  /// w ← w − ω D⁻¹ A w.
  private func smooth(_ matrix: SymmetricBlockMatrix, _ w: UnsafeMutablePointer<Double>, _ step: Int) {
    matrix.multiply(w, into: product.pointer)
    inverses.apply(product.pointer, into: change.pointer)
    for block in 0..<matrix.blockCount {
      let omega = 1 + SafeOutput.softsign(outputs.pointer[block * Self.steps + step])
      let first = matrix.offset(ofBlock: block)
      for row in first..<first + matrix.size(ofBlock: block) { w[row] -= omega * change.pointer[row] }
    }
  }

  func describe(in report: inout SolveReport) { source.describe(in: &report) }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    guard let matrix else { return }
    factor.solve(matrix, r, into: z, work: work.pointer)
    space.addCorrection(matrix, r, to: z)
  }
}
