import Solvers

/// One way to go on sweeping: what the policies of `learned-update` choose from.
struct SweepArm: Hashable {
  /// Order of a sweep; `symmetric` is a sweep forward and one backward.
  var order: BlockOrder.Kind = .forward
  /// Relaxation ω.
  var relaxation = 1.0
  /// What follows a sweep.
  var increment: SweepIncrement?

  /// Share of the fallback's rate that it has to keep up on trial: not all of it, because the first sweeps are faster than
  /// those that follow and the changes of velocity rise and fall. The safest arm has only to be better than where it began.
  var demand: Double { isSafest ? 0 : 0.1 }

  /// How much more than others it has to promise.
  var caution: Float { isSafest ? 1 : 3 }

  /// Whether it can be had where the network knows little.
  var isSafest: Bool { increment == .cautious && order == .forward }

  /// The arms; the first is the fallback, `pgs` as it is.
  static let all: [SweepArm] = [
    SweepArm(),
    SweepArm(relaxation: 1.3),
    SweepArm(order: .topDown),
    SweepArm(increment: .cautious),
    SweepArm(order: .topDown, increment: .cautious),
    SweepArm(increment: .bold),
    SweepArm(order: .topDown, increment: .bold),
    SweepArm(order: .symmetric, increment: .unbounded),
  ]
}

/// Bounds of the increment after a sweep (`PlaneSearch`).
struct SweepIncrement: Hashable {
  /// α_max, of the sweep's own step.
  var largestAlpha: Double
  /// β_max, of the last direction.
  var largestBeta: Double
  /// γ: the growth of what a sweep takes of the energy that makes it begin anew.
  var growth: Double

  static let cautious = SweepIncrement(largestAlpha: 0.5, largestBeta: 1, growth: 1)
  static let bold = SweepIncrement(largestAlpha: 0.5, largestBeta: 2, growth: 3)
  /// Bounds that only problems far from solved meet: as near to conjugate gradients as sets allow.
  static let unbounded = SweepIncrement(largestAlpha: 2, largestBeta: 16, growth: .infinity)
}
