/// When a solver stops: at the first of tolerance met, iteration cap, time budget.
public struct StopRule: Sendable, Hashable {
  /// Bound on the natural-map residual (m/s; rad/s on angular rows), see `NaturalMap`.
  public var tolerance: Double
  /// Largest number of iterations; nil: the solver's own default.
  public var iterations: Int?
  /// Time budget of one solve (s); nil: none.
  public var timeLimit: Double?

  /// A rule; the default is that of the accurate solvers, 1e-6 m/s.
  public init(tolerance: Double = 1e-6, iterations: Int? = nil, timeLimit: Double? = nil) {
    self.tolerance = tolerance
    self.iterations = iterations
    self.timeLimit = timeLimit
  }
}

/// Why a solver stopped. Never a Bool.
public enum StopReason: String, Sendable, CaseIterable, Codable {
  /// The tolerance is met.
  case converged
  /// The iteration cap was reached first.
  case iterationLimit
  /// The time budget was used up first.
  case timeLimit
  /// No λ meets the tolerance: b is not in the range of A; λ minimises ‖Aλ − b‖.
  case inconsistent
  /// The method cannot go on (a pivot of the wrong sign, no descent, a number that is not finite).
  case breakdown
  /// A safeguard gave the solve to another method.
  case fellBack
  /// The solver does not solve this law or these sets.
  case unsupported

  /// Order in which reasons hide each other when solves are added up.
  public var severity: Int {
    switch self {
    case .converged: 0
    case .inconsistent: 1
    case .fellBack: 2
    case .iterationLimit: 3
    case .timeLimit: 4
    case .breakdown: 5
    case .unsupported: 6
    }
  }
}
