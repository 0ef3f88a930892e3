/// A model file that cannot be used: which, where in it, and what was expected.
public struct ModelError: Error, CustomStringConvertible {
  /// What is wrong with it.
  public enum Kind: Sendable {
    /// There is no such file.
    case missing
    /// It is damaged, or not the model that was asked for.
    case malformed
  }

  /// What is wrong with it.
  public var kind: Kind
  /// Path or name of the file.
  public var file: String
  /// The field or tensor.
  public var place: String?
  /// What was found and expected.
  public var message: String

  init(_ kind: Kind, file: String, place: String? = nil, _ message: String) {
    self.kind = kind
    self.file = file
    self.place = place
    self.message = message
  }

  /// One sentence.
  public var description: String { "\(file): " + (place.map { "\($0): " } ?? "") + message }
}
