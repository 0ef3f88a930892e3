/// The inverses of a matrix's diagonal blocks: what block Jacobi, block Gauss–Seidel and their like divide by.
///
/// Each block is factored as L D Lᵀ; a scalar pivot that is zero to round-off is dropped, its unknown gets 0. A block's
/// null vector is one of the whole positive semi-definite matrix, so nothing is lost by that.
public final class DiagonalBlockInverses {
  /// By rows, one after the other; block i begins at `starts[i]`.
  let values = Buffer<Double>()
  let starts = Buffer<Int32>()
  let sizes = Buffer<Int32>()
  let offsets = Buffer<Int32>()
  private let factor = Buffer<Double>()
  private let pivots = Buffer<Double>()
  private let original = Buffer<Double>()

  /// Number of entries of all inverses.
  public var entryCount: Int { values.count }

  /// Inverses of no matrix yet.
  public init() {}

  /// Inverts the diagonal blocks of `matrix`; 1 … 6 rows explicitly, larger ones through `LargeBlock`.
  public func prepare(_ matrix: SymmetricBlockMatrix) {
    let count = matrix.blockCount
    sizes.assign(matrix.sizes)
    offsets.assign(matrix.offsets)
    starts.resize(to: count, filling: 0)
    var total = 0
    for block in 0..<count {
      starts.pointer[block] = Int32(total)
      total += matrix.size(ofBlock: block) * matrix.size(ofBlock: block)
    }
    values.resize(to: total, filling: 0)
    let largest = matrix.largestSize
    factor.resize(to: largest * largest, filling: 0)
    pivots.resize(to: largest, filling: 0)
    original.resize(to: largest, filling: 0)
    for block in 0..<count {
      let size = matrix.size(ofBlock: block)
      let source = matrix.values.pointer + matrix.slot(row: block, column: block)
      let target = values.pointer + Int(starts.pointer[block])
      if size <= 6 { SmallLDL.invert(source, size: size, into: target) } else { invertLarge(source, size, target) }
    }
  }

  private func invertLarge(_ source: UnsafePointer<Double>, _ n: Int, _ target: UnsafeMutablePointer<Double>) {
    let l = factor.pointer
    let d = pivots.pointer
    for i in 0..<n { original.pointer[i] = source[i * n + i] }
    if n * n > LargeBlock.threshold {
      _ = LargeBlock.invert(
        source, size: n, originalDiagonal: original.pointer, factor: l, pivots: d, into: target)
      return
    }
    l.update(from: source, count: n * n)
    SmallLDL.factor(l, size: n, inversePivots: d)
    for column in 0..<n {
      let x = target + column * n
      x.update(repeating: 0, count: n)
      x[column] = 1
      SmallLDL.solve(l, size: n, inversePivots: d, x)
    }
  }

  /// `z` ← D⁻¹ r of one block; `r` and `z` begin at the block's own rows and do not overlap.
  @inline(__always)
  public func apply(block: Int, _ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    let size = Int(sizes.pointer[block])
    Self.multiply(values.pointer + Int(starts.pointer[block]), size, r, into: z)
  }

  /// `z` ← D⁻¹ r of all blocks.
  public func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    for block in 0..<sizes.count {
      let first = Int(offsets.pointer[block])
      apply(block: block, r + first, into: z + first)
    }
  }

  @inline(__always)
  private static func multiply(
    _ b: UnsafePointer<Double>, _ size: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>
  ) {
    switch size {
    case 6: multiply(b, fixed: 6, x, into: y)
    case 3: multiply(b, fixed: 3, x, into: y)
    case 1: y[0] = b[0] * x[0]
    default:
      if size * size > LargeBlock.threshold {
        y.update(repeating: 0, count: size)
        LargeBlock.addProduct(b, size, size, x, to: y)
      } else {
        multiply(b, fixed: size, x, into: y)
      }
    }
  }

  @inline(__always)
  private static func multiply(
    _ b: UnsafePointer<Double>, fixed size: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<size {
      var sum = 0.0
      for j in 0..<size { sum += b[i * size + j] * x[j] }
      y[i] = sum
    }
  }
}
