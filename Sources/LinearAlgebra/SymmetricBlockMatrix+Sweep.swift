/// Triangular sweeps over A = L + D + Lᵀ, of which the lower triangle is stored: Gauss–Seidel and its relatives.
///
/// A sweep in order needs Lᵀx of the rows to come, whose blocks are stored there. Each block is therefore used twice when
/// it passes: to gather L x for its own row, and to scatter Lᵀx, with the row's new x, into the sums of the rows before
/// it. A sweep costs one product, and leaves the sums that the next one needs.
///
/// In the scalar sweeps L and D of the sums are those of blocks, but every scalar row is relaxed with the newest values:
/// the iterates are those of Gauss–Seidel on scalars, whatever the blocks.
extension SymmetricBlockMatrix {
  /// `upper` ← the strict upper block triangle times x.
  public func upperProduct(_ x: UnsafePointer<Double>, into upper: UnsafeMutablePointer<Double>) {
    upper.update(repeating: 0, count: dimension)
    for row in 0..<blockCount { scatter(row, x, to: upper) }
  }

  /// `y` ← the strict upper triangle, by scalars, times x.
  public func scalarUpperProduct(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    upperProduct(x, into: y)
    for row in 0..<blockCount {
      let size = Int(sizes.pointer[row])
      let first = Int(offsets.pointer[row])
      let diagonal = values.pointer + Int(entryStarts.pointer[Int(rowStarts.pointer[row + 1]) - 1])
      for i in 0..<size {
        for j in i + 1..<max(size, i + 1) { y[first + i] += diagonal[i * size + j] * x[first + j] }
      }
    }
  }

  /// One forward sweep of over-relaxation: x_i += ω (b_i − Σ_j a_ij x_j) / a_ii, i ascending.
  ///
  /// - `upper`: the upper product with x, before and after.
  /// - `partial`: b − (lower block triangle) x afterwards, for `residual`.
  /// - `inverseDiagonal`: 1/a_ii, or 0 for rows to leave alone.
  public func sweepForward(
    _ b: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>, upper: UnsafeMutablePointer<Double>,
    partial: UnsafeMutablePointer<Double>, inverseDiagonal: UnsafePointer<Double>, omega: Double
  ) {
    for row in 0..<blockCount {
      let size = Int(sizes.pointer[row])
      let first = Int(offsets.pointer[row])
      gather(row, b, x, into: partial)
      let diagonal = values.pointer + Int(entryStarts.pointer[Int(rowStarts.pointer[row + 1]) - 1])
      let xRow = x + first
      for i in 0..<size {
        let gap = partial[first + i] - upper[first + i] - Self.rowProduct(diagonal + i * size, xRow, size)
        xRow[i] += omega * inverseDiagonal[first + i] * gap
      }
      for i in first..<first + size { upper[i] = 0 }
      scatter(row, x, to: upper)
    }
  }

  /// One backward sweep, i descending. `upper` is the upper product with x afterwards; `partial` is used up.
  public func sweepBackward(
    _ b: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>, upper: UnsafeMutablePointer<Double>,
    partial: UnsafeMutablePointer<Double>, inverseDiagonal: UnsafePointer<Double>, omega: Double
  ) {
    upper.update(repeating: 0, count: dimension)
    var row = blockCount - 1
    while row >= 0 {
      let size = Int(sizes.pointer[row])
      let first = Int(offsets.pointer[row])
      gather(row, b, x, into: partial)
      let diagonal = values.pointer + Int(entryStarts.pointer[Int(rowStarts.pointer[row + 1]) - 1])
      let xRow = x + first
      var i = size - 1
      while i >= 0 {
        let gap = partial[first + i] - upper[first + i] - Self.rowProduct(diagonal + i * size, xRow, size)
        xRow[i] += omega * inverseDiagonal[first + i] * gap
        i -= 1
      }
      scatter(row, x, to: upper)
      row -= 1
    }
  }

