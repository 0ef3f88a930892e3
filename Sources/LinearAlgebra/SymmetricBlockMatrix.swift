/// A symmetric matrix of dense blocks, most of them zero.
///
/// The lower triangle is stored, by block rows with ascending columns; the diagonal blocks are always there and last in
/// their rows. Blocks are stored by rows, one after the other, in `values`. Block i has `size(ofBlock: i)` rows: 1 … 6 in
/// constraint problems (constraints in A, bodies in H), more in dense matrices, whose blocks are tiles.
public final class SymmetricBlockMatrix {
  /// Entries of all stored blocks.
  public let values = Buffer<Double>()
  /// Number of rows of the matrix.
  public private(set) var dimension = 0
  /// Number of block rows.
  public private(set) var blockCount = 0
  /// Number of entries of the blocks of both triangles.
  public private(set) var nonZeroCount = 0

  /// Number of rows of all blocks where they are equal, but for a shorter last one; otherwise 0.
  public private(set) var uniformSize = 0
  /// Number of blocks of `uniformSize`: all, or all but the last.
  private(set) var uniformCount = 0
  /// Number of rows of the largest block.
  public private(set) var largestSize = 0

  // The pattern, for methods that walk it.

  /// Number of rows of every block.
  public let sizes = Buffer<Int32>()
  /// First scalar row of every block row, and one past the last.
  public let offsets = Buffer<Int32>()
  /// First stored block of every block row, and one past the last.
  public let rowStarts = Buffer<Int32>()
  /// Block column of every stored block.
  public let columns = Buffer<Int32>()
  /// First entry of every stored block in `values`, ascending.
  public let entryStarts = Buffer<Int32>()

  private let counts = Buffer<Int32>()
  private let byColumn = Buffer<SIMD2<Int32>>()

  /// A matrix without rows.
  public init() {}

  /// Number of rows of a block.
  @inlinable public func size(ofBlock block: Int) -> Int { Int(blockSize(block)) }

  @usableFromInline func blockSize(_ block: Int) -> Int32 { sizes.pointer[block] }

  /// First scalar row of a block.
  public func offset(ofBlock block: Int) -> Int { Int(offsets.pointer[block]) }

  /// Number of stored blocks: those of the lower triangle.
  public var storedBlockCount: Int { columns.count }

  /// Block row and column of every stored block, row by row: for pictures.
  public func forEachBlock(_ body: (_ row: Int, _ column: Int, _ firstEntry: Int) -> Void) {
    for row in 0..<blockCount {
      for slot in Int(rowStarts.pointer[row])..<Int(rowStarts.pointer[row + 1]) {
        body(row, Int(columns.pointer[slot]), Int(entryStarts.pointer[slot]))
      }
    }
  }

  /// Gives the matrix a new pattern: the diagonal and the blocks (i, j) of `pairs`, in any order and repeatedly. All
  /// values become zero. Cost O(blocks + pairs): two counting sorts.
  public func setPattern(blockSizes: Buffer<Int32>, pairs: Buffer<SIMD2<Int32>>) {
    blockCount = blockSizes.count
    sizes.assign(blockSizes)
    offsets.resize(to: blockCount + 1, filling: 0)
    dimension = 0
    largestSize = 0
    uniformSize = blockCount > 0 ? Int(sizes.pointer[0]) : 0
    uniformCount = blockCount
    for block in 0..<blockCount {
      let size = Int(sizes.pointer[block])
      offsets.pointer[block] = Int32(dimension)
      dimension += size
      largestSize = max(largestSize, size)
      if size != uniformSize {
        uniformSize = block == blockCount - 1 && size < uniformSize ? uniformSize : 0
        uniformCount = block
      }
    }
    offsets.pointer[blockCount] = Int32(dimension)

    sortByColumn(pairs)
    // Rows next; columns arrive in ascending order, so an equal one can only be the last.
    counts.resize(to: blockCount + 1, filling: 0)
    counts.fill(0)
    for index in 0..<byColumn.count { counts.pointer[Int(byColumn.pointer[index].x)] += 1 }
    rowStarts.resize(to: blockCount + 1, filling: 0)
    var start: Int32 = 0
    for row in 0..<blockCount {
      rowStarts.pointer[row] = start
      start += counts.pointer[row]
      counts.pointer[row] = rowStarts.pointer[row]
    }
    columns.resize(to: Int(start), filling: 0)
    for index in 0..<byColumn.count {
      let pair = byColumn.pointer[index]
      let row = Int(pair.x)
      let end = counts.pointer[row]
      if end > rowStarts.pointer[row] && columns.pointer[Int(end) - 1] == pair.y { continue }
      columns.pointer[Int(end)] = pair.y
      counts.pointer[row] = end + 1
    }
    closeGaps()
  }

