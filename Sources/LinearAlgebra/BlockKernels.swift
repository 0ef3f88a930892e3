/// Products of one stored block with a piece of a vector, for sweeps that go block by block. Blocks by rows.
public enum BlockKernels {
  /// y −= B x, B rows × columns.
  @inlinable
  @inline(__always)
  public static func subtractProduct(
    _ b: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ x: UnsafePointer<Double>,
    from y: UnsafeMutablePointer<Double>
  ) {
    if rows == 6 && columns == 6 {
      let raw = UnsafeRawPointer(b)
      let x0 = SIMD2(x[0], x[1])
      let x1 = SIMD2(x[2], x[3])
      let x2 = SIMD2(x[4], x[5])
      for i in 0..<6 {
        let sum =
          raw.loadUnaligned(fromByteOffset: 48 * i, as: SIMD2<Double>.self) * x0
          + raw.loadUnaligned(fromByteOffset: 48 * i + 16, as: SIMD2<Double>.self) * x1
          + raw.loadUnaligned(fromByteOffset: 48 * i + 32, as: SIMD2<Double>.self) * x2
        y[i] -= sum.x + sum.y
      }
    } else if rows == 3 && columns == 3 {
      let (x0, x1, x2) = (x[0], x[1], x[2])
      y[0] -= b[0] * x0 + b[1] * x1 + b[2] * x2
      y[1] -= b[3] * x0 + b[4] * x1 + b[5] * x2
      y[2] -= b[6] * x0 + b[7] * x1 + b[8] * x2
    } else if rows == 1 && columns == 1 {
      y[0] -= b[0] * x[0]
    } else if rows * columns > LargeBlock.threshold {
      LargeBlock.addProduct(b, rows, columns, x, to: y, factor: -1)
    } else {
      for i in 0..<rows {
        var sum = 0.0
        for j in 0..<columns { sum += b[i * columns + j] * x[j] }
        y[i] -= sum
      }
    }
  }

  /// y += Bᵀ x, B rows × columns.
  @inlinable
  @inline(__always)
  public static func addTransposedProduct(
    _ b: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ x: UnsafePointer<Double>,
    to y: UnsafeMutablePointer<Double>
  ) {
    if rows == 6 && columns == 6 {
      let raw = UnsafeRawPointer(b)
      let target = UnsafeMutableRawPointer(y)
      var y0 = target.loadUnaligned(as: SIMD2<Double>.self)
      var y1 = target.loadUnaligned(fromByteOffset: 16, as: SIMD2<Double>.self)
      var y2 = target.loadUnaligned(fromByteOffset: 32, as: SIMD2<Double>.self)
      for i in 0..<6 {
        y0 += x[i] * raw.loadUnaligned(fromByteOffset: 48 * i, as: SIMD2<Double>.self)
        y1 += x[i] * raw.loadUnaligned(fromByteOffset: 48 * i + 16, as: SIMD2<Double>.self)
        y2 += x[i] * raw.loadUnaligned(fromByteOffset: 48 * i + 32, as: SIMD2<Double>.self)
      }
      target.storeBytes(of: y0, as: SIMD2<Double>.self)
      target.storeBytes(of: y1, toByteOffset: 16, as: SIMD2<Double>.self)
      target.storeBytes(of: y2, toByteOffset: 32, as: SIMD2<Double>.self)
    } else if rows == 3 && columns == 3 {
      let (x0, x1, x2) = (x[0], x[1], x[2])
      y[0] += b[0] * x0 + b[3] * x1 + b[6] * x2
      y[1] += b[1] * x0 + b[4] * x1 + b[7] * x2
      y[2] += b[2] * x0 + b[5] * x1 + b[8] * x2
    } else if rows == 1 && columns == 1 {
      y[0] += b[0] * x[0]
    } else if rows * columns > LargeBlock.threshold {
      LargeBlock.addTransposedProduct(b, rows, columns, x, to: y)
    } else {
      for i in 0..<rows {
        let s = x[i]
        for j in 0..<columns { y[j] += b[i * columns + j] * s }
      }
    }
  }
}
