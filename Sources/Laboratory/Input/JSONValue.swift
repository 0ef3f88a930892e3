/// A value of a JSON text, with the keys of objects in the order of the file.
public indirect enum JSONValue: Sendable {
  /// null.
  case null
  /// true or false.
  case flag(Bool)
  /// A finite number.
  case number(Double)
  /// A string.
  case text(String)
  /// An array.
  case list([JSONValue])
  /// An object; no key comes twice.
  case object([Field])

  /// A key of an object and its value.
  public struct Field: Sendable {
    /// The key.
    public var key: String
    /// The value.
    public var value: JSONValue

    /// A field from its parts.
    public init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The value of a key of an object; nil where it is missing or this is no object.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let fields) = self else { return nil }
    return fields.first { $0.key == key }?.value
  }

  /// What the value is, for error messages: "the number 3.0", "a list of 2".
  public var description: String {
    switch self {
    case .null: "null"
    case .flag(let flag): "\(flag)"
    case .number(let number): "the number \(number)"
    case .text(let text): text.count > 60 ? "the text \"\(text.prefix(60))…\"" : "the text \"\(text)\""
    case .list(let list): "a list of \(list.count)"
    case .object: "an object"
    }
  }
}

/// A JSON text that cannot be read: where (from 1), and what was expected.
public struct JSONError: Error, Sendable {
  /// Line of the first byte that is wrong, from 1.
  public var line: Int
  /// Its column in bytes, from 1.
  public var column: Int
  /// What was expected.
  public var message: String
}

/// Reads JSON (RFC 8259) with two freedoms for texts that people write: comments (`//` and `/* */`) and a comma after
/// the last entry.
///
/// Foundation's decoders lose the order of keys and the second of two equal keys, and do not say where a text is
/// wrong; scene files need all three. One pass over the bytes; nesting is bounded, so a hostile text cannot exhaust
/// the stack.
public struct JSONReader {
  /// Deepest nesting of lists and objects.
  public static let maximumDepth = 200

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The value of a text in UTF-8. Throws `JSONError`.
  public static func read(_ bytes: [UInt8]) throws -> JSONValue {
    var reader = JSONReader(bytes)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { reader.position = 3 }
    let value = try reader.value(depth: 0)
    try reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.error("expected the end of the file") }
    return value
  }

  // MARK: Values

  private mutating func value(depth: Int) throws -> JSONValue {
    try skipSpace()
    guard let byte = peek else { throw error("the file ends where a value was expected") }
    switch byte {
    case UInt8(ascii: "{"):
      guard depth < Self.maximumDepth else { throw error("nested more than \(Self.maximumDepth) deep") }
      return try object(depth: depth)
    case UInt8(ascii: "["):
      guard depth < Self.maximumDepth else { throw error("nested more than \(Self.maximumDepth) deep") }
      return try list(depth: depth)
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    case _ where Self.isLetter(byte): return try word()
    default: throw error("expected a value")
    }
  }

  private mutating func object(depth: Int) throws -> JSONValue {
    position += 1
    var fields: [JSONValue.Field] = []
    var keys: Set<String> = []
    while true {
      try skipSpace()
      if take("}") { return .object(fields) }
      guard peek == UInt8(ascii: "\"") else { throw error("expected a key in quotes or \"}\"") }
      let start = position
      let key = try string()
      guard keys.insert(key).inserted else { throw error("the key \"\(key)\" is there twice", at: start) }
      try skipSpace()
      guard take(":") else { throw error("expected \":\" after the key \"\(key)\"") }
      fields.append(JSONValue.Field(key: key, value: try value(depth: depth + 1)))
      try skipSpace()
      if take(",") { continue }
      guard take("}") else { throw error("expected \",\" or \"}\"") }
      return .object(fields)
    }
  }

  private mutating func list(depth: Int) throws -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    while true {
      try skipSpace()
      if take("]") { return .list(values) }
      values.append(try value(depth: depth + 1))
      try skipSpace()
      if take(",") { continue }
      guard take("]") else { throw error("expected \",\" or \"]\"") }
      return .list(values)
    }
  }

  private mutating func word() throws -> JSONValue {
    let start = position
    while let byte = peek, Self.isLetter(byte) { position += 1 }
    switch bytes[start..<position] {
    case let word where word.elementsEqual("true".utf8): return .flag(true)
    case let word where word.elementsEqual("false".utf8): return .flag(false)
    case let word where word.elementsEqual("null".utf8): return .null
    default:
      throw error("expected a number, a text in quotes, true, false, null, a list or an object", at: start)
    }
  }

  private mutating func number() throws -> Double {
    let start = position
    _ = take("-")
    let whole = skipDigits()
    guard whole > 0 else { throw error("expected a digit") }
    guard whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
      throw error("a number has no leading zeros", at: start)
    }
    if take(".") { guard skipDigits() > 0 else { throw error("expected a digit after the point") } }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard skipDigits() > 0 else { throw error("expected a digit in the exponent") }
    }
    guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)), value.isFinite else {
      throw error("the number is too large for a double", at: start)
    }
    return value
  }

  private mutating func string() throws -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw error("the text is not valid UTF-8", at: start)
        }
        return text
      case UInt8(ascii: "\\"): try content.append(contentsOf: String(escape()).utf8)
      case 0..<0x20: throw error("a control character in a text; write it as \\n, \\t or \\u00XX", at: position - 1)
      default: content.append(byte)
      }
    }
    throw error("the text that starts here does not end", at: start)
  }

  private mutating func escape() throws -> Character {
    guard let byte = peek else { throw error("the file ends in a text") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let start = position - 2
      var code = try hexadecimal()
      // Characters beyond U+FFFF are written as a pair of surrogates.
      if code & 0xfc00 == 0xd800, take("\\"), take("u") {
        let low = try hexadecimal()
        guard low & 0xfc00 == 0xdc00 else { throw error("half of a surrogate pair", at: start) }
        code = 0x10000 + (code & 0x3ff) << 10 + (low & 0x3ff)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair", at: start) }
      return Character(scalar)
    default: throw error("unknown escape", at: position - 2)
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard position + 4 <= bytes.count,
      let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw error("expected four hexadecimal digits") }
    position += 4
    return code
  }

  // MARK: Bytes

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  private mutating func skipSpace() throws {
    while let byte = peek {
      switch byte {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      case UInt8(ascii: "/"): try skipComment()
      default: return
      }
    }
  }

  private mutating func skipComment() throws {
    let start = position
    position += 1
    if take("/") {
      while position < bytes.count, bytes[position] != 0x0a { position += 1 }
    } else if take("*") {
      while position + 1 < bytes.count, bytes[position] != UInt8(ascii: "*") || bytes[position + 1] != UInt8(ascii: "/")
      {
        position += 1
      }
      guard position + 1 < bytes.count else { throw error("the comment that starts here does not end", at: start) }
      position += 2
    } else {
      throw error("expected a value or a comment", at: start)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
  }

  private func error(_ message: String, at place: Int? = nil) -> JSONError {
    let end = min(place ?? position, bytes.count)
    let lineStart = bytes[..<end].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    let line = bytes[..<end].reduce(1) { $1 == 0x0a ? $0 + 1 : $0 }
    return JSONError(line: line, column: end - lineStart + 1, message: message)
  }
}
