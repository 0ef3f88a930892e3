/// Â = S A Sᵀ in single precision, S block diagonal with S_i D_i S_iᵀ = I for A's diagonal blocks D_i.
///
/// What a polynomial preconditioner multiplies with. Both triangles are stored and the diagonal blocks are not, so that a
/// row is finished in one go: no scattered additions, no separate D⁻¹, and a step of an iteration is one pass. Single
/// precision is enough for a preconditioner (Abdelfattah et al. 2021) and halves what has to be read.
///
/// Vectors are padded: rows of a block of at most four rows take four places, of others a multiple of eight. Blocks are
/// stored by columns of that height. A scalar pivot of D_i that is zero to round-off is dropped: its row of S is zero.
public final class NormalizedMatrix {
  /// Entries of a padded vector.
  public private(set) var paddedCount = 0
  /// Numbers stored.
  public var entryCount: Int { values.count }

  private let values = Buffer<Float>()
  /// First padded entry of every block, and one past the last.
  private let paddedOffsets = Buffer<Int32>()
  /// First slot of every block row.
  private let rowStarts = Buffer<Int32>()
  /// First padded entry and number of columns of every slot's block.
  private let slots = Buffer<SIMD2<Int32>>()
  /// First value of the block and of its transpose, of every stored block of A.
  private let places = Buffer<SIMD2<Int32>>()
  /// S_i by rows, beginning at `factorStarts`.
  private let factors = Buffer<Double>()
  private let factorStarts = Buffer<Int32>()
  private let cursor = Buffer<Int32>()
  private let scratch = Buffer<Double>()
  private let pivots = Buffer<Double>()

  /// No matrix yet.
  public init() {}

  /// Takes in a matrix. `isNewPattern` where its blocks are not those of the last call.
  public func prepare(_ matrix: SymmetricBlockMatrix, isNewPattern: Bool) {
    if isNewPattern || places.count != matrix.columns.count { analyze(matrix) }
    for block in 0..<matrix.blockCount { factor(matrix, block) }
    for row in 0..<matrix.blockCount {
      let end = Int(matrix.rowStarts.pointer[row + 1]) - 1
      for slot in Int(matrix.rowStarts.pointer[row])..<end { place(matrix, row, slot) }
    }
  }

  // MARK: pattern

  private static func height(_ size: Int) -> Int { size <= 4 ? 4 : (size + 7) / 8 * 8 }

  private func analyze(_ matrix: SymmetricBlockMatrix) {
    let blocks = matrix.blockCount
    paddedOffsets.resize(to: blocks + 1, filling: 0)
    factorStarts.resize(to: blocks, filling: 0)
    rowStarts.resize(to: blocks + 1, filling: 0)
    cursor.resize(to: blocks, filling: 0)
    cursor.fill(0)
    var padded = 0
    var entries = 0
    for block in 0..<blocks {
      let size = matrix.size(ofBlock: block)
      paddedOffsets.pointer[block] = Int32(padded)
      factorStarts.pointer[block] = Int32(entries)
      padded += Self.height(size)
      entries += size * size
      let end = Int(matrix.rowStarts.pointer[block + 1]) - 1
      for slot in Int(matrix.rowStarts.pointer[block])..<end {
        cursor.pointer[block] += 1
        cursor.pointer[Int(matrix.columns.pointer[slot])] += 1
      }
    }
    paddedOffsets.pointer[blocks] = Int32(padded)
    paddedCount = padded
    factors.resize(to: entries, filling: 0)
    scratch.resize(to: matrix.largestSize * matrix.largestSize, filling: 0)
    pivots.resize(to: matrix.largestSize, filling: 0)
    rowStarts.pointer[0] = 0
    for block in 0..<blocks { rowStarts.pointer[block + 1] = rowStarts.pointer[block] + cursor.pointer[block] }
    slots.resize(to: Int(rowStarts.pointer[blocks]), filling: .zero)
    placeSlots(matrix)
  }

  /// Row by row, so that the columns of every row ascend.
  private func placeSlots(_ matrix: SymmetricBlockMatrix) {
    let blocks = matrix.blockCount
    places.resize(to: matrix.columns.count, filling: .zero)
    // Those of diagonal blocks are not set.
    places.fill(.zero)
    for block in 0..<blocks { cursor.pointer[block] = rowStarts.pointer[block] }
    func add(_ row: Int, _ column: Int) -> Int32 {
      let slot = cursor.pointer[row]
      cursor.pointer[row] += 1
      slots.pointer[Int(slot)] = SIMD2(paddedOffsets.pointer[column], Int32(matrix.size(ofBlock: column)))
      return slot
    }
    for row in 0..<blocks {
      for stored in Int(matrix.rowStarts.pointer[row])..<Int(matrix.rowStarts.pointer[row + 1]) - 1 {
        let column = Int(matrix.columns.pointer[stored])
        let slot = add(row, column)
        places.pointer[stored] = SIMD2(slot, add(column, row))
      }
    }
    // From slots to first values.
    cursor.resize(to: slots.count, filling: 0)
    var first = 0
    for row in 0..<blocks {
      let height = Self.height(matrix.size(ofBlock: row))
      for slot in Int(rowStarts.pointer[row])..<Int(rowStarts.pointer[row + 1]) {
        cursor.pointer[slot] = Int32(first)
        first += height * Int(slots.pointer[slot].y)
      }
    }
    for stored in 0..<places.count {
      let both = places.pointer[stored]
      places.pointer[stored] =
        slots.count == 0 ? .zero : SIMD2(cursor.pointer[Int(both.x)], cursor.pointer[Int(both.y)])
    }
    values.resize(to: first, filling: 0)
    // Places between blocks' heights and sizes are never written again.
    values.fill(0)
  }

