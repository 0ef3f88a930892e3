import LinearAlgebra

/// A x = b with a symmetric block matrix as `GatedNetwork` sees it: every block free.
final class MatrixGraph: GatedNetwork.System {
  let scales = Buffer<Double>()
  let groups = BlockGroups()
  private var matrix = SymmetricBlockMatrix()
  private let degrees = Buffer<Int32>()
  /// b; set before the network runs.
  var rightHandSide = UnsafePointer<Double>(Buffer<Double>().pointer)

  /// Takes a matrix.
  func prepare(_ matrix: SymmetricBlockMatrix) {
    self.matrix = matrix
    scales.resize(to: matrix.dimension, filling: 0)
    groups.removeAll()
    degrees.resize(to: matrix.blockCount, filling: 0)
    degrees.fill(0)
    for row in 0..<matrix.blockCount {
      for slot in Int(matrix.rowStarts.pointer[row])..<Int(matrix.rowStarts.pointer[row + 1]) - 1 {
        degrees.pointer[row] += 1
        degrees.pointer[Int(matrix.columns.pointer[slot])] += 1
      }
    }
    for block in 0..<matrix.blockCount {
      let first = matrix.offset(ofBlock: block)
      let rows = matrix.size(ofBlock: block)
      let split = min(3, rows)
      scale(block, first, 0..<split)
      scale(block, first, split..<rows)
      // Its neighbours and itself, twice: what two bodies' constraints come to.
      groups.append(first: first, split: split, rows: rows, crowd: Int(degrees.pointer[block]) + 2)
    }
    groups.finish(scales: scales)
  }

  private func scale(_ block: Int, _ first: Int, _ rows: Range<Int>) {
    let size = matrix.size(ofBlock: block)
    let entries = matrix.values.pointer + matrix.slot(row: block, column: block)
    var mean = 0.0
    for row in rows { mean += entries[row * size + row] / Double(rows.count) }
    for row in rows { scales.pointer[first + row] = mean > 0 ? 1 / mean.squareRoot() : 0 }
  }

  var rowCount: Int { matrix.dimension }

  func residual(_ lambda: UnsafePointer<Double>, into w: UnsafeMutablePointer<Double>) {
    matrix.multiply(lambda, into: w)
    for row in 0..<matrix.dimension { w[row] -= rightHandSide[row] }
  }

  func project(_ lambda: UnsafeMutablePointer<Double>) {}
}
