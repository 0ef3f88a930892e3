import LinearAlgebra

/// How much of an elimination's fill a factor without fill drops, from the pattern alone.
///
/// Eliminating block k couples all later blocks that it is coupled to. Of them, each and the next are looked at: the share
/// that A does not couple. 0 on chains and on trees whose leaves come first, where IC(0) is exact.
final class EliminationPattern {
  /// 0 … 1.
  private(set) var droppedShare = 0.0
  private let last = Buffer<Int32>()

  func analyze(_ matrix: SymmetricBlockMatrix) {
    // The last block that was found below every k.
    last.resize(to: matrix.blockCount, filling: -1)
    last.fill(-1)
    var pairs = 0
    var dropped = 0
    for row in 0..<matrix.blockCount {
      for slot in Int(matrix.rowStarts.pointer[row])..<Int(matrix.rowStarts.pointer[row + 1]) - 1 {
        let k = Int(matrix.columns.pointer[slot])
        let former = last.pointer[k]
        if former >= 0 {
          pairs += 1
          if !couples(matrix, row, former) { dropped += 1 }
        }
        last.pointer[k] = Int32(row)
      }
    }
    droppedShare = pairs > 0 ? Double(dropped) / Double(pairs) : 0
  }

  /// Whether a stored block stands in the row and column; columns ascend.
  private func couples(_ matrix: SymmetricBlockMatrix, _ row: Int, _ column: Int32) -> Bool {
    var low = Int(matrix.rowStarts.pointer[row])
    var high = Int(matrix.rowStarts.pointer[row + 1]) - 1
    while low < high {
      let middle = (low + high) / 2
      if matrix.columns.pointer[middle] < column { low = middle + 1 } else { high = middle }
    }
    return matrix.columns.pointer[low] == column
  }
}
