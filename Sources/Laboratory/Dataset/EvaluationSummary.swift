import ConstraintSystem
import Foundation

/// One solver at one tolerance on the systems of one group.
public struct EvaluationSummary: Codable, Sendable {
  /// What a cost is against the baseline's on the same system: solver / baseline, below 1 is better.
  public struct Ratios: Codable, Sendable {
    /// Number of systems that are compared.
    public var systems: Int
    /// Geometric mean.
    @Measured public var geometricMean: Double?
    /// Median.
    @Measured public var p50: Double?
    /// 95 % are not above it.
    @Measured public var p95: Double?
    /// 99 % are not above it.
    @Measured public var p99: Double?
    /// The largest.
    @Measured public var worst: Double?

    init(_ ratios: [Double]) {
      systems = ratios.count
      guard !ratios.isEmpty else { return }
      let sorted = ratios.sorted()
      geometricMean = exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
      p50 = Series.quantile(0.5, ofSorted: sorted)
      p95 = Series.quantile(0.95, ofSorted: sorted)
      p99 = Series.quantile(0.99, ofSorted: sorted)
      worst = sorted[sorted.count - 1]
    }
  }

  /// The group of families; "all" for all systems.
  public var group: String
  /// The solver's text; "best in hindsight" for the fastest one of each system that reached the tolerance.
  public var solver: String
  /// Residual (m/s) at which solves stop.
  public var tolerance: Double
  /// Number of systems that the solver solves.
  public var systems: Int
  /// Number of systems whose law or sets it does not solve.
  public var unsupported: Int
  /// Share of the systems whose residual meets the tolerance.
  @Measured public var reached: Double?
  /// Share of the solves that a safeguard gave to another method.
  @Measured public var fellBack: Double?
  /// Geometric mean of passes over all constraints, none counted as one.
  @Measured public var passes: Double?
  /// Geometric mean of the time (µs).
  @Measured public var time: Double?
  /// Mean share of inference in the time.
  @Measured public var inferenceShare: Double?
  /// Largest residual (m/s).
  @Measured public var worstResidual: Double?
  /// Passes against the baseline's, where both reach the tolerance.
  public var passesRatio: Ratios
  /// Time against the baseline's, on all systems that both solve, reached or not.
  public var timeRatio: Ratios

  /// Name of the row of the fastest solvers.
  public static let hindsight = "best in hindsight"

  /// The summary of `records`, one a system; `baseline` by system.
  init(
    group: String, solver: String, tolerance: Double, records: [EvaluationRecord],
    baseline: [Int: EvaluationRecord]
  ) {
    self.group = group
    self.solver = solver
    self.tolerance = tolerance
    let solved = records.filter(\.isSupported)
    systems = solved.count
    unsupported = records.count - solved.count
    let pairs = solved.compactMap { record -> (EvaluationRecord, EvaluationRecord)? in
      guard let other = baseline[record.system], other.isSupported else { return nil }
      return (record, other)
    }
    passesRatio = Ratios(
      pairs.filter { $0.isReached && $1.isReached }.map { Self.positive($0.passes) / Self.positive($1.passes) })
    timeRatio = Ratios(pairs.filter { $0.time > 0 && $1.time > 0 }.map { $0.time / $1.time })
    guard !solved.isEmpty else { return }
    let count = Double(solved.count)
    reached = Double(solved.count(where: \.isReached)) / count
    fellBack = Double(solved.count { $0.reason == .fellBack || $0.rejections > 0 }) / count
    passes = exp(solved.reduce(0) { $0 + log(Self.positive($1.passes)) } / count)
    time = 1e6 * exp(solved.reduce(0) { $0 + log(max($1.time, 1e-9)) } / count)
    inferenceShare = solved.reduce(0) { $0 + ($1.time > 0 ? $1.inferenceTime / $1.time : 0) } / count
    worstResidual = solved.map(\.residual).max()
  }

  private static func positive(_ passes: Int) -> Double { Double(max(1, passes)) }

  /// Group by group, tolerance by tolerance, every solver and the best in hindsight.
  static func all(of evaluation: Evaluation) -> [EvaluationSummary] {
    let families = evaluation.dataset.families
    let family = evaluation.dataset.columns.family
    var groups: [String] = []
    for record in evaluation.records where !groups.contains(families[family[record.system]].group) {
      groups.append(families[family[record.system]].group)
    }
    var summaries: [EvaluationSummary] = []
    for group in (groups.count > 1 ? ["all"] : []) + groups {
      let records = evaluation.records.filter { group == "all" || families[family[$0.system]].group == group }
      for (index, tolerance) in evaluation.options.tolerances.enumerated() {
        let here = records.filter { $0.tolerance == index }
        let baseline = Dictionary(here.filter { $0.solver == 0 }.map { ($0.system, $0) }) { first, _ in first }
        for (solver, text) in evaluation.solvers.enumerated() {
          summaries.append(
            EvaluationSummary(
              group: group, solver: text, tolerance: tolerance, records: here.filter { $0.solver == solver },
              baseline: baseline))
        }
        guard evaluation.solvers.count > 1 else { continue }
        summaries.append(
          EvaluationSummary(
            group: group, solver: hindsight, tolerance: tolerance, records: fastest(here), baseline: baseline))
      }
    }
    return summaries
  }

  /// Of every system the fastest solve that reached the tolerance; where none did, the one with the least residual.
  private static func fastest(_ records: [EvaluationRecord]) -> [EvaluationRecord] {
    var best: [Int: EvaluationRecord] = [:]
    for record in records where record.isSupported {
      guard let known = best[record.system] else {
        best[record.system] = record
        continue
      }
      let isBetter =
        record.isReached == known.isReached
        ? (record.isReached ? record.time < known.time : record.residual < known.residual) : record.isReached
      if isBetter { best[record.system] = record }
    }
    return best.values.sorted { $0.system < $1.system }
  }
}
