import ConstraintSystem
import LinearAlgebra

/// λ₀ = 2 λ(last) − λ(last but one), matched by joint and contact feature; the last λ where there is no older one.
///
/// Exact where impulses change linearly in time; on contacts that come and go it overshoots, and solvers project it.
package final class ExtrapolatedGuess: InitialGuess {
  static let descriptor = GuessDescriptor(
    name: "extrapolated", summary: "linear extrapolation of the last two steps' λ"
  ) { _ in ExtrapolatedGuess() }

  private let older = Buffer<Double>()

  package init() {}

  package func fill(_ lambda: UnsafeMutablePointer<Double>, for problem: ConstraintProblem, history: ImpulseHistory) {
    history.fillLatest(lambda, for: problem)
    guard history.depth > 1 else { return }
    older.resize(to: problem.rowCount, filling: 0)
    history.fillPrevious(older.pointer, for: problem)
    let blocks = problem.blocks.pointer
    for index in 0..<problem.blocks.count {
      let first = Int(blocks[index].firstRow)
      let rows = first..<first + Int(blocks[index].rowCount)
      // A block whose older impulse is all zero is new, or was open: the last impulse is the better guess.
      guard rows.contains(where: { older.pointer[$0] != 0 }) else { continue }
      for row in rows { lambda[row] = 2 * lambda[row] - older.pointer[row] }
    }
  }
}
