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

  /// ±∞ as the largest finite numbers, NaN as 0.
  @inline(__always)
  static func finite(_ t: SIMD8<Float>) -> SIMD8<Float> {
    let largest = SIMD8<Float>(repeating: .greatestFiniteMagnitude)
    var t = t
    t.replace(with: largest, where: t .> largest)
    t.replace(with: -largest, where: t .< -largest)
    t.replace(with: 0, where: t .!= t)
    return t
  }

  /// t / (1 + |t|) of finite numbers; of the largest it rounds to ±1.
  @inline(__always)
  static func softsign(finite t: SIMD4<Float>) -> SIMD4<Double> {
    let length = t.replacing(with: -t, where: t .< 0)
    return SIMD4<Double>(t) / (1 + SIMD4<Double>(length))
  }
}
