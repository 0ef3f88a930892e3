import ConstraintSystem
import LinearAlgebra

/// P = 1.
final class NoPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "none", summary: "the identity", reference: ""
  ) { _ in NoPreconditioner() }

  private var dimension = 0

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) { dimension = matrix.dimension }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    z.update(from: r, count: dimension)
  }
}
