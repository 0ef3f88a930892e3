import ConstraintSystem
import LinearAlgebra

/// When an iterative linear solver stops, decided from ‖b − Ax‖₂ of the start and of every iteration.
///
/// It keeps the best x as well: residuals of conjugate gradients rise and fall, and with b outside the range of A they
/// rise for good after the best that any x can do.
struct IterationMonitor {
  /// How a method's residual tells that nothing more can be gained.
  enum Stagnation {
    /// Krylov methods: so many iterations without a gain of 0.1 %.
    case patience(Int)
    /// Stationary methods: 20 iterations that change it by less than 1e-10 (relative). Slow convergence looks like this
    /// only where the rate is so near 1 that it would never end.
    case standstill
  }

  let target: Double
  let limit: Int
  private let deadline: Double?
  private let history: Buffer<Double>?
  private let stagnation: Stagnation
  /// Iterations done.
  private(set) var iteration = 0
  /// Smallest residual seen.
  private(set) var best = Double.infinity
  /// Whether the last one was the smallest.
  private(set) var isBest = false
  private var first = 0.0
  private var confirmed = 0.0
  private var last = Double.infinity
  private var reference = Double.infinity
  private var still = 0

  init(
    _ b: UnsafePointer<Double>, _ n: Int, stop: LinearStop, defaultLimit: Int, stagnation: Stagnation
  ) {
    target = max(stop.absolute, stop.relative * VectorKernels.norm(b, n))
    limit = stop.iterations ?? defaultLimit
    deadline = stop.deadline
    history = stop.history
    self.stagnation = stagnation
  }

  /// Takes the residual of the start.
  mutating func begin(_ norm: Double) -> StopReason? {
    first = norm
    confirmed = norm
    note(norm)
    return reason(norm)
  }

  /// Takes the residual after one more iteration; a reason ends the solve.
  mutating func advance(_ norm: Double) -> StopReason? {
    iteration += 1
    note(norm)
    return reason(norm)
  }

  /// Takes the true residual after the carried one has met the target: converged, or nil to start again from it, or
  /// `breakdown` where round-off leaves more than the target and a new start gains nothing.
  mutating func confirm(_ norm: Double) -> StopReason? {
    best = norm
    isBest = true
    if norm <= target { return .converged }
    guard norm < 0.5 * confirmed else { return .breakdown }
    confirmed = norm
    return nil
  }

  private mutating func note(_ norm: Double) {
    if let history, history.count < history.capacity { history.appendReserved(norm) }
    isBest = norm < best
    if isBest { best = norm }
  }

  private mutating func reason(_ norm: Double) -> StopReason? {
    // Stationary methods diverge where ω is too large.
    if !(norm <= 1e8 * first) && norm > target || !norm.isFinite { return .breakdown }
    if norm <= target { return .converged }
    switch stagnation {
    case .patience(let patience):
      if norm < 0.999 * reference {
        reference = norm
        still = 0
      } else {
        still += 1
        if still >= patience { return .inconsistent }
      }
    case .standstill:
      still = (norm - last).magnitude <= 1e-10 * norm ? still + 1 : 0
      last = norm
      if still >= 20 { return .inconsistent }
    }
    if iteration >= limit { return .iterationLimit }
    if let deadline, Clock.now() >= deadline { return .timeLimit }
    return nil
  }
}
