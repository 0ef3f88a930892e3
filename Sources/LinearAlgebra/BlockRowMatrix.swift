/// A square matrix of dense blocks, stored by block rows, both triangles: for matrices that are given rather than
/// assembled, and that need not be symmetric.
///
/// Block i has `size(ofBlock: i)` rows; the blocks of a row have ascending columns and are stored by rows, one after
/// the other. The diagonal blocks are always there.
public final class BlockRowMatrix {
  /// Entries of all stored blocks.
  public let values = Buffer<Double>()
  /// Number of rows.
  public let dimension: Int
  /// Number of block rows.
  public let blockCount: Int
  /// First stored block of every block row, and one past the last.
  public let rowStarts = Buffer<Int32>()
  /// Block column of every stored block.
  public let columns = Buffer<Int32>()
  /// First entry of every stored block in `values`.
  public let entryStarts = Buffer<Int32>()
  /// First scalar row of every block, and one past the last.
  public let offsets = Buffer<Int32>()
  /// Stored block on the diagonal of every block row.
  public let diagonalSlots = Buffer<Int32>()

  /// One entry of a matrix, indices from 0.
  public struct Entry: Sendable {
    /// Scalar row.
    public var row: Int
    /// Scalar column.
    public var column: Int
    /// The number there; entries at one place add up.
    public var value: Double

    /// An entry from its parts.
    public init(row: Int, column: Int, value: Double) {
      self.row = row
      self.column = column
      self.value = value
    }
  }

  /// A matrix from entries in any order. Precondition: indices are in 0 ..< the sum of `blockSizes`.
  public init(blockSizes: [Int], entries: [Entry]) {
    blockCount = blockSizes.count
    dimension = blockSizes.reduce(0, +)
    var blockOfRow: [Int32] = []
    blockOfRow.reserveCapacity(dimension)
    for (block, size) in blockSizes.enumerated() {
      offsets.append(Int32(blockOfRow.count))
      for _ in 0..<size { blockOfRow.append(Int32(block)) }
    }
    offsets.append(Int32(dimension))

    var keys = (0..<blockCount).map { UInt64($0) << 32 | UInt64($0) }
    keys += entries.map { UInt64(blockOfRow[$0.row]) << 32 | UInt64(blockOfRow[$0.column]) }
    keys.sort()
    rowStarts.resize(to: blockCount + 1, filling: 0)
    diagonalSlots.resize(to: blockCount, filling: 0)
    var last: UInt64?
    var total = 0
    for key in keys where key != last {
      last = key
      let row = Int(key >> 32)
      let column = Int(key & 0xffff_ffff)
      if row == column { diagonalSlots[row] = Int32(columns.count) }
      columns.append(Int32(column))
      entryStarts.append(Int32(total))
      total += blockSizes[row] * blockSizes[column]
      rowStarts[row + 1] += 1
    }
    for row in 0..<blockCount { rowStarts[row + 1] += rowStarts[row] }
    values.resize(to: total, filling: 0)
    values.fill(0)
    for entry in entries {
      let row = Int(blockOfRow[entry.row])
      let column = Int(blockOfRow[entry.column])
      let slot = slot(row: row, column: column)!
      let width = size(ofBlock: column)
      let place = (entry.row - Int(offsets[row])) * width + entry.column - Int(offsets[column])
      values[Int(entryStarts[slot]) + place] += entry.value
    }
  }

  /// Number of rows of a block.
  public func size(ofBlock block: Int) -> Int { Int(offsets.pointer[block + 1] - offsets.pointer[block]) }