  // MARK: values

  /// S ← diag(D)^-1/2 L⁻¹ of the block's L D Lᵀ.
  private func factor(_ matrix: SymmetricBlockMatrix, _ block: Int) {
    let n = matrix.size(ofBlock: block)
    let source = matrix.values.pointer + matrix.slot(row: block, column: block)
    let s = factors.pointer + Int(factorStarts.pointer[block])
    let l = scratch.pointer
    l.update(from: source, count: n * n)
    _ = SmallLDL.factor(l, size: n, inversePivots: pivots.pointer)
    for row in 0..<n {
      let root = pivots.pointer[row].squareRoot()
      for column in 0..<row {
        var sum = l[row * n + column]
        for k in column + 1..<max(row, column + 1) { sum += l[row * n + k] * s[k * n + column] }
        s[row * n + column] = -sum
      }
      s[row * n + row] = 1
      for column in row + 1..<max(n, row + 1) { s[row * n + column] = 0 }
      pivots.pointer[row] = root
    }
    for row in 0..<n {
      for column in 0...row { s[row * n + column] *= pivots.pointer[row] }
    }
  }

  private func place(_ matrix: SymmetricBlockMatrix, _ row: Int, _ stored: Int) {
    let column = Int(matrix.columns.pointer[stored])
    let a = matrix.values.pointer + Int(matrix.entryStarts.pointer[stored])
    let left = factors.pointer + Int(factorStarts.pointer[row])
    let right = factors.pointer + Int(factorStarts.pointer[column])
    let rows = matrix.size(ofBlock: row)
    let columns = matrix.size(ofBlock: column)
    let own = values.pointer + Int(places.pointer[stored].x)
    let other = values.pointer + Int(places.pointer[stored].y)
    switch (rows, columns) {
    case (3, 3): transform(a, left, right, 3, 3, own, other, 4, 4)
    case (6, 6): transform(a, left, right, 6, 6, own, other, 8, 8)
    default: transform(a, left, right, rows, columns, own, other, Self.height(rows), Self.height(columns))
    }
  }

  /// S_i A_ij S_jᵀ by columns of a padded height, and its transpose.
  @inline(__always)
  private func transform(
    _ a: UnsafePointer<Double>, _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ rows: Int,
    _ columns: Int, _ own: UnsafeMutablePointer<Float>, _ other: UnsafeMutablePointer<Float>, _ height: Int,
    _ otherHeight: Int
  ) {
    let half = scratch.pointer
    for i in 0..<rows {
      for j in 0..<columns {
        var sum = 0.0
        for k in 0...i { sum += left[i * rows + k] * a[k * columns + j] }
        half[j] = sum
      }
      for j in 0..<columns {
        var sum = 0.0
        for k in 0...j { sum += half[k] * right[j * columns + k] }
        own[j * height + i] = Float(sum)
        other[i * otherHeight + j] = Float(sum)
      }
    }
  }

  // MARK: products

  /// `x` ← scale · S r, padded.
  func scatter(
    _ matrix: SymmetricBlockMatrix, _ r: UnsafePointer<Double>, scale: Double, into x: UnsafeMutablePointer<Float>
  ) {
    for block in 0..<matrix.blockCount {
      let n = matrix.size(ofBlock: block)
      let s = factors.pointer + Int(factorStarts.pointer[block])
      let source = r + matrix.offset(ofBlock: block)
      let target = x + Int(paddedOffsets.pointer[block])
      if n == 3 {
        target[0] = Float(scale * (s[0] * source[0]))
        target[1] = Float(scale * (s[3] * source[0] + s[4] * source[1]))
        target[2] = Float(scale * (s[6] * source[0] + s[7] * source[1] + s[8] * source[2]))
        continue
      }
      for i in 0..<n {
        var sum = 0.0
        for k in 0...i { sum += s[i * n + k] * source[k] }
        target[i] = Float(scale * sum)
      }
    }
  }

