import LinearAlgebra
import Solvers

/// An arithmetic expression over the names of a scene, compiled to a list of instructions for a stack.
///
///     or         = and { "||" and }
///     and        = comparison { "&&" comparison }
///     comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
///     sum        = product { ("+" | "-") product }
///     product    = unary { ("*" | "/") unary }
///     unary      = ("-" | "+" | "!") unary | power
///     power      = primary [ "^" unary ]                       right to left; −2^2 = −4
///     primary    = number | name | name "(" [ or { "," or } ] ")" | "(" or ")"
///
/// Comparisons give 1 or 0, and anything but 0 is true. Angles are in radians; `pi` and `degree` = π/180 are constants.
/// Exponents are whole or half numbers, because a general power would need the C library, whose last bits differ
/// between processors; every other operation is exact in the sense of IEEE 754 or comes from `Trigonometry`, so an
/// expression has the same bits everywhere.
struct Expression {
  /// What a stack machine does next.
  enum Instruction {
    case constant(Double)
    case load(slot: Int, column: Int)
    case unary(@Sendable (Double) -> Double)
    case binary(@Sendable (Double, Double) -> Double)
    case call(@Sendable (ArraySlice<Double>) -> Double, count: Int)
    case random
  }

  /// Longest text (bytes).
  static let maximumLength = 4096

  let text: String
  private(set) var instructions: [Instruction] = []

  /// Compiles `text`; names become slots of `scope`. Throws `ExpressionError`.
  init(_ text: String, in scope: ExpressionScope) throws {
    self.text = text
    guard text.utf8.count <= Self.maximumLength else {
      throw ExpressionError(column: 1, message: "longer than \(Self.maximumLength) bytes")
    }
    var parser = ExpressionParser(text, scope)
    instructions = try parser.parse()
  }

  /// The value with the present values of the names. Throws `ExpressionError` for a name that has none.
  func evaluate(in scope: ExpressionScope) throws -> Double {
    var stack: [Double] = []
    for instruction in instructions {
      switch instruction {
      case .constant(let value): stack.append(value)
      case .load(let slot, let column): stack.append(try scope.value(slot, column: column))
      case .unary(let function): stack.append(function(stack.removeLast()))
      case .binary(let function):
        let right = stack.removeLast()
        stack.append(function(stack.removeLast(), right))
      case .call(let function, let count):
        let value = function(stack.suffix(count))
        stack.removeLast(count)
        stack.append(value)
      case .random: stack.append(scope.random.next())
      }
    }
    return stack[0]
  }
}

/// An expression that cannot be read or evaluated: where (from 1), and what was expected.
package struct ExpressionError: Error {
  package var column: Int
  package var message: String
}

/// The functions that expressions know.
enum ExpressionFunction {
  /// A function of the arguments, of which there must be `count`.
  struct Entry {
    var name: String
    var count: ClosedRange<Int>
    var apply: @Sendable (ArraySlice<Double>) -> Double
  }

  static let all: [Entry] = [
    Entry(name: "min", count: 1...64) { $0.dropFirst().reduce($0.first!) { $1 < $0 ? $1 : $0 } },
    Entry(name: "max", count: 1...64) { $0.dropFirst().reduce($0.first!) { $1 > $0 ? $1 : $0 } },
    Entry(name: "abs", count: 1...1) { $0.first!.magnitude },
    Entry(name: "sqrt", count: 1...1) { $0.first!.squareRoot() },
    Entry(name: "sin", count: 1...1) { Trigonometry.sine($0.first!) },
    Entry(name: "cos", count: 1...1) { Trigonometry.cosine($0.first!) },
    Entry(name: "tan", count: 1...1) { x in
      let (sine, cosine) = Trigonometry.sineAndCosine(x.first!)
      return sine / cosine
    },
    Entry(name: "atan", count: 1...1) { Trigonometry.arcTangent($0.first!, 1) },
    Entry(name: "atan2", count: 2...2) { Trigonometry.arcTangent($0.first!, $0.last!) },
    Entry(name: "asin", count: 1...1) { Trigonometry.arcTangent($0.first!, (1 - $0.first! * $0.first!).squareRoot()) },
    Entry(name: "acos", count: 1...1) { Trigonometry.arcTangent((1 - $0.first! * $0.first!).squareRoot(), $0.first!) },
    Entry(name: "floor", count: 1...1) { $0.first!.rounded(.down) },
    Entry(name: "round", count: 1...1) { $0.first!.rounded(.toNearestOrAwayFromZero) },
    // The remainder with the sign of the divisor.
    Entry(name: "mod", count: 2...2) { $0.first! - $0.last! * ($0.first! / $0.last!).rounded(.down) },
    Entry(name: "if", count: 3...3) { $0.first! != 0 ? $0[$0.startIndex + 1] : $0.last! },
  ]

