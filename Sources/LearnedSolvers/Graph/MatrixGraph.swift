import LinearAlgebra

/// A x = b with a symmetric block matrix as `GatedNetwork` sees it: every block free.
final class MatrixGraph: GatedNetwork.System {
  let scales = Buffer<Double>()
  let traits = Buffer<SIMD8<Float>>()
  let mask: Buffer<Bool>? = nil
  private var matrix = SymmetricBlockMatrix()
  private let degrees = Buffer<Int32>()
  /// b; set before the network runs.
  var rightHandSide = UnsafePointer<Double>(Buffer<Double>().pointer)

  /// Takes a matrix.
  func prepare(_ matrix: SymmetricBlockMatrix) {
    self.matrix = matrix
    scales.resize(to: matrix.dimension, filling: 0)
    traits.resize(to: matrix.blockCount, filling: .zero)
    degrees.resize(to: matrix.blockCount, filling: 0)
    degrees.fill(0)
    for row in 0..<matrix.blockCount {
      for slot in Int(matrix.rowStarts.pointer[row])..<Int(matrix.rowStarts.pointer[row + 1]) - 1 {
        degrees.pointer[row] += 1
        degrees.pointer[Int(matrix.columns.pointer[slot])] += 1
      }
    }
    for block in 0..<matrix.blockCount {
      let (first, split, rows) = shape(block)
      scale(block, first, 0..<split)
      scale(block, first, split..<rows)
      // Its neighbours and itself, twice: what two bodies' constraints come to.
      let crowd = Double(degrees.pointer[block] + 2)
      traits.pointer[block] = .zero
      traits.pointer[block][3] = Float(crowd / (8 + crowd))
    }
  }

  private func scale(_ block: Int, _ first: Int, _ rows: Range<Int>) {
    let size = matrix.size(ofBlock: block)
    let entries = matrix.values.pointer + matrix.slot(row: block, column: block)
    var mean = 0.0
    for row in rows { mean += entries[row * size + row] / Double(rows.count) }
    for row in rows { scales.pointer[first + row] = mean > 0 ? 1 / mean.squareRoot() : 0 }
  }

  var rowCount: Int { matrix.dimension }
  var blockCount: Int { matrix.blockCount }

  func shape(_ block: Int) -> (first: Int, split: Int, rows: Int) {
    let rows = matrix.size(ofBlock: block)
    return (matrix.offset(ofBlock: block), min(3, rows), rows)
  }

  func residual(_ lambda: UnsafePointer<Double>, into w: UnsafeMutablePointer<Double>) {
    matrix.multiply(lambda, into: w)
    for row in 0..<matrix.dimension { w[row] -= rightHandSide[row] }
  }

  func project(_ lambda: UnsafeMutablePointer<Double>) {}
}
