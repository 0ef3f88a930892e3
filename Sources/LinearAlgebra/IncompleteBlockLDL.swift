/// Incomplete block L D Lᵀ without fill: L has the blocks of A's lower triangle and no others.
///
///     S_ij = A_ij − Σ_{k<j} L_ik S_jkᵀ,   L_ij = S_ij D_j⁻¹,   D_i = A_ii − Σ_{k<i} L_ik S_ikᵀ
///
/// the sums over the k that rows i and j share (Meijerink, van der Vorst 1977; by blocks Axelsson 1985). What is dropped
/// can make a D_i indefinite although A is definite; then the factorisation is tried again on A + α diag(A), α = 1e-3 and
/// four times that until it holds (Manteuffel 1980). A pivot that is zero to round-off, as singular matrices have, is
/// dropped. On a tree whose rows are numbered leaves first or one after the other nothing is lost: the factor is exact.
public final class IncompleteBlockLDL {
  /// α of the last factorisation.
  public private(set) var shift = 0.0

  /// L's blocks, one for every stored block of the matrix and at the same entries; those of the diagonal are not used.
  public let l = Buffer<Double>()
  /// D_i⁻¹ of every block row, by rows, beginning at `inverseStarts`.
  public let inverses = Buffer<Double>()
  /// First entry of every D_i⁻¹.
  public let inverseStarts = Buffer<Int32>()
  private let s = Buffer<Double>()
  private let original = Buffer<Double>()
  private let scratch = Buffer<Double>()
  private let pivots = Buffer<Double>()

  /// A factorisation of no matrix yet.
  public init() {}

  /// Factors the matrix.
  public func factor(_ matrix: SymmetricBlockMatrix) {
    let blocks = matrix.blockCount
    s.resize(to: matrix.values.count, filling: 0)
    l.resize(to: matrix.values.count, filling: 0)
    inverseStarts.resize(to: blocks, filling: 0)
    original.resize(to: matrix.dimension, filling: 0)
    scratch.resize(to: matrix.largestSize * matrix.largestSize, filling: 0)
    pivots.resize(to: matrix.largestSize, filling: 0)
    matrix.copyDiagonal(into: original.pointer)
    var total = 0
    for block in 0..<blocks {
      inverseStarts.pointer[block] = Int32(total)
      total += matrix.size(ofBlock: block) * matrix.size(ofBlock: block)
    }
    inverses.resize(to: total, filling: 0)
    shift = 0
    while !attempt(matrix) && shift < 1e6 { shift = shift == 0 ? 1e-3 : 4 * shift }
  }

  /// False where a diagonal block is not positive semi-definite.
  private func attempt(_ matrix: SymmetricBlockMatrix) -> Bool {
    let s = self.s.pointer
    let l = self.l.pointer
    let starts = matrix.rowStarts.pointer
    let columns = matrix.columns.pointer
    let entries = matrix.entryStarts.pointer
    s.update(from: matrix.values.pointer, count: matrix.values.count)
    for row in 0..<matrix.blockCount {
      let size = matrix.size(ofBlock: row)
      let begin = Int(starts[row])
      let end = Int(starts[row + 1])
      for slot in begin..<end {
        let column = Int(columns[slot])
        let width = matrix.size(ofBlock: column)
        let target = s + Int(entries[slot])
        // Both rows ascend: one walk finds the columns that they share.
        var own = begin
        var other = Int(starts[column])
        let otherEnd = Int(starts[column + 1]) - 1
        while own < slot && other < otherEnd {
          let a = columns[own]
          let b = columns[other]
          if a == b {
            let inner = matrix.size(ofBlock: Int(a))
            // Row i's L for k < j is there already; on the diagonal the other row is the own one.
            Self.update(target, l + Int(entries[own]), s + Int(entries[other]), size, inner, width)
            own += 1
            other += 1
          } else if a < b {
            own += 1
          } else {
            other += 1
          }
        }
        if column < row {
          Self.multiply(
            target, inverses.pointer + Int(inverseStarts.pointer[column]), size, width, into: l + Int(entries[slot]))
        } else {
          let diagonal = original.pointer + matrix.offset(ofBlock: row)
          for i in 0..<size { target[i * size + i] += shift * diagonal[i] }
          guard invert(target, size, diagonal, into: inverses.pointer + Int(inverseStarts.pointer[row])) else {
            return false
          }
        }
      }
    }
    return true
  }

  /// Multiplies every block of L below the diagonal by its entry of `factors`, one a stored block of the matrix, and
  /// every D_i by that of the diagonal block: L D Lᵀ stays positive definite where those of the diagonal are positive.
  public func scale(_ matrix: SymmetricBlockMatrix, by factors: UnsafePointer<Double>) {
    for row in 0..<matrix.blockCount {
      let size = matrix.size(ofBlock: row)
      let end = Int(matrix.rowStarts.pointer[row + 1])
      for slot in Int(matrix.rowStarts.pointer[row])..<end - 1 {
        let block = l.pointer + Int(matrix.entryStarts.pointer[slot])
        for entry in 0..<size * matrix.size(ofBlock: Int(matrix.columns.pointer[slot])) {
          block[entry] *= factors[slot]
        }
      }
      let inverse = inverses.pointer + Int(inverseStarts.pointer[row])
      let factor = 1 / factors[end - 1]
      for entry in 0..<size * size { inverse[entry] *= factor }
    }
  }

