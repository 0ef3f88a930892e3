import ConstraintSystem
import LinearAlgebra

/// P = (D + L) D⁻¹ (D + Lᵀ): one symmetric block Gauss–Seidel sweep from zero, A = L + D + Lᵀ with D the diagonal blocks.
///
///     (D + L) y = r,   (D + Lᵀ) z = D y
///
/// (Evans 1968; Saad 2003, 10.2, with ω = 1: pcg hardly depends on ω.) Symmetric positive definite whenever A is; rows of
/// a block that repeat others are left out as in `block-jacobi`. One application costs a product and a half. Nothing to
/// set up beyond the diagonal blocks, so it suits matrices that change in every Newton step.
final class SSORPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "ssor", summary: "one symmetric block Gauss–Seidel sweep", reference: "Evans 1968; Saad 2003, 10.2"
  ) { _ in SSORPreconditioner() }

  private let inverses = DiagonalBlockInverses()
  private let gap = Buffer<Double>()
  private let work = Buffer<Double>()
  private var matrix: SymmetricBlockMatrix?

  var applicationFlops: Double { 2 * Double((matrix?.nonZeroCount ?? 0) + 2 * inverses.entryCount) }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) {
    self.matrix = matrix
    inverses.prepare(matrix)
    gap.resize(to: matrix.dimension, filling: 0)
    work.resize(to: matrix.dimension, filling: 0)
  }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    guard let matrix else { return }
    matrix.solveLower(inverses, r, into: z, gap: gap.pointer)
    matrix.solveUpper(inverses, gap.pointer, into: z, work: work.pointer)
  }
}
