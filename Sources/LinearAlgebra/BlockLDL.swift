import CAMD

/// Sparse block LDLᵀ of a symmetric positive semi-definite matrix: P A Pᵀ = L D Lᵀ.
///
/// P is an approximate minimum degree ordering of the block graph (Amestoy, Davis, Duff 1996), L is unit lower
/// triangular by blocks and within them, D diagonal by scalars. The analysis depends on the pattern alone and is kept
/// by the caller as long as the pattern stands. The numeric part is left-looking (Davis, "Direct Methods for Sparse
/// Linear Systems", 2006, chapter 4): block column j collects L_ik (L_jk D_k)ᵀ from the columns k that reach row j.
///
/// Singular matrices survive: a scalar pivot below 1e-12 of the matrix's own diagonal entry is dropped, its 1/D is 0,
/// and so is that component of the solution; for b in the range of A the rest is a solution. No BLAS but for blocks of
/// more than eight rows: the same bits on every processor. Nothing is allocated by `factor` and `solve`.
public final class BlockLDL {
  /// Number of pivots that the last factorisation dropped.
  public internal(set) var droppedPivots = 0
  /// Entries of L below the diagonal and of D.
  public private(set) var factorNonZeros = 0
  /// Floating-point operations of one factorisation, estimated.
  public private(set) var factorFlops = 0.0

  // Symbolic, in the permuted order.
  var blockCount = 0
  var dimension = 0
  /// Original block at every place of the order.
  let order = Buffer<Int32>()
  let sizes = Buffer<Int32>()
  /// First scalar of every place, in the permuted vector and in the caller's.
  let offsets = Buffer<Int32>()
  let callerOffsets = Buffer<Int32>()
  /// Block rows of every column of L, ascending, and where they begin; values likewise.
  let columnStarts = Buffer<Int32>()
  let rows = Buffer<Int32>()
  let entryStarts = Buffer<Int32>()
  /// First entry of every diagonal block in `diagonalBlocks`.
  let diagonalStarts = Buffer<Int32>()
  /// For every stored block of A: its place in L or among the diagonal blocks (−1 − place), and whether transposed.
  let targets = Buffer<Int32>()
  let isTransposed = Buffer<Bool>()

  // Numeric.
  let entries = Buffer<Double>()
  let diagonalBlocks = Buffer<Double>()
  let inversePivots = Buffer<Double>()
  let originalDiagonal = Buffer<Double>()
  let vector = Buffer<Double>()

  // Work space of one entry a block: linked lists of columns by the next row they reach, and row → entry maps.
  let head = Buffer<Int32>()
  let next = Buffer<Int32>()
  let cursor = Buffer<Int32>()
  let map = Buffer<Int32>()
  /// D⁻¹-scaled block that an update multiplies with.
  let scaled = Buffer<Double>()
  private let parent = Buffer<Int32>()
  private let mark = Buffer<Int32>()
  private let graphStarts = Buffer<Int32>()
  private let graph = Buffer<Int32>()
  private let inverseOrder = Buffer<Int32>()

  /// A factorisation of no matrix yet.
  public init() {}

  /// Ordering, elimination tree and pattern of L for the matrix's pattern.
  public func analyze(_ matrix: SymmetricBlockMatrix) {
    blockCount = matrix.blockCount
    dimension = matrix.dimension
    findOrder(matrix)
    inverseOrder.resize(to: blockCount, filling: 0)
    sizes.resize(to: blockCount, filling: 0)
    offsets.resize(to: blockCount, filling: 0)
    callerOffsets.resize(to: blockCount, filling: 0)
    diagonalStarts.resize(to: blockCount, filling: 0)
    var scalar = 0
    var entry = 0
    for place in 0..<blockCount {
      let block = Int(order.pointer[place])
      inverseOrder.pointer[block] = Int32(place)
      let size = matrix.size(ofBlock: block)
      sizes.pointer[place] = Int32(size)
      offsets.pointer[place] = Int32(scalar)
      callerOffsets.pointer[place] = Int32(matrix.offset(ofBlock: block))
      diagonalStarts.pointer[place] = Int32(entry)
      scalar += size
      entry += size * size
    }
    diagonalBlocks.resize(to: entry, filling: 0)
    inversePivots.resize(to: dimension, filling: 0)
    originalDiagonal.resize(to: dimension, filling: 0)
    vector.resize(to: dimension, filling: 0)
    scaled.resize(to: matrix.largestSize * matrix.largestSize, filling: 0)
    head.resize(to: blockCount, filling: 0)
    next.resize(to: blockCount, filling: 0)
    cursor.resize(to: blockCount, filling: 0)
    map.resize(to: blockCount, filling: 0)
    buildGraph(matrix)
    findPattern()
    findTargets(matrix)
  }

