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
/// guess `learned`. Blocks are evaluated eight at a time (`GatedNetwork+Group.swift`). Cost per block and layer: one
/// product with A, about 14 ns for a contact, an MLP of 14-16-4, as much, and its features, gates and projection: 0.05 µs
/// in all.
package final class GatedNetwork {
  /// Inputs of a layer's network.
  static let inputCount = 14
  static let outputCount = 4
  /// Layers at most.
  static let largestDepth = 12

  /// A system as the network sees it.
  package protocol System: AnyObject {
    var rowCount: Int { get }
    /// `w` ← A λ − b.
    func residual(_ lambda: UnsafePointer<Double>, into w: UnsafeMutablePointer<Double>)
    /// Brings λ into the sets.
    func project(_ lambda: UnsafeMutablePointer<Double>)
    /// 1/√d of every row, 0 for a row that moves nothing.
    var scales: Buffer<Double> { get }
    /// b of every row.
    var rightHandSide: UnsafePointer<Double> { get }
    /// The blocks that may change.
    var groups: BlockGroups { get }
  }

  let model: Model
  private let layers: [EightfoldNetwork]
  /// A λ − b of every row, and 0 behind the last.
  let w = Buffer<Double>()
  /// λ of every row, and 0 behind the last.
  let impulses = Buffer<Double>()
  /// Of eight blocks: what a layer's network sees, and what it says.
  let inputs = Buffer<SIMD8<Float>>(repeating: .zero, count: GatedNetwork.inputCount)
  let outputs = Buffer<SIMD8<Float>>(repeating: .zero, count: GatedNetwork.outputCount)

  package init(model: Model) throws {
    self.model = model
    var layers: [EightfoldNetwork] = []
    while model.weights.contains("layer\(layers.count).0.weight"), layers.count < Self.largestDepth {
      layers.append(
        EightfoldNetwork(
          try DenseNetwork(
            model.weights, "layer\(layers.count)", inputs: Self.inputCount, outputs: Self.outputCount)))
    }
    guard !layers.isEmpty else {
      throw ModelError(.malformed, file: model.weights.path, place: "layer0.0.weight", "is missing")
    }
    self.layers = layers
  }

  /// Improves `lambda` by all layers. What is not finite is left as it was.
  package func run(_ system: some System, lambda: UnsafeMutablePointer<Double>) {
    let rows = system.rowCount
    let rho = system.scales.pointer
    let b = system.rightHandSide
    var sum = 0.0
    for row in 0..<rows {
      let scaled = rho[row] * b[row]
      sum += scaled * scaled
    }
    let s = (sum / Double(max(rows, 1))).squareRoot()
    guard s > 0, s.isFinite else { return }
    let groups = system.groups
    start(groups, rows, lambda, s)
    var isZero = (0..<rows).allSatisfy { lambda[$0] == 0 }
    for layer in layers {
      if isZero {
        // A 0 − b needs no product.
        for row in 0..<rows { w.pointer[row] = 0 - b[row] }
        isZero = false
      } else {
        system.residual(impulses.pointer, into: w.pointer)
      }
      for group in 0..<groups.groups.count { step(groups, group, layer, 1 / s) }
      system.project(impulses.pointer)
    }
    lambda.update(from: impulses.pointer, count: rows)
  }

  /// Takes the first λ and the scale s.
  private func start(_ groups: BlockGroups, _ rows: Int, _ lambda: UnsafePointer<Double>, _ s: Double) {
    w.resize(to: rows + 1, filling: 0)
    w.pointer[rows] = 0
    impulses.resize(to: rows + 1, filling: 0)
    impulses.pointer.update(from: lambda, count: rows)
    impulses.pointer[rows] = 0
    for index in 0..<groups.rows.count {
      let half = groups.rows.pointer + index
      let rho = half.pointee.scale
      half.pointee.inverseScale = SIMD4.zero.replacing(with: 1 / (rho * s), where: rho .> 0)
      half.pointee.before = Self.gather(impulses.pointer, half.pointee.index)
    }
  }
}
