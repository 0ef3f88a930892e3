import ConstraintSystem
import Dynamics

/// Gathers how the problems of a run were solved.
struct SolveStatistics {
  private var rows = 0
  private var contacts = 0
  private var islands = 0
  private var iterations = Series()
  private var residual = Series()
  private var relative = Series()
  private var reasons = StopReason.allCases.map { _ in 0 }
  private var steps = 0
  private let tolerance: Double
  /// Steps whose residual is above the tolerance of the solver's stop rule.
  private(set) var stepsAboveTolerance = 0
  /// Largest contribution to the residual that no λ removes (m/s).
  private(set) var inconsistency = 0.0

  /// Statistics of a solver that stops at `tolerance` (m/s).
  init(tolerance: Double) { self.tolerance = tolerance }

  private var rejections = 0
  private var outsideTraining = 0

  /// Number of steps that had rows.
  var stepsWithRows: Int { residual.count }
  /// The step whose residual was largest, and that residual.
  private(set) var worst: (step: Int, residual: Double)?

  /// Takes a step in.
  mutating func observe(_ record: StepRecord) {
    steps += 1
    rows = max(rows, record.rows)
    contacts = max(contacts, record.contacts)
    islands = max(islands, record.islands)
    iterations.append(Double(record.report.iterations))
    inconsistency = max(inconsistency, record.report.inconsistency)
    rejections += record.report.rejections
    outsideTraining += record.report.solvesOutsideTraining
    if let index = StopReason.allCases.firstIndex(of: record.report.reason) { reasons[index] += 1 }
    guard record.rows > 0 else { return }
    residual.append(record.residual.maximum)
    relative.append(record.residual.relative)
    // One part in a hundred is the round-off between the solver's own test and the judge's.
    if !(record.residual.maximum <= 1.01 * tolerance) { stepsAboveTolerance += 1 }
    if !(record.residual.maximum <= worst?.residual ?? -1) { worst = (record.step, record.residual.maximum) }
  }

  /// Number of steps whose worst solve stopped for `reason`.
  func count(of reason: StopReason) -> Int {
    StopReason.allCases.firstIndex(of: reason).map { reasons[$0] } ?? 0
  }

  /// The summary.
  var result: RunResult.Solve {
    guard steps > 0 else { return RunResult.Solve() }
    let summary = stepsWithRows > 0 ? iterations.distribution() : nil
    var counts: [String: Int] = [:]
    for (reason, count) in zip(StopReason.allCases, reasons) where count > 0 { counts[reason.rawValue] = count }
    return RunResult.Solve(
      rows: rows, contacts: contacts, islands: islands,
      iterations: RunResult.Iterations(median: summary?.median, max: summary?.maximum),
      residual: RunResult.Residuals(residual), relativeResidual: RunResult.Residuals(relative),
      solvedShare: stepsWithRows > 0 ? 1 - Double(stepsAboveTolerance) / Double(stepsWithRows) : nil,
      stopReasons: counts, rejections: rejections, solvesOutsideTraining: outsideTraining)
  }
}