  /// AMD on the block graph; the natural order where it cannot be had.
  private func findOrder(_ matrix: SymmetricBlockMatrix) {
    order.resize(to: blockCount, filling: 0)
    // AMD takes the upper or the whole pattern; the stored rows of the lower triangle are columns of the upper one.
    let status = amd_order(
      Int32(blockCount), matrix.rowStarts.pointer, matrix.columns.pointer, order.pointer, nil, nil)
    if status != AMD_OK && status != AMD_OK_BUT_JUMBLED {
      for block in 0..<blockCount { order.pointer[block] = Int32(block) }
    }
  }

  /// For every place, the earlier places that A couples it with: the strict lower triangle of P A Pᵀ by rows.
  private func buildGraph(_ matrix: SymmetricBlockMatrix) {
    graphStarts.resize(to: blockCount + 2, filling: 0)
    graphStarts.fill(0)
    matrix.forEachBlock { row, column, _ in
      if row == column { return }
      let later = max(inverseOrder.pointer[row], inverseOrder.pointer[column])
      graphStarts.pointer[Int(later) + 2] += 1
    }
    for place in 2..<max(2, blockCount + 2) { graphStarts.pointer[place] += graphStarts.pointer[place - 1] }
    graph.resize(to: matrix.storedBlockCount, filling: 0)
    matrix.forEachBlock { row, column, _ in
      if row == column { return }
      let i = inverseOrder.pointer[row]
      let j = inverseOrder.pointer[column]
      let slot = graphStarts.pointer + (Int(max(i, j)) + 1)
      graph.pointer[Int(slot.pointee)] = min(i, j)
      slot.pointee += 1
    }
  }

  /// The pattern of L: row i has a block in every column on the paths of the elimination tree from i's neighbours up
  /// to i (Davis 2006, section 4.2). Counting first, then filling; rows of a column come out ascending.
  private func findPattern() {
    parent.resize(to: blockCount, filling: -1)
    mark.resize(to: blockCount, filling: -1)
    columnStarts.resize(to: blockCount + 1, filling: 0)
    columnStarts.fill(0)
    parent.fill(-1)
    walkRows { _, column in columnStarts.pointer[column + 1] += 1 }
    for column in 0..<blockCount { columnStarts.pointer[column + 1] += columnStarts.pointer[column] }
    let total = Int(columnStarts.pointer[blockCount])
    rows.resize(to: total, filling: 0)
    entryStarts.resize(to: total, filling: 0)
    for column in 0..<blockCount { cursor.pointer[column] = columnStarts.pointer[column] }
    parent.fill(-1)
    walkRows { row, column in
      rows.pointer[Int(cursor.pointer[column])] = Int32(row)
      cursor.pointer[column] += 1
    }
    var entry = 0
    factorFlops = 0
    for column in 0..<blockCount {
      let width = Int(sizes.pointer[column])
      var below = 0
      for slot in Int(columnStarts.pointer[column])..<Int(columnStarts.pointer[column + 1]) {
        entryStarts.pointer[slot] = Int32(entry)
        let height = Int(sizes.pointer[Int(rows.pointer[slot])])
        entry += height * width
        below += height
      }
      factorFlops += Double(width) * Double(below + width) * Double(below + width)
    }
    entries.resize(to: entry, filling: 0)
    factorNonZeros = entry + dimension
  }

  /// Calls `visit` for every block (row, column) of L below the diagonal, row by row.
  private func walkRows(_ visit: (_ row: Int, _ column: Int) -> Void) {
    mark.fill(-1)
    for row in 0..<blockCount {
      mark.pointer[row] = Int32(row)
      for slot in Int(graphStarts.pointer[row])..<Int(graphStarts.pointer[row + 1]) {
        var column = Int(graph.pointer[slot])
        while mark.pointer[column] != Int32(row) {
          if parent.pointer[column] < 0 { parent.pointer[column] = Int32(row) }
          visit(row, column)
          mark.pointer[column] = Int32(row)
          column = Int(parent.pointer[column])
        }
      }
    }
  }

  /// Where every stored block of A goes.
  private func findTargets(_ matrix: SymmetricBlockMatrix) {
    targets.resize(to: matrix.storedBlockCount, filling: 0)
    isTransposed.resize(to: matrix.storedBlockCount, filling: false)
    var stored = 0
    matrix.forEachBlock { row, column, _ in
      let i = Int(inverseOrder.pointer[row])
      let j = Int(inverseOrder.pointer[column])
      if i == j {
        targets.pointer[stored] = -1 - diagonalStarts.pointer[i]
      } else {
        targets.pointer[stored] = entryStarts.pointer[find(row: max(i, j), column: min(i, j))]
        isTransposed.pointer[stored] = i < j
      }
      stored += 1
    }
  }

  private func find(row: Int, column: Int) -> Int {
    var low = Int(columnStarts.pointer[column])
    var high = Int(columnStarts.pointer[column + 1])
    while low < high {
      let middle = (low + high) / 2
      if rows.pointer[middle] < Int32(row) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
