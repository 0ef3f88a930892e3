/// What one solve cost and how it ended. Counts are sums over islands and substeps where a step adds them up.
public struct SolveReport: Sendable {
  /// Why it stopped.
  public var reason = StopReason.converged
  /// Iterations of the outermost loop (sweeps, Newton steps, CG iterations).
  public var iterations = 0
  /// The residual that the solver believes in, in its own measure; nan where it has none.
  public var believedResidual = Double.nan
  /// ‖Aλ − b‖∞ that no λ can remove (m/s), 0 where b is in the range of A.
  public var inconsistency = 0.0
  /// Products with A or H.
  public var operatorApplications = 0
  /// Passes over all constraints.
  public var constraintPasses = 0
  /// Numeric factorisations.
  public var factorizations = 0
  /// Pairs of triangular solves.
  public var triangularSolves = 0
  /// Symbolic analyses: work that an unchanged pattern saves.
  public var analyses = 0
  /// Estimated floating-point operations.
  public var flops = 0.0
  /// Time of the initial guess (s).
  public var guessTime = 0.0
  /// Time of set-up and first factorisation (s).
  public var setupTime = 0.0
  /// Time of the iterations (s).
  public var solveTime = 0.0
  /// Time of neural inference (s), part of neither of the others.
  public var inferenceTime = 0.0

  /// What a learned part's network was told last, its inputs in their order and zeros after them: what it is trained on.
  public var networkInput = SIMD16<Float>.zero

  /// Steps of a learned part that its safeguard took back.
  public var rejections = 0
  /// Solves in which a learned part met a problem outside of what it was trained on.
  public var solvesOutsideTraining = 0

  /// Time of everything (s).
  public var totalTime: Double { guessTime + setupTime + solveTime + inferenceTime }

  /// A report of nothing done.
  public init() {}

  /// Adds what an inner linear solve cost; how it ended is its caller's matter.
  public mutating func addCosts(of linear: SolveReport) {
    triangularSolves += linear.triangularSolves
    operatorApplications += linear.operatorApplications
    flops += linear.flops
    inferenceTime += linear.inferenceTime
    rejections += linear.rejections
    if linear.networkInput != .zero { networkInput = linear.networkInput }
    solvesOutsideTraining = max(solvesOutsideTraining, linear.solvesOutsideTraining)
  }

  /// Adds the counts and times of `other`; the reason becomes the worse of the two.
  public mutating func accumulate(_ other: SolveReport) {
    if other.reason.severity > reason.severity { reason = other.reason }
    iterations += other.iterations
    believedResidual = other.believedResidual
    inconsistency = max(inconsistency, other.inconsistency)
    operatorApplications += other.operatorApplications
    constraintPasses += other.constraintPasses
    factorizations += other.factorizations
    triangularSolves += other.triangularSolves
    analyses += other.analyses
    flops += other.flops
    guessTime += other.guessTime
    setupTime += other.setupTime
    solveTime += other.solveTime
    inferenceTime += other.inferenceTime
    rejections += other.rejections
    if other.networkInput != .zero { networkInput = other.networkInput }
    solvesOutsideTraining += other.solvesOutsideTraining
  }
}
