import Solvers

/// One way to go on sweeping: what the policies of `learned-update` choose from.
struct SweepArm: Hashable {
  /// Order of a sweep; `symmetric` is a sweep forward and one backward.
  var order: BlockOrder.Kind = .forward
  /// Relaxation ω.
  var relaxation = 1.0
  /// Whether sweeps are the gradient steps of a conjugate-gradient method (`nncg`).
  var isConjugate = false

  /// Share of the fallback's first rate that it has to keep up on trial. Conjugate sweeps in the fallback's own order are
  /// never much slower than it (on 1 000 unseen systems at most twice as slow, one in a hundred 1.2 times), but rise and
  /// fall; the others can fail altogether.
  var demand: Double { isConjugate && order == .forward ? 0.05 : 0.4 }

  /// How much more than others it has to promise.
  var caution: Float { isConjugate && order == .forward ? 1 : 3 }

  /// The arms; the first is the fallback, `pgs` as it is.
  static let all: [SweepArm] = [
    SweepArm(),
    SweepArm(relaxation: 1.3),
    SweepArm(order: .topDown),
    SweepArm(order: .topDown, relaxation: 1.3),
    SweepArm(order: .symmetric),
    SweepArm(isConjugate: true),
    SweepArm(order: .topDown, isConjugate: true),
    SweepArm(order: .symmetric, isConjugate: true),
  ]
}
