import Dynamics
import LinearAlgebra
import Solvers

/// A value of a scene file with its place: every reader here checks and throws an `InputError` that names both.
struct SceneNode {
  let value: JSONValue
  let place: JSONPlace
  unowned let context: SceneContext

  // MARK: Structure

  /// The node of a key, nil where it is missing.
  subscript(key: String) -> SceneNode? {
    value[key].map { SceneNode(value: $0, place: .key(key, place), context: context) }
  }

  /// The node of a key that must be there.
  func required(_ key: String) throws -> SceneNode {
    guard let node = self[key] else { throw error("the key \"\(key)\" is missing") }
    return node
  }

  /// The fields of an object in the file's order.
  func fields() throws -> [(key: String, node: SceneNode)] {
    guard case .object(let fields) = value else { throw mismatch("an object") }
    return fields.map { ($0.key, SceneNode(value: $0.value, place: .key($0.key, place), context: context)) }
  }

  /// The entries of a list; there must be `count` of them if that is given.
  func items(count: Int? = nil, of what: String = "a list") throws -> [SceneNode] {
    guard case .list(let items) = value, count == nil || items.count == count else { throw mismatch(what) }
    return items.enumerated().map { SceneNode(value: $1, place: .index($0, place), context: context) }
  }

  /// Checks that this is an object with no other keys than these, and with those that are required.
  func check(_ keys: [SceneKey]) throws {
    guard case .object(let fields) = value else { throw mismatch("an object") }
    for field in fields where !keys.contains(where: { $0.name == field.key }) {
      let node = SceneNode(value: field.value, place: .key(field.key, place), context: context)
      throw node.error("unknown key \"\(field.key)\"" + NearestName.hint(field.key, among: keys.map(\.name)))
    }
    for key in keys where key.isRequired && self[key.name] == nil {
      throw error("the key \"\(key.name)\" is missing")
    }
  }

  // MARK: Errors

  /// The error for this value.
  func error(_ message: String) -> InputError { context.error(place, message) }

  /// The error for a value of another kind than `expected`.
  func mismatch(_ expected: String) -> InputError { error("expected \(expected), found \(value.description)") }

  // MARK: Values

  /// A finite number: as it stands, or the value of an expression.
  func number() throws -> Double {
    context.budget.values += 1
    guard context.budget.values <= SceneBudget.maximumValues else {
      throw error("the scene has more than \(SceneBudget.maximumValues) values")
    }
    switch value {
    case .number(let number): return number
    case .text(let text):
      let result = try evaluate(text)
      guard result.isFinite else { throw error("the expression \"\(text)\" gives \(result), expected a finite number") }
      return result
    default: throw mismatch("a number or an expression")
    }
  }

  private func evaluate(_ text: String) throws -> Double {
    do {
      return try context.scope.evaluate(text)
    } catch let failure as ExpressionError {
      throw error("expression \"\(text.prefix(80))\", column \(failure.column): \(failure.message)")
    }
  }

  /// A number in a range.
  func number(in range: ClosedRange<Double>, _ expected: String) throws -> Double {
    let number = try number()
    guard range.contains(number) else { throw error("expected \(expected), found \(number)") }
    return number
  }

  /// A number greater than 0.
  func positive() throws -> Double {
    let number = try number()
    guard number > 0 else { throw error("expected a number greater than 0, found \(number)") }
    return number
  }

  /// A whole number in a range.
  func integer(in range: ClosedRange<Int>) throws -> Int {
    let number = try number()
    guard number == number.rounded(), number >= Double(range.lowerBound), number <= Double(range.upperBound) else {
      let found = ExpressionScope.shortText(number)
      throw error("expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(found)")
    }
    return Int(number)
  }

  /// true, false, or an expression that is true where it is not 0.
  func flag() throws -> Bool {
    switch value {
    case .flag(let flag): return flag
    case .text: return try number() != 0
    default: throw mismatch("true, false or a condition")
    }
  }

  /// Three finite numbers.
  func vector() throws -> Vector3 {
    let items = try items(count: 3, of: "a list of 3 numbers")
    return Vector3(try items[0].number(), try items[1].number(), try items[2].number())
  }

  /// A vector of length 1 in the direction of the one that is given.
  func direction() throws -> Vector3 {
    let vector = try vector()
    guard vector.length > 1e-9, vector.length.isFinite else { throw error("expected a vector that is not zero") }
    return vector.normalized()
  }

  /// A text as it stands.
  func text() throws -> String {
    guard case .text(let text) = value else { throw mismatch("a text") }
    return text
  }

  /// One of some words.
  func choice(_ words: [String], _ what: String) throws -> String {
    let word = try text()
    guard words.contains(word) else {
      throw error("there is no \(what) \"\(word)\"" + NearestName.hint(word, among: words))
    }
    return word
  }

  /// A name with the expressions in its braces replaced by their values: "box{i}" becomes "box3".
  func name() throws -> String {
    let text = try text()
    guard text.utf8.count <= 256 else { throw error("a name has at most 256 bytes") }
    guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
    var name = ""
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { throw error("the \"{\" in \"\(text)\" has no \"}\"") }
      name += rest[..<open]
      let value = try evaluate(String(rest[rest.index(after: open)..<close]))
      guard value.isFinite else { throw error("\(rest[open...close]) gives \(value), expected a finite number") }
      name += ExpressionScope.shortText(value)
      rest = rest[rest.index(after: close)...]
    }
    return name + rest
  }

  /// The body of a name; nil for "world".
  func body() throws -> BodyID? {
    let name = try name()
    if name == "world" { return nil }
    if let body = context.world.body(named: context.prefix + name) { return body }
    // Hints compare with every name, so only so many are looked at.
    let names = context.world.names.prefix(1000).filter { $0.hasPrefix(context.prefix) }
    throw error(
      "there is no body \"\(name)\""
        + NearestName.hint(name, among: names.prefix(40).count > 20 ? Self.near(name, names) : Array(names)))
  }

  /// The names worth a hint among many: those at a small distance, so that a message never lists them all.
  private static func near(_ name: String, _ names: [String]) -> [String] {
    names.min { NearestName.distance(name, $0) < NearestName.distance(name, $1) }.map { [$0] } ?? []
  }
}
