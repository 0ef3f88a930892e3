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
  /// A solver and what it did.
  private final class Contestant {
    let assembly: SolverAssembly
    let lambda = Buffer<Double>()
    var trace: [StepRecord] = []
    var present = StepRecord()
    var isUnsupported = false

    init(_ assembly: SolverAssembly) { self.assembly = assembly }
  }

  /// Sum of all solves (s).
  private(set) var solveTime = 0.0
  /// Condition estimates of problems along the run.
  private(set) var conditions = Series()

  private let contestants: [Contestant]
  private let judge = NaturalMap()
  private let condition = ConditionEstimate()
  /// Step of the next condition estimate: 0, 1, 4, 16, 64 …, as one may cost more than a solve.
  private var nextEstimate = 0
  private var first: Int

  /// The solvers of the texts under a budget; the one at `first` begins. Throws `SolverTextError`.
  init(_ solvers: [String], budget: Budget, first: Int) throws {
    contestants = try solvers.map { text in
      let assembly = try SolverCatalog.make(text)
      budget.apply(to: assembly)
      return Contestant(assembly)
    }
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
    for contestant in contestants {
      contestant.present.step = record.step
      contestant.present.time = record.time
      contestant.present.rows = record.rows
      contestant.present.contacts = record.contacts
      contestant.present.islands = record.islands
      contestant.present.energy = record.energy
      contestant.present.penetration = record.penetration
      contestant.present.jointError = record.jointError
      contestant.present.stateHash = record.stateHash
      contestant.trace.append(contestant.present)
      contestant.present = StepRecord()
    }
  }

  private func solve(_ problem: ConstraintProblem) {
    guard problem.rowCount > 0 else { return }
    for place in 0..<contestants.count {
      let contestant = contestants[(first + place) % contestants.count]
      if contestant.isUnsupported { continue }
      let report = contestant.assembly.solve(problem, into: contestant.lambda)
      if report.reason == .unsupported {
        contestant.isUnsupported = true
        continue
      }
      let residual = judge.residual(problem, lambda: contestant.lambda.pointer)
      let time = report.guessTime + report.setupTime + report.solveTime + report.inferenceTime
      solveTime += time
      contestant.present.total += time
      contestant.present.stages[.guess] += report.guessTime
      contestant.present.stages[.setup] += report.setupTime
      contestant.present.stages[.solve] += report.solveTime
      contestant.present.stages[.inference] += report.inferenceTime
      contestant.present.report.accumulate(report)
      if residual.maximum >= contestant.present.residual.maximum { contestant.present.residual = residual }
    }
    first += 1
  }

  /// What every solver did, in the order in which they were given: its steps, none for one that does not solve the law.
  var traces: [[StepRecord]] { contestants.map { $0.isUnsupported ? [] : $0.trace } }

  /// The stop rules in force.
  var stops: [StopRule] { contestants.map(\.assembly.stop) }
}

/// Condition of A on its range, κ = λ_max/λ_min over the eigenvalues that are not zero: of small problems by the dense
/// spectrum, of large ones by Lanczos' method, which is a lower bound. (Of a stack of 20, 240 rows, 64 steps of Lanczos
/// find 2e3 where the spectrum says 6.8e5.)
final class ConditionEstimate {
  /// Rows up to which the dense spectrum is taken.
  static let denseRows = 300
  private let delassus = DelassusMatrix()
  private let bounds = LanczosBounds()
  /// Products with A at most.
  private static let limit = 128

  /// κ of a problem; nil where there are no rows or nothing was found.
  func estimate(_ problem: ConstraintProblem) -> Double? {
    guard problem.rowCount > 0 else { return nil }
    if problem.rowCount <= Self.denseRows { return MatrixAnalysis(problem)?.condition }
    _ = delassus.assemble(problem)
    let count = problem.rowCount
    bounds.estimate(delassus.matrix, limit: Self.limit, accuracy: 0.01, needsLowest: true) { r, z in
      z.update(from: r, count: count)
    }
    guard bounds.lowest > 0, bounds.highest.isFinite else { return nil }
    return bounds.highest / bounds.lowest
  }
}
