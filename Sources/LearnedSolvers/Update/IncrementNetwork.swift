import ConstraintSystem
import LinearAlgebra

/// Gives every constraint's step its own weight in an increment: h = H_θ s.
///
///     h_c = (1 + s(o_c)) s_c,   o_c = MLP(features of block c),   s(t) = t / (1 + |t|)
///
/// so 0 < H_θ < 2, and zero weights are the plain increment. The network (8-8-1) reads how the block's step shrinks
/// and turns from one sweep to the next, its share of the whole, and where the impulse is in its set: pure numbers.
/// What h is worth is decided by the plane search behind it (`PlaneSearch`): without sets the energy falls at least as far
/// as by the sweep, whatever the weights. An increment costs half a pass more than without the network, for the velocities
/// M⁻¹Jᵀh, and some 40 ns a constraint.
final class IncrementNetwork {
  /// Inputs of the network.
  static let inputCount = 8

  let model: Model
  private let network: DenseNetwork
  /// h, one number a row.
  let shaped = Buffer<Double>()
  /// M⁻¹ Jᵀ h.
  let velocity = Buffer<Vector6>()
  /// The step of the sweep before.
  private let lastStep = Buffer<Double>()
  private let inputs = Buffer<Float>(repeating: 0, count: IncrementNetwork.inputCount)
  private let output = Buffer<Float>(repeating: 0, count: 1)
  private var hasLastStep = false

  init(model: Model) throws {
    self.model = model
    network = try DenseNetwork(model.weights, "increment", inputs: Self.inputCount, outputs: 1)
  }

  /// Forgets the sweep before.
  func restart() { hasLastStep = false }

  /// `shaped` and `velocity` ← h = H_θ s for s = `lambda` − `before`.
  func shape(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, before: UnsafePointer<Double>
  ) {
    let rows = problem.rowCount
    shaped.resize(to: rows, filling: 0)
    lastStep.resize(to: rows, filling: 0)
    velocity.resize(to: problem.bodies.count + 1, filling: .zero)
    if !hasLastStep { lastStep.fill(0) }
    hasLastStep = true
    let diagonal = problem.diagonal.pointer
    let last = lastStep.pointer
    var whole = (now: 0.0, last: 0.0)
    for row in 0..<rows {
      let step = lambda[row] - before[row]
      whole.now += diagonal[row] * step * step
      whole.last += diagonal[row] * last[row] * last[row]
    }
    let mean = whole.now / Double(max(problem.blocks.count, 1))
    inputs.pointer[7] = Self.share(whole.now, whole.last)
    let blocks = problem.blocks.pointer
    for index in 0..<problem.blocks.count {
      let block = blocks[index]
      let first = Int(block.firstRow)
      let count = Int(block.rowCount)
      var square = (now: 0.0, last: 0.0)
      var product = 0.0
      for row in first..<first + count {
        let step = lambda[row] - before[row]
        square.now += diagonal[row] * step * step
        square.last += diagonal[row] * last[row] * last[row]
        product += diagonal[row] * step * last[row]
      }
      fill(block, lambda + first, square, product, mean)
      network.evaluate(inputs.pointer, into: output.pointer)
      let weight = 1 + SafeOutput.softsign(output.pointer[0])
      for row in first..<first + count {
        let step = lambda[row] - before[row]
        shaped.pointer[row] = weight * step
        last[row] = step
      }
    }
    velocity.fill(.zero)
    problem.addInverseMassJacobianTranspose(shaped.pointer, to: velocity.pointer)
  }

  /// The features of a block.
  private func fill(
    _ block: ConstraintBlock, _ lambda: UnsafePointer<Double>, _ square: (now: Double, last: Double), _ product: Double,
    _ mean: Double
  ) {
    let x = inputs.pointer
    x[0] = Self.share(square.now, square.last)
    let length = (square.now * square.last).squareRoot()
    x[1] = length > 1e-200 && length.isFinite ? Float(product / length) : 0
    x[2] = Self.share(square.now, mean)
    x[3] = block.set == .cone ? 1 : 0
    x[4] = block.set == .box ? 1 : 0
    x[5] = 0
    x[6] = 0
    if block.set == .cone {
      x[5] = lambda[0] <= 0 ? 1 : 0
      if block.rowCount >= 3, lambda[0] > 0 {
        let bound = 0.999 * block.friction * lambda[0]
        x[6] = lambda[1] * lambda[1] + lambda[2] * lambda[2] >= bound * bound ? 1 : 0
      }
    }
  }

  /// a / (a + b), ½ where both are zero.
  private static func share(_ a: Double, _ b: Double) -> Float {
    let sum = a + b
    return sum > 0 && sum.isFinite ? Float(a / sum) : 0.5
  }
}
