import ConstraintSystem
import LearnedSolvers
import Solvers

/// One linear solver on one system.
public struct LinearResult: Codable, Sendable {
  /// Mean and spread of the timed solves.
  public struct Statistics: Codable, Sendable {
    /// Mean (µs).
    @Measured public var mean: Double?
    /// Median (µs): what decides who is fastest, since other work of the machine stretches single solves.
    @Measured public var median: Double?
    /// Standard deviation (µs), null for a single solve.
    @Measured public var deviation: Double?
    /// Smallest (µs).
    @Measured public var minimum: Double?
    /// Largest (µs).
    @Measured public var maximum: Double?

    /// Statistics of `times`; of none, nothing.
    init(_ times: [Double] = []) {
      guard !times.isEmpty else { return }
      let count = Double(times.count)
      let mean = times.reduce(0, +) / count
      self.mean = mean
      let sorted = times.sorted()
      let middle = sorted.count / 2
      median = sorted.count % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle])
      minimum = times.min()
      maximum = times.max()
      if times.count > 1 {
        deviation = (times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot()
      }
    }
  }

  /// Family of the system.
  public var family: RandomSystem.Family
  /// Rows.
  public var n: Int
  /// The solver as the user typed it.
  public var solver: String
  /// `converged` where the error meets the tolerance.
  public var stopReason: StopReason
  /// Whether it was left out because it had timed out on a smaller system.
  public var isSkipped: Bool
  /// Set-up and solve (µs).
  public var time = Statistics()
  /// Iterations of a solve.
  @Nullable public var iterations: Int?
  /// ‖x − x*‖₂ / ‖x*‖₂ reached.
  @Measured public var relativeError: Double?

  init(family: RandomSystem.Family, n: Int, solver: String, stopReason: StopReason, isSkipped: Bool) {
    self.family = family
    self.n = n
    self.solver = solver
    self.stopReason = stopReason
    self.isSkipped = isSkipped
    _iterations = Nullable(wrappedValue: nil)
    _relativeError = Measured(wrappedValue: nil)
  }
}

/// The object that `linear --json` prints.
public struct LinearReport: Codable, Sendable {
  /// Bound on ‖x − x*‖₂ / ‖x*‖₂.
  public var tolerance: Double
  /// Timed solves.
  public var repeats: Int
  /// Time of a solver on one system (s).
  public var timeLimit: Double
  /// Seed of the systems.
  public var seed: UInt64
  /// Where the times were taken.
  public var machine: Machine
  /// Families, sizes, solvers: the last vary fastest.
  public var results: [LinearResult]

  /// Sizes of a family, ascending.
  public func sizes(_ family: RandomSystem.Family) -> [Int] {
    var sizes: [Int] = []
    for result in results where result.family == family && sizes.last != result.n { sizes.append(result.n) }
    return sizes
  }

  /// Solvers in their order.
  public var solvers: [String] {
    var names: [String] = []
    for result in results where !names.contains(result.solver) { names.append(result.solver) }
    return names
  }

  /// The result of a solver on a system.
  public func result(_ family: RandomSystem.Family, _ n: Int, _ solver: String) -> LinearResult? {
    results.first { $0.family == family && $0.n == n && $0.solver == solver }
  }

  /// The solver with the smallest median time on a system; of `names` alone where they are given.
  public func fastest(_ family: RandomSystem.Family, _ n: Int, among names: [String]? = nil) -> LinearResult? {
    results.filter { $0.family == family && $0.n == n && $0.time.median != nil && names?.contains($0.solver) ?? true }
      .min { $0.time.median! < $1.time.median! }
  }

  /// The report as comma-separated values (RFC 4180), without a closing line break; empty where a number does not apply.
  public var csv: String {
    var lines = ["family,n,solver,reason,skipped,mean,median,deviation,minimum,maximum,iterations,relativeError"]
    func text(_ value: Double?) -> String { value.map { $0.isFinite ? $0.description : "" } ?? "" }
    for result in results {
      lines.append(
        [
          result.family.rawValue, "\(result.n)", CSVText.quoted(result.solver), result.stopReason.rawValue,
          "\(result.isSkipped)", text(result.time.mean), text(result.time.median), text(result.time.deviation),
          text(result.time.minimum),
          text(result.time.maximum), result.iterations.map { "\($0)" } ?? "", text(result.relativeError),
        ].joined(separator: ","))
    }
    return lines.joined(separator: "\n")
  }
}

/// A list of linear solvers as a user writes it.
public enum LinearSolverList {
  /// The texts of a list: names separated by spaces or semicolons, `all`, or groups. Throws `SolverTextError`, or
  /// `InputError` for an empty list.
  public static func parse(_ list: String) throws -> [String] {
    var texts: [String] = []
    for item in list.split(whereSeparator: { $0.isWhitespace || $0 == ";" }).map(String.init) {
      let members = SolverCatalog.complete.linearSolvers.filter {
        item == "all" ? !$0.isApproximate : $0.groups.contains(item)
      }.map(
        \.name)
      for text in members.isEmpty ? [item] : members where !texts.contains(text) {
        _ = try SolverCatalog.complete.makeLinear(text)
        texts.append(text)
      }
    }
    guard !texts.isEmpty else {
      throw InputError(
        .usage, place: "--solvers", "expected names of linear solvers, separated by spaces or semicolons")
    }
    return texts
  }

  /// The solvers of the catalog that factor.
  public static var direct: [String] {
    SolverCatalog.complete.linearSolvers.filter { $0.groups.contains("direct") }.map(\.name)
  }
}