  /// `z` ← (L D Lᵀ)⁻¹ r for the matrix of the last `factor`; they may not overlap.
  public func solve(
    _ matrix: SymmetricBlockMatrix, _ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>,
    work: UnsafeMutablePointer<Double>
  ) {
    let l = self.l.pointer
    let starts = matrix.rowStarts.pointer
    let columns = matrix.columns.pointer
    let entries = matrix.entryStarts.pointer
    let offsets = matrix.offsets.pointer
    work.update(from: r, count: matrix.dimension)
    for row in 0..<matrix.blockCount {
      let first = Int(offsets[row])
      let size = Int(offsets[row + 1]) - first
      for slot in Int(starts[row])..<Int(starts[row + 1]) - 1 {
        let column = Int(columns[slot])
        let begin = Int(offsets[column])
        BlockKernels.subtractProduct(
          l + Int(entries[slot]), size, Int(offsets[column + 1]) - begin, work + begin, from: work + first)
      }
    }
    // z collects Lᵀz of the rows below before it gets its own value.
    z.update(repeating: 0, count: matrix.dimension)
    var row = matrix.blockCount - 1
    while row >= 0 {
      let first = Int(offsets[row])
      let size = Int(offsets[row + 1]) - first
      let inverse = inverses.pointer + Int(inverseStarts.pointer[row])
      for i in first..<first + size { z[i] = -z[i] }
      if size * size > LargeBlock.threshold {
        LargeBlock.addProduct(inverse, size, size, work + first, to: z + first)
      } else {
        for i in 0..<size {
          var sum = 0.0
          for j in 0..<size { sum += inverse[i * size + j] * work[first + j] }
          z[first + i] += sum
        }
      }
      for slot in Int(starts[row])..<Int(starts[row + 1]) - 1 {
        let column = Int(columns[slot])
        let begin = Int(offsets[column])
        BlockKernels.addTransposedProduct(
          l + Int(entries[slot]), size, Int(offsets[column + 1]) - begin, z + first, to: z + begin)
      }
      row -= 1
    }
  }

  /// C −= A Bᵀ: C rows × columns, A rows × inner, B columns × inner.
  @inline(__always)
  private static func update(
    _ c: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ rows: Int,
    _ inner: Int, _ columns: Int
  ) {
    if rows == 6 && inner == 6 && columns == 6 { return update(c, a, b, fixed: 6, 6, 6) }
    if rows == 3 && inner == 3 && columns == 3 { return update(c, a, b, fixed: 3, 3, 3) }
    if rows * columns > LargeBlock.threshold { return LargeBlock.update(c, a, b, rows, inner, columns) }
    update(c, a, b, fixed: rows, inner, columns)
  }

  @inline(__always)
  private static func update(
    _ c: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, fixed rows: Int,
    _ inner: Int, _ columns: Int
  ) {
    for i in 0..<rows {
      for j in 0..<columns {
        var sum = 0.0
        for k in 0..<inner { sum += a[i * inner + k] * b[j * inner + k] }
        c[i * columns + j] -= sum
      }
    }
  }

  /// `product` ← A B, A rows × size, B size × size symmetric.
  private static func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ rows: Int, _ size: Int,
    into product: UnsafeMutablePointer<Double>
  ) {
    if rows * size > LargeBlock.threshold { return LargeBlock.multiply(a, b, rows, size, into: product) }
    product.update(repeating: 0, count: rows * size)
    for i in 0..<rows {
      for k in 0..<size {
        let s = a[i * size + k]
        for j in 0..<size { product[i * size + j] += s * b[k * size + j] }
      }
    }
  }

  /// `inverse` ← the (pseudo-)inverse of a symmetric block by L D Lᵀ; false where a pivot is negative beyond round-off.
  private func invert(
    _ block: UnsafePointer<Double>, _ n: Int, _ diagonal: UnsafePointer<Double>,
    into inverse: UnsafeMutablePointer<Double>
  ) -> Bool {
    let a = scratch.pointer
    let d = pivots.pointer
    if n * n > LargeBlock.threshold {
      return LargeBlock.invert(block, size: n, originalDiagonal: diagonal, factor: a, pivots: d, into: inverse) == 0
    }
    a.update(from: block, count: n * n)
    for j in 0..<n {
      var pivot = a[j * n + j]
      for k in 0..<j {
        let unit = a[j * n + k] * d[k]
        pivot -= a[j * n + k] * unit
        a[j * n + k] = unit
      }
      guard pivot >= -1e-10 * diagonal[j], pivot.isFinite else { return false }
      d[j] = pivot > 1e-10 * diagonal[j] ? 1 / pivot : 0
      for i in j + 1..<max(n, j + 1) {
        var sum = a[i * n + j]
        for k in 0..<j { sum -= a[i * n + k] * a[j * n + k] }
        a[i * n + j] = sum
      }
    }
    for column in 0..<n {
      let x = inverse + column * n
      for row in 0..<n { x[row] = row == column ? 1 : 0 }
      SmallLDL.solve(a, size: n, inversePivots: d, x)
    }
    return true
  }
}