  /// The stored block at a place; nil where the matrix is zero.
  public func slot(row: Int, column: Int) -> Int? {
    var low = Int(rowStarts.pointer[row])
    var high = Int(rowStarts.pointer[row + 1])
    while low < high {
      let middle = (low + high) / 2
      let found = Int(columns.pointer[middle])
      if found == column { return middle }
      if found < column { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// Entry (i, j), i and j scalar.
  public func entry(_ i: Int, _ j: Int) -> Double {
    let row = block(of: i)
    let column = block(of: j)
    guard let slot = slot(row: row, column: column) else { return 0 }
    let place = (i - Int(offsets[row])) * size(ofBlock: column) + j - Int(offsets[column])
    return values[Int(entryStarts[slot]) + place]
  }

  private func block(of row: Int) -> Int {
    var low = 0
    var high = blockCount - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if Int(offsets.pointer[middle]) <= row { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// The diagonal block of a block row, by rows.
  public func diagonalBlock(_ block: Int) -> UnsafeMutablePointer<Double> {
    values.pointer + Int(entryStarts.pointer[Int(diagonalSlots.pointer[block])])
  }

  /// `y` ← A x, `dimension` numbers each, not overlapping.
  public func multiply(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    for row in 0..<blockCount { multiply(blockRow: row, x, into: y + Int(offsets.pointer[row])) }
  }

  /// `y` ← the rows of one block of A x.
  @inlinable
  public func multiply(blockRow row: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    let rows = Int(offsets.pointer[row + 1] - offsets.pointer[row])
    if rows == 3 { return multiply(contactRow: row, x, into: y) }
    for i in 0..<rows { y[i] = 0 }
    for slot in Int(rowStarts.pointer[row])..<Int(rowStarts.pointer[row + 1]) {
      let column = Int(columns.pointer[slot])
      let first = Int(offsets.pointer[column])
      let width = Int(offsets.pointer[column + 1]) - first
      let block = values.pointer + Int(entryStarts.pointer[slot])
      for i in 0..<rows {
        var sum = 0.0
        for j in 0..<width { sum += block[i * width + j] * x[first + j] }
        y[i] += sum
      }
    }
  }

  /// The same for a block of three rows, the usual one of contact problems, with the sums in registers.
  @inlinable
  func multiply(contactRow row: Int, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    let offsets = self.offsets.pointer
    let columns = self.columns.pointer
    let starts = entryStarts.pointer
    let values = self.values.pointer
    var y0 = 0.0
    var y1 = 0.0
    var y2 = 0.0
    for slot in Int(rowStarts.pointer[row])..<Int(rowStarts.pointer[row + 1]) {
      let column = Int(columns[slot])
      let first = Int(offsets[column])
      let width = Int(offsets[column + 1]) - first
      let block = values + Int(starts[slot])
      let part = x + first
      if width == 3 {
        y0 += block[0] * part[0] + block[1] * part[1] + block[2] * part[2]
        y1 += block[3] * part[0] + block[4] * part[1] + block[5] * part[2]
        y2 += block[6] * part[0] + block[7] * part[1] + block[8] * part[2]
      } else {
        for j in 0..<width {
          y0 += block[j] * part[j]
          y1 += block[width + j] * part[j]
          y2 += block[2 * width + j] * part[j]
        }
      }
    }
    y[0] = y0
    y[1] = y1
    y[2] = y2
  }

  /// ‖A − Aᵀ‖_F / ‖A‖_F; 0 for a zero matrix.
  public var asymmetry: Double {
    var difference = 0.0
    var total = 0.0
    forEachEntry { i, j, value in
      let other = value - entry(j, i)
      difference += other * other
      // An entry whose mirror image is not stored counts for both.
      if slot(row: block(of: j), column: block(of: i)) == nil { difference += other * other }
      total += value * value
    }
    return total > 0 ? (difference / total).squareRoot() : 0
  }

  /// ½ (A + Aᵀ).
  public func symmetrized() -> BlockRowMatrix {
    var entries: [Entry] = []
    forEachEntry { i, j, value in
      entries.append(Entry(row: i, column: j, value: 0.5 * value))
      entries.append(Entry(row: j, column: i, value: 0.5 * value))
    }
    return BlockRowMatrix(blockSizes: (0..<blockCount).map(size), entries: entries)
  }

  /// Calls `body` for every entry of the stored blocks.
  public func forEachEntry(_ body: (_ row: Int, _ column: Int, _ value: Double) -> Void) {
    for row in 0..<blockCount {
      for slot in Int(rowStarts[row])..<Int(rowStarts[row + 1]) {
        let column = Int(columns[slot])
        let width = size(ofBlock: column)
        for i in 0..<size(ofBlock: row) {
          for j in 0..<width {
            body(Int(offsets[row]) + i, Int(offsets[column]) + j, values[Int(entryStarts[slot]) + i * width + j])
          }
        }
      }
    }
  }

  /// `dense` ← the whole matrix by columns; room for dimension² numbers.
  public func copyDense(into dense: UnsafeMutablePointer<Double>) {
    dense.update(repeating: 0, count: dimension * dimension)
    forEachEntry { i, j, value in dense[j * dimension + i] = value }
  }
}
