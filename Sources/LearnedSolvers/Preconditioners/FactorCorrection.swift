import ConstraintSystem
import LinearAlgebra
import Solvers

/// Block IC(0) whose blocks a small network rescales (after Trifonov et al., "Learning from linear algebra: a graph neural
/// network approach to preconditioner design", 2024: correct a classical factor, do not predict one):
///
///     L_ij ← L_ij (1 + ½ s(g_ij)),   D_i ← D_i (1 + ½ s(d_i)) / (1 − ½ s(d_i)),   s(t) = t / (1 + |t|)
///
/// g_ij is read off the two block rows and the block (edge network), d_i off the block row (node network). The factors of
/// D lie between 1/3 and 3 for any weights, so L D Lᵀ stays positive definite and conjugate gradients stay exact; with
/// zero outputs it is `ic0`. The base is shifted until its pivots are positive (`IncompleteBlockLDL`).
///
/// Cost beside `ic0`'s: about 40 ns a stored block of A or H. Trained by iterations of the real solver
/// (`Training/preconditioners.py`), since the losses that are easy to differentiate do not follow them.
final class FactorCorrection: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "learned-factor", summary: "ic0 with its blocks rescaled by a network, positive definite for any weights",
    reference: "Trifonov et al. 2024; Meijerink, van der Vorst 1977"
  ) { options in
    try FactorCorrection(PreconditionerModel(options, default: "factor-correction", schema: .factorCorrection))
  }

  /// Inputs of the networks.
  static let nodeInputs = BlockFeatures.count + 1
  static let edgeInputs = 2 * nodeInputs + 1

  private let source: PreconditionerModel
  private let node: DenseNetwork
  private let edge: DenseNetwork
  private let features = BlockFeatures()
  private let factor = IncompleteBlockLDL()
  private let factors = Buffer<Double>()
  private let outputs = Buffer<Float>()
  private let nodes = Buffer<Float>()
  private let inputs = Buffer<Float>(repeating: 0, count: FactorCorrection.edgeInputs)
  private let work = Buffer<Double>()
  private var matrix: SymmetricBlockMatrix?

  init(_ source: PreconditionerModel) throws {
    self.source = source
    node = try DenseNetwork(source.model.weights, "node", inputs: Self.nodeInputs, outputs: 1)
    edge = try DenseNetwork(source.model.weights, "edge", inputs: Self.edgeInputs, outputs: 1)
  }

  var applicationFlops: Double { 2 * Double(matrix?.nonZeroCount ?? 0) }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) {
    self.matrix = matrix
    factor.factor(matrix)
    work.resize(to: matrix.dimension, filling: 0)
    source.infer(matrix) {
      infer(matrix)
      factor.scale(matrix, by: factors.pointer)
    }
  }

  /// `factors` ← one a stored block.
  private func infer(_ matrix: SymmetricBlockMatrix) {
    features.prepare(matrix)
    let blocks = matrix.blockCount
    let inputs = self.inputs.pointer
    let own = Self.nodeInputs
    nodes.resize(to: blocks * own, filling: 0)
    factors.resize(to: matrix.columns.count, filling: 1)
    outputs.resize(to: matrix.columns.count, filling: 0)
    for block in 0..<blocks {
      let target = nodes.pointer + block * own
      target.update(from: features.values.pointer + block * BlockFeatures.count, count: BlockFeatures.count)
      target[BlockFeatures.count] = pivotShare(matrix, block)
      node.evaluate(target, into: outputs.pointer + Int(matrix.rowStarts.pointer[block + 1]) - 1)
    }
    for row in 0..<blocks {
      for slot in Int(matrix.rowStarts.pointer[row])..<Int(matrix.rowStarts.pointer[row + 1]) - 1 {
        let column = Int(matrix.columns.pointer[slot])
        inputs.update(from: nodes.pointer + row * own, count: own)
        (inputs + own).update(from: nodes.pointer + column * own, count: own)
        let size = features.norms.pointer[Int(matrix.rowStarts.pointer[column + 1]) - 1]
        inputs[2 * own] = BlockFeatures.squash(features.norms.pointer[slot] / max(size, 1e-300))
        edge.evaluate(inputs, into: outputs.pointer + slot)
      }
    }
    if source.usesMean { replaceByMeans(matrix) }
    for row in 0..<blocks {
      let end = Int(matrix.rowStarts.pointer[row + 1])
      for slot in Int(matrix.rowStarts.pointer[row])..<end {
        let half = 0.5 * SafeOutput.softsign(outputs.pointer[slot])
        factors.pointer[slot] = slot == end - 1 ? (1 + half) / (1 - half) : 1 + half
      }
    }
  }

  /// n² / (tr D̂⁻¹ tr Â_ii): 1 where elimination took nothing from a diagonal block that is a multiple of the identity.
  private func pivotShare(_ matrix: SymmetricBlockMatrix, _ block: Int) -> Float {
    let size = matrix.size(ofBlock: block)
    let inverse = factor.inverses.pointer + Int(factor.inverseStarts.pointer[block])
    let diagonal = matrix.values.pointer + matrix.slot(row: block, column: block)
    let scales = features.scales.pointer + matrix.offset(ofBlock: block)
    var traces = (inverse: 0.0, block: 0.0)
    for row in 0..<size where scales[row] > 0 {
      traces.inverse += inverse[row * size + row] / (scales[row] * scales[row])
      traces.block += diagonal[row * size + row] * scales[row] * scales[row]
    }
    let product = traces.inverse * traces.block
    return product > 0 ? Float(min(Double(size * size) / product, 1)) : 1
  }

  private func replaceByMeans(_ matrix: SymmetricBlockMatrix) {
    var sums = (node: 0.0, edge: 0.0)
    let edges = max(matrix.columns.count - matrix.blockCount, 1)
    for row in 0..<matrix.blockCount {
      let end = Int(matrix.rowStarts.pointer[row + 1])
      for slot in Int(matrix.rowStarts.pointer[row])..<end - 1 { sums.edge += Double(outputs.pointer[slot]) }
      sums.node += Double(outputs.pointer[end - 1])
    }
    let means = (node: Float(sums.node / Double(matrix.blockCount)), edge: Float(sums.edge / Double(edges)))
    for row in 0..<matrix.blockCount {
      let end = Int(matrix.rowStarts.pointer[row + 1])
      for slot in Int(matrix.rowStarts.pointer[row])..<end {
        outputs.pointer[slot] = slot == end - 1 ? means.node : means.edge
      }
    }
  }

  func describe(in report: inout SolveReport) { source.describe(in: &report) }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    guard let matrix else { return }
    factor.solve(matrix, r, into: z, work: work.pointer)
  }
}
