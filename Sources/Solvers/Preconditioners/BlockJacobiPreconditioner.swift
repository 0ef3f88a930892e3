import ConstraintSystem
import LinearAlgebra

/// P = the diagonal blocks of A: one constraint's (or one body's) own coupling, inverted exactly.
///
/// Each block is factored as L D Lᵀ; a pivot that is zero to round-off is dropped, and its row is left out.
final class BlockJacobiPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "block-jacobi", summary: "the diagonal blocks, one a constraint or body",
    reference: "Saad, Iterative Methods for Sparse Linear Systems, 2003, 12.2", make: BlockJacobiPreconditioner.init)

  /// Inverse of every diagonal block, by rows, one after the other.
  private let inverses = Buffer<Double>()
  private let sizes = Buffer<Int32>()

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) {
    sizes.resize(to: matrix.blockCount, filling: 0)
    var total = 0
    for block in 0..<matrix.blockCount {
      let size = matrix.size(ofBlock: block)
      sizes.pointer[block] = Int32(size)
      total += size * size
    }
    inverses.resize(to: total, filling: 0)
    var offset = 0
    for block in 0..<matrix.blockCount {
      let size = matrix.size(ofBlock: block)
      SmallLDL.invert(
        matrix.values.pointer + matrix.slot(row: block, column: block), size: size, into: inverses.pointer + offset)
      offset += size * size
    }
  }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    var inverse = UnsafePointer(inverses.pointer)
    var first = 0
    for block in 0..<sizes.count {
      let size = Int(sizes.pointer[block])
      for row in 0..<size {
        var sum = 0.0
        for column in 0..<size { sum += inverse[row * size + column] * r[first + column] }
        z[first + row] = sum
      }
      inverse += size * size
      first += size
    }
  }
}
