import ConstraintSystem
import LinearAlgebra

/// P = the diagonal blocks of A: one constraint's (or one body's) own coupling, inverted exactly.
///
/// Each block is factored as L D Lᵀ; a pivot that is zero to round-off is dropped, and its row is left out. One product
/// with the diagonal blocks an application.
final class BlockJacobiPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "block-jacobi", summary: "the diagonal blocks, one a constraint or body",
    reference: "Saad, Iterative Methods for Sparse Linear Systems, 2003, 12.2"
  ) { _ in BlockJacobiPreconditioner() }

  private let inverses = DiagonalBlockInverses()

  var applicationFlops: Double { 2 * Double(inverses.entryCount) }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) { inverses.prepare(matrix) }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) { inverses.apply(r, into: z) }
}
