import ConstraintSystem
import Solvers

/// What every solver of a comparison may spend, on top of what its own text says: `tolerance=1e-6`, `iterations=50`,
/// `passes=50`, `time=200us`, or several of them separated by commas.
public struct Budget: Sendable, Equatable {
  /// Bound on the natural-map residual (m/s); nil: the solver's own.
  public var tolerance: Double?
  /// Largest number of iterations of a solve; nil: the solver's own.
  public var iterations: Int?
  /// Passes over all constraints in a solve, see `SolverAssembly.passes`; nil: no bound.
  public var passes: Int?
  /// Time of a solve (s); nil: the solver's own.
  public var timeLimit: Double?
  /// The budget as the user typed it; empty where there is none.
  public private(set) var text = ""

  /// No budget: every solver keeps its own stop rule.
  public init() {}

  /// Reads a budget. Throws `InputError` of the kind `usage`.
  public init(parsing text: String) throws {
    self.text = text
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pair.count == 2 else {
        throw Self.invalid("expected tolerance=1e-6, iterations=50, passes=50 or time=200us, found \"\(item)\"")
      }
      switch pair[0] {
      case "tolerance":
        guard let value = Double(pair[1]), value.isFinite, value >= 0 else {
          throw Self.invalid("tolerance is \"\(pair[1])\", expected a number that is not negative (m/s)")
        }
        tolerance = value
      case "iterations":
        guard let value = Int(pair[1]), value >= 0 else {
          throw Self.invalid("iterations is \"\(pair[1])\", expected a whole number that is not negative")
        }
        iterations = value
      case "time":
        guard let value = DurationText.seconds(pair[1]) else {
          throw Self.invalid("time is \"\(pair[1])\", expected a time such as 200us, 5ms or 1s")
        }
        timeLimit = value
      case "passes":
        guard let value = Int(pair[1]), value >= 1 else {
          throw Self.invalid("passes is \"\(pair[1])\", expected a whole number from 1")
        }
        passes = value
      default:
        let hint = NearestName.hint(pair[0], among: ["tolerance", "iterations", "passes", "time"])
        throw Self.invalid("there is no budget \"\(pair[0])\"" + hint)
      }
    }
  }

  /// The stop rule of a solver under this budget.
  public func applied(to rule: StopRule) -> StopRule {
    StopRule(
      tolerance: tolerance ?? rule.tolerance, iterations: iterations ?? rule.iterations,
      timeLimit: timeLimit ?? rule.timeLimit)
  }

  /// Puts a solver under this budget.
  func apply(to assembly: SolverAssembly) {
    assembly.stop = applied(to: assembly.stop)
    assembly.passes = passes
  }

  private static func invalid(_ message: String) -> InputError { InputError(.usage, place: "--budget", message) }
}
