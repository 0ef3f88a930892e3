/// The numeric part: left-looking over block columns.
extension BlockLDL {
  /// Factors the matrix, whose pattern is that of the last `analyze`.
  public func factor(_ matrix: SymmetricBlockMatrix) {
    scatter(matrix)
    let head = self.head.pointer
    let next = self.next.pointer
    let cursor = self.cursor.pointer
    let map = self.map.pointer
    let rows = self.rows.pointer
    let columnStarts = self.columnStarts.pointer
    let entryStarts = self.entryStarts.pointer
    let diagonalStarts = self.diagonalStarts.pointer
    let sizes = self.sizes.pointer
    let offsets = self.offsets.pointer
    let entries = self.entries.pointer
    let diagonalBlocks = self.diagonalBlocks.pointer
    let pivots = inversePivots.pointer
    for place in 0..<blockCount { head[place] = -1 }
    droppedPivots = 0
    let scaled = self.scaled.pointer
    let threshold = LargeBlock.threshold
    for j in 0..<blockCount {
      let width = Int(sizes[j])
      let begin = Int(columnStarts[j])
      let end = Int(columnStarts[j + 1])
      for slot in begin..<end { map[Int(rows[slot])] = entryStarts[slot] }
      let diagonal = diagonalBlocks + Int(diagonalStarts[j])

      var k = Int(head[j])
      while k >= 0 {
        let following = Int(next[k])
        let inner = Int(sizes[k])
        let first = Int(cursor[k])
        let last = Int(columnStarts[k + 1])
        // Column k holds L D below row j and L above. C_ij −= (L D)_ik L_jkᵀ, the right factor inner × width by
        // rows, so that the update runs along rows.
        let source = entries + Int(entryStarts[first])
        let inverse = pivots + Int(offsets[k])
        if width * inner > threshold {
          // BLAS transposes by itself.
          scaled.update(from: source, count: width * inner)
          Self.scaleColumns(scaled, width, inner, inverse)
          LargeBlock.update(diagonal, source, scaled, width, inner, width)
          for slot in first + 1..<max(last, first + 1) {
            let i = Int(rows[slot])
            LargeBlock.update(
              entries + Int(map[i]), entries + Int(entryStarts[slot]), scaled, Int(sizes[i]), inner, width)
          }
        } else {
          Self.scaledTranspose(source, width, inner, inverse, into: scaled)
          Self.update(diagonal, source, scaled, width, inner, width)
          for slot in first + 1..<max(last, first + 1) {
            let i = Int(rows[slot])
            Self.update(entries + Int(map[i]), entries + Int(entryStarts[slot]), scaled, Int(sizes[i]), inner, width)
          }
        }
        Self.scaleColumns(source, width, inner, inverse)
        // Column k reaches its next row.
        cursor[k] = Int32(first + 1)
        if first + 1 < last {
          let row = Int(rows[first + 1])
          next[k] = head[row]
          head[row] = Int32(k)
        }
        k = following
      }

      let inverse = pivots + Int(offsets[j])
      let original = UnsafePointer(originalDiagonal.pointer + Int(offsets[j]))
      // Literal sizes unroll.
      switch width {
      case 6: droppedPivots += SmallLDL.factor(diagonal, size: 6, inversePivots: inverse, originalDiagonal: original)
      case 3: droppedPivots += SmallLDL.factor(diagonal, size: 3, inversePivots: inverse, originalDiagonal: original)
      case _ where width * width > threshold:
        droppedPivots += LargeBlock.factor(
          diagonal, size: width, inversePivots: inverse, originalDiagonal: original)
      default:
        droppedPivots += SmallLDL.factor(diagonal, size: width, inversePivots: inverse, originalDiagonal: original)
      }
      for slot in begin..<end {
        let block = entries + Int(entryStarts[slot])
        let height = Int(sizes[Int(rows[slot])])
        if width == 6 {
          Self.solveRight(block, height, 6, diagonal)
        } else if width * width > threshold {
          LargeBlock.solveRight(block, height, width, diagonal)
        } else {
          Self.solveRight(block, height, width, diagonal)
        }
      }
      cursor[j] = Int32(begin)
      if begin < end {
        let row = Int(rows[begin])
        next[j] = head[row]
        head[row] = Int32(j)
      }
    }
  }