  /// The constants.
  static let constants: [(name: String, value: Double)] = [("pi", .pi), ("degree", .pi / 180)]

  /// Names that a scene cannot give to its own values.
  static let reserved = all.map(\.name) + constants.map(\.name) + ["random"]

  /// x^y for a whole or half y by repeated squaring; not a number for any other y.
  @Sendable
  static func power(_ x: Double, _ y: Double) -> Double {
    let twice = 2 * y
    guard twice == twice.rounded(), twice.magnitude <= 4096 else { return .nan }
    var remaining = Int(twice.magnitude)
    var factor = remaining & 1 == 0 ? x : x.squareRoot()
    if remaining & 1 == 0 { remaining /= 2 }
    var result = 1.0
    while remaining > 0 {
      if remaining & 1 == 1 { result *= factor }
      factor *= factor
      remaining /= 2
    }
    return y < 0 ? 1 / result : result
  }
}

/// Recursive descent over the grammar of `Expression`.
private struct ExpressionParser {
  /// Deepest nesting of parentheses, signs and powers.
  static let maximumDepth = 100

  let bytes: [UInt8]
  let scope: ExpressionScope
  var position = 0
  var depth = 0
  var output: [Expression.Instruction] = []

  init(_ text: String, _ scope: ExpressionScope) {
    bytes = Array(text.utf8)
    self.scope = scope
  }

  mutating func parse() throws -> [Expression.Instruction] {
    try disjunction()
    skipSpace()
    guard position == bytes.count else { throw unexpected("an operator or the end") }
    return output
  }

  private mutating func disjunction() throws {
    try conjunction()
    while take("||") {
      try conjunction()
      output.append(.binary { $0 != 0 || $1 != 0 ? 1 : 0 })
    }
  }

  private mutating func conjunction() throws {
    try comparison()
    while take("&&") {
      try comparison()
      output.append(.binary { $0 != 0 && $1 != 0 ? 1 : 0 })
    }
  }

  private mutating func comparison() throws {
    try sum()
    let operation: Expression.Instruction
    if take("<=") {
      operation = .binary { $0 <= $1 ? 1 : 0 }
    } else if take(">=") {
      operation = .binary { $0 >= $1 ? 1 : 0 }
    } else if take("==") {
      operation = .binary { $0 == $1 ? 1 : 0 }
    } else if take("!=") {
      operation = .binary { $0 != $1 ? 1 : 0 }
    } else if take("<") {
      operation = .binary { $0 < $1 ? 1 : 0 }
    } else if take(">") {
      operation = .binary { $0 > $1 ? 1 : 0 }
    } else {
      return
    }
    try sum()
    output.append(operation)
  }

  private mutating func sum() throws {
    try product()
    while true {
      if take("+") {
        try product()
        output.append(.binary { $0 + $1 })
      } else if take("-") || take("−") {
        try product()
        output.append(.binary { $0 - $1 })
      } else {
        return
      }
    }
  }

