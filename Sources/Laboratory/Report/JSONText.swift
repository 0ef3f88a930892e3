import Foundation

/// The one JSON form of the commands: readable, keys sorted, so that two runs can be compared as text.
public enum JSONText {
  /// `value` as JSON text without a closing line break.
  public static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
