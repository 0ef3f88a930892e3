import Glibc
import LinearAlgebra

/// The filled slots of one solver: what a step, a comparison or a replay calls.
///
/// It holds two instances of the solver, one for the velocity problem and one for the position problem of the
/// `projection` stabilisation: their patterns differ, and so do the cached analyses.
public final class SolverAssembly {
  /// The text that made it, as the user typed it: "newton:linear=pcg".
  public let text: String
  /// Slot "guess".
  public let guess: any InitialGuess
  /// When a solve stops.
  public var stop: StopRule
  /// λ of the last steps.
  public let history = ImpulseHistory()

  /// Which of a step's two problems is solved.
  public enum Purpose: Sendable {
    /// The velocity problem.
    case velocity
    /// The velocity problem once more without soft rows, from the impulses that `lambda` holds.
    case relaxation
    /// The position problem of the `projection` stabilisation.
    case position
  }

  /// Whether the solver does its iterations and ends, whatever the residual.
  public let isApproximate: Bool
  /// How the solver wants the simulation to step.
  public let stepping: Stepping
  /// The solver where it is a position-based one.
  public let displacer: (any PositionSolver)?

  /// λ₀ of the next solves in place of the guess, one a row; nil: the guess.
  public var start: Buffer<Double>?
  /// Passes over all constraints that a solve may take; nil: no bound. See `PassBudget`.
  public var passes: Int? {
    get { passBudget.limit }
    set { passBudget.limit = newValue }
  }

  private var passBudget = PassBudget()
  private let velocitySolver: any ConstraintSolver
  private let positionSolver: any ConstraintSolver

  /// An assembly; `make` is called once for each purpose.
  public init(
    text: String, guess: any InitialGuess, stop: StopRule, isApproximate: Bool = false,
    make: () throws -> any ConstraintSolver
  ) rethrows {
    self.text = text
    self.guess = guess
    self.stop = stop
    self.isApproximate = isApproximate
    velocitySolver = try make()
    positionSolver = try make()
    stepping = (velocitySolver as? any SteppingSolver)?.stepping ?? .impulse
    displacer = velocitySolver as? any PositionSolver
  }

  /// Whether the solver solves the problem's law and sets.
  public func supports(_ problem: ConstraintProblem) -> Bool { velocitySolver.supports(problem) }

  /// Guess, set-up and solve, each timed; `lambda` gets one impulse a row.
  ///
  /// A problem that the solver does not support leaves λ = 0 and the reason `unsupported`.
  public func solve(
    _ problem: ConstraintProblem, into lambda: Buffer<Double>, purpose: Purpose = .velocity
  ) -> SolveReport {
    var report = SolveReport()
    lambda.resize(to: problem.rowCount, filling: 0)
    guard problem.rowCount > 0 else { return report }
    let solver = purpose == .position ? positionSolver : velocitySolver
    guard solver.supports(problem) else {
      lambda.fill(0)
      report.reason = .unsupported
      return report
    }
    let stop = passBudget.stop(self.stop, solver, problem)
    let start = Clock.now()
    switch purpose {
    case .velocity:
      if let start = self.start, start.count == problem.rowCount {
        lambda.assign(start)
      } else {
        guess.fill(lambda.pointer, for: problem, history: history)
        guess.describe(in: &report)
      }
    case .position: lambda.fill(0)
    case .relaxation: break
    }
    let guessed = Clock.now()
    let inferredByGuess = report.inferenceTime
    solver.prepare(problem, report: &report)
    let prepared = Clock.now()
    let inferredBySetup = report.inferenceTime - inferredByGuess
    solver.solve(problem, lambda: lambda.pointer, stop: stop, report: &report)
    let solved = Clock.now()
    let inferredBySolve = report.inferenceTime - inferredByGuess - inferredBySetup
    refuseNaN(lambda, &report)
    // What soft stepping starts from next time is the impulse without the springs' push.
    let recorded: Purpose = stepping.isSoft ? .relaxation : .velocity
    if purpose == recorded { history.record(problem, lambda: lambda.pointer) }
    report.guessTime = guessed - start + (Clock.now() - solved) - inferredByGuess
    report.setupTime += prepared - guessed - inferredBySetup
    report.solveTime += solved - prepared - inferredBySolve
    return report
  }

  /// Lets a position-based solver move the bodies of `model`; `lambda` gets one impulse a row. Bodies of which a number
  /// is not finite leave λ = 0 and the reason `breakdown`.
  public func displace(_ model: any PositionModel, into lambda: Buffer<Double>) -> SolveReport {
    var report = SolveReport()
    let problem = model.problem
    lambda.resize(to: problem.rowCount, filling: 0)
    guard let displacer, problem.rowCount > 0 else { return report }
    guard displacer.supports(problem) else {
      lambda.fill(0)
      report.reason = .unsupported
      return report
    }
    let stop = passBudget.stop(self.stop, displacer, problem)
    let start = Clock.now()
    guess.fill(lambda.pointer, for: problem, history: history)
    guess.describe(in: &report)
    let guessed = Clock.now()
    displacer.project(model, lambda: lambda.pointer, stop: stop, report: &report)
    let solved = Clock.now()
    refuseNaN(lambda, &report)
    history.record(problem, lambda: lambda.pointer)
    report.guessTime = guessed - start + (Clock.now() - solved) - report.inferenceTime
    report.solveTime += solved - guessed
    return report
  }

  /// Adds what the solver carries from step to step to a checkpoint.
  public func save(to archive: inout StateArchive) {
    history.save(to: &archive)
    passBudget.save(to: &archive)
    (velocitySolver as? any StatefulSolver)?.save(to: &archive)
  }

  /// Reads it back. Throws `StateArchiveError`.
  public func restore(_ archive: StateArchive) throws {
    try history.restore(archive)
    try passBudget.restore(archive)
    try (velocitySolver as? any StatefulSolver)?.restore(archive)
  }

  /// NaN must never reach the velocities without a word.
  private func refuseNaN(_ lambda: Buffer<Double>, _ report: inout SolveReport) {
    for row in 0..<lambda.count where !lambda.pointer[row].isFinite {
      lambda.fill(0)
      report.reason = .breakdown
      break
    }
  }
}

/// The monotonic clock (s); a reading costs about 25 ns.
public enum Clock {
  /// Seconds since an arbitrary start.
  @inlinable
  public static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
