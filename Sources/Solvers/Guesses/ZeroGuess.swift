import ConstraintSystem

/// λ₀ = 0.
final class ZeroGuess: InitialGuess {
  static let descriptor = GuessDescriptor(name: "zero", summary: "λ₀ = 0") { _ in ZeroGuess() }

  func fill(_ lambda: UnsafeMutablePointer<Double>, for problem: ConstraintProblem, history: ImpulseHistory) {
    lambda.update(repeating: 0, count: problem.rowCount)
  }
}
