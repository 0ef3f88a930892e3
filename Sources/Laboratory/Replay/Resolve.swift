import ConstraintSystem
import Dynamics
import LearnedSolvers
import LinearAlgebra
import Solvers

/// Hands every problem of a recorded run to another solver and says where its answer parts from the recorded one.
///
/// The run is repeated as it was; after every step the other solver gets the step's last velocity problem, with its own
/// impulses of the step before as warm start. On a singular A impulses may differ though velocities agree: both are told.
public final class Resolve {
  /// A constraint whose impulse is another one.
  public struct Parting: Encodable, Sendable {
    /// The step.
    public var step: Int
    /// The joint or contact.
    public var constraint: String
    /// Largest difference of an impulse there (N·s), and the recorded impulse's size.
    public var difference: Double
    public var recorded: Double
  }

  /// What came out: an object of `replay --solver --json`.
  public struct Outcome: Encodable, Sendable {
    /// The other solver.
    public var solver: String
    /// Problems that had rows.
    public var problems: Int
    /// Time of a solve (µs), set-up included, the first left out.
    public var time = RunResult.Times()
    /// Iterations of a solve.
    public var iterations = RunResult.Iterations()
    /// Natural-map residual (m/s) of the other solver, and of the recorded one on the same problems.
    public var residual = RunResult.Residuals()
    public var recordedResidual = RunResult.Residuals()
    /// Solves by the reason for which they stopped.
    public var stopReasons: [String: Int] = [:]
    /// The first impulse that differs by more than the tolerance; null where none does.
    @Measured public var tolerance: Double? = nil
    public var firstParting: Parting?
    /// Largest difference of a body's velocity (m/s), and its step.
    public var velocityDifference = 0.0
    public var velocityDifferenceStep: Int?
  }

  /// Asked before every step; true ends it.
  public var shouldStop: () -> Bool = { false }
  /// Told of every step with the number of steps done.
  public var progress: (Int) -> Void = { _ in }

  private let replayer: Replayer
  private let solver: SolverAssembly
  private let tolerance: Double
  private let lambda = Buffer<Double>()
  private let velocity = Buffer<Vector6>()
  private let other = Buffer<Vector6>()
  private let judge = NaturalMap()

  /// Another solver for the run of `replayer`; impulses differ where they do by more than `tolerance` times the largest of
  /// their step. Throws `SolverTextError`.
  public init(_ replayer: Replayer, solver: String, tolerance: Double) throws {
    self.replayer = replayer
    self.solver = try SolverCatalog.complete.make(solver)
    self.tolerance = tolerance
  }

  /// Does it. Throws `InputError` where the run cannot be repeated.
  public func perform() throws -> Outcome {
    let simulation = replayer.simulation
    var outcome = Outcome(solver: solver.text, problems: 0)
    outcome.tolerance = tolerance
    let time = Series()
    let iterations = Series()
    let residuals = Series()
    let recorded = Series()
    let first = simulation.stepCount
    while simulation.stepCount < replayer.run.steps.upperBound && !shouldStop() {
      let step = simulation.stepCount
      let record = try replayer.advance()
      let problem = simulation.problem
      guard problem.rowCount > 0 else { continue }
      let report = solver.solve(problem, into: lambda)
      outcome.problems += 1
      outcome.stopReasons[report.reason.rawValue, default: 0] += 1
      if report.reason == .unsupported { continue }
      time.append(report.totalTime)
      iterations.append(Double(report.iterations))
      residuals.append(judge.residual(problem, lambda: lambda.pointer).maximum)
      recorded.append(record.residual.maximum)
      compare(step, simulation, &outcome)
      progress(simulation.stepCount - first)
    }
    outcome.time = RunResult.Times(secondsWithoutFirst: time)
    let summary = iterations.distribution()
    outcome.iterations = RunResult.Iterations(median: summary?.median, max: summary?.maximum)
    outcome.residual = RunResult.Residuals(residuals)
    outcome.recordedResidual = RunResult.Residuals(recorded)
    return outcome
  }

  private func compare(_ step: Int, _ simulation: Simulation, _ outcome: inout Outcome) {
    let problem = simulation.problem
    let known = simulation.lambda.pointer
    let found = lambda.pointer
    velocity.resize(to: problem.bodies.count, filling: .zero)
    other.resize(to: problem.bodies.count, filling: .zero)
    problem.velocity(of: known, into: velocity.pointer)
    problem.velocity(of: found, into: other.pointer)
    for body in 0..<problem.bodies.count {
      let difference = (velocity.pointer[body].linear - other.pointer[body].linear).length
      if difference > outcome.velocityDifference {
        outcome.velocityDifference = difference
        outcome.velocityDifferenceStep = step
      }
    }
    guard outcome.firstParting == nil else { return }
    var scale = 0.0
    for row in 0..<problem.rowCount { scale = max(scale, known[row].magnitude, found[row].magnitude) }
    for index in 0..<problem.blocks.count {
      let block = problem.blocks[index]
      var difference = 0.0
      var size = 0.0
      for row in Int(block.firstRow)..<Int(block.firstRow + block.rowCount) {
        difference = max(difference, (known[row] - found[row]).magnitude)
        size = max(size, known[row].magnitude)
      }
      guard difference > tolerance * scale else { continue }
      outcome.firstParting = Parting(
        step: step, constraint: simulation.name(ofBlock: index), difference: difference, recorded: size)
      return
    }
  }
}
