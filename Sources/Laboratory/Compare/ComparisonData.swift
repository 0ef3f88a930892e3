import ConstraintSystem
import Dynamics

/// Everything that a comparison measured: what its table, its report and its figures are made of.
public struct ComparisonData {
  /// What `compare --json` prints.
  public var report: ComparisonReport
  /// Every step of every run, one list for each of the report's results. In the mode `shadow` the times, counts and
  /// residual are those of the solver on the driver's problem, and what belongs to the world (energy, penetration,
  /// joint error) is the driver's.
  public var traces: [[StepRecord]]
  /// How residuals fell on one problem of every scene.
  public var convergence: [ConvergenceCurve]
  /// The problems that those curves belong to, one a scene.
  public var problems: [SampleProblem]

  /// Data from their parts.
  public init(
    report: ComparisonReport, traces: [[StepRecord]], convergence: [ConvergenceCurve] = [],
    problems: [SampleProblem] = []
  ) {
    self.report = report
    self.traces = traces
    self.convergence = convergence
    self.problems = problems
  }
}

/// How the residual of one solver fell on one problem.
public struct ConvergenceCurve: Codable, Sendable {
  /// Name of the scene.
  public var scene: String
  /// Step that the problem was taken from.
  public var step: Int
  /// The solver as the user typed it.
  public var solver: String
  /// Iterations from the start on, the first 0.
  public var points: [Point]

  /// A state of the solve.
  public struct Point: Codable, Sendable {
    /// Iterations done.
    public var iteration: Int
    /// Natural-map residual (m/s).
    public var residual: Double
    /// Time since the start of the solve, set-up included (µs).
    public var time: Double

    /// A point from its numbers.
    public init(iteration: Int, residual: Double, time: Double) {
      self.iteration = iteration
      self.residual = residual
      self.time = time
    }
  }

  /// A curve from its parts.
  public init(scene: String, step: Int, solver: String, points: [Point]) {
    self.scene = scene
    self.step = step
    self.solver = solver
    self.points = points
  }
}

/// One problem of a scene.
public struct SampleProblem {
  /// Name of the scene.
  public var scene: String
  /// Step that it was taken from.
  public var step: Int
  /// The problem, a copy.
  public var problem: ConstraintProblem

  /// A problem from its parts.
  public init(scene: String, step: Int, problem: ConstraintProblem) {
    self.scene = scene
    self.step = step
    self.problem = problem
  }
}
