/// The product y = A x: every stored block is read once and used for both triangles.
///
/// Where all blocks have one size, that of bodies (6), contacts and ball joints (3) or one of files, the row's own result
/// stays in registers while its blocks pass by: 5–8 GFLOP/s on matrices that fit the cache, against 2–4 for the general
/// loop, which goes through memory. Tiles of dense matrices are read once too, at the speed of memory.
extension SymmetricBlockMatrix {
  /// `y` ← A x; `dimension` numbers each, not overlapping.
  public func multiply(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    var done = uniformCount
    switch uniformSize {
    case 1: multiplyBy1(x, y)
    case 2: multiplyBy2(x, y)
    case 3: multiplyBy3(x, y)
    case 4: multiplyBy4(x, y)
    case 6: multiplyBy6(x, y)
    default: done = 0
    }
    if done < blockCount { multiplyMixed(from: done, x, y) }
  }

  /// Block rows `begin` and further, of any sizes; the earlier ones are done.
  private func multiplyMixed(from begin: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    let first = begin < blockCount ? Int(offsets.pointer[begin]) : dimension
    (y + first).update(repeating: 0, count: dimension - first)
    let sizes = self.sizes.pointer
    let offsets = self.offsets.pointer
    let starts = rowStarts.pointer
    let columns = self.columns.pointer
    let entries = entryStarts.pointer
    let values = self.values.pointer
    for row in begin..<blockCount {
      let rows = Int(sizes[row])
      let xRow = x + Int(offsets[row])
      let yRow = y + Int(offsets[row])
      let end = Int(starts[row + 1])
      if rows == 3 {
        multiplyRowOf3(row, x, y)
        continue
      }
      for slot in Int(starts[row])..<end - 1 {
        let column = Int(columns[slot])
        let width = Int(sizes[column])
        let block = values + Int(entries[slot])
        let xColumn = x + Int(offsets[column])
        let yColumn = y + Int(offsets[column])
        if rows == 6 && width == 6 {
          Self.multiply(block, 6, 6, xRow, xColumn, yRow, yColumn)
        } else if rows * width > LargeBlock.threshold {
          LargeBlock.addBothProducts(block, rows, width, xRow, xColumn, yRow, yColumn)
        } else {
          Self.multiply(block, rows, width, xRow, xColumn, yRow, yColumn)
        }
      }
      let diagonal = values + Int(entries[end - 1])
      if rows * rows > LargeBlock.threshold {
        LargeBlock.addProduct(diagonal, rows, rows, xRow, to: yRow)
      } else {
        for i in 0..<rows {
          var sum = 0.0
          for j in 0..<rows { sum += diagonal[i * rows + j] * xRow[j] }
          yRow[i] += sum
        }
      }
    }
  }

  /// A block row of three rows among rows of any size, its own sums in registers.
  @inline(__always)
  private func multiplyRowOf3(_ row: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    let offsets = self.offsets.pointer
    let columns = self.columns.pointer
    let entries = entryStarts.pointer
    let values = UnsafePointer(self.values.pointer)
    let xRow = x + Int(offsets[row])
    let yRow = y + Int(offsets[row])
    let x0 = xRow[0]
    let x1 = xRow[1]
    let x2 = xRow[2]
    var y0 = 0.0
    var y1 = 0.0
    var y2 = 0.0
    let end = Int(rowStarts.pointer[row + 1])
    for slot in Int(rowStarts.pointer[row])..<end - 1 {
      let column = Int(columns[slot])
      let first = Int(offsets[column])
      let width = Int(offsets[column + 1]) - first
      let b = values + Int(entries[slot])
      let xColumn = x + first
      let yColumn = y + first
      if width == 3 {
        Self.multiply3(b, x0, x1, x2, xColumn, yColumn, &y0, &y1, &y2)
      } else {
        yRow[0] = y0
        yRow[1] = y1
        yRow[2] = y2
        if 3 * width > LargeBlock.threshold {
          LargeBlock.addBothProducts(b, 3, width, xRow, xColumn, yRow, yColumn)
        } else {
          Self.multiply(b, 3, width, xRow, xColumn, yRow, yColumn)
        }
        y0 = yRow[0]
        y1 = yRow[1]
        y2 = yRow[2]
      }
    }
    let b = values + Int(entries[end - 1])
    yRow[0] = y0 + (b[0] * x0 + b[1] * x1 + b[2] * x2)
    yRow[1] = y1 + (b[3] * x0 + b[4] * x1 + b[5] * x2)
    yRow[2] = y2 + (b[6] * x0 + b[7] * x1 + b[8] * x2)
  }

