import Foundation

/// What a number of a family is drawn from.
///
/// In JSON: a number stands for itself; a list for one of its numbers, each as likely; an object for a range by its only
/// key: `{ "uniform": [0.2, 0.9] }`, `{ "logUniform": [1, 100] }`, `{ "integer": [2, 20] }`, and `{ "logInteger": [3, 20] }`
/// for whole numbers that are mostly small.
public enum ParameterDraw: Sendable, Equatable {
  /// One of these numbers.
  case choice([Double])
  /// Any number between two.
  case uniform(Double, Double)
  /// Any number between two above 0, its logarithm uniform.
  case logUniform(Double, Double)
  /// A whole number from one to another.
  case integer(Int, Int)
  /// The same, mostly small.
  case logInteger(Int, Int)

  /// The number for u ∈ [0, 1).
  package func value(_ u: Double) -> Double {
    switch self {
    case .choice(let list): return list[min(Int(u * Double(list.count)), list.count - 1)]
    case .uniform(let low, let high): return low + u * (high - low)
    case .logUniform(let low, let high): return exp(log(low) + u * (log(high) - log(low)))
    case .integer(let low, let high): return Double(min(low + Int(u * Double(high - low + 1)), high))
    case .logInteger(let low, let high):
      let value = exp(log(Double(low)) + u * (log(Double(high) + 1) - log(Double(low))))
      return Double(min(max(Int(value), low), high))
    }
  }

  /// The smallest and the largest number.
  package var extremes: [Double] {
    switch self {
    case .choice(let list): [list.min()!, list.max()!]
    case .uniform(let low, let high), .logUniform(let low, let high): [low, high]
    case .integer(let low, let high), .logInteger(let low, let high): [Double(low), Double(high)]
    }
  }

  /// Reads a draw; what was expected where it is none.
  static func read(_ value: JSONValue) -> Result<ParameterDraw, DrawError> {
    switch value {
    case .number(let number): return .success(.choice([number]))
    case .list(let items):
      let numbers = items.compactMap { item -> Double? in if case .number(let number) = item { number } else { nil } }
      guard !numbers.isEmpty, numbers.count == items.count else { return .failure(DrawError("a list of numbers")) }
      return .success(.choice(numbers))
    case .object(let fields):
      guard fields.count == 1, case .list(let items) = fields[0].value, items.count == 2,
        case .number(let low) = items[0], case .number(let high) = items[1], low <= high
      else { return .failure(DrawError("one of uniform, logUniform, integer, logInteger with [smallest, largest]")) }
      return range(fields[0].key, low, high)
    default: return .failure(DrawError("a number, a list of numbers or a range"))
    }
  }

  private static func range(_ kind: String, _ low: Double, _ high: Double) -> Result<ParameterDraw, DrawError> {
    let isWhole = low == low.rounded() && high == high.rounded() && max(-low, high) < 1e9
    switch kind {
    case "uniform": return .success(.uniform(low, high))
    case "logUniform" where low > 0: return .success(.logUniform(low, high))
    case "integer" where isWhole: return .success(.integer(Int(low), Int(high)))
    case "logInteger" where isWhole && low > 0: return .success(.logInteger(Int(low), Int(high)))
    case "logUniform", "logInteger", "integer":
      return .failure(DrawError(kind == "logUniform" ? "numbers above 0" : "whole numbers, above 0 for logInteger"))
    default: return .failure(DrawError("one of uniform, logUniform, integer, logInteger, found \"\(kind)\""))
    }
  }

  /// What was expected.
  struct DrawError: Error {
    var expected: String
    init(_ expected: String) { self.expected = expected }
  }
}
