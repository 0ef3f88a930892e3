import Solvers

/// The names that a scene's expressions may use, with their present values: parameters, derived numbers, the variables
/// of loops. Compiled expressions are kept, so a generator's text is parsed once.
package final class ExpressionScope {
  /// The numbers of `random()`.
  var random = RandomSequence(seed: 1)

  /// No names.
  package init() {}

  private var slots: [String: Int] = [:]
  private var names: [String] = []
  private var values: [Double?] = []
  private var compiled: [String: Expression] = [:]
  /// Slots of the variables and local numbers that hold inside loops, outermost first.
  private(set) var locals: [Int] = []

  /// The slot of a name, whether or not it has a value.
  func slot(_ name: String) -> Int {
    if let slot = slots[name] { return slot }
    slots[name] = names.count
    names.append(name)
    values.append(nil)
    return names.count - 1
  }

  /// The value in a slot.
  func value(_ slot: Int, column: Int) throws -> Double {
    if let value = values[slot] { return value }
    let name = names[slot]
    throw ExpressionError(
      column: column, message: "there is no name \"\(name)\" here" + NearestName.hint(name, among: visible))
  }

  /// The names that have a value, and the constants.
  private var visible: [String] {
    names.indices.filter { values[$0] != nil }.map { names[$0] } + ExpressionFunction.constants.map(\.name)
  }

  /// Whether a name has a value.
  func has(_ name: String) -> Bool { slots[name].map { values[$0] != nil } ?? false }

  /// Why a new value cannot have this name; nil where it can.
  func objection(toNaming name: String) -> String? {
    let letters = name.utf8.allSatisfy {
      ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "_")
    }
    let startsWithDigit = name.utf8.first.map { $0 >= 0x30 && $0 <= 0x39 } ?? true
    if !letters || startsWithDigit || name.utf8.count > 64 {
      return "a name consists of letters, digits and \"_\" and starts with no digit, found \"\(name.prefix(64))\""
    }
    if ExpressionFunction.reserved.contains(name) { return "\"\(name)\" is a function or constant of expressions" }
    return has(name) ? "the name \"\(name)\" is taken" : nil
  }

  /// Gives a name its value for good.
  package func define(_ name: String, _ value: Double) { values[slot(name)] = value }

  /// Gives a local name its value, until `removeLocals(from:)`.
  package func pushLocal(_ name: String, _ value: Double) {
    let slot = slot(name)
    values[slot] = value
    locals.append(slot)
  }

  /// A new value for the local name at `depth`.
  package func setLocal(at depth: Int, _ value: Double) { values[locals[depth]] = value }

  /// Takes the local names from `depth` on away.
  package func removeLocals(from depth: Int) {
    for slot in locals[depth...] { values[slot] = nil }
    locals.removeSubrange(depth...)
  }

  /// "i = 3, j = 0" for messages about a generated entry; empty outside of loops.
  var localDescription: String {
    locals.prefix(8).map { "\(names[$0]) = \(values[$0].map(Self.shortText) ?? "?")" }.joined(separator: ", ")
  }

  /// A whole number without a point, any other as it is.
  static func shortText(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? String(Int(value)) : String(value)
  }

  /// The value of an expression. Throws `ExpressionError`.
  package func evaluate(_ text: String) throws -> Double {
    if let expression = compiled[text] { return try expression.evaluate(in: self) }
    let expression = try Expression(text, in: self)
    compiled[text] = expression
    return try expression.evaluate(in: self)
  }
}

/// Uniform numbers in [0, 1): SplitMix64 (Steele, Lea, Flood 2014), the upper 53 bits.
package struct RandomSequence {
  private var state: UInt64

  /// The sequence of a seed.
  package init(seed: UInt64) { state = seed }

  /// The next number.
  package mutating func next() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    z ^= z >> 31
    return Double(z >> 11) * 0x1p-53
  }
}
