/// Matrices from problem files: dense ones as tiles, sparse ones as small blocks.
extension SymmetricBlockMatrix {
  /// Rows of a dense matrix's tile. Measured at n = 4096: products run at memory speed from 32 up; LDLᵀ reaches 60 % of
  /// dpotrf's speed with 64, 80 % with 128 and no more with 256.
  public static let tile = 128

  /// Makes this the dense symmetric matrix `a`, n × n by columns (or by rows). Its lower triangle is read.
  ///
  /// Entries must be finite. The stored triangle takes about 4 n² bytes and must have fewer than 2³¹ entries.
  public func assignDense(_ a: UnsafePointer<Double>, dimension n: Int, tile: Int = SymmetricBlockMatrix.tile) {
    precondition(n >= 0 && tile > 0)
    let count = (n + tile - 1) / tile
    let sizes = Buffer<Int32>(capacity: count)
    let pairs = Buffer<SIMD2<Int32>>(capacity: count * (count - 1) / 2)
    for block in 0..<count { sizes.append(Int32(min(tile, n - block * tile))) }
    for row in 0..<count {
      for column in 0..<row { pairs.append(SIMD2(Int32(row), Int32(column))) }
    }
    setPattern(blockSizes: sizes, pairs: pairs)
    forEachBlock { row, column, first in
      let block = values.pointer + first
      let width = size(ofBlock: column)
      for i in 0..<size(ofBlock: row) {
        let r = row * tile + i
        for j in 0..<width {
          let c = column * tile + j
          block[i * width + j] = r >= c ? a[c * n + r] : a[r * n + c]
        }
      }
    }
  }

  /// Makes this the sparse symmetric matrix with the entries (rows[k], columns[k], values[k]), from 0, of the lower
  /// triangle: rows[k] ≥ columns[k]. An entry that is given twice is added.
  ///
  /// Indices must lie in 0 ..< n and values be finite. `blockSize` is the number of rows of a block (the last one has
  /// what is left); nil takes the size that makes products fastest, see `bestBlockSize`.
  public func assignTriplets(
    dimension n: Int, count: Int, rows: UnsafePointer<Int32>, columns: UnsafePointer<Int32>,
    values entries: UnsafePointer<Double>, blockSize: Int? = nil
  ) {
    let size =
      blockSize ?? Self.bestBlockSize(dimension: n, count: count, rows: rows, columns: columns)
    precondition(n >= 0 && size > 0)
    let blocks = (n + size - 1) / size
    let sizes = Buffer<Int32>(capacity: blocks)
    let pairs = Buffer<SIMD2<Int32>>(capacity: count)
    for block in 0..<blocks { sizes.append(Int32(min(size, n - block * size))) }
    let divisor = Int32(size)
    for k in 0..<count { pairs.append(SIMD2(rows[k] / divisor, columns[k] / divisor)) }
    setPattern(blockSizes: sizes, pairs: pairs)
    for k in 0..<count {
      let row = Int(rows[k] / divisor)
      let column = Int(columns[k] / divisor)
      let width = self.size(ofBlock: column)
      let i = Int(rows[k]) - row * size
      let j = Int(columns[k]) - column * size
      let block = values.pointer + slot(row: row, column: column)
      block[i * width + j] += entries[k]
      // Diagonal blocks hold both triangles.
      if row == column && i != j { block[j * width + i] += entries[k] }
    }
  }

  /// The block size of 1, 2, 3, 4 and 6 with the cheapest product: number of blocks times the time of one. Entries
  /// sorted by row or by column are counted exactly, others too often.
  public static func bestBlockSize(
    dimension n: Int, count: Int, rows: UnsafePointer<Int32>, columns: UnsafePointer<Int32>
  ) -> Int {
    var best = 1
    var bestCost = Double.infinity
    let mark = Buffer<Int32>()
    var isByRow = true
    for k in 1..<max(1, count) where rows[k] < rows[k - 1] { isByRow = false }
    let outer = isByRow ? rows : columns
    let inner = isByRow ? columns : rows
    // Nanoseconds of one block in a product, both triangles, and a little more for small ones: their factorisations
    // and sweeps have more to look up.
    for (size, time) in [(1, 1.2), (2, 3.0), (3, 5.5), (4, 8.0), (6, 15.0)] {
      mark.resize(to: n / size + 1, filling: -1)
      mark.fill(-1)
      var blocks = 0
      for k in 0..<count {
        let major = outer[k] / Int32(size)
        let minor = Int(inner[k] / Int32(size))
        if mark[minor] != major {
          mark[minor] = major
          blocks += 1
        }
      }
      let cost = Double(blocks) * time
      if cost < bestCost {
        bestCost = cost
        best = size
      }
    }
    return best
  }
}
