/// Small blocks (n ≤ 6, by rows) that need not be symmetric: an inverse that survives singular ones, and a plain solve.
public enum SmallLU {
  /// `inverse` ← the inverse of `matrix`, both n × n by rows: Gauss–Jordan with full pivoting.
  ///
  /// A pivot below 1e-12 of the largest entry ends the elimination: unknowns and equations that are left are taken as
  /// 0, so a singular block gets a generalised inverse.
  public static func invert(_ matrix: UnsafePointer<Double>, size n: Int, into inverse: UnsafeMutablePointer<Double>) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 72) { scratch in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: 6) { places in
        let a = scratch.baseAddress!
        let r = a + 36
        let rowOfColumn = places.baseAddress!
        a.update(from: matrix, count: n * n)
        var used = 0
        var largest = 0.0
        for entry in 0..<n * n {
          largest = max(largest, a[entry].magnitude)
          r[entry] = entry % (n + 1) == 0 ? 1 : 0
          inverse[entry] = 0
        }
        for column in 0..<n { rowOfColumn[column] = -1 }
        for _ in 0..<n {
          var row = -1
          var column = -1
          var best = 1e-12 * largest
          for i in 0..<n where used & (1 << i) == 0 {
            for j in 0..<n where rowOfColumn[j] < 0 && a[i * n + j].magnitude > best {
              best = a[i * n + j].magnitude
              row = i
              column = j
            }
          }
          if row < 0 { break }
          used |= 1 << row
          rowOfColumn[column] = row
          let scale = 1 / a[row * n + column]
          for k in 0..<n {
            a[row * n + k] *= scale
            r[row * n + k] *= scale
          }
          for i in 0..<n where i != row {
            let factor = a[i * n + column]
            for k in 0..<n {
              a[i * n + k] -= factor * a[row * n + k]
              r[i * n + k] -= factor * r[row * n + k]
            }
          }
        }
        for column in 0..<n where rowOfColumn[column] >= 0 {
          let row = rowOfColumn[column]
          // An equation that was dropped keeps its right-hand side out of the answer.
          for k in 0..<n where used & (1 << k) != 0 { inverse[column * n + k] = r[row * n + k] }
        }
      }
    }
  }

  /// `b` ← A⁻¹ B by elimination with row pivoting, n × `columns` by rows; `a` (n × n by rows) is overwritten. False where a pivot is zero to round-off
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
