import LinearAlgebra

/// Groups of neighbouring block rows of a matrix: a block and its neighbours, greedily in ascending order (Vaněk, Mandel,
/// Brezina 1996, algorithm 5.1); what is left joins a neighbour's group.
final class BlockAggregates {
  /// Number of aggregates.
  private(set) var count = 0
  private let aggregate = Buffer<Int32>()
  private let starts = Buffer<Int32>()
  private let neighbours = Buffer<Int32>()
  private let sizes = Buffer<Int32>()
  private let pairs = Buffer<SIMD2<Int32>>()
  private let squares = Buffer<Double>()

  /// The aggregate of a block row.
  @inline(__always)
  func ofBlock(_ block: Int) -> Int { Int(aggregate.pointer[block]) }

  /// Forms the aggregates and gives `coarse` their pattern, `modes` rows each.
  func build(_ matrix: SymmetricBlockMatrix, modes: Int, coarse: SymmetricBlockMatrix) {
    let blocks = matrix.blockCount
    buildGraph(matrix)
    aggregate.resize(to: blocks, filling: -1)
    aggregate.fill(-1)
    count = 0
    let aggregate = self.aggregate.pointer
    for block in 0..<blocks where aggregate[block] < 0 {
      let own = Int(starts.pointer[block])..<Int(starts.pointer[block + 1])
      var isFree = true
      for slot in own where aggregate[Int(neighbours.pointer[slot])] >= 0 { isFree = false }
      guard isFree else { continue }
      aggregate[block] = Int32(count)
      for slot in own { aggregate[Int(neighbours.pointer[slot])] = Int32(count) }
      count += 1
    }
    // Only groups of the first pass are joined, so they stay small: −2 − group until all are placed.
    for block in 0..<blocks where aggregate[block] == -1 {
      for slot in Int(starts.pointer[block])..<Int(starts.pointer[block + 1]) {
        let other = aggregate[Int(neighbours.pointer[slot])]
        guard other >= 0 else { continue }
        aggregate[block] = -2 - other
        break
      }
    }
    for block in 0..<blocks where aggregate[block] < 0 {
      if aggregate[block] == -1 {
        aggregate[block] = Int32(count)
        count += 1
      } else {
        aggregate[block] = -2 - aggregate[block]
      }
    }
    sizes.resize(to: count, filling: Int32(modes))
    sizes.fill(Int32(modes))
    pairs.removeAll()
    matrix.forEachBlock { row, column, _ in
      if aggregate[row] != aggregate[column] { pairs.append(SIMD2(aggregate[row], aggregate[column])) }
    }
    coarse.setPattern(blockSizes: sizes, pairs: pairs)
  }

  /// Neighbours of every block, both triangles.
  private func buildGraph(_ matrix: SymmetricBlockMatrix) {
    let blocks = matrix.blockCount
    starts.resize(to: blocks + 2, filling: 0)
    starts.fill(0)
    matrix.forEachBlock { row, column, _ in
      if row == column { return }
      starts.pointer[row + 2] += 1
      starts.pointer[column + 2] += 1
    }
    for block in 2..<blocks + 2 { starts.pointer[block] += starts.pointer[block - 1] }
    neighbours.resize(to: Int(starts.pointer[blocks + 1]), filling: 0)
    matrix.forEachBlock { row, column, _ in
      if row == column { return }
      place(column, at: row)
      place(row, at: column)
    }
  }

  private func place(_ block: Int, at other: Int) {
    let next = starts.pointer + (other + 1)
    neighbours.pointer[Int(next.pointee)] = Int32(block)
    next.pointee += 1
  }

  /// Makes the `modes` columns orthonormal within every aggregate (modified Gram–Schmidt); a column that the ones before
  /// it span becomes zero.
  func orthonormalize(_ matrix: SymmetricBlockMatrix, _ w: UnsafeMutablePointer<Double>, count modes: Int) {
    let n = matrix.dimension
    squares.resize(to: 2 * count, filling: 0)
    for k in 0..<modes {
      let column = w + k * n
      dot(matrix, column, column, into: squares.pointer + count)
      // Twice is enough for columns that are nearly dependent.
      for _ in 0..<2 {
        for j in 0..<k {
          let other = w + j * n
          dot(matrix, column, other, into: squares.pointer)
          for block in 0..<matrix.blockCount {
            let s = squares.pointer[ofBlock(block)]
            let first = matrix.offset(ofBlock: block)
            for i in first..<first + matrix.size(ofBlock: block) { column[i] -= s * other[i] }
          }
        }
      }
      dot(matrix, column, column, into: squares.pointer)
      for block in 0..<matrix.blockCount {
        let square = squares.pointer[ofBlock(block)]
        let s = square > 1e-12 * squares.pointer[count + ofBlock(block)] ? 1 / square.squareRoot() : 0
        let first = matrix.offset(ofBlock: block)
        for i in first..<first + matrix.size(ofBlock: block) { column[i] *= s }
      }
    }
  }

  /// aᵀb of every aggregate.
  private func dot(
    _ matrix: SymmetricBlockMatrix, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>,
    into sums: UnsafeMutablePointer<Double>
  ) {
    sums.update(repeating: 0, count: count)
    for block in 0..<matrix.blockCount {
      let first = matrix.offset(ofBlock: block)
      var sum = 0.0
      for i in first..<first + matrix.size(ofBlock: block) { sum += a[i] * b[i] }
      sums[ofBlock(block)] += sum
    }
  }
}
