import ConstraintSystem
import LinearAlgebra

/// P = L D Lᵀ, incomplete block Cholesky without fill: L keeps the blocks of A's lower triangle (`IncompleteBlockLDL` has
/// the equations; Meijerink, van der Vorst 1977; Saad 2003, 10.3 and 10.7).
///
/// Exact where the elimination makes no fill, as on chains of joints: pcg then ends in one or two iterations. A factor that
/// is not definite is made again of A + α diag(A) (Manteuffel 1980), so P is positive definite on every A; α grows with
/// the stiffness that the dropped fill held. Set-up costs about the factorisation of the kept blocks, an application a
/// product and a half.
final class IncompleteCholeskyPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "ic0", summary: "incomplete block Cholesky without fill",
    reference: "Meijerink, van der Vorst 1977; Manteuffel 1980; Saad 2003, 10.3"
  ) { _ in IncompleteCholeskyPreconditioner() }

  private let factor = IncompleteBlockLDL()
  private let work = Buffer<Double>()
  private var matrix: SymmetricBlockMatrix?

  var applicationFlops: Double { 2 * Double(matrix?.nonZeroCount ?? 0) }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) {
    self.matrix = matrix
    factor.factor(matrix)
    work.resize(to: matrix.dimension, filling: 0)
  }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    guard let matrix else { return }
    factor.solve(matrix, r, into: z, work: work.pointer)
  }
}
