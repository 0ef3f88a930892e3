/// X with A X = B for one small unsymmetric block (n ≤ 6, by rows): Gaussian elimination with row pivoting, in place.
public enum SmallLU {
  /// `b` ← A⁻¹ B, n × `columns` by rows; `a` (n × n by rows) is overwritten. False where a pivot is zero to round-off
  /// (below 1e-14 of the largest entry of A's column); `b` is then unspecified.
  public static func solve(
    _ a: UnsafeMutablePointer<Double>, size n: Int, _ b: UnsafeMutablePointer<Double>, columns: Int
  ) -> Bool {
    for j in 0..<n {
      var largest = 0.0
      var original = 0.0
      var pivot = j
      for i in 0..<n {
        let magnitude = a[i * n + j].magnitude
        original = max(original, magnitude)
        if i >= j && magnitude > largest {
          largest = magnitude
          pivot = i
        }
      }
      guard largest > 1e-14 * original else { return false }
      if pivot != j {
        for k in 0..<n { swap(&a[j * n + k], &a[pivot * n + k]) }
        for k in 0..<columns { swap(&b[j * columns + k], &b[pivot * columns + k]) }
      }
      let inverse = 1 / a[j * n + j]
      for i in j + 1..<max(n, j + 1) {
        let factor = a[i * n + j] * inverse
        if factor == 0 { continue }
        for k in j..<n { a[i * n + k] -= factor * a[j * n + k] }
        for k in 0..<columns { b[i * columns + k] -= factor * b[j * columns + k] }
      }
    }
    var i = n - 1
    while i >= 0 {
      let inverse = 1 / a[i * n + i]
      for k in 0..<columns {
        var sum = b[i * columns + k]
        for j in i + 1..<max(n, i + 1) { sum -= a[i * n + j] * b[j * columns + k] }
        b[i * columns + k] = sum * inverse
      }
      i -= 1
    }
    return true
  }

  @inline(__always)
  private static func swap(_ x: inout Double, _ y: inout Double) {
    let kept = x
    x = y
    y = kept
  }
}
