/// A problem file that cannot be used, or written: which, where in it, and what was expected there.
public struct ProblemFileError: Error, CustomStringConvertible, Sendable {
  /// What is wrong.
  public enum Kind: Sendable {
    /// There is no such file.
    case missing
    /// Its content cannot be used.
    case malformed
    /// It cannot be written.
    case cannotWrite
  }

  /// What is wrong.
  public var kind: Kind
  /// The file.
  public var file: String
  /// The place in it: a dataset's path or a line.
  public var place: String?
  /// What was expected.
  public var message: String

  /// An error from its parts.
  public init(_ kind: Kind, file: String, place: String? = nil, _ message: String) {
    self.kind = kind
    self.file = file
    self.place = place
    self.message = message
  }

  /// One line: file, place and message.
  public var description: String { [file, place, message].compactMap { $0 }.joined(separator: ": ") }
}