  /// `r` ← b − A x after a forward sweep, from its sums: the diagonal blocks alone are read.
  public func residual(
    _ x: UnsafePointer<Double>, upper: UnsafePointer<Double>, partial: UnsafePointer<Double>,
    into r: UnsafeMutablePointer<Double>
  ) {
    for row in 0..<blockCount {
      let size = Int(sizes.pointer[row])
      let first = Int(offsets.pointer[row])
      let diagonal = values.pointer + Int(entryStarts.pointer[Int(rowStarts.pointer[row + 1]) - 1])
      for i in 0..<size {
        r[first + i] = partial[first + i] - upper[first + i] - Self.rowProduct(diagonal + i * size, x + first, size)
      }
    }
  }

  /// `y` ← (D + L)⁻¹ r by blocks; `gap` ← r − L y, which is D y.
  public func solveLower(
    _ inverses: DiagonalBlockInverses, _ r: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>,
    gap: UnsafeMutablePointer<Double>
  ) {
    for row in 0..<blockCount {
      let first = Int(offsets.pointer[row])
      gather(row, r, y, into: gap)
      inverses.apply(block: row, gap + first, into: y + first)
    }
  }

  /// `z` ← (D + Lᵀ)⁻¹ r by blocks; `work` is used up; `z` may be `r`, `work` may not.
  public func solveUpper(
    _ inverses: DiagonalBlockInverses, _ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>,
    work: UnsafeMutablePointer<Double>
  ) {
    work.update(repeating: 0, count: dimension)
    var row = blockCount - 1
    while row >= 0 {
      let size = Int(sizes.pointer[row])
      let first = Int(offsets.pointer[row])
      for i in first..<first + size { work[i] = r[i] - work[i] }
      inverses.apply(block: row, work + first, into: z + first)
      scatter(row, z, to: work)
      row -= 1
    }
  }

  /// Rows of `target` ← those of b − L x.
  @inline(__always)
  private func gather(
    _ row: Int, _ b: UnsafePointer<Double>, _ x: UnsafePointer<Double>, into target: UnsafeMutablePointer<Double>
  ) {
    let size = Int(sizes.pointer[row])
    let first = Int(offsets.pointer[row])
    let offsets = self.offsets.pointer
    let columns = self.columns.pointer
    let entries = entryStarts.pointer
    let values = self.values.pointer
    (target + first).update(from: b + first, count: size)
    for slot in Int(rowStarts.pointer[row])..<Int(rowStarts.pointer[row + 1]) - 1 {
      let column = Int(columns[slot])
      let width = Int(offsets[column + 1] - offsets[column])
      BlockKernels.subtractProduct(
        values + Int(entries[slot]), size, width, x + Int(offsets[column]), from: target + first)
    }
  }

  /// `target` += Lᵀ times the row's x.
  @inline(__always)
  private func scatter(_ row: Int, _ x: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>) {
    let size = Int(sizes.pointer[row])
    let first = Int(offsets.pointer[row])
    let offsets = self.offsets.pointer
    let columns = self.columns.pointer
    let entries = entryStarts.pointer
    let values = self.values.pointer
    for slot in Int(rowStarts.pointer[row])..<Int(rowStarts.pointer[row + 1]) - 1 {
      let column = Int(columns[slot])
      let width = Int(offsets[column + 1] - offsets[column])
      BlockKernels.addTransposedProduct(
        values + Int(entries[slot]), size, width, x + first, to: target + Int(offsets[column]))
    }
  }

  @inline(__always)
  private static func rowProduct(_ a: UnsafePointer<Double>, _ x: UnsafePointer<Double>, _ n: Int) -> Double {
    if n > 8 { return VectorKernels.dot(a, x, n) }
    var sum = 0.0
    for j in 0..<n { sum += a[j] * x[j] }
    return sum
  }

  /// The diagonal entries, `dimension` numbers.
  public func copyDiagonal(into diagonal: UnsafeMutablePointer<Double>) {
    for row in 0..<blockCount {
      let size = Int(sizes.pointer[row])
      let block = values.pointer + Int(entryStarts.pointer[Int(rowStarts.pointer[row + 1]) - 1])
      for i in 0..<size { diagonal[Int(offsets.pointer[row]) + i] = block[i * size + i] }
    }
  }
}
