/// What networks give, brought into bounds before anything depends on it: NaN counts as 0, so that no weights can put it
/// into λ.
enum SafeOutput {
  /// t / (1 + |t|), −1 … 1.
  @inline(__always)
  static func softsign(_ t: Float) -> Double {
    let t = Double(t)
    if t.isNaN { return 0 }
    if t.isInfinite { return t > 0 ? 1 : -1 }
    return t / (1 + t.magnitude)
  }
}
