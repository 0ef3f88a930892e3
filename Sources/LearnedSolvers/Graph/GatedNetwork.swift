import ConstraintSystem
import LinearAlgebra

/// A graph network on bodies and constraints whose messages are the exact operator's: a gated polynomial in A, unrolled.
///
///     g = −D^(−1/2) (A λ − b) / s        the message: what reaches a constraint through its bodies
///     m = λ̂ − λ̂_before                   the last layer's change
///     (α₀, α₁, β₀, β₁) = MLP_k(invariants of g, m, λ̂ and the block)
///     λ̂ ← P_K(λ̂ + α_c g_c + β_c m_c)    on each channel c, k = 1 … layers
///
/// λ̂ = D^(1/2) λ / s, D the row scales and s = rms(D^(−1/2) b): equivariant to units of mass, length and time. A block's
/// rows form two channels: a contact's normal and its tangential plane, a joint's linear and its angular rows. Gates are
/// scalars that see norms and angles alone, so a rotation of a channel's rows rotates its λ; blocks are treated alike and
/// bodies only through A, so permutations permute. A contact's channels are scaled by √d_n and √d_t, so its cone stays
/// circular.
///
/// Nothing bounds the error: it is used as the article's direct approximation (`network`), and behind a safeguard as the
/// guess `learned`. Cost per block and layer: one product with A and an MLP of 14-16-4, about 0.1 µs.
package final class GatedNetwork {
  /// Inputs of a layer's network.
  static let inputCount = 14
  static let outputCount = 4
  /// Layers at most.
  static let largestDepth = 12

  /// A system as the network sees it.
  package protocol System: AnyObject {
    var rowCount: Int { get }
    var blockCount: Int { get }
    /// First row, rows of channel 0, number of rows of a block.
    func shape(_ block: Int) -> (first: Int, split: Int, rows: Int)
    /// `w` ← A λ − b.
    func residual(_ lambda: UnsafePointer<Double>, into w: UnsafeMutablePointer<Double>)
    /// Brings λ into the sets.
    func project(_ lambda: UnsafeMutablePointer<Double>)
    /// 1/√d of every row, 0 for a row that moves nothing.
    var scales: Buffer<Double> { get }
    /// b of every row.
    var rightHandSide: UnsafePointer<Double> { get }
    /// What does not change from layer to layer: is it a contact, has it bounds, μ̂, how crowded its bodies are, is it new.
    var traits: Buffer<SIMD8<Float>> { get }
    /// Blocks that may change; nil: all.
    var mask: Buffer<Bool>? { get }
  }

  let model: Model
  private let layers: [DenseNetwork]
  private let w = Buffer<Double>()
  /// √d / s of every row.
  private let inverseScales = Buffer<Double>()
  private let before = Buffer<Double>()
  private let inputs = Buffer<Float>(repeating: 0, count: GatedNetwork.inputCount)
  private let gates = Buffer<Float>(repeating: 0, count: GatedNetwork.outputCount)

  package init(model: Model) throws {
    self.model = model
    var layers: [DenseNetwork] = []
    while model.weights.contains("layer\(layers.count).0.weight"), layers.count < Self.largestDepth {
      layers.append(
        try DenseNetwork(
          model.weights, "layer\(layers.count)", inputs: Self.inputCount, outputs: Self.outputCount))
    }
    guard !layers.isEmpty else {
      throw ModelError(.malformed, file: model.weights.path, place: "layer0.0.weight", "is missing")
    }
    self.layers = layers
  }

  /// Improves `lambda` by all layers. What is not finite is left as it was.
  package func run(_ system: some System, lambda: UnsafeMutablePointer<Double>) {
    let rows = system.rowCount
    w.resize(to: rows, filling: 0)
    inverseScales.resize(to: rows, filling: 0)
    before.resize(to: rows, filling: 0)
    let rho = system.scales.pointer
    var sum = 0.0
    for row in 0..<rows {
      let b = rho[row] * system.rightHandSide[row]
      sum += b * b
    }
    let s = (sum / Double(max(rows, 1))).squareRoot()
    guard s > 0, s.isFinite else { return }
    before.pointer.update(from: lambda, count: rows)
    for row in 0..<rows { inverseScales.pointer[row] = rho[row] > 0 ? 1 / (rho[row] * s) : 0 }
    for layer in layers {
      system.residual(lambda, into: w.pointer)
      step(system, layer, lambda, 1 / s)
      system.project(lambda)
    }
  }

  /// λ ← λ + gates ∘ (g, m); `before` ← the old λ.
  private func step(
    _ system: some System, _ layer: DenseNetwork, _ lambda: UnsafeMutablePointer<Double>, _ inverse: Double
  ) {
    let rho = system.scales.pointer
    let inverseScales = self.inverseScales.pointer
    let allTraits = system.traits.pointer
    let mask = system.mask?.pointer
    let w = self.w.pointer
    let before = self.before.pointer
    let x = inputs.pointer
    let out = gates.pointer
    for block in 0..<system.blockCount {
      if let mask, !mask[block] { continue }
      let (first, split, rows) = system.shape(block)
      // ‖g‖², ‖m‖², g·m and ‖λ̂‖² of both channels.
      var gg = (0.0, 0.0)
      var mm = (0.0, 0.0)
      var gm = (0.0, 0.0)
      var ll = (0.0, 0.0)
      for row in first..<first + rows where rho[row] > 0 {
        let g = -rho[row] * w[row] * inverse
        let l = lambda[row] * inverseScales[row]
        let m = l - before[row] * inverseScales[row]
        if row < first + split {
          gg.0 += g * g
          mm.0 += m * m
          gm.0 += g * m
          ll.0 += l * l
        } else {
          gg.1 += g * g
          mm.1 += m * m
          gm.1 += g * m
          ll.1 += l * l
        }
      }
      let traits = allTraits[block]
      let lengths = Self.roots(gg.0, gg.1, mm.0, mm.1, ll.0, ll.1)
      let squashed = lengths / (1 + lengths)
      for index in 0..<4 { x[index] = squashed[index] }
      x[4] = Self.cosine(gm.0, lengths[0] * lengths[2])
      x[5] = Self.cosine(gm.1, lengths[1] * lengths[3])
      x[6] = squashed[4]
      x[7] = squashed[5]
      // A contact's normal is no plane: its sign says whether the bodies approach or part.
      x[8] = traits[0] > 0 && rho[first] > 0 ? (w[first] < 0 ? 1 : -1) * x[0] : 0
      for trait in 0..<5 { x[9 + trait] = traits[trait] }
      layer.evaluate(x, into: out)
      let alpha = (1 + SafeOutput.softsign(out[0]), 1 + SafeOutput.softsign(out[1]))
      let beta = (SafeOutput.softsign(out[2]), SafeOutput.softsign(out[3]))
      for row in first..<first + rows where rho[row] > 0 {
        let inFirst = row < first + split
        let old = lambda[row]
        let change =
          (inFirst ? alpha.0 : alpha.1) * -rho[row] * rho[row] * w[row] + (inFirst ? beta.0 : beta.1)
          * (old - before[row])
        before[row] = old
        if change.isFinite { lambda[row] = old + change }
      }
    }
  }

  /// The roots of squares, finite.
  @inline(__always)
  private static func roots(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double
  ) -> SIMD8<Float> {
    // `<` is false for NaN, which counts as large.
    func bounded(_ x: Double) -> Float { x < 1e30 ? Float(x) : 1e30 }
    return SIMD8(bounded(a), bounded(b), bounded(c), bounded(d), bounded(e), bounded(f), 0, 0).squareRoot()
  }

  @inline(__always)
  private static func cosine(_ product: Double, _ length: Float) -> Float {
    guard length > 1e-30, product.magnitude < 1e30 else { return 0 }
    return min(max(Float(product) / length, -1), 1)
  }
}
