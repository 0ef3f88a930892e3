import Dynamics

/// A key of an object in a scene file: what the reader accepts there, and what the published schema says.
public struct SceneKey: Sendable {
  /// What a value looks like.
  public indirect enum Kind: Sendable {
    /// A number or an expression.
    case number
    /// A whole number or an expression that gives one.
    case integer
    /// A number as it stands; no expression.
    case literal
    /// true or false, or a condition.
    case flag
    /// Any text.
    case text
    /// A text with expressions in braces: "box{i}".
    case name
    /// One of some words.
    case choice([String])
    /// A list of this many numbers.
    case numbers(count: Int)
    /// A list of values.
    case list(Kind)
    /// An object of one key after the other with values of a kind.
    case map(Kind)
    /// An object of the schema's definitions.
    case object(String)
    /// Any of some kinds.
    case any([Kind])
  }

  /// The key.
  public var name: String
  /// What its value looks like.
  public var kind: Kind
  /// One line with the unit and the default.
  public var summary: String
  /// Whether it must be given.
  public var isRequired: Bool

  /// A key and what it means.
  public init(_ name: String, _ kind: Kind, _ summary: String, required: Bool = false) {
    self.name = name
    self.kind = kind
    self.summary = summary
    isRequired = required
  }

  /// The key of a joint or a shape.
  public init(_ property: PropertyDescriptor) {
    self.init(property.name, Kind(property.kind), property.summary, required: property.isRequired)
  }
}

extension SceneKey.Kind {
  /// A number or a schedule.
  public static var signal: SceneKey.Kind { .any([.number, .object("signal")]) }
  /// Three numbers.
  public static var vector: SceneKey.Kind { .numbers(count: 3) }

  /// The kind of a joint's or a shape's property.
  init(_ kind: PropertyDescriptor.Kind) {
    switch kind {
    case .number: self = .number
    case .vector: self = .vector
    case .flag: self = .flag
    case .signal: self = .signal
    case .body: self = .name
    case .text: self = .text
    case .vectors: self = .list(.vector)
    case .triples: self = .list(.numbers(count: 3))
    case .shapes: self = .list(.object("child"))
    }
  }
}
