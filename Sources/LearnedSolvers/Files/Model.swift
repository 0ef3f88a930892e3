import ConstraintSystem
import Foundation

/// The weights of a learned method, with what its file says of them: architecture, schema of the features, training range.
public struct Model {
  /// Architectures, each with the version of its features: a file of another one is refused.
  public enum Schema: String, CaseIterable, Sendable {
    /// `LearnedPreconditioner`.
    case preconditionerPolicy = "preconditioner-policy-1"
    /// `FactorCorrection`.
    case factorCorrection = "factor-correction-1"
    /// `DeflationPreconditioner`.
    case coarseSpace = "coarse-space-1"
    /// `GatedNetwork`.
    case gated = "gated-1"
    /// `MechanismNetwork`: one fixed mechanism.
    case mechanism = "mechanism-1"
    /// `IncrementNetwork`.
    case increment = "increment-1"
    /// `SweepPolicy`.
    case policy = "policy-3"
  }

  /// The tensors.
  public let weights: Safetensors
  /// Largest number of bodies of a training problem; nil where the file does not say.
  public let largestBodyCount: Int?
  /// Largest number of bodies of a training problem with contacts or limits; nil where those were as large as any.
  public let largestContactBodyCount: Int?
  /// Largest number of block rows of a training matrix.
  public let largestBlockCount: Int?
  /// Largest ratio of masses of a training problem.
  public let largestMassRatio: Double?
  /// Numbers of rows that the joints of training problems had, a bit each.
  private let jointRows: UInt64?

  /// The model of a file, or of a name in the library. Throws `ModelError`.
  public init(_ name: String, schema: Schema) throws {
    weights = try Safetensors(readingFileAt: Self.path(of: name))
    let found = weights.metadata["schema"] ?? "none"
    guard found == schema.rawValue else {
      throw ModelError(
        .malformed, file: weights.path, place: "__metadata__.schema", "is \"\(found)\", expected \"\(schema.rawValue)\""
      )
    }
    largestBodyCount = try Self.number("largestBodyCount", weights).map(Int.init)
    largestContactBodyCount = try Self.number("largestContactBodyCount", weights).map(Int.init)
    largestBlockCount = try Self.number("largestBlockCount", weights).map(Int.init)
    largestMassRatio = try Self.number("largestMassRatio", weights)
    jointRows = try weights.metadata["jointRows"].map { [path = weights.path] text in
      let numbers = text.split(separator: ",").map { Int($0) ?? -1 }
      guard !numbers.isEmpty, numbers.allSatisfy({ (0..<64).contains($0) }) else {
        throw ModelError(
          .malformed, file: path, place: "__metadata__.jointRows",
          "is \"\(text)\", expected numbers below 64 with commas")
      }
      return numbers.reduce(0) { $0 | 1 << UInt64($1) }
    }
  }

  private static func number(_ key: String, _ weights: Safetensors) throws -> Double? {
    guard let text = weights.metadata[key] else { return nil }
    guard let value = Double(text), value > 0, value < 1e15 else {
      throw ModelError(
        .malformed, file: weights.path, place: "__metadata__.\(key)", "is \"\(text)\", expected a positive number")
    }
    return value
  }

  /// A number that the file must give. Throws `ModelError`.
  func number(_ key: String) throws -> Double {
    guard let value = try Self.number(key, weights) else {
      throw ModelError(.malformed, file: weights.path, place: "__metadata__.\(key)", "is missing, expected a number")
    }
    return value
  }

  /// A path as it is; a bare name in `./Assets/Models`, the folders of `$DELASSUS_MODELS` (separated by colons), and
  /// `Assets/Models` in the executable's folder and in those above it. Throws `ModelError`.
  static func path(of name: String) throws -> String {
    if name.contains("/") || name.hasSuffix(".safetensors") { return name }
    let folders = Self.folders
    for folder in folders {
      let path = "\(folder)/\(name).safetensors"
      if FileManager.default.fileExists(atPath: path) { return path }
    }
    throw ModelError(.missing, file: "\(name).safetensors", "not found in \(folders.joined(separator: ", "))")
  }

  private static var folders: [String] {
    let given = ProcessInfo.processInfo.environment["DELASSUS_MODELS"] ?? ""
    var folders = ["Assets/Models"] + given.split(separator: ":").map(String.init)
    guard let executable = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return folders }
    var folder = executable.deletingLastPathComponent()
    for _ in 0..<8 where folder.path != "/" {
      folders.append(folder.appendingPathComponent("Assets/Models").path)
      folder.deleteLastPathComponent()
    }
    return folders
  }
}

extension Model {
  /// Whether a problem has joints that no training problem had, is larger than all of them, or mixes masses that none of
  /// them did.
  func isOutsideTraining(_ problem: ConstraintProblem) -> Bool {
    hasOtherJoints(problem) || isLargerThanTraining(problem)
  }

  /// Whether joints have numbers of rows that those of the training had not.
  func hasOtherJoints(_ problem: ConstraintProblem) -> Bool {
    guard let jointRows else { return false }
    let blocks = problem.blocks.pointer
    for index in 0..<problem.blocks.count
    where blocks[index].set != .cone && jointRows >> UInt64(blocks[index].rowCount) & 1 == 0 { return true }
    return false
  }

  /// Whether there are more bodies than in the training, or masses that are further apart.
  func isLargerThanTraining(_ problem: ConstraintProblem) -> Bool {
    if let largestBodyCount, problem.bodies.count > largestBodyCount { return true }
    if let largestContactBodyCount, problem.bodies.count > largestContactBodyCount, !problem.isLinear {
      return true
    }
    guard let largestMassRatio else { return false }
    var lightest = Double.infinity
    var heaviest = 0.0
    for body in 0..<problem.bodies.count {
      lightest = min(lightest, problem.bodies.pointer[body].mass)
      heaviest = max(heaviest, problem.bodies.pointer[body].mass)
    }
    return heaviest > largestMassRatio * lightest
  }
}
