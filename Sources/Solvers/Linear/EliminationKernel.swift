import LinearAlgebra

/// C −= L U for tall thin L and short wide U, all by columns: the update of Gaussian elimination.
///
/// L is packed into strips of four rows and U into strips of four columns, zeros at the ends, so that the 4×4 kernel
/// reads both in order: eight registers of C, four loads of L and U, sixteen multiplications and subtractions a step.
/// Strips of L are taken 128 rows at a time, which stay in the second-level cache while all of U passes.
/// (After Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.)
final class EliminationKernel {
  private let packedLeft = Buffer<Double>()
  private let packedRight = Buffer<Double>()
  private let edge = Buffer<Double>(repeating: 0, count: 16)

  /// C rows × columns with `stride` between columns, L rows × inner and U inner × columns with the same stride.
  func update(
    _ c: UnsafeMutablePointer<Double>, rows: Int, columns: Int, stride: Int, left: UnsafePointer<Double>,
    right: UnsafePointer<Double>, inner: Int
  ) {
    let rowStrips = (rows + 3) / 4
    let columnStrips = (columns + 3) / 4
    packedLeft.resize(to: 4 * rowStrips * inner, filling: 0)
    packedRight.resize(to: 4 * columnStrips * inner, filling: 0)
    let l = packedLeft.pointer
    let u = packedRight.pointer
    for strip in 0..<rowStrips {
      let target = l + 4 * strip * inner
      let height = min(4, rows - 4 * strip)
      for k in 0..<inner {
        for i in 0..<4 { target[4 * k + i] = i < height ? left[k * stride + 4 * strip + i] : 0 }
      }
    }
    for strip in 0..<columnStrips {
      let target = u + 4 * strip * inner
      let width = min(4, columns - 4 * strip)
      for j in 0..<4 {
        let source = right + (4 * strip + j) * stride
        for k in 0..<inner { target[4 * k + j] = j < width ? source[k] : 0 }
      }
    }
    var firstStrip = 0
    while firstStrip < rowStrips {
      let lastStrip = min(firstStrip + 32, rowStrips)
      for columnStrip in 0..<columnStrips {
        let width = min(4, columns - 4 * columnStrip)
        for rowStrip in firstStrip..<lastStrip {
          let height = min(4, rows - 4 * rowStrip)
          let target = c + (4 * columnStrip * stride + 4 * rowStrip)
          let lStrip = l + 4 * rowStrip * inner
          let uStrip = u + 4 * columnStrip * inner
          if height == 4 && width == 4 {
            Self.update4(target, stride, lStrip, uStrip, inner)
          } else {
            let corner = edge.pointer
            for j in 0..<width {
              for i in 0..<height { corner[4 * j + i] = target[j * stride + i] }
            }
            Self.update4(corner, 4, lStrip, uStrip, inner)
            for j in 0..<width {
              for i in 0..<height { target[j * stride + i] = corner[4 * j + i] }
            }
          }
        }
      }
      firstStrip = lastStrip
    }
  }

  @inline(__always)
  private static func update4(
    _ c: UnsafeMutablePointer<Double>, _ stride: Int, _ l: UnsafePointer<Double>, _ u: UnsafePointer<Double>,
    _ inner: Int
  ) {
    let raw = UnsafeMutableRawPointer(c)
    let lRaw = UnsafeRawPointer(l)
    let next = 8 * stride
    var c00 = raw.loadUnaligned(as: SIMD2<Double>.self)
    var c10 = raw.loadUnaligned(fromByteOffset: 16, as: SIMD2<Double>.self)
    var c01 = raw.loadUnaligned(fromByteOffset: next, as: SIMD2<Double>.self)
    var c11 = raw.loadUnaligned(fromByteOffset: next + 16, as: SIMD2<Double>.self)
    var c02 = raw.loadUnaligned(fromByteOffset: 2 * next, as: SIMD2<Double>.self)
    var c12 = raw.loadUnaligned(fromByteOffset: 2 * next + 16, as: SIMD2<Double>.self)
    var c03 = raw.loadUnaligned(fromByteOffset: 3 * next, as: SIMD2<Double>.self)
    var c13 = raw.loadUnaligned(fromByteOffset: 3 * next + 16, as: SIMD2<Double>.self)
    for k in 0..<inner {
      let l0 = lRaw.loadUnaligned(fromByteOffset: 32 * k, as: SIMD2<Double>.self)
      let l1 = lRaw.loadUnaligned(fromByteOffset: 32 * k + 16, as: SIMD2<Double>.self)
      c00 -= u[4 * k] * l0
      c10 -= u[4 * k] * l1
      c01 -= u[4 * k + 1] * l0
      c11 -= u[4 * k + 1] * l1
      c02 -= u[4 * k + 2] * l0
      c12 -= u[4 * k + 2] * l1
      c03 -= u[4 * k + 3] * l0
      c13 -= u[4 * k + 3] * l1
    }
    raw.storeBytes(of: c00, as: SIMD2<Double>.self)
    raw.storeBytes(of: c10, toByteOffset: 16, as: SIMD2<Double>.self)
    raw.storeBytes(of: c01, toByteOffset: next, as: SIMD2<Double>.self)
    raw.storeBytes(of: c11, toByteOffset: next + 16, as: SIMD2<Double>.self)
    raw.storeBytes(of: c02, toByteOffset: 2 * next, as: SIMD2<Double>.self)
    raw.storeBytes(of: c12, toByteOffset: 2 * next + 16, as: SIMD2<Double>.self)
    raw.storeBytes(of: c03, toByteOffset: 3 * next, as: SIMD2<Double>.self)
    raw.storeBytes(of: c13, toByteOffset: 3 * next + 16, as: SIMD2<Double>.self)
  }
}
