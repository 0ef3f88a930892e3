import ConstraintSystem
import LinearAlgebra

/// A network of fixed size for one mechanism: entries of A and b → λ, around the scaling of `MechanismScaling`.
///
/// It knows one block pattern and nothing else, which is the first of the article's objections to it; that nothing bounds
/// its error is the second. Its file has schema `mechanism-1` and says in its metadata
///
///     form              "direct", "latent" or "galerkin": `DirectMap`, `LatentMap`, `GalerkinMap`
///     blocks, pattern   `MechanismPattern`
///     latent            k, for the last two
///     shift             ε, for `latent`
///
/// and in the tensors `low`, `high` the range of the features in training.
final class MechanismNetwork {
  /// What an inference came to.
  enum Outcome {
    /// λ is finite.
    case inferred
    /// A diagonal block is not positive definite, or a number is not finite: λ = 0.
    case failed
  }

  /// Forms of the map.
  enum Form: String, CaseIterable {
    case direct, latent, galerkin
  }

  /// The largest k.
  static let largestLatentSize = 64

  private let pattern: MechanismPattern
  private let system: MechanismScaling
  private let map: any MechanismMap
  private let low: Buffer<Float>
  private let high: Buffer<Float>
  private var isPrepared = false

  /// Whether the last prepared matrix has the mechanism's pattern.
  private(set) var fits = false
  /// Whether a feature of the last system lay outside of the range in training.
  private(set) var isOutsideTraining = false

  /// The model of a file, or of a name in the library, of one of some forms. Throws `ModelError`.
  init(_ name: String, forms: [Form]) throws {
    let model = try Model(name, schema: .mechanism)
    let weights = model.weights
    let found = weights.metadata["form"] ?? "none"
    guard let form = Form(rawValue: found), forms.contains(form) else {
      let expected = forms.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
      throw ModelError(
        .malformed, file: weights.path, place: "__metadata__.form", "is \"\(found)\", expected \(expected)")
    }
    pattern = try MechanismPattern(weights)
    system = MechanismScaling(pattern)
    switch form {
    case .direct: map = try DirectMap(weights, pattern)
    case .latent:
      map = try LatentMap(weights, pattern, size: Self.latentSize(model), shift: model.number("shift"))
    case .galerkin: map = try GalerkinMap(weights, pattern, size: Self.latentSize(model))
    }
    let count = pattern.entryCount + pattern.dimension
    low = Buffer(try weights.tensor("low", shape: [count]).values)
    high = Buffer(try weights.tensor("high", shape: [count]).values)
  }

  private static func latentSize(_ model: Model) throws -> Int {
    let size = try model.number("latent")
    guard size == size.rounded(), size <= Double(largestLatentSize) else {
      throw ModelError(
        .malformed, file: model.weights.path, place: "__metadata__.latent",
        "is \(size), expected a whole number from 1 to \(largestLatentSize)")
    }
    return Int(size)
  }

  /// Does what depends on the matrix alone; sets `fits`.
  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    if change == .pattern { fits = pattern.fits(matrix) }
    isPrepared = false
    guard fits else { return }
    let start = Clock.now()
    isPrepared = system.prepare(matrix)
    if isPrepared { map.prepare(system) }
    report.inferenceTime += Clock.now() - start
  }

  /// `x` ← λ ≈ A⁻¹ b under the last prepared matrix, which must fit.
  func infer(
    _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>, report: inout SolveReport
  ) -> Outcome {
    let start = Clock.now()
    defer { report.inferenceTime += Clock.now() - start }
    isOutsideTraining = false
    guard isPrepared, system.prepare(b) else {
      x.update(repeating: 0, count: pattern.dimension)
      return .failed
    }
    if system.rms == 0 {
      x.update(repeating: 0, count: pattern.dimension)
      return .inferred
    }
    isOutsideTraining = leavesRange()
    map.apply(system)
    report.flops += map.flops
    return system.unscale(into: x) ? .inferred : .failed
  }

  private func leavesRange() -> Bool {
    let features = system.features.pointer
    var isInside = true
    for index in 0..<system.features.count {
      isInside = isInside && features[index] >= low.pointer[index] && features[index] <= high.pointer[index]
    }
    return !isInside
  }
}
