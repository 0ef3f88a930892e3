import ConstraintSystem

/// Finds what a solver must be told so that another measure than its own meets a tolerance.
///
/// Solvers stop by their own residual; `solve` and `linear` judge by other measures. The search solves from the same
/// start again and again, with a smaller own tolerance while the measure is not met, then with a larger one while it is
/// met by more than needed. The caller reports the last solve that met it: one solve from the start, as if its setting
/// had been known. No solver gets credit for the search, none pays for it.
package struct ToleranceSearch {
  /// What one solve came to.
  package struct Attempt {
    /// The measure that is to meet the tolerance.
    package var error: Double
    /// Why the solver stopped.
    package var reason: StopReason
    /// Iterations.
    package var iterations: Int

    /// An attempt from its parts.
    package init(error: Double, reason: StopReason, iterations: Int) {
      self.error = error
      self.reason = reason
      self.iterations = iterations
    }
  }

  /// The measure to reach.
  var tolerance: Double
  /// The time on `Clock.now()` after which no solve begins.
  var deadline: Double

  /// Solves tried at most.
  private static let mostAttempts = 60

  /// A search.
  package init(tolerance: Double, deadline: Double) {
    self.tolerance = tolerance
    self.deadline = deadline
  }

  /// The setting of the best solve, and what it came to: one that meets the tolerance, or else the last.
  package func run(from start: Double, attempt: (_ setting: Double) -> Attempt) -> (setting: Double, outcome: Attempt) {
    var setting = start
    var tooLoose = Double.infinity
    var outcome = attempt(setting)
    var attempts = 1
    while !(outcome.error <= tolerance) {
      guard outcome.reason == .converged, attempts < Self.mostAttempts, Clock.now() < deadline else {
        return (setting, outcome)
      }
      tooLoose = setting
      let factor = outcome.error.isFinite ? 0.5 * tolerance / outcome.error : 0.1
      setting *= min(max(factor, 1e-4), 0.3)
      guard setting >= Double.leastNormalMagnitude else { return (tooLoose, outcome) }
      outcome = attempt(setting)
      attempts += 1
    }
    // Looser while much better than asked for: a coarse start must not cost the solver iterations.
    for _ in 0..<4 where outcome.iterations > 1 && outcome.error < 0.3 * tolerance && Clock.now() < deadline {
      let gain = outcome.error > 0 ? 0.7 * tolerance / outcome.error : 1e3
      let looser = min(setting * min(gain, 1e3), (setting * tooLoose).squareRoot())
      guard looser > 1.2 * setting else { break }
      let other = attempt(looser)
      guard other.error <= tolerance else {
        tooLoose = looser
        continue
      }
      guard other.iterations < outcome.iterations else { break }
      setting = looser
      outcome = other
    }
    return (setting, outcome)
  }
}
