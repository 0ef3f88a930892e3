import ConstraintSystem
import LinearAlgebra

/// A polynomial in D⁻¹A, D the diagonal blocks: four steps of `ChebyshevIteration`.
///
/// The largest eigenvalue is estimated by twelve steps of Lanczos' method at set-up and raised by a tenth for b, and
/// a = b/30 (Adams et al. 2003). An application costs three products and no triangular solve, so all of it can run in
/// parallel and in any order of rows.
final class ChebyshevPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "chebyshev", summary: "four steps of Chebyshev's iteration on the diagonal blocks",
    reference: "Saad 2003, 12.3; Adams, Brezina, Hu, Tuminaro 2003"
  ) { _ in ChebyshevPreconditioner() }

  /// Terms of the polynomial.
  private static let steps = 4

  private let inverses = DiagonalBlockInverses()
  private let bounds = LanczosBounds()
  private let iteration = ChebyshevIteration()

  var applicationFlops: Double { iteration.flops(steps: Self.steps) }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) {
    iteration.prepare(matrix, isNewPattern: change == .pattern)
    inverses.prepare(matrix)
    bounds.estimate(matrix, limit: 12, accuracy: 1e-2, needsLowest: false) { r, z in inverses.apply(r, into: z) }
  }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    guard bounds.highest > 0 else { return inverses.apply(r, into: z) }
    let top = 1.1 * bounds.highest
    iteration.apply(steps: Self.steps, from: top / 30, to: top, r, into: z)
  }
}
