import ConstraintSystem

/// λ₀ = the last step's λ, matched by joint and contact feature; 0 for what is new.
package final class WarmGuess: InitialGuess {
  static let descriptor = GuessDescriptor(
    name: "warm", summary: "the last step's λ, matched by joint and contact feature"
  ) { _ in WarmGuess() }

  package init() {}

  package func fill(_ lambda: UnsafeMutablePointer<Double>, for problem: ConstraintProblem, history: ImpulseHistory) {
    history.fillLatest(lambda, for: problem)
  }
}
