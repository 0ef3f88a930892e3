/// A number of a report that may not apply.
///
/// In JSON it is always there: `null` where there is no value, and also where the value is not finite, since JSON has
/// no NaN. Optional properties would leave their key out instead.
@propertyWrapper
public struct Measured: Codable, Sendable, Equatable {
  /// The value; nil where it does not apply.
  public var wrappedValue: Double?

  /// A value, or none.
  public init(wrappedValue: Double?) { self.wrappedValue = wrappedValue }

  /// Reads a number or `null`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Double.self)
  }

  /// Writes a number or `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let value = wrappedValue, value.isFinite { try container.encode(value) } else { try container.encodeNil() }
  }
}

/// Any other value of a report that may not apply; `null` where there is none.
@propertyWrapper
public struct Nullable<Value: Codable & Sendable>: Codable, Sendable {
  /// The value; nil where it does not apply.
  public var wrappedValue: Value?

  /// A value, or none.
  public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  /// Reads a value or `null`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
  }

  /// Writes a value or `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let value = wrappedValue { try container.encode(value) } else { try container.encodeNil() }
  }
}
