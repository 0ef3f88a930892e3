import COpenBLAS

/// Blocks too large for unrolled loops, the tiles of dense matrices: BLAS on blocks stored by rows.
///
/// BLAS picks its kernels by processor, so bits may differ between machines; blocks of constraints and bodies (1 … 6
/// rows) never come here.
public enum LargeBlock {
  /// Blocks with more entries than this are large.
  public static let threshold = 64

  /// y += B x, B rows × columns.
  public static func addProduct(
    _ b: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ x: UnsafePointer<Double>,
    to y: UnsafeMutablePointer<Double>, factor: Double = 1
  ) {
    BLAS.useOneThread()
    let width = blasint(columns)
    cblas_dgemv(CblasRowMajor, CblasNoTrans, blasint(rows), width, factor, b, width, x, 1, 1, y, 1)
  }

  /// y += Bᵀ x, B rows × columns.
  public static func addTransposedProduct(
    _ b: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ x: UnsafePointer<Double>,
    to y: UnsafeMutablePointer<Double>, factor: Double = 1
  ) {
    BLAS.useOneThread()
    let width = blasint(columns)
    cblas_dgemv(CblasRowMajor, CblasTrans, blasint(rows), width, factor, b, width, x, 1, 1, y, 1)
  }

  /// yRow += B xColumn and yColumn += Bᵀ xRow in one pass over B, row by row: two calls of dgemv read a tile twice, and
  /// four rows at a time are four short streams, which the prefetcher does not follow (half the speed).
  static func addBothProducts(
    _ b: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ xRow: UnsafePointer<Double>,
    _ xColumn: UnsafePointer<Double>, _ yRow: UnsafeMutablePointer<Double>, _ yColumn: UnsafeMutablePointer<Double>
  ) {
    let xRaw = UnsafeRawPointer(xColumn)
    let yRaw = UnsafeMutableRawPointer(yColumn)
    var row = UnsafeRawPointer(b)
    for i in 0..<rows {
      let s = xRow[i]
      var sum0 = SIMD2<Double>.zero
      var sum1 = SIMD2<Double>.zero
      var at = 0
      for _ in 0..<columns / 4 {
        let b0 = row.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self)
        let b1 = row.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self)
        sum0 += b0 * xRaw.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self)
        sum1 += b1 * xRaw.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self)
        let y0 = yRaw.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self) + s * b0
        let y1 = yRaw.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self) + s * b1
        yRaw.storeBytes(of: y0, toByteOffset: at, as: SIMD2<Double>.self)
        yRaw.storeBytes(of: y1, toByteOffset: at + 16, as: SIMD2<Double>.self)
        at += 32
      }
      sum0 += sum1
      var sum = sum0.x + sum0.y
      for j in 4 * (columns / 4)..<columns {
        sum += b[i * columns + j] * xColumn[j]
        yColumn[j] += b[i * columns + j] * s
      }
      yRow[i] += sum
      row += 8 * columns
    }
  }

  /// C −= A Bᵀ: C rows × columns, A rows × inner, B columns × inner.
  static func update(
    _ c: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ rows: Int,
    _ inner: Int, _ columns: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(columns), blasint(inner), -1, a, blasint(inner),
      b, blasint(inner), 1, c, blasint(columns))
  }

  /// `product` ← A B, A rows × size, B size × size.
  static func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ rows: Int, _ size: Int,
    into product: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(size), blasint(size), 1, a, blasint(size), b,
      blasint(size), 0, product, blasint(size))
  }

  /// `inverse` ← the (pseudo-)inverse of a symmetric block; `factor` and `pivots` are used up. Gives the number of dropped
  /// pivots.
  static func invert(
    _ block: UnsafePointer<Double>, size n: Int, originalDiagonal: UnsafePointer<Double>,
    factor l: UnsafeMutablePointer<Double>, pivots d: UnsafeMutablePointer<Double>,
    into inverse: UnsafeMutablePointer<Double>
  ) -> Int {
    l.update(from: block, count: n * n)
    let dropped = self.factor(l, size: n, inversePivots: d, originalDiagonal: originalDiagonal)
    inverse.update(repeating: 0, count: n * n)
    for i in 0..<n { inverse[i * n + i] = 1 }
    // L⁻ᵀ D⁻¹ L⁻¹, all columns at once.
    let order = blasint(n)
    cblas_dtrsm(
      CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasUnit, order, order, 1, l, order, inverse, order)
    for i in 0..<n {
      for j in 0..<n { inverse[i * n + j] *= d[i] }
    }
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasTrans, CblasUnit, order, order, 1, l, order, inverse, order)
    return dropped
  }

  /// Rows of `block` ← rows · L⁻ᵀ, L the unit lower triangle of `diagonal`.
  static func solveRight(
    _ block: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int, _ diagonal: UnsafePointer<Double>
  ) {
    cblas_dtrsm(
      CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasUnit, blasint(rows), blasint(columns), 1, diagonal,
      blasint(columns), block, blasint(columns))
  }

  /// x ← L⁻¹ x, or L⁻ᵀ x; L the unit lower triangle of `l`.
  static func solveUnit(
    _ l: UnsafePointer<Double>, _ size: Int, transposed: Bool, _ x: UnsafeMutablePointer<Double>
  ) {
    cblas_dtrsv(
      CblasRowMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasUnit, blasint(size), l, blasint(size), x,
      1)
  }

  /// L D Lᵀ of a symmetric block in place, as `SmallLDL.factor`: by dpotrf where the block is safely positive definite,
  /// otherwise by scalars with dropped pivots. Both triangles of the block are given. Gives the number of dropped pivots.
  static func factor(
    _ a: UnsafeMutablePointer<Double>, size n: Int, inversePivots: UnsafeMutablePointer<Double>,
    originalDiagonal: UnsafePointer<Double>
  ) -> Int {
    BLAS.useOneThread()
    // The upper triangle of columns is the lower one of rows; the other keeps A, and its diagonal is kept aside.
    for i in 0..<n { inversePivots[i] = a[i * n + i] }
    var order = Int32(n)
    var info: Int32 = 0
    dpotrf_("U", &order, a, &order, &info)
    var isSafe = info == 0
    if isSafe {
      for i in 0..<n where !(a[i * n + i] * a[i * n + i] > 1e-12 * originalDiagonal[i]) { isSafe = false }
    }
    guard isSafe else {
      for i in 0..<n {
        a[i * n + i] = inversePivots[i]
        for j in 0..<i { a[i * n + j] = a[j * n + i] }
      }
      return SmallLDL.factor(a, size: n, inversePivots: inversePivots, originalDiagonal: originalDiagonal)
    }
    for j in 0..<n { inversePivots[j] = 1 / a[j * n + j] }
    for i in 0..<n {
      for j in 0..<i { a[i * n + j] *= inversePivots[j] }
    }
    for j in 0..<n { inversePivots[j] *= inversePivots[j] }
    return 0
  }
}