  /// The sums of a row += B xColumn and yColumn += Bᵀ (x0, x1, x2), B 3×3.
  @inline(__always)
  private static func multiply3(
    _ b: UnsafePointer<Double>, _ x0: Double, _ x1: Double, _ x2: Double, _ xColumn: UnsafePointer<Double>,
    _ yColumn: UnsafeMutablePointer<Double>, _ y0: inout Double, _ y1: inout Double, _ y2: inout Double
  ) {
    let c0 = xColumn[0]
    let c1 = xColumn[1]
    let c2 = xColumn[2]
    let b00 = b[0]
    let b01 = b[1]
    let b02 = b[2]
    let b10 = b[3]
    let b11 = b[4]
    let b12 = b[5]
    let b20 = b[6]
    let b21 = b[7]
    let b22 = b[8]
    y0 += b00 * c0 + b01 * c1 + b02 * c2
    y1 += b10 * c0 + b11 * c1 + b12 * c2
    y2 += b20 * c0 + b21 * c1 + b22 * c2
    yColumn[0] = yColumn[0] + b00 * x0 + b10 * x1 + b20 * x2
    yColumn[1] = yColumn[1] + b01 * x0 + b11 * x1 + b21 * x2
    yColumn[2] = yColumn[2] + b02 * x0 + b12 * x1 + b22 * x2
  }

  /// yRow += B xColumn and yColumn += Bᵀ xRow.
  @inline(__always)
  private static func multiply(
    _ b: UnsafePointer<Double>, _ rows: Int, _ width: Int, _ xRow: UnsafePointer<Double>,
    _ xColumn: UnsafePointer<Double>, _ yRow: UnsafeMutablePointer<Double>, _ yColumn: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<rows {
      var sum = 0.0
      let s = xRow[i]
      for j in 0..<width {
        sum += b[i * width + j] * xColumn[j]
        yColumn[j] += b[i * width + j] * s
      }
      yRow[i] += sum
    }
  }

  /// All blocks scalars: compressed rows.
  private func multiplyBy1(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    let starts = rowStarts.pointer
    let columns = self.columns.pointer
    let values = UnsafePointer(self.values.pointer)
    var slot = 0
    for row in 0..<uniformCount {
      let end = Int(starts[row + 1])
      let s = x[row]
      var sum = 0.0
      // Entries of scalar blocks are stored in the order of the blocks.
      while slot < end - 1 {
        let column = Int(columns[slot])
        let a = values[slot]
        sum += a * x[column]
        y[column] += a * s
        slot += 1
      }
      y[row] = sum + values[slot] * s
      slot += 1
    }
  }

  /// All blocks 2×2.
  private func multiplyBy2(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    let starts = rowStarts.pointer
    let columns = self.columns.pointer
    var block = UnsafePointer(values.pointer)
    var slot = 0
    for row in 0..<uniformCount {
      let end = Int(starts[row + 1])
      let x0 = x[2 * row]
      let x1 = x[2 * row + 1]
      var y0 = 0.0
      var y1 = 0.0
      while slot < end - 1 {
        let column = 2 * Int(columns[slot])
        let (b00, b01, b10, b11) = (block[0], block[1], block[2], block[3])
        y0 += b00 * x[column] + b01 * x[column + 1]
        y1 += b10 * x[column] + b11 * x[column + 1]
        y[column] += b00 * x0 + b10 * x1
        y[column + 1] += b01 * x0 + b11 * x1
        block += 4
        slot += 1
      }
      y[2 * row] = y0 + (block[0] * x0 + block[1] * x1)
      y[2 * row + 1] = y1 + (block[2] * x0 + block[3] * x1)
      block += 4
      slot += 1
    }
  }

