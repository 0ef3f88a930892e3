import Solvers

/// One way to go on sweeping: what the policies of `learned-update` choose from.
struct SweepArm: Hashable {
  /// Order of a sweep; `symmetric` is a sweep forward and one backward.
  var order: BlockOrder.Kind = .forward
  /// Relaxation ω.
  var relaxation = 1.0
  /// Whether sweeps are the gradient steps of a conjugate-gradient method (`nncg`).
  var isConjugate = false

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
