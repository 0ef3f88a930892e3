import ConstraintSystem

/// A solver as a user writes it: `newton:linear=pcg,preconditioner=ic0,guess=warm,tolerance=1e-8`.
///
///     text   = name [ ":" option { "," option } ]
///     option = key "=" value
struct SolverText {
  /// One option and where it stands, columns from 1.
  struct Option {
    var key: String
    var value: String
    var keyColumn: Int
    var valueColumn: Int
  }

  var text: String
  var name: String
  var options: [Option] = []

  init(parsing text: String) throws {
    self.text = text
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(parts[0])
    guard !name.isEmpty else {
      throw SolverTextError(text: text, column: 1, message: "expected the name of a solver")
    }
    guard parts.count == 2 else { return }
    var column = name.count + 2
    for item in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
        throw SolverTextError(text: text, column: column, message: "expected key=value, found \"\(item)\"")
      }
      let key = String(pair[0])
      guard !options.contains(where: { $0.key == key }) else {
        throw SolverTextError(text: text, column: column, message: "the option \"\(key)\" is given twice")
      }
      options.append(
        Option(key: key, value: String(pair[1]), keyColumn: column, valueColumn: column + key.count + 1))
      column += item.count + 1
    }
  }
}

/// A solver text that cannot be read: where, and what was expected.
public struct SolverTextError: Error, CustomStringConvertible {
  /// The whole text.
  public var text: String
  /// Column of the first character that is wrong, from 1.
  public var column: Int
  /// What was expected, with the nearest valid name.
  public var message: String

  /// One sentence.
  public var description: String { "solver \"\(text)\", column \(column): \(message)" }
}

/// The options of a solver text while its parts take them; what nobody took is an error.
public final class SolverOptions {
  let text: SolverText
  private var taken: Set<String> = []
  private var known: [String] = []

  /// What names in the options stand for.
  let catalog: SolverCatalog

  init(_ text: SolverText, catalog: SolverCatalog) {
    self.text = text
    self.catalog = catalog
  }

  /// The text of an option, or nil where it is not given.
  package func word(_ key: String) -> String? { take(key)?.value }

  /// Slot "linear".
  package func linearSolver() throws -> any LinearSolver {
    try entry("linear", among: catalog.linearSolvers, default: "ldl").make(self)
  }

  /// Slot "preconditioner".
  package func preconditioner(default name: String) throws -> any Preconditioner {
    try entry("preconditioner", among: catalog.preconditioners, default: name).make(self)
  }

  /// The error for a value that cannot be used.
  private func invalid(_ option: SolverText.Option, _ expected: String) -> SolverTextError {
    SolverTextError(
      text: text.text, column: option.valueColumn,
      message: "\(option.key) is \"\(option.value)\", expected \(expected)")
  }

  private func take(_ key: String) -> SolverText.Option? {
    // An assembly makes its solver more than once.
    if !known.contains(key) { known.append(key) }
    guard let option = text.options.first(where: { $0.key == key }) else { return nil }
    taken.insert(key)
    return option
  }

  /// A number in `range`, or nil where the option is not given.
  public func number(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let option = take(key) else { return nil }
    guard let value = Double(option.value), value.isFinite, range.contains(value) else {
      throw invalid(option, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A whole number in `range`, or nil where the option is not given.
  public func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let option = take(key) else { return nil }
    guard let value = Int(option.value), range.contains(value) else {
      throw invalid(option, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// on or off, or nil where the option is not given.
  public func toggle(_ key: String) throws -> Bool? {
    guard let option = take(key) else { return nil }
    switch option.value {
    case "on": return true
    case "off": return false
    default: throw invalid(option, "on or off")
    }
  }

  /// One of `words`, the first where the option is not given.
  public func choice(_ key: String, among words: [String]) throws -> String {
    guard let option = take(key) else { return words[0] }
    guard words.contains(option.value) else {
      throw SolverTextError(
        text: text.text, column: option.valueColumn,
        message: "there is no \(key) \"\(option.value)\"" + NearestName.hint(option.value, among: words))
    }
    return option.value
  }

  /// A duration in seconds ("200us", "5ms", "1s"), or nil where the option is not given.
  public func duration(_ key: String) throws -> Double? {
    guard let option = take(key) else { return nil }
    if let seconds = DurationText.seconds(option.value) { return seconds }
    throw invalid(option, "a time such as 200us, 5ms or 1s")
  }

  /// One of `entries` by name, or `fallback`.
  func entry<Entry: NamedEntry>(_ key: String, among entries: [Entry], default fallback: String) throws -> Entry {
    let option = take(key)
    let name = option?.value ?? fallback
    if let entry = entries.first(where: { $0.name == name }) { return entry }
    throw SolverTextError(
      text: text.text, column: option?.valueColumn ?? 1,
      message: "there is no \(key) \"\(name)\"" + NearestName.hint(name, among: entries.map(\.name)))
  }

  /// Throws for the first option that no part of the solver has taken.
  func finish() throws {
    for option in text.options where !taken.contains(option.key) {
      throw SolverTextError(
        text: text.text, column: option.keyColumn,
        message: "\(text.name) has no option \"\(option.key)\"" + NearestName.hint(option.key, among: known))
    }
  }
}

/// The hint that an error about an unknown name ends with.
public enum NearestName {
  /// "; did you mean "x"?" where a name is near, otherwise "; expected one of a, b, c".
  public static func hint(_ name: String, among names: [String]) -> String {
    let ranked = names.map { ($0, distance(name, $0)) }.min { $0.1 < $1.1 }
    if let (best, distance) = ranked, distance <= max(2, name.count / 3) { return "; did you mean \"\(best)\"?" }
    return names.isEmpty ? "" : "; expected one of \(names.joined(separator: ", "))"
  }

  /// Levenshtein's edit distance.
  public static func distance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let substituted = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
