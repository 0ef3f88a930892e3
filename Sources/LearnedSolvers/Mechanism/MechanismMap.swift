import LinearAlgebra

/// λ̂ from a scaled system: one of the forms of `MechanismNetwork`.
protocol MechanismMap: AnyObject {
  /// Does what depends on Â alone.
  func prepare(_ system: MechanismScaling)

  /// `system.x` ← λ̂ of `system.b` under the last prepared Â.
  func apply(_ system: MechanismScaling)

  /// Floating-point operations of both, estimated.
  var flops: Double { get }
}

/// Form `direct`: λ̂ = f_θ(Â, b̂), one perceptron; tensors `network.K.weight`, `network.K.bias`.
final class DirectMap: MechanismMap {
  private let network: DenseNetwork
  private let output: Buffer<Float>

  init(_ weights: Safetensors, _ pattern: MechanismPattern) throws {
    network = try DenseNetwork(
      weights, "network", inputs: pattern.entryCount + pattern.dimension, outputs: pattern.dimension)
    output = Buffer(repeating: 0, count: pattern.dimension)
  }

  var flops: Double { 2 * Double(network.multiplications) }

  func prepare(_ system: MechanismScaling) {}

  func apply(_ system: MechanismScaling) {
    network.evaluate(system.features.pointer, into: output.pointer)
    for row in 0..<output.count { system.x.pointer[row] = Double(output.pointer[row]) }
  }
}

/// Form `latent`: E_θ(Â) z = E_θ(b̂), λ̂ = D_φ(z) with z ∈ Rᵏ.
///
/// E_θ(Â) = ε 1 + T Tᵀ, T lower triangular from the perceptron `matrix`: positive definite for any weights. E_θ(b̂) is the
/// perceptron `vector`, D_φ the perceptron `decoder`.
final class LatentMap: MechanismMap {
  private let matrix: DenseNetwork
  private let vector: DenseNetwork
  private let decoder: DenseNetwork
  private let reduced: ReducedSystem
  private let shift: Double
  private let triangle: Buffer<Float>
  private let latent: Buffer<Float>
  private let output: Buffer<Float>

  init(_ weights: Safetensors, _ pattern: MechanismPattern, size k: Int, shift: Double) throws {
    matrix = try DenseNetwork(weights, "matrix", inputs: pattern.entryCount, outputs: k * (k + 1) / 2)
    vector = try DenseNetwork(weights, "vector", inputs: pattern.dimension, outputs: k)
    decoder = try DenseNetwork(weights, "decoder", inputs: k, outputs: pattern.dimension)
    self.shift = shift
    reduced = ReducedSystem(size: k)
    triangle = Buffer(repeating: 0, count: k * (k + 1) / 2)
    latent = Buffer(repeating: 0, count: k)
    output = Buffer(repeating: 0, count: pattern.dimension)
  }

  var flops: Double {
    let k = Double(reduced.size)
    return 2 * Double(matrix.multiplications + vector.multiplications + decoder.multiplications) + k * k * k
  }

  func prepare(_ system: MechanismScaling) {
    matrix.evaluate(system.features.pointer, into: triangle.pointer)
    let k = reduced.size
    let r = reduced.matrix.pointer
    let t = triangle.pointer
    for i in 0..<k {
      for j in 0...i {
        var sum = i == j ? shift : 0
        for l in 0...j { sum += Double(t[i * (i + 1) / 2 + l]) * Double(t[j * (j + 1) / 2 + l]) }
        r[i * k + j] = sum
      }
    }
    reduced.factor()
  }

  func apply(_ system: MechanismScaling) {
    vector.evaluate(system.features.pointer + system.entries.count, into: latent.pointer)
    for row in 0..<reduced.size { reduced.vector.pointer[row] = Double(latent.pointer[row]) }
    reduced.solve()
    for row in 0..<reduced.size { latent.pointer[row] = Float(reduced.vector.pointer[row]) }
    decoder.evaluate(latent.pointer, into: output.pointer)
    for row in 0..<output.count { system.x.pointer[row] = Double(output.pointer[row]) }
  }
}

/// Form `galerkin`: a linear decoder, tensor `basis` = Z, rows × k: (ZᵀÂZ) z = Zᵀb̂, λ̂ = Z z.
///
/// It is the λ̂ of Z's range that is nearest to the solution in the norm of A, and so never worse than λ = 0.
final class GalerkinMap: MechanismMap {
  private let basis: Buffer<Double>
  private let product: Buffer<Double>
  private let reduced: ReducedSystem
  private let rows: Int
  private let entryCount: Int

  init(_ weights: Safetensors, _ pattern: MechanismPattern, size k: Int) throws {
    rows = pattern.dimension
    entryCount = pattern.entryCount
    basis = Buffer(try weights.tensor("basis", shape: [rows, k]).values.map(Double.init))
    product = Buffer(repeating: 0, count: rows * k)
    reduced = ReducedSystem(size: k)
  }

  var flops: Double {
    let k = Double(reduced.size)
    return (4 * Double(entryCount) + Double(rows) * k) * k + k * k * k
  }

  func prepare(_ system: MechanismScaling) {
    let k = reduced.size
    let z = basis.pointer
    let p = product.pointer
    // Â has a unit diagonal.
    p.update(from: z, count: rows * k)
    system.forEachBlock { first, row, column, rows, columns in
      for i in 0..<rows {
        for j in 0..<columns {
          let a = system.entries.pointer[first + i * columns + j]
          VectorKernels.add(a, z + (column + j) * k, to: p + (row + i) * k, k)
          VectorKernels.add(a, z + (row + i) * k, to: p + (column + j) * k, k)
        }
      }
    }
    reduced.matrix.fill(0)
    for row in 0..<rows {
      for i in 0..<k { VectorKernels.add(z[row * k + i], p + row * k, to: reduced.matrix.pointer + i * k, k) }
    }
    reduced.factor()
  }

  func apply(_ system: MechanismScaling) {
    let k = reduced.size
    reduced.vector.fill(0)
    for row in 0..<rows {
      VectorKernels.add(system.b.pointer[row], basis.pointer + row * k, to: reduced.vector.pointer, k)
    }
    reduced.solve()
    for row in 0..<rows {
      system.x.pointer[row] = VectorKernels.dot(basis.pointer + row * k, reduced.vector.pointer, k)
    }
  }
}
