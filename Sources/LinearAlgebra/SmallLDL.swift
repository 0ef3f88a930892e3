/// LDLᵀ of one small symmetric block (n ≤ 6, by rows), for Gauss–Seidel and block Jacobi.
///
/// A pivot below 1e-12 of its original diagonal is dropped: its D⁻¹ is taken as 0, so the solution is 0 there. The
/// pivot's absolute size says nothing, its loss of digits does.
public enum SmallLDL {
  /// `inverse` ← the (pseudo-)inverse of `matrix`, both n × n by rows.
  public static func invert(
    _ matrix: UnsafePointer<Double>, size n: Int, into inverse: UnsafeMutablePointer<Double>
  ) {
    if n == 1 {
      inverse[0] = matrix[0] > 0 ? 1 / matrix[0] : 0
      return
    }
    if n == 3 && invert3(matrix, into: inverse) { return }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 42) { scratch in
      let l = scratch.baseAddress!
      let d = l + 36
      l.update(from: matrix, count: n * n)
      factor(l, size: n, inversePivots: d)
      for column in 0..<n {
        let x = inverse + column * n
        for row in 0..<n { x[row] = row == column ? 1 : 0 }
        solve(l, size: n, inversePivots: d, x)
      }
    }
  }

  /// Symmetric 3×3 by cofactors; false where it is close to singular.
  @inline(__always)
  private static func invert3(_ m: UnsafePointer<Double>, into inverse: UnsafeMutablePointer<Double>) -> Bool {
    let c00 = m[4] * m[8] - m[5] * m[5]
    let c01 = m[5] * m[2] - m[1] * m[8]
    let c02 = m[1] * m[5] - m[4] * m[2]
    let determinant = m[0] * c00 + m[1] * c01 + m[2] * c02
    guard determinant > 1e-10 * m[0] * m[4] * m[8] else { return false }
    let s = 1 / determinant
    inverse[0] = s * c00
    inverse[1] = s * c01
    inverse[2] = s * c02
    inverse[3] = inverse[1]
    inverse[4] = s * (m[0] * m[8] - m[2] * m[2])
    inverse[5] = s * (m[1] * m[2] - m[0] * m[5])
    inverse[6] = inverse[2]
    inverse[7] = inverse[5]
    inverse[8] = s * (m[0] * m[4] - m[1] * m[1])
    return true
  }

  /// Factors in place: the strict lower triangle becomes that of the unit L, `inversePivots` 1/D or 0. Gives the
  /// number of dropped pivots.
  @inline(__always)
  @discardableResult
  static func factor(
    _ a: UnsafeMutablePointer<Double>, size n: Int, inversePivots: UnsafeMutablePointer<Double>,
    originalDiagonal: UnsafePointer<Double>? = nil, threshold: Double = 1e-12
  ) -> Int {
    var dropped = 0
    for j in 0..<n {
      let original = originalDiagonal.map { $0[j] } ?? a[j * n + j]
      var pivot = a[j * n + j]
      for k in 0..<j {
        let l = a[j * n + k]
        // Columns before j hold L D until here; turn row j into L.
        let unit = l * inversePivots[k]
        pivot -= l * unit
        a[j * n + k] = unit
      }
      let keeps = pivot > threshold * original && original > 0
      if !keeps { dropped += 1 }
      inversePivots[j] = keeps ? 1 / pivot : 0
      for i in j + 1..<max(n, j + 1) {
        var sum = a[i * n + j]
        for k in 0..<j { sum -= a[i * n + k] * a[j * n + k] }
        a[i * n + j] = sum
      }
    }
    return dropped
  }

  /// x ← (L D Lᵀ)⁻¹ x.
  @inline(__always)
  static func solve(
    _ l: UnsafePointer<Double>, size n: Int, inversePivots: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>
  ) {
    for i in 1..<max(1, n) {
      for k in 0..<i { x[i] -= l[i * n + k] * x[k] }
    }
    for i in 0..<n { x[i] *= inversePivots[i] }
    var i = n - 2
    while i >= 0 {
      for k in i + 1..<n { x[i] -= l[k * n + i] * x[k] }
      i -= 1
    }
  }
}
