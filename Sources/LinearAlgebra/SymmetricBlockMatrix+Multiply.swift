/// The product y = A x: every stored block is read once and used for both triangles.
extension SymmetricBlockMatrix {
  /// `y` ← A x; `dimension` numbers each, not overlapping.
  public func multiply(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    y.update(repeating: 0, count: dimension)
    let sizes = self.sizes.pointer
    let offsets = self.offsets.pointer
    let starts = rowStarts.pointer
    let columns = self.columns.pointer
    let entries = entryStarts.pointer
    let values = self.values.pointer
    for row in 0..<blockCount {
      let rows = Int(sizes[row])
      let xRow = x + Int(offsets[row])
      let yRow = y + Int(offsets[row])
      let end = Int(starts[row + 1])
      for slot in Int(starts[row])..<end - 1 {
        let column = Int(columns[slot])
        let width = Int(sizes[column])
        let block = values + Int(entries[slot])
        let xColumn = x + Int(offsets[column])
        let yColumn = y + Int(offsets[column])
        if rows == 6 && width == 6 {
          Self.multiply6(block, xRow, xColumn, yRow, yColumn)
        } else if rows == 3 && width == 3 {
          Self.multiply(block, 3, 3, xRow, xColumn, yRow, yColumn)
        } else {
          Self.multiply(block, rows, width, xRow, xColumn, yRow, yColumn)
        }
      }
      let diagonal = values + Int(entries[end - 1])
      for i in 0..<rows {
        var sum = 0.0
        for j in 0..<rows { sum += diagonal[i * rows + j] * xRow[j] }
        yRow[i] += sum
      }
    }
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

  /// The 6×6 case with the column vectors in registers.
  @inline(__always)
  private static func multiply6(
    _ b: UnsafePointer<Double>, _ xRow: UnsafePointer<Double>, _ xColumn: UnsafePointer<Double>,
    _ yRow: UnsafeMutablePointer<Double>, _ yColumn: UnsafeMutablePointer<Double>
  ) {
    let x0 = SIMD2(xColumn[0], xColumn[1])
    let x1 = SIMD2(xColumn[2], xColumn[3])
    let x2 = SIMD2(xColumn[4], xColumn[5])
    var y0 = SIMD2(yColumn[0], yColumn[1])
    var y1 = SIMD2(yColumn[2], yColumn[3])
    var y2 = SIMD2(yColumn[4], yColumn[5])
    for i in 0..<6 {
      let b0 = SIMD2(b[6 * i], b[6 * i + 1])
      let b1 = SIMD2(b[6 * i + 2], b[6 * i + 3])
      let b2 = SIMD2(b[6 * i + 4], b[6 * i + 5])
      let sum = b0 * x0 + b1 * x1 + b2 * x2
      yRow[i] += sum.x + sum.y
      y0 += xRow[i] * b0
      y1 += xRow[i] * b1
      y2 += xRow[i] * b2
    }
    yColumn[0] = y0.x
    yColumn[1] = y0.y
    yColumn[2] = y1.x
    yColumn[3] = y1.y
    yColumn[4] = y2.x
    yColumn[5] = y2.y
  }
}
