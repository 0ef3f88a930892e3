/// Something that a user gave and that cannot be used: where it is, and what was expected there.
public struct InputError: Error, CustomStringConvertible, Sendable {
  /// What is wrong, as the exit status of sysexits.h.
  public enum Kind: Int32, Sendable {
    /// A wrong argument: an option, a solver text, a parameter's value.
    case usage = 64
    /// A file whose content cannot be used.
    case data = 65
    /// A file that is not there.
    case missing = 66
    /// A file that cannot be written.
    case cannotWrite = 73
  }

  /// What is wrong.
  public var kind: Kind
  /// The file, nil for an argument.
  public var file: String?
  /// The place in the file (a JSON path such as `bodies[3].shape.radius`, or a line), or in the argument.
  public var place: String?
  /// What was expected, with the nearest valid name where one is near.
  public var message: String

  /// An error from its parts.
  public init(_ kind: Kind, file: String? = nil, place: String? = nil, _ message: String) {
    self.kind = kind
    self.file = file
    self.place = place
    self.message = message
  }

  /// One line: file, place and message.
  public var description: String {
    ([file, place].compactMap { $0 }.filter { !$0.isEmpty } + [message]).joined(separator: ": ")
  }
}