  private mutating func product() throws {
    try unary()
    while true {
      if take("*") {
        try unary()
        output.append(.binary { $0 * $1 })
      } else if take("/") {
        try unary()
        output.append(.binary { $0 / $1 })
      } else {
        return
      }
    }
  }

  private mutating func unary() throws {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw unexpected("less than \(Self.maximumDepth) levels of nesting") }
    if take("-") || take("−") {
      try unary()
      output.append(.unary { -$0 })
    } else if take("+") {
      try unary()
    } else if peek("!"), !peek("!=") {
      position += 1
      try unary()
      output.append(.unary { $0 == 0 ? 1 : 0 })
    } else {
      try primary()
      if take("^") {
        try unary()
        output.append(.binary(ExpressionFunction.power))
      }
    }
  }

  private mutating func primary() throws {
    skipSpace()
    guard position < bytes.count else { throw unexpected("a value") }
    if take("(") {
      try disjunction()
      guard take(")") else { throw unexpected("\")\"") }
    } else if Self.isDigit(bytes[position]) || bytes[position] == UInt8(ascii: ".") {
      output.append(.constant(try number()))
    } else if Self.isNameStart(bytes[position]) {
      try name()
    } else {
      throw unexpected("a number, a name or \"(\"")
    }
  }

  private mutating func number() throws -> Double {
    let start = position
    func isNumberPart(_ at: Int) -> Bool { Self.isDigit(bytes[at]) || bytes[at] == UInt8(ascii: ".") }
    while position < bytes.count, isNumberPart(position) { position += 1 }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      var end = position + 1
      if end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end += 1 }
      if end < bytes.count, Self.isDigit(bytes[end]) {
        while end < bytes.count, Self.isDigit(bytes[end]) { end += 1 }
        position = end
      }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw ExpressionError(column: start + 1, message: "\"\(text)\" is not a number")
    }
    return value
  }

  private mutating func name() throws {
    let start = position
    while position < bytes.count, Self.isNameStart(bytes[position]) || Self.isDigit(bytes[position]) { position += 1 }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    if take("(") {
      try call(name, column: start + 1)
    } else if let constant = ExpressionFunction.constants.first(where: { $0.name == name }) {
      output.append(.constant(constant.value))
    } else {
      output.append(.load(slot: scope.slot(name), column: start + 1))
    }
  }

  private mutating func call(_ name: String, column: Int) throws {
    var count = 0
    if !take(")") {
      repeat {
        try disjunction()
        count += 1
      } while take(",")
      guard take(")") else { throw unexpected("\",\" or \")\"") }
    }
    if name == "random" {
      guard count == 0 else { throw ExpressionError(column: column, message: "random() takes no arguments") }
      output.append(.random)
      return
    }
    guard let function = ExpressionFunction.all.first(where: { $0.name == name }) else {
      let names = ExpressionFunction.all.map(\.name) + ["random"]
      throw ExpressionError(
        column: column, message: "there is no function \"\(name)\"" + NearestName.hint(name, among: names))
    }
    guard function.count.contains(count) else {
      throw ExpressionError(
        column: column, message: "\(name)() takes \(function.count.lowerBound) argument(s), found \(count)")
    }
    output.append(.call(function.apply, count: count))
  }

  // MARK: Bytes

  private mutating func skipSpace() {
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
  }

  private mutating func peek(_ token: String) -> Bool {
    skipSpace()
    return bytes[position...].starts(with: token.utf8)
  }

  private mutating func take(_ token: String) -> Bool {
    guard peek(token) else { return false }
    position += token.utf8.count
    return true
  }

  private func unexpected(_ expected: String) -> ExpressionError {
    let found =
      position < bytes.count ? "\"\(String(decoding: bytes[position...].prefix(12), as: UTF8.self))\"" : "the end"
    return ExpressionError(column: position + 1, message: "expected \(expected), found \(found)")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
  private static func isNameStart(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
  }
}
