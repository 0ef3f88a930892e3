import ConstraintSystem

/// What a run cost and how good it was: the object that `run --json` prints and of which `compare --json` has a list.
///
/// Times are microseconds, lengths metres, energies joules, residuals m/s (rad/s on angular rows). A number that does
/// not apply is null, never 0.
public struct RunResult: Codable, Sendable {
  /// Name of the scene.
  public var scene: String
  /// Every parameter of the scene with the value it had.
  public var parameters: [String: Double]
  /// The solver as the user typed it.
  public var solver: String
  /// Friction law of contacts.
  public var law: FrictionLaw
  /// Length of a step (s).
  public var timestep: Double
  /// Number of substeps of a step.
  public var substeps: Int
  /// Number of steps that were done.
  public var steps: Int
  /// Number of bodies.
  public var bodies: Int
  /// Number of joints.
  public var joints: Int
  /// Control noise as a share of weight; null where there was none.
  @Measured public var noise: Double? = nil
  /// What the noise was drawn from.
  @Nullable public var seed: UInt64? = nil
  /// In the mode `shadow` whether the run moved the world or only solved its problems; null in the mode `trajectory`.
  @Nullable public var role: Role? = nil
  /// What a step cost.
  public var cost = Cost()
  /// How well the problems were solved.
  public var solve = Solve()
  /// How well the physics came out.
  public var quality = Quality()
  /// Verdicts of the scene's oracles.
  public var oracles: [OracleResult] = []
  /// What a user should know before trusting the numbers.
  public var warnings: [String] = []
  /// Memory of the process.
  public var memory = Memory()
  /// What recording the run cost; null where it was not recorded.
  @Nullable public var recording: RecordingCost? = nil
  /// Hash of all states, 16 hexadecimal digits.
  public var stateHash: String
  /// Why the run could not go on. The only key that is missing where it does not apply.
  public var error: String?

  /// Part of a run in a shadow comparison.
  public enum Role: String, Codable, Sendable {
    /// It moved the world.
    case driver
    /// It solved the driver's problems: times are those of its solves, and nothing is said of the physics.
    case contestant
  }

  /// Times of a step (µs), without the first one: it fills caches and buffers.
  public struct Cost: Codable, Sendable {
    /// The whole step.
    public var step = Times()
    /// Medians by stage.
    public var phases = Phases()
  }

  /// Quantiles of a time (µs).
  public struct Times: Codable, Sendable {
    /// Median.
    @Measured public var median: Double? = nil
    /// Bootstrap interval of the median, 95 %, see `Bootstrap`; null for fewer than 20 steps.
    @Nullable public var medianInterval: [Double]? = nil
    /// The time that 99 % of the steps do not exceed.
    @Measured public var p99: Double? = nil
    /// Mean.
    @Measured public var mean: Double? = nil
    /// The longest step.
    @Measured public var max: Double? = nil
  }

  /// Median times by stage (µs); null for a stage that no step had.
  public struct Phases: Codable, Sendable {
    /// Bounds and pairs.
    @Measured public var broadphase: Double? = nil
    /// Contact manifolds.
    @Measured public var narrowphase: Double? = nil
    /// Rows of the problems.
    @Measured public var assembly: Double? = nil
    /// Initial impulses.
    @Measured public var guess: Double? = nil
    /// Matrices and first factorisations.
    @Measured public var setup: Double? = nil
    /// Iterations.
    @Measured public var solve: Double? = nil
    /// Neural networks.
    @Measured public var inference: Double? = nil
    /// Positions.
    @Measured public var integration: Double? = nil
    /// Everything else.
    @Measured public var other: Double? = nil
  }

