import ConstraintSystem

/// A stop rule while it is watched: the same three tests, in the same order, by every iterative method.
package struct StopCheck {
  /// Bound on the natural-map residual (m/s).
  package let tolerance: Double
  /// Largest number of iterations.
  package let limit: Int
  private let deadline: Double?

  /// Starts the clock of a time budget.
  package init(_ stop: StopRule, defaultIterations: Int) {
    tolerance = stop.tolerance
    limit = stop.iterations ?? defaultIterations
    deadline = stop.timeLimit.map { Clock.now() + $0 }
  }

  /// Whether a solve ends here, with the reason in the report. `residual` is the natural map's, infinite where λ is
  /// not a number.
  package func ends(_ residual: Double, after iteration: Int, _ report: inout SolveReport) -> Bool {
    report.believedResidual = residual
    if residual <= tolerance {
      report.reason = .converged
    } else if !residual.isFinite {
      report.reason = .breakdown
    } else {
      return runsOut(after: iteration, &report)
    }
    return true
  }

  /// Whether iterations or time are used up, with the reason in the report.
  package func runsOut(after iteration: Int, _ report: inout SolveReport) -> Bool {
    if iteration >= limit {
      report.reason = .iterationLimit
    } else if let deadline, Clock.now() >= deadline {
      report.reason = .timeLimit
    } else {
      return false
    }
    return true
  }
}