  /// All blocks 4×4.
  private func multiplyBy4(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    let starts = rowStarts.pointer
    let columns = self.columns.pointer
    var block = UnsafeRawPointer(values.pointer)
    let xRaw = UnsafeRawPointer(x)
    let yRaw = UnsafeMutableRawPointer(y)
    var slot = 0
    for row in 0..<uniformCount {
      let end = Int(starts[row + 1])
      let xRow = x + 4 * row
      var r0 = SIMD2<Double>.zero
      var r1 = SIMD2<Double>.zero
      var r2 = SIMD2<Double>.zero
      var r3 = SIMD2<Double>.zero
      while slot < end {
        // The diagonal block is the last: its transposed half goes to the row's own place, which is overwritten below.
        let at = 32 * Int(columns[slot])
        let c0 = xRaw.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self)
        let c1 = xRaw.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self)
        var y0 = yRaw.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self)
        var y1 = yRaw.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self)
        Self.row4(block, xRow[0], c0, c1, &r0, &y0, &y1)
        Self.row4(block + 32, xRow[1], c0, c1, &r1, &y0, &y1)
        Self.row4(block + 64, xRow[2], c0, c1, &r2, &y0, &y1)
        Self.row4(block + 96, xRow[3], c0, c1, &r3, &y0, &y1)
        yRaw.storeBytes(of: y0, toByteOffset: at, as: SIMD2<Double>.self)
        yRaw.storeBytes(of: y1, toByteOffset: at + 16, as: SIMD2<Double>.self)
        block += 128
        slot += 1
      }
      let yRow = y + 4 * row
      yRow[0] = r0.x + r0.y
      yRow[1] = r1.x + r1.y
      yRow[2] = r2.x + r2.y
      yRow[3] = r3.x + r3.y
    }
  }

  @inline(__always)
  private static func row4(
    _ b: UnsafeRawPointer, _ x: Double, _ c0: SIMD2<Double>, _ c1: SIMD2<Double>, _ sum: inout SIMD2<Double>,
    _ y0: inout SIMD2<Double>, _ y1: inout SIMD2<Double>
  ) {
    let b0 = b.loadUnaligned(as: SIMD2<Double>.self)
    let b1 = b.loadUnaligned(fromByteOffset: 16, as: SIMD2<Double>.self)
    sum += b0 * c0 + b1 * c1
    y0 += x * b0
    y1 += x * b1
  }

  /// All blocks 3×3. The sums have the order of the general loop, so the bits are the same.
  private func multiplyBy3(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    let starts = rowStarts.pointer
    let columns = self.columns.pointer
    var block = UnsafePointer(values.pointer)
    var slot = 0
    for row in 0..<uniformCount {
      let end = Int(starts[row + 1])
      let x0 = x[3 * row]
      let x1 = x[3 * row + 1]
      let x2 = x[3 * row + 2]
      var y0 = 0.0
      var y1 = 0.0
      var y2 = 0.0
      while slot < end - 1 {
        let column = 3 * Int(columns[slot])
        Self.multiply3(block, x0, x1, x2, x + column, y + column, &y0, &y1, &y2)
        block += 9
        slot += 1
      }
      y[3 * row] = y0 + (block[0] * x0 + block[1] * x1 + block[2] * x2)
      y[3 * row + 1] = y1 + (block[3] * x0 + block[4] * x1 + block[5] * x2)
      y[3 * row + 2] = y2 + (block[6] * x0 + block[7] * x1 + block[8] * x2)
      block += 9
      slot += 1
    }
  }

  /// All blocks 6×6. Each of the row's six results is a pair of sums over even and odd columns until the row ends.
  private func multiplyBy6(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    let starts = rowStarts.pointer
    let columns = self.columns.pointer
    var block = UnsafeRawPointer(values.pointer)
    let xRaw = UnsafeRawPointer(x)
    let yRaw = UnsafeMutableRawPointer(y)
    var slot = 0
    for row in 0..<uniformCount {
      let end = Int(starts[row + 1])
      let xRow = x + 6 * row
      var r0 = SIMD2<Double>.zero
      var r1 = SIMD2<Double>.zero
      var r2 = SIMD2<Double>.zero
      var r3 = SIMD2<Double>.zero
      var r4 = SIMD2<Double>.zero
      var r5 = SIMD2<Double>.zero
      while slot < end - 1 {
        let at = 48 * Int(columns[slot])
        let c0 = xRaw.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self)
        let c1 = xRaw.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self)
        let c2 = xRaw.loadUnaligned(fromByteOffset: at + 32, as: SIMD2<Double>.self)
        var y0 = yRaw.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self)
        var y1 = yRaw.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self)
        var y2 = yRaw.loadUnaligned(fromByteOffset: at + 32, as: SIMD2<Double>.self)
        Self.row6(block, xRow[0], c0, c1, c2, &r0, &y0, &y1, &y2)
        Self.row6(block + 48, xRow[1], c0, c1, c2, &r1, &y0, &y1, &y2)
        Self.row6(block + 96, xRow[2], c0, c1, c2, &r2, &y0, &y1, &y2)
        Self.row6(block + 144, xRow[3], c0, c1, c2, &r3, &y0, &y1, &y2)
        Self.row6(block + 192, xRow[4], c0, c1, c2, &r4, &y0, &y1, &y2)
        Self.row6(block + 240, xRow[5], c0, c1, c2, &r5, &y0, &y1, &y2)
        yRaw.storeBytes(of: y0, toByteOffset: at, as: SIMD2<Double>.self)
        yRaw.storeBytes(of: y1, toByteOffset: at + 16, as: SIMD2<Double>.self)
        yRaw.storeBytes(of: y2, toByteOffset: at + 32, as: SIMD2<Double>.self)
        block += 288
        slot += 1
      }
      let at = 48 * row
      let c0 = xRaw.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self)
      let c1 = xRaw.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self)
      let c2 = xRaw.loadUnaligned(fromByteOffset: at + 32, as: SIMD2<Double>.self)
      Self.rowOfDiagonal6(block, c0, c1, c2, &r0)
      Self.rowOfDiagonal6(block + 48, c0, c1, c2, &r1)
      Self.rowOfDiagonal6(block + 96, c0, c1, c2, &r2)
      Self.rowOfDiagonal6(block + 144, c0, c1, c2, &r3)
      Self.rowOfDiagonal6(block + 192, c0, c1, c2, &r4)
      Self.rowOfDiagonal6(block + 240, c0, c1, c2, &r5)
      let yRow = y + 6 * row
      yRow[0] = r0.x + r0.y
      yRow[1] = r1.x + r1.y
      yRow[2] = r2.x + r2.y
      yRow[3] = r3.x + r3.y
      yRow[4] = r4.x + r4.y
      yRow[5] = r5.x + r5.y
      block += 288
      slot += 1
    }
  }

  @inline(__always)
  private static func row6(
    _ b: UnsafeRawPointer, _ x: Double, _ c0: SIMD2<Double>, _ c1: SIMD2<Double>, _ c2: SIMD2<Double>,
    _ sum: inout SIMD2<Double>, _ y0: inout SIMD2<Double>, _ y1: inout SIMD2<Double>, _ y2: inout SIMD2<Double>
  ) {
    let b0 = b.loadUnaligned(as: SIMD2<Double>.self)
    let b1 = b.loadUnaligned(fromByteOffset: 16, as: SIMD2<Double>.self)
    let b2 = b.loadUnaligned(fromByteOffset: 32, as: SIMD2<Double>.self)
    sum += b0 * c0 + b1 * c1 + b2 * c2
    y0 += x * b0
    y1 += x * b1
    y2 += x * b2
  }

  @inline(__always)
  private static func rowOfDiagonal6(
    _ b: UnsafeRawPointer, _ c0: SIMD2<Double>, _ c1: SIMD2<Double>, _ c2: SIMD2<Double>, _ sum: inout SIMD2<Double>
  ) {
    sum += b.loadUnaligned(as: SIMD2<Double>.self) * c0
    sum += b.loadUnaligned(fromByteOffset: 16, as: SIMD2<Double>.self) * c1
    sum += b.loadUnaligned(fromByteOffset: 32, as: SIMD2<Double>.self) * c2
  }
}