  /// The velocity problems and their solutions.
  public struct Solve: Codable, Sendable {
    /// Largest number of rows of a step's problem.
    @Nullable public var rows: Int? = nil
    /// Largest number of contact points.
    @Nullable public var contacts: Int? = nil
    /// Largest number of islands.
    @Nullable public var islands: Int? = nil
    /// Iterations of a step, summed over islands and substeps.
    public var iterations = Iterations()
    /// Largest natural-map residual of a block (m/s), the worst substep of every step that had rows.
    public var residual = Residuals()
    /// ‖r‖₂ / ‖b‖₂ of the same solves.
    public var relativeResidual = Residuals()
    /// Share of the steps whose residual meets the tolerance.
    @Measured public var solvedShare: Double? = nil
    /// Condition of A on its range, of the problems of the steps 0, 1, 4, 16, 64 …; of the driver of a shadow comparison. Above
    /// 300 rows a lower bound.
    public var condition = Condition()
    /// Number of steps by the worst reason for which their solves stopped.
    public var stopReasons: [String: Int] = [:]
    /// Learned steps that a safeguard took back, over all steps.
    public var rejections = 0
    /// Solves in which a learned part met a problem outside of its training.
    public var solvesOutsideTraining = 0
  }

  /// Condition estimates of a run's problems.
  public struct Condition: Codable, Sendable {
    /// Median.
    @Measured public var median: Double? = nil
    /// Largest.
    @Measured public var max: Double? = nil
  }

  /// Iterations of a step.
  public struct Iterations: Codable, Sendable {
    /// Median.
    @Measured public var median: Double? = nil
    /// Largest.
    @Measured public var max: Double? = nil
  }

  /// Residuals over a run.
  public struct Residuals: Codable, Sendable {
    /// Median.
    @Measured public var median: Double? = nil
    /// The residual that 99 % of the steps do not exceed.
    @Measured public var p99: Double? = nil
    /// Largest.
    @Measured public var max: Double? = nil
    /// Of the last step.
    @Measured public var final: Double? = nil
  }

  /// What the bodies did.
  public struct Quality: Codable, Sendable {
    /// Penetration of contacts (m), null where nothing ever touched.
    public var penetration = Extremes()
    /// Error of the joints' positions (m), null without joints.
    public var jointError = Errors()
    /// Largest distance (m) of a body from its start.
    public var displacement = Extremes()
    /// (max E − E₀) / (total mass · |g| · extent), null without gravity.
    @Measured public var energyRise: Double? = nil
    /// (final E − E₀) / (total mass · |g| · extent), null without gravity.
    @Measured public var energyDrift: Double? = nil
    /// Momentum that no outside force explains, see `MomentumBalance`; null where bodies can push on the world.
    @Measured public var momentumDrift: Double? = nil
    /// Largest speed of a body (m/s).
    @Measured public var maximumSpeed: Double? = nil
  }

  /// Largest and last value.
  public struct Extremes: Codable, Sendable {
    /// Largest.
    @Measured public var max: Double? = nil
    /// After the last step.
    @Measured public var final: Double? = nil
  }

  /// Largest, mean and last value of a step's largest error.
  public struct Errors: Codable, Sendable {
    /// Largest.
    @Measured public var max: Double? = nil
    /// Mean over steps.
    @Measured public var mean: Double? = nil
    /// After the last step.
    @Measured public var final: Double? = nil
  }

  /// What recording a run cost.
  public struct RecordingCost: Codable, Sendable {
    /// Size of the file (bytes).
    public var bytes: Int
    /// Time on the run's thread, outside the steps' clock (µs a step).
    @Measured public var perStep: Double? = nil
    /// The same as a share of the mean step.
    @Measured public var share: Double? = nil
  }

  /// Memory of the process.
  public struct Memory: Codable, Sendable {
    /// Largest resident set so far (bytes), of the whole process.
    @Measured public var peakBytes: Double? = nil
    /// Heap allocations of a step; null outside test builds.
    @Measured public var allocationsPerStep: Double? = nil
  }
}

extension RunResult.Residuals {
  /// The summary of a series.
  init(_ series: Series) {
    let summary = series.distribution()
    self.init(median: summary?.median, p99: summary?.p99, max: summary?.maximum, final: series.last)
  }
}

extension RunResult.Times {
  /// The summary of a series of seconds, without its first value.
  init(secondsWithoutFirst series: Series) {
    let summary = series.distribution(from: 1)
    func microseconds(_ value: Double?) -> Double? { value.map { 1e6 * $0 } }
    self.init(
      median: microseconds(summary?.median),
      medianInterval: Bootstrap.medianInterval(series.values(from: 1)).map { [1e6 * $0.low, 1e6 * $0.high] },
      p99: microseconds(summary?.p99), mean: microseconds(summary?.mean),
      max: microseconds(summary?.maximum))
  }
}
