import ConstraintSystem
import Dynamics
import LearnedSolvers
import LinearAlgebra
import Solvers

/// A solver that solves the problems of another one's world, with its own λ of the problem before as warm start.
///
/// A solve's time is that of guess, set-up, iterations and inference; judging comes after it, outside of its clock.
public final class ShadowSolver {
  /// The filled slots.
  public let assembly: SolverAssembly
  /// Its λ of the last problem (N·s).
  public let lambda = Buffer<Double>()
  /// Whether it does not solve the law or the sets of the problems that came.
  public private(set) var isUnsupported = false

  private var present = StepRecord()
  private let judge = NaturalMap()

  /// The solver of a text under a budget. Throws `SolverTextError`.
  public init(_ text: String, budget: Budget = Budget()) throws {
    assembly = try SolverCatalog.complete.make(text)
    budget.apply(to: assembly)
  }

  /// Solves one problem and says how long it took (s).
  @discardableResult
  public func solve(_ problem: ConstraintProblem) -> Double {
    guard !isUnsupported, problem.rowCount > 0 else { return 0 }
    let report = assembly.solve(problem, into: lambda)
    if report.reason == .unsupported {
      isUnsupported = true
      return 0
    }
    let residual = judge.residual(problem, lambda: lambda.pointer)
    present.total += report.totalTime
    present.stages[.guess] += report.guessTime
    present.stages[.setup] += report.setupTime
    present.stages[.solve] += report.solveTime
    present.stages[.inference] += report.inferenceTime
    present.report.accumulate(report)
    if residual.maximum >= present.residual.maximum { present.residual = residual }
    return report.totalTime
  }

  /// What its solves since the last call come to: a step of its own, with the size and quality of the driver's `record`.
  public func finish(_ record: StepRecord) -> StepRecord {
    defer { present = StepRecord() }
    present.step = record.step
    present.time = record.time
    present.rows = record.rows
    present.contacts = record.contacts
    present.islands = record.islands
    present.energy = record.energy
    present.penetration = record.penetration
    present.jointError = record.jointError
    present.stateHash = record.stateHash
    return present
  }
}
