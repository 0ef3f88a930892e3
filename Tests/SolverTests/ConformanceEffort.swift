import ConstraintSystem

/// What the conformance suite asks of a solver beyond the default: 1e-6 m/s within its own number of iterations.
///
/// A solver without an entry has to meet the default on every problem that it supports.
struct ConformanceEffort {
  /// Options that are added to the solver's text.
  var options = ""
  /// Residual (m/s) that it has to reach: the one that `options` ask for.
  var tolerance = 1e-6
  /// Problems on which the method is known not to arrive, and how it may end there instead. Each with its reason.
  var weaknesses: [String: StopReason] = [:]

  /// What a method that converges linearly is asked for.
  private static let linear = ConformanceEffort(options: "tolerance=1e-5,iterations=1000000", tolerance: 1e-5)

  /// Entries by the name before the colon.
  static let table: [String: ConformanceEffort] = [
    // Linear, and slow on long chains and heavy loads: they are asked for what they can reach.
    "pgs": linear,
    // Row by row a load of a hundred times the weight below it takes 570 000 sweeps: too long for a test.
    "impulse": ConformanceEffort(
      options: "tolerance=1e-5,iterations=100000", tolerance: 1e-5,
      weaknesses: [
        "stack 10, top 100.0, push 0.0": .iterationLimit, "stack 2, top 1000.0, push 0.0": .iterationLimit,
      ]),
    // In the slot of `active-set`, in body space, a thousand sweeps do not solve the singular system of sixteen redundant
    // contacts.
    "jacobi": ConformanceEffort(weaknesses: ["stack 4, top 1.0, push 2.0 pyramid": .iterationLimit]),
    "ssor": ConformanceEffort(weaknesses: ["stack 4, top 1.0, push 2.0 pyramid": .iterationLimit]),
    "learned-update": linear,
    "jacobi-split": linear,
    "nncg": linear,
    "apgd": linear,
    "bb": linear,
    "admm": linear,
    "staggered": linear,
    "shock": linear,
  ]

  /// The effort of a solver text, and the text with its options.
  static func of(_ text: String) -> (text: String, effort: ConformanceEffort) {
    let name = String(text.prefix { $0 != ":" })
    let effort = table[name] ?? ConformanceEffort()
    if effort.options.isEmpty { return (text, effort) }
    return (text + (text.contains(":") ? "," : ":") + effort.options, effort)
  }
}
