import LinearAlgebra

/// A `DenseNetwork` at eight vectors at a time: entry i of the inputs or outputs holds number i of each of them.
///
/// Four outputs of eight vectors are eight sums in registers that do not wait for each other. Each has `DenseNetwork`'s
/// order, the bias and then the inputs one after the other: the same bits as one vector at a time, whatever the other
/// seven are. A weight is stored four times over, as baseline x86-64 loads no number into all lanes at once.
package final class EightfoldNetwork {
  /// One layer: four outputs side by side, input by input.
  private struct Layer {
    var inputs: Int
    var outputs: Int
    var weights: Buffer<SIMD4<Float>>
    var bias: Buffer<Float>
  }

  private let layers: [Layer]
  private let first = Buffer<SIMD8<Float>>()
  private let second = Buffer<SIMD8<Float>>()

  /// The same network.
  package init(_ network: DenseNetwork) {
    layers = network.layers.map { layer in
      let weights = Buffer<SIMD4<Float>>(repeating: .zero, count: layer.padded * layer.inputs)
      for output in 0..<layer.outputs {
        for input in 0..<layer.inputs {
          weights.pointer[4 * (output / 4 * layer.inputs + input) + output % 4] =
            SIMD4(repeating: layer.weights.pointer[input * layer.padded + output])
        }
      }
      return Layer(inputs: layer.inputs, outputs: layer.outputs, weights: weights, bias: layer.bias)
    }
    let widest = network.layers.map(\.padded).max() ?? 0
    first.resize(to: widest, filling: .zero)
    second.resize(to: widest, filling: .zero)
  }

  /// `y` ← the network's values at `x`; `y` has room for a multiple of four outputs.
  package func evaluate(_ x: UnsafePointer<SIMD8<Float>>, into y: UnsafeMutablePointer<SIMD8<Float>>) {
    var source = x
    var target = first.pointer
    var spare = second.pointer
    layers.withUnsafeBufferPointer { list in
      for index in 0..<list.count {
        let isLast = index == list.count - 1
        Self.multiply(list.baseAddress! + index, source, isLast ? y : target, rectified: !isLast)
        source = UnsafePointer(target)
        swap(&target, &spare)
      }
    }
  }

  @inline(__always)
  private static func multiply(
    _ layer: UnsafePointer<Layer>, _ x: UnsafePointer<SIMD8<Float>>, _ y: UnsafeMutablePointer<SIMD8<Float>>,
    rectified: Bool
  ) {
    let zero = SIMD8<Float>(repeating: 0)
    func times(_ v: SIMD8<Float>, _ w: SIMD4<Float>) -> SIMD8<Float> {
      SIMD8(lowHalf: v.lowHalf * w, highHalf: v.highHalf * w)
    }
    let inputs = layer.pointee.inputs
    let bias = layer.pointee.bias.pointer
    var w = layer.pointee.weights.pointer
    for output in stride(from: 0, to: layer.pointee.outputs, by: 4) {
      var sum0 = SIMD8(repeating: bias[output])
      var sum1 = SIMD8(repeating: bias[output + 1])
      var sum2 = SIMD8(repeating: bias[output + 2])
      var sum3 = SIMD8(repeating: bias[output + 3])
      for input in 0..<inputs {
        let v = x[input]
        sum0 += times(v, w[0])
        sum1 += times(v, w[1])
        sum2 += times(v, w[2])
        sum3 += times(v, w[3])
        w += 4
      }
      if rectified {
        sum0.replace(with: zero, where: sum0 .< zero)
        sum1.replace(with: zero, where: sum1 .< zero)
        sum2.replace(with: zero, where: sum2 .< zero)
        sum3.replace(with: zero, where: sum3 .< zero)
      }
      y[output] = sum0
      y[output + 1] = sum1
      y[output + 2] = sum2
      y[output + 3] = sum3
    }
  }
}