  /// `byColumn` ← diagonal and pairs as (row ≥ column), sorted by column.
  private func sortByColumn(_ pairs: Buffer<SIMD2<Int32>>) {
    counts.resize(to: blockCount + 1, filling: 0)
    counts.fill(0)
    for index in 0..<pairs.count {
      let pair = pairs.pointer[index]
      if pair.x != pair.y { counts.pointer[Int(min(pair.x, pair.y))] += 1 }
    }
    var start: Int32 = 0
    for column in 0..<blockCount {
      let count = counts.pointer[column] + 1
      counts.pointer[column] = start
      start += count
    }
    byColumn.resize(to: Int(start), filling: .zero)
    for column in 0..<blockCount { place(SIMD2(Int32(column), Int32(column))) }
    for index in 0..<pairs.count {
      let pair = pairs.pointer[index]
      if pair.x != pair.y { place(SIMD2(max(pair.x, pair.y), min(pair.x, pair.y))) }
    }
  }

  private func place(_ pair: SIMD2<Int32>) {
    let next = counts.pointer + Int(pair.y)
    byColumn.pointer[Int(next.pointee)] = pair
    next.pointee += 1
  }

  /// Packs the rows that repeated pairs left short, and lays out the values.
  private func closeGaps() {
    var packed = 0
    var entries = 0
    nonZeroCount = 0
    entryStarts.resize(to: columns.count, filling: 0)
    for row in 0..<blockCount {
      let begin = Int(rowStarts.pointer[row])
      let end = Int(counts.pointer[row])
      rowStarts.pointer[row] = Int32(packed)
      for slot in begin..<end {
        let column = columns.pointer[slot]
        columns.pointer[packed] = column
        entryStarts.pointer[packed] = Int32(entries)
        let count = Int(sizes.pointer[row]) * Int(sizes.pointer[Int(column)])
        entries += count
        nonZeroCount += Int(column) == row ? count : 2 * count
        packed += 1
      }
    }
    rowStarts.resize(to: blockCount + 1, filling: 0)
    rowStarts.pointer[blockCount] = Int32(packed)
    columns.resize(to: packed, filling: 0)
    entryStarts.resize(to: packed, filling: 0)
    values.resize(to: entries, filling: 0)
    zero()
  }

  /// Where the block (row ≥ column) begins in `values`; −1 where it is not in the pattern.
  public func slot(row: Int, column: Int) -> Int {
    var low = Int(rowStarts.pointer[row])
    var high = Int(rowStarts.pointer[row + 1])
    if row == column { return Int(entryStarts.pointer[high - 1]) }
    while low < high {
      let middle = (low + high) / 2
      let found = Int(columns.pointer[middle])
      if found == column { return Int(entryStarts.pointer[middle]) }
      if found < column { low = middle + 1 } else { high = middle }
    }
    return -1
  }

  /// Sets all values to zero.
  public func zero() { values.pointer.update(repeating: 0, count: values.count) }

  /// `dense` ← the whole matrix, both triangles, by columns; room for dimension² numbers.
  public func copyDense(into dense: UnsafeMutablePointer<Double>) {
    dense.update(repeating: 0, count: dimension * dimension)
    forEachBlock { row, column, first in
      let rows = size(ofBlock: row)
      let width = size(ofBlock: column)
      for i in 0..<rows {
        for j in 0..<width {
          let value = values.pointer[first + i * width + j]
          let r = offset(ofBlock: row) + i
          let c = offset(ofBlock: column) + j
          dense[c * dimension + r] = value
          dense[r * dimension + c] = value
        }
      }
    }
  }
}
