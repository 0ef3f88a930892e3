/// The largest changes of velocity (m/s) of the last three sweeps, and what they say of the next ones.
struct SweepHistory {
  /// Sweeps that it takes to know a rate.
  static let length = 3

  /// The changes, `last` of the latest sweep.
  private(set) var first = 0.0
  private(set) var middle = 0.0
  private(set) var last = 0.0
  /// Sweeps so far.
  private(set) var count = 0

  mutating func append(_ change: Double) {
    (first, middle, last) = (middle, last, change)
    count += 1
  }

  /// Binary orders by which the changes fall in a sweep; the first sweeps are faster than those that follow.
  var rate: Double { max(Self.logarithm(first / last) / Double(Self.length - 1), 1e-4) }

  /// Sweeps to a tolerance at this rate; mostly too few.
  func remaining(to tolerance: Double) -> Double { min(Self.logarithm(last / tolerance) / rate, 2000) }

  /// log₂ x, linear between powers of two: the same bits on every processor. Bounded to ±64; 0 for what has none.
  static func logarithm(_ x: Double) -> Double {
    guard x.isFinite else { return x > 0 ? 64 : 0 }
    guard x > 0 else { return x == 0 ? -64 : 0 }
    return min(max(Double(x.exponent) + x.significand - 1, -64), 64)
  }
}