  /// `z` ← scale · Sᵀ x.
  func gather(
    _ matrix: SymmetricBlockMatrix, _ x: UnsafePointer<Float>, scale: Double, into z: UnsafeMutablePointer<Double>
  ) {
    for block in 0..<matrix.blockCount {
      let n = matrix.size(ofBlock: block)
      let s = factors.pointer + Int(factorStarts.pointer[block])
      let source = x + Int(paddedOffsets.pointer[block])
      let target = z + matrix.offset(ofBlock: block)
      for i in 0..<n {
        var sum = 0.0
        for k in i..<n { sum += s[k * n + i] * Double(source[k]) }
        target[i] = scale * sum
      }
    }
  }

  /// For all rows: residual −= Â d,  next ← keep · d + gain · residual,  z += next. Padded vectors; `next` is not `d`.
  func step(
    _ d: UnsafePointer<Float>, _ next: UnsafeMutablePointer<Float>, residual: UnsafeMutablePointer<Float>,
    z: UnsafeMutablePointer<Float>, keep: Float, gain: Float
  ) {
    var value = UnsafeRawPointer(values.pointer)
    for row in 0..<paddedOffsets.count - 1 {
      let first = Int(paddedOffsets.pointer[row])
      let height = Int(paddedOffsets.pointer[row + 1]) - first
      let begin = Int(rowStarts.pointer[row])
      let end = Int(rowStarts.pointer[row + 1])
      if height == 4 {
        let product = product4(begin..<end, d, &value)
        Self.finish(product, at: first, d, next, residual, z, keep, gain)
        continue
      }
      // Chunks of eight rows: a chunk's columns are `height` apart.
      for chunk in stride(from: 0, to: height, by: 8) {
        let product = product8(begin..<end, d, value + 4 * chunk, stride: 4 * height)
        Self.finish(product, at: first + chunk, d, next, residual, z, keep, gain)
      }
      for slot in begin..<end { value += 4 * height * Int(slots.pointer[slot].y) }
    }
  }

  @inline(__always)
  private static func finish<V: SIMD>(
    _ product: V, at first: Int, _ d: UnsafePointer<Float>, _ next: UnsafeMutablePointer<Float>,
    _ residual: UnsafeMutablePointer<Float>, _ z: UnsafeMutablePointer<Float>, _ keep: Float, _ gain: Float
  ) where V.Scalar == Float {
    let own = UnsafeRawPointer(d + first).loadUnaligned(as: V.self)
    let rest = UnsafeRawPointer(residual + first).loadUnaligned(as: V.self) - (own + product)
    let step = keep * own + gain * rest
    UnsafeMutableRawPointer(residual + first).storeBytes(of: rest, as: V.self)
    UnsafeMutableRawPointer(next + first).storeBytes(of: step, as: V.self)
    let sum = UnsafeRawPointer(z + first).loadUnaligned(as: V.self) + step
    UnsafeMutableRawPointer(z + first).storeBytes(of: sum, as: V.self)
  }

  /// A row of at most four rows times x, without its diagonal block; `value` moves past the row.
  @inline(__always)
  private func product4(_ range: Range<Int>, _ x: UnsafePointer<Float>, _ value: inout UnsafeRawPointer) -> SIMD4<Float>
  {
    let slots = UnsafePointer(self.slots.pointer)
    var a = SIMD4<Float>.zero
    var b = SIMD4<Float>.zero
    var c = SIMD4<Float>.zero
    for slot in range {
      let column = x + Int(slots[slot].x)
      let width = Int(slots[slot].y)
      if width == 3 {
        a += column[0] * value.loadUnaligned(as: SIMD4<Float>.self)
        b += column[1] * value.loadUnaligned(fromByteOffset: 16, as: SIMD4<Float>.self)
        c += column[2] * value.loadUnaligned(fromByteOffset: 32, as: SIMD4<Float>.self)
        value += 48
        continue
      }
      for k in 0..<width {
        a += column[k] * value.loadUnaligned(as: SIMD4<Float>.self)
        value += 16
      }
    }
    return a + b + c
  }

  /// Eight rows of a larger block row times x.
  @inline(__always)
  private func product8(_ range: Range<Int>, _ x: UnsafePointer<Float>, _ first: UnsafeRawPointer, stride: Int)
    -> SIMD8<Float>
  {
    let slots = UnsafePointer(self.slots.pointer)
    var value = first
    var even = SIMD8<Float>.zero
    var odd = SIMD8<Float>.zero
    for slot in range {
      let column = x + Int(slots[slot].x)
      let width = Int(slots[slot].y)
      var k = 0
      while k + 1 < width {
        even += column[k] * value.loadUnaligned(as: SIMD8<Float>.self)
        odd += column[k + 1] * value.loadUnaligned(fromByteOffset: stride, as: SIMD8<Float>.self)
        value += 2 * stride
        k += 2
      }
      if k < width {
        even += column[k] * value.loadUnaligned(as: SIMD8<Float>.self)
        value += stride
      }
    }
    return even + odd
  }
}