  /// Copies A into the places of L, and its diagonal aside.
  private func scatter(_ matrix: SymmetricBlockMatrix) {
    entries.pointer.update(repeating: 0, count: entries.count)
    let values = matrix.values.pointer
    let entries = self.entries.pointer
    var stored = 0
    for row in 0..<matrix.blockCount {
      let height = Int(matrix.sizes.pointer[row])
      for slot in Int(matrix.rowStarts.pointer[row])..<Int(matrix.rowStarts.pointer[row + 1]) {
        let width = Int(matrix.sizes.pointer[Int(matrix.columns.pointer[slot])])
        let source = values + Int(matrix.entryStarts.pointer[slot])
        let target = Int(targets.pointer[stored])
        if target < 0 {
          (diagonalBlocks.pointer + (-1 - target)).update(from: source, count: height * width)
        } else if isTransposed.pointer[stored] {
          Self.transpose(source, height, width, into: entries + target)
        } else {
          (entries + target).update(from: source, count: height * width)
        }
        stored += 1
      }
    }
    for place in 0..<blockCount {
      let size = Int(sizes.pointer[place])
      let block = diagonalBlocks.pointer + Int(diagonalStarts.pointer[place])
      for k in 0..<size { originalDiagonal.pointer[Int(offsets.pointer[place]) + k] = block[k * size + k] }
    }
  }

  /// x ← A⁻¹ x, in place, in the caller's order.
  public func solve(_ x: UnsafeMutablePointer<Double>) {
    let work = vector.pointer
    let rows = self.rows.pointer
    let columnStarts = self.columnStarts.pointer
    let entryStarts = self.entryStarts.pointer
    let sizes = self.sizes.pointer
    let offsets = self.offsets.pointer
    let entries = self.entries.pointer
    for place in 0..<blockCount {
      (work + Int(offsets[place])).update(from: x + Int(callerOffsets.pointer[place]), count: Int(sizes[place]))
    }
    for j in 0..<blockCount {
      let width = Int(sizes[j])
      let xj = work + Int(offsets[j])
      let l = diagonalBlocks.pointer + Int(diagonalStarts.pointer[j])
      if width * width > LargeBlock.threshold {
        LargeBlock.solveUnit(l, width, transposed: false, xj)
      } else {
        for i in 1..<max(1, width) {
          for k in 0..<i { xj[i] -= l[i * width + k] * xj[k] }
        }
      }
      for slot in Int(columnStarts[j])..<Int(columnStarts[j + 1]) {
        let row = Int(rows[slot])
        let block = entries + Int(entryStarts[slot])
        let xi = work + Int(offsets[row])
        if width == 6 {
          Self.subtract(block, Int(sizes[row]), 6, xj, from: xi)
        } else if width * Int(sizes[row]) > LargeBlock.threshold {
          LargeBlock.addProduct(block, Int(sizes[row]), width, xj, to: xi, factor: -1)
        } else {
          Self.subtract(block, Int(sizes[row]), width, xj, from: xi)
        }
      }
    }
    for row in 0..<dimension { work[row] *= inversePivots.pointer[row] }
    var j = blockCount - 1
    while j >= 0 {
      let width = Int(sizes[j])
      let xj = work + Int(offsets[j])
      for slot in Int(columnStarts[j])..<Int(columnStarts[j + 1]) {
        let row = Int(rows[slot])
        let block = entries + Int(entryStarts[slot])
        let xi = work + Int(offsets[row])
        if width == 6 {
          Self.subtractTransposed(block, Int(sizes[row]), 6, xi, from: xj)
        } else if width * Int(sizes[row]) > LargeBlock.threshold {
          LargeBlock.addTransposedProduct(block, Int(sizes[row]), width, xi, to: xj, factor: -1)
        } else {
          Self.subtractTransposed(block, Int(sizes[row]), width, xi, from: xj)
        }
      }
      let l = diagonalBlocks.pointer + Int(diagonalStarts.pointer[j])
      if width * width > LargeBlock.threshold {
        LargeBlock.solveUnit(l, width, transposed: true, xj)
      } else {
        var i = width - 2
        while i >= 0 {
          for k in i + 1..<width { xj[i] -= l[k * width + i] * xj[k] }
          i -= 1
        }
      }
      j -= 1
    }
    for place in 0..<blockCount {
      (x + Int(callerOffsets.pointer[place])).update(from: work + Int(offsets[place]), count: Int(sizes[place]))
    }
  }

