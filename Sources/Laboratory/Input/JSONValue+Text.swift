/// Writing JSON for people: what fits on a line stays on it.
extension JSONValue {
  /// The value as JSON (RFC 8259), two spaces a level, lists and objects on one line where `width` columns allow.
  public func text(width: Int = 120) -> String {
    var text = ""
    write(to: &text, indent: 0, used: 0, width: width)
    return text + "\n"
  }

  private func write(to text: inout String, indent: Int, used: Int, width: Int) {
    let line = inline
    if indent + used + line.count <= width {
      text += line
      return
    }
    let space = String(repeating: " ", count: indent + 2)
    switch self {
    case .list(let items):
      text += "[\n"
      for (index, item) in items.enumerated() {
        text += space
        item.write(to: &text, indent: indent + 2, used: 1, width: width)
        text += index + 1 < items.count ? ",\n" : "\n"
      }
      text += space.dropLast(2) + "]"
    case .object(let fields):
      text += "{\n"
      for (index, field) in fields.enumerated() {
        let key = Self.quoted(field.key) + ": "
        text += space + key
        field.value.write(to: &text, indent: indent + 2, used: key.count + 1, width: width)
        text += index + 1 < fields.count ? ",\n" : "\n"
      }
      text += space.dropLast(2) + "}"
    default: text += line
    }
  }

  /// The value on one line.
  private var inline: String {
    switch self {
    case .null: return "null"
    case .flag(let flag): return flag ? "true" : "false"
    case .number(let number): return ExpressionScope.shortText(number)
    case .text(let text): return Self.quoted(text)
    case .list(let items): return "[" + items.map(\.inline).joined(separator: ", ") + "]"
    case .object(let fields) where fields.isEmpty: return "{}"
    case .object(let fields):
      return "{ " + fields.map { "\(Self.quoted($0.key)): \($0.value.inline)" }.joined(separator: ", ") + " }"
    }
  }

  /// A text as JSON writes it.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      case _ where scalar.value < 0x20:
        let hexadecimal = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
