import ConstraintSystem
import Dynamics
import LinearAlgebra
import Solvers

/// The solvers of a shadow comparison: each solves every problem of the driver's world, with its own λ of the problem
/// before as warm start.
///
/// A solve's time is that of guess, set-up, iterations and inference; judging comes after it, outside of every clock. From
/// problem to problem another solver is the first, so that none profits from a cache that its neighbour has warmed.
/// Solvers with a stepping of their own (`tgs`, `pbd`, `xpbd`, `avbd`) solve the problem as it stands.
final class ShadowBench: RunObserver {
  /// Sum of all solves (s).
  private(set) var solveTime = 0.0
  /// Condition estimates of problems along the run.
  private(set) var conditions = Series()

  private let contestants: [ShadowSolver]
  private var records: [[StepRecord]]
  private let condition = ConditionEstimate()
  /// Step of the next condition estimate: 0, 1, 4, 16, 64 …, as one may cost more than a solve.
  private var nextEstimate = 0
  private var first: Int

  /// The solvers of the texts under a budget; the one at `first` begins. Throws `SolverTextError`.
  init(_ solvers: [String], budget: Budget, first: Int) throws {
    contestants = try solvers.map { try ShadowSolver($0, budget: budget) }
    records = contestants.map { _ in [] }
    self.first = first
  }

  func begin(_ simulation: Simulation) {
    let earlier = simulation.willSolve
    simulation.willSolve = { [unowned self] problem in
      earlier?(problem)
      solve(problem)
    }
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    if record.step == nextEstimate {
      nextEstimate = max(1, 4 * nextEstimate)
      if let value = condition.estimate(simulation.problem) { conditions.append(value) }
    }
    for (index, contestant) in contestants.enumerated() {
      records[index].append(contestant.finish(record))
    }
  }

  private func solve(_ problem: ConstraintProblem) {
    guard problem.rowCount > 0 else { return }
    for place in 0..<contestants.count {
      solveTime += contestants[(first + place) % contestants.count].solve(problem)
    }
    first += 1
  }

  /// What every solver did, in the order in which they were given: its steps, none for one that does not solve the law.
  var traces: [[StepRecord]] { zip(contestants, records).map { $0.isUnsupported ? [] : $1 } }

  /// The stop rules in force.
  var stops: [StopRule] { contestants.map(\.assembly.stop) }
}