  /// y −= B x, B rows × columns.
  @inline(__always)
  private static func subtract(
    _ b: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ x: UnsafePointer<Double>,
    from y: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<rows {
      var sum = y[i]
      for k in 0..<columns { sum -= b[i * columns + k] * x[k] }
      y[i] = sum
    }
  }

  /// y −= Bᵀ x, B rows × columns.
  @inline(__always)
  private static func subtractTransposed(
    _ b: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ x: UnsafePointer<Double>,
    from y: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<rows {
      let s = x[i]
      for k in 0..<columns { y[k] -= b[i * columns + k] * s }
    }
  }

  /// `target` (columns × rows) ← `source`ᵀ (rows × columns), both by rows.
  @inline(__always)
  static func transpose(
    _ source: UnsafePointer<Double>, _ rows: Int, _ columns: Int, into target: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<rows {
      for j in 0..<columns { target[j * rows + i] = source[i * columns + j] }
    }
  }

  /// `target` (columns × rows) ← D⁻¹ `source`ᵀ, `source` rows × columns, both by rows.
  @inline(__always)
  static func scaledTranspose(
    _ source: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ inversePivots: UnsafePointer<Double>,
    into target: UnsafeMutablePointer<Double>
  ) {
    if rows == 6 && columns == 6 {
      for k in 0..<6 {
        for i in 0..<6 { target[k * 6 + i] = source[i * 6 + k] * inversePivots[k] }
      }
    } else {
      for k in 0..<columns {
        for i in 0..<rows { target[k * rows + i] = source[i * columns + k] * inversePivots[k] }
      }
    }
  }

  /// Block ← block · D⁻¹.
  @inline(__always)
  static func scaleColumns(
    _ block: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int, _ inversePivots: UnsafePointer<Double>
  ) {
    for i in 0..<rows {
      for j in 0..<columns { block[i * columns + j] *= inversePivots[j] }
    }
  }

  /// Rows of `block` ← rows · L⁻ᵀ, L the unit lower triangle of `diagonal`: the block then holds L D.
  @inline(__always)
  static func solveRight(
    _ block: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int, _ diagonal: UnsafePointer<Double>
  ) {
    for i in 0..<rows {
      let row = block + i * columns
      for j in 1..<max(1, columns) {
        var sum = row[j]
        for k in 0..<j { sum -= row[k] * diagonal[j * columns + k] }
        row[j] = sum
      }
    }
  }

  /// C −= A B: C rows × columns, A rows × inner, B inner × columns, all by rows.
  @inline(__always)
  static func update(
    _ c: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ rows: Int,
    _ inner: Int, _ columns: Int
  ) {
    if rows == 6 && inner == 6 && columns == 6 { return update6(c, a, b) }
    if rows == 3 && inner == 3 && columns == 3 { return update3(c, a, b) }
    update(c, a, b, fixedRows: rows, inner, columns)
  }

  @inline(__always)
  private static func update(
    _ c: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, fixedRows rows: Int,
    _ inner: Int, _ columns: Int
  ) {
    for i in 0..<rows {
      for j in 0..<columns {
        var sum = c[i * columns + j]
        for k in 0..<inner { sum -= a[i * inner + k] * b[k * columns + j] }
        c[i * columns + j] = sum
      }
    }
  }

