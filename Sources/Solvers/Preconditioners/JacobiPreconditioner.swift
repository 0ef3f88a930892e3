import ConstraintSystem
import LinearAlgebra

/// P = diag(A). Rows with a zero diagonal are left as they are.
final class JacobiPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "jacobi", summary: "the diagonal", reference: "Saad, Iterative Methods for Sparse Linear Systems, 2003, 10.2"
  ) { _ in JacobiPreconditioner() }

  private let inverse = Buffer<Double>()

  var applicationFlops: Double { Double(inverse.count) }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) {
    inverse.resize(to: matrix.dimension, filling: 1)
    var row = 0
    for block in 0..<matrix.blockCount {
      let size = matrix.size(ofBlock: block)
      let values = matrix.values.pointer + matrix.slot(row: block, column: block)
      for k in 0..<size {
        let d = values[k * size + k]
        inverse.pointer[row] = d > 0 ? 1 / d : 1
        row += 1
      }
    }
  }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    for row in 0..<inverse.count { z[row] = inverse.pointer[row] * r[row] }
  }
}
