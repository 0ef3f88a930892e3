import Foundation
import Solvers

/// One axis of a sweep's grid: a parameter of the scene, `timestep` or `substeps`, and the values that it takes.
public struct SweepAxis: Codable, Sendable, Equatable {
  /// Options of a run that can be an axis where the scene has no parameter of the name.
  static let runOptions = ["timestep", "substeps"]
  /// Largest number of values.
  static let maximumCount = 10_000

  /// The parameter.
  public var name: String
  /// Its values, in the order in which they were given.
  public var values: [Double]
  /// Whether it is an option of the run instead of a parameter of the scene.
  public var isRunOption: Bool
  /// Whether the values are spaced logarithmically, for the axes of pictures.
  public var isLogarithmic: Bool

  /// Reads `massRatio=1..1000:log4`, `count=5..50:10`, `count=5..50:lin10` or `massRatio=1,10,100`. What was changed on
  /// the way (values rounded, duplicates removed) is added to `notes`. Throws `InputError` (`usage`).
  public init(parsing text: String, scene: SceneFile, notes: inout [String]) throws {
    let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard pair.count == 2, !pair[0].isEmpty else {
      throw Self.invalid("expected parameter=from..to:count, :logcount or values a,b,c, found \"\(text)\"")
    }
    name = pair[0]
    let parameter = scene.parameters.first { $0.name == pair[0] }
    isRunOption = parameter == nil
    guard parameter != nil || Self.runOptions.contains(name) else {
      let hint = NearestName.hint(name, among: scene.parameters.map(\.name) + Self.runOptions)
      throw Self.invalid("the scene \"\(scene.name)\" has no parameter \"\(name)\"" + hint)
    }
    let isInteger = parameter?.isInteger ?? (name == "substeps")
    let spaced = try Self.spacing(pair[1])
    isLogarithmic = spaced?.isLogarithmic ?? false
    values = try spaced.map(Self.values) ?? Self.list(pair[1])
    if spaced != nil, isInteger, values.contains(where: { $0 != $0.rounded() }) {
      values = values.map { $0.rounded() }
      notes.append("\(name): values are rounded to whole numbers")
    }
    var seen: Set<Double> = []
    let distinct = values.filter { seen.insert($0).inserted }
    if distinct.count < values.count {
      notes.append("\(name): \(values.count - distinct.count) of \(values.count) values came twice and are left out")
    }
    values = distinct
    for value in values { try check(value, parameter) }
  }

  private func check(_ value: Double, _ parameter: SceneFile.Parameter?) throws {
    if let parameter {
      if let objection = parameter.objection(to: value) { throw Self.invalid(objection) }
      return
    }
    var options = RunOptions()
    if name == "timestep" {
      options.timestep = value
    } else {
      guard let whole = Int(exactly: value) else {
        throw Self.invalid("substeps is \(value), expected a whole number")
      }
      options.substeps = whole
    }
    do { try options.validate() } catch let error as InputError { throw Self.invalid("\(name): \(error.message)") }
  }

  private struct Spacing {
    var first: Double
    var last: Double
    var count: Int
    var isLogarithmic: Bool
  }

  /// The spacing that a text of the form `from..to:count` asks for; nil for a list.
  private static func spacing(_ text: String) throws -> Spacing? {
    guard let dots = text.range(of: "..") else { return nil }
    guard let colon = text.lastIndex(of: ":"), colon > dots.upperBound else {
      throw invalid("expected the number of values, as in 1..1000:log4 or 5..50:10, found \"\(text)\"")
    }
    var count = String(text[text.index(after: colon)...])
    let isLogarithmic = count.hasPrefix("log")
    if isLogarithmic || count.hasPrefix("lin") { count.removeFirst(3) }
    guard let total = Int(count), (1...maximumCount).contains(total) else {
      throw invalid("\"\(text)\": expected log, lin or nothing and a number of values from 1 to \(maximumCount)")
    }
    let spacing = Spacing(
      first: try number(text[..<dots.lowerBound]), last: try number(text[dots.upperBound..<colon]), count: total,
      isLogarithmic: isLogarithmic)
    guard !isLogarithmic || spacing.first > 0 && spacing.last > 0 else {
      throw invalid("\"\(text)\": logarithmic spacing needs ends above 0")
    }
    guard total > 1 || spacing.first == spacing.last else {
      throw invalid("\"\(text)\": one value cannot be both ends")
    }
    return spacing
  }

  /// Equally spaced values, both ends included. Those in between have twelve significant digits, so that they are 10
  /// and 100 where those are meant, and can be typed again.
  private static func values(_ spacing: Spacing) -> [Double] {
    (0..<spacing.count).map { index in
      if index == 0 { return spacing.first }
      if index == spacing.count - 1 { return spacing.last }
      let share = Double(index) / Double(spacing.count - 1)
      let value =
        spacing.isLogarithmic
        ? spacing.first * pow(spacing.last / spacing.first, share)
        : spacing.first + share * (spacing.last - spacing.first)
      return Double(String(format: "%.12g", value)) ?? value
    }
  }

  private static func list(_ text: String) throws -> [Double] {
    let items = text.split(separator: ",", omittingEmptySubsequences: false)
    guard items.count <= maximumCount else { throw invalid("more than \(maximumCount) values") }
    return try items.map { try number($0) }
  }

  private static func number(_ text: Substring) throws -> Double {
    guard let value = Double(text), value.isFinite else { throw invalid("expected a number, found \"\(text)\"") }
    return value
  }

  private static func invalid(_ message: String) -> InputError { InputError(.usage, place: "--vary", message) }
}

/// The seeds of a sweep as a user writes them.
public enum SeedList {
  /// Reads `1..3` or `1,2,5`. Throws `InputError` (`usage`).
  public static func parse(_ text: String) throws -> [UInt64] {
    func seed(_ text: some StringProtocol) throws -> UInt64 {
      guard let value = UInt64(text) else {
        throw InputError(.usage, place: "--seeds", "expected seeds such as 1..3 or 1,2,5, found \"\(text)\"")
      }
      return value
    }
    if let dots = text.range(of: "..") {
      let first = try seed(text[..<dots.lowerBound])
      let last = try seed(text[dots.upperBound...])
      guard first <= last, last - first < 10_000 else {
        throw InputError(.usage, place: "--seeds", "expected an ascending range of at most 10000, found \"\(text)\"")
      }
      return Array(first...last)
    }
    var seen: Set<UInt64> = []
    return try text.split(separator: ",", omittingEmptySubsequences: false).map { try seed($0) }
      .filter { seen.insert($0).inserted }
  }
}