  /// The 6×6 case, three rows of C in nine registers.
  @inline(__always)
  private static func update6(
    _ c: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>
  ) {
    update3x6(c, a, b)
    update3x6(c + 18, a + 18, b)
  }

  @inline(__always)
  private static func update3x6(
    _ c: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>
  ) {
    let cRows = UnsafeMutableRawPointer(c)
    let bRows = UnsafeRawPointer(b)
    var c00 = cRows.loadUnaligned(as: SIMD2<Double>.self)
    var c01 = cRows.loadUnaligned(fromByteOffset: 16, as: SIMD2<Double>.self)
    var c02 = cRows.loadUnaligned(fromByteOffset: 32, as: SIMD2<Double>.self)
    var c10 = cRows.loadUnaligned(fromByteOffset: 48, as: SIMD2<Double>.self)
    var c11 = cRows.loadUnaligned(fromByteOffset: 64, as: SIMD2<Double>.self)
    var c12 = cRows.loadUnaligned(fromByteOffset: 80, as: SIMD2<Double>.self)
    var c20 = cRows.loadUnaligned(fromByteOffset: 96, as: SIMD2<Double>.self)
    var c21 = cRows.loadUnaligned(fromByteOffset: 112, as: SIMD2<Double>.self)
    var c22 = cRows.loadUnaligned(fromByteOffset: 128, as: SIMD2<Double>.self)
    for k in 0..<6 {
      let b0 = bRows.loadUnaligned(fromByteOffset: k * 48, as: SIMD2<Double>.self)
      let b1 = bRows.loadUnaligned(fromByteOffset: k * 48 + 16, as: SIMD2<Double>.self)
      let b2 = bRows.loadUnaligned(fromByteOffset: k * 48 + 32, as: SIMD2<Double>.self)
      c00 -= a[k] * b0
      c01 -= a[k] * b1
      c02 -= a[k] * b2
      c10 -= a[6 + k] * b0
      c11 -= a[6 + k] * b1
      c12 -= a[6 + k] * b2
      c20 -= a[12 + k] * b0
      c21 -= a[12 + k] * b1
      c22 -= a[12 + k] * b2
    }
    cRows.storeBytes(of: c00, as: SIMD2<Double>.self)
    cRows.storeBytes(of: c01, toByteOffset: 16, as: SIMD2<Double>.self)
    cRows.storeBytes(of: c02, toByteOffset: 32, as: SIMD2<Double>.self)
    cRows.storeBytes(of: c10, toByteOffset: 48, as: SIMD2<Double>.self)
    cRows.storeBytes(of: c11, toByteOffset: 64, as: SIMD2<Double>.self)
    cRows.storeBytes(of: c12, toByteOffset: 80, as: SIMD2<Double>.self)
    cRows.storeBytes(of: c20, toByteOffset: 96, as: SIMD2<Double>.self)
    cRows.storeBytes(of: c21, toByteOffset: 112, as: SIMD2<Double>.self)
    cRows.storeBytes(of: c22, toByteOffset: 128, as: SIMD2<Double>.self)
  }

  /// The 3×3 case, B in registers.
  @inline(__always)
  private static func update3(
    _ c: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>
  ) {
    let cRows = UnsafeMutableRawPointer(c)
    let b0 = SIMD2(b[0], b[1])
    let b1 = SIMD2(b[3], b[4])
    let b2 = SIMD2(b[6], b[7])
    for i in 0..<3 {
      var pair = cRows.loadUnaligned(fromByteOffset: 24 * i, as: SIMD2<Double>.self)
      let (a0, a1, a2) = (a[3 * i], a[3 * i + 1], a[3 * i + 2])
      pair -= a0 * b0
      pair -= a1 * b1
      pair -= a2 * b2
      cRows.storeBytes(of: pair, toByteOffset: 24 * i, as: SIMD2<Double>.self)
      c[3 * i + 2] = c[3 * i + 2] - a0 * b[2] - a1 * b[5] - a2 * b[8]
    }
  }
}
