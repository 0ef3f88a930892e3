import LinearAlgebra

/// A multilayer perceptron: y = W_L σ(… σ(W₁ x + b₁) …) + b_L, σ(t) = max(t, 0), in `Float`.
///
/// Layers are small (16–64 wide): one vector of input, eight outputs at a time in a register, weights laid out input by
/// input. No allocation, no libm, sums in the order of the inputs: the same bits everywhere. `EightfoldNetwork` is the same
/// for eight vectors of input.
///
/// Tensors: `NAME.K.weight`, outputs × inputs, and `NAME.K.bias`, K = 0 … (PyTorch's layout of `nn.Linear`).
public final class DenseNetwork {
  /// One layer; outputs are padded to a multiple of eight.
  struct Layer {
    var inputs: Int
    var outputs: Int
    var padded: Int
    var weights: Buffer<Float>
    var bias: Buffer<Float>
  }

  /// Widest layer that is accepted.
  static let largestWidth = 1024

  /// Number of inputs.
  public let inputCount: Int
  /// Number of outputs.
  public let outputCount: Int
  /// Multiplications of one evaluation.
  public let multiplications: Int
  let layers: [Layer]
  private let first = Buffer<Float>()
  private let second = Buffer<Float>()

  /// The layers `name.0`, `name.1`, … of a model. Throws `ModelError`.
  public init(_ weights: Safetensors, _ name: String, inputs: Int, outputs: Int) throws {
    var layers: [Layer] = []
    var width = inputs
    while weights.contains("\(name).\(layers.count).weight") {
      let place = "\(name).\(layers.count).weight"
      let weight = try weights.tensor(place, rank: 2)
      guard weight.shape[1] == width, weight.shape[0] > 0, weight.shape[0] <= Self.largestWidth else {
        throw ModelError(
          .malformed, file: weights.path, place: place,
          "has shape \(weight.shape), expected [outputs, \(width)] with at most \(Self.largestWidth) outputs")
      }
      let count = weight.shape[0]
      let bias = try weights.tensor("\(name).\(layers.count).bias", shape: [count])
      let padded = (count + 7) / 8 * 8
      let layer = Layer(
        inputs: width, outputs: count, padded: padded, weights: Buffer(repeating: 0, count: padded * width),
        bias: Buffer(repeating: 0, count: padded))
      for output in 0..<count {
        layer.bias.pointer[output] = bias.values[output]
        for input in 0..<width {
          layer.weights.pointer[input * padded + output] = weight.values[output * width + input]
        }
      }
      layers.append(layer)
      width = count
    }
    guard !layers.isEmpty else {
      throw ModelError(.malformed, file: weights.path, place: "\(name).0.weight", "is missing")
    }
    guard width == outputs else {
      throw ModelError(
        .malformed, file: weights.path, place: "\(name).\(layers.count - 1).weight",
        "has \(width) outputs, expected \(outputs)")
    }
    self.layers = layers
    inputCount = inputs
    outputCount = outputs
    multiplications = layers.reduce(0) { $0 + $1.inputs * $1.outputs }
    let widest = layers.map(\.padded).max() ?? 0
    first.resize(to: widest, filling: 0)
    second.resize(to: widest, filling: 0)
  }

  /// `y` ← the network's value at `x`.
  public func evaluate(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    var source = x
    var target = first.pointer
    var spare = second.pointer
    for index in 0..<layers.count {
      let isLast = index == layers.count - 1
      layers.withUnsafeBufferPointer { list in
        let layer = list.baseAddress! + index
        Self.multiply(
          layer.pointee.weights.pointer, layer.pointee.bias.pointer, layer.pointee.inputs, layer.pointee.padded, source,
          target, rectified: !isLast)
      }
      source = UnsafePointer(target)
      swap(&target, &spare)
    }
    y.update(from: source, count: outputCount)
  }

  @inline(__always)
  private static func multiply(
    _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ inputs: Int, _ padded: Int,
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rectified: Bool
  ) {
    let zero = SIMD8<Float>(repeating: 0)
    var output = 0
    while output < padded {
      var sum = UnsafeRawPointer(bias + output).loadUnaligned(as: SIMD8<Float>.self)
      var column = weights + output
      for input in 0..<inputs {
        sum += x[input] * UnsafeRawPointer(column).loadUnaligned(as: SIMD8<Float>.self)
        column += padded
      }
      if rectified { sum.replace(with: zero, where: sum .< zero) }
      UnsafeMutableRawPointer(y + output).storeBytes(of: sum, as: SIMD8<Float>.self)
      output += 8
    }
  }
}
