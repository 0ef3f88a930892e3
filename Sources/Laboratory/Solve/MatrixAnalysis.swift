import ConstraintSystem
import LinearAlgebra

/// Rank, condition and definiteness of A, by its dense spectrum.
public struct MatrixAnalysis: Sendable {
  /// Rows up to which it is done.
  public static let largest = 1000

  /// Number of singular values above 1e-12 (or n ε, where that is more) times the largest.
  public let rank: Int
  /// Largest over smallest of those: the condition on the range of A. nil for A = 0.
  public let condition: Double?
  /// Smallest eigenvalue of a symmetric A.
  public let smallestEigenvalue: Double?
  /// Whether a symmetric A has an eigenvalue that is negative beyond round-off.
  public let isIndefinite: Bool

  /// Analyses A of a problem; nil where it is too large, empty, or the iteration fails.
  public init?(_ problem: ConstraintProblem) {
    guard 1...Self.largest ~= problem.rowCount else { return nil }
    let dense = DenseMatrix()
    dense.resize(rows: problem.rowCount, columns: problem.rowCount)
    problem.copyDense(into: dense.pointer, through: DelassusMatrix())
    var values: [Double]
    if problem.isSymmetric {
      guard let eigenvalues = dense.symmetricEigenvalues(), eigenvalues.allSatisfy(\.isFinite) else { return nil }
      smallestEigenvalue = eigenvalues.first
      values = eigenvalues.map(\.magnitude).sorted(by: >)
    } else {
      guard let singular = dense.singularValues(), singular.allSatisfy(\.isFinite) else { return nil }
      smallestEigenvalue = nil
      values = singular
    }
    let threshold = max(Double(values.count) * Double.ulpOfOne, 1e-12) * values[0]
    values.removeAll { $0 <= threshold }
    rank = values.count
    condition = values.last.map { values[0] / $0 }
    isIndefinite = smallestEigenvalue.map { $0 < -threshold } ?? false
  }
}
