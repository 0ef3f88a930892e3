import ConstraintSystem

/// How one solver did on one problem: a row of `solve`.
public struct SolveResult: Encodable, Sendable {
  /// The solver as the user typed it.
  public var solver: String
  /// Why it stopped; `converged` where the chosen measure is met.
  public var stopReason: StopReason
  /// What else there is to say about that; nil mostly.
  public var message: String?
  /// Iterations of the solve.
  public var iterations: Int?
  /// Set-up: matrices, analyses, factorisations (µs, median).
  public var setup: Double?
  /// The whole solve from λ = 0, set-up included (µs, median).
  public var time: Double?
  /// Products with A or H.
  public var operatorApplications: Int?
  /// What a learned part's network was told, zeros after its inputs; nil where there was none.
  public var networkInput: [Float]?
  /// How good λ is; nil where there is none.
  public var measures: SolveMeasures?

  /// A row of a solver that has measured nothing yet.
  init(_ solver: String, _ reason: StopReason, message: String? = nil) {
    self.solver = solver
    stopReason = reason
    self.message = message
  }

  private enum Key: String, CodingKey {
    case solver, stopReason, message, iterations, setup, time, operatorApplications, residual, relativeResidual
    case networkInput, siconosError, paperError, relativeError, normImpulse, normVelocity
  }

  /// Every key is there, null where a number does not apply; `relativeError`, `message`
  /// and `networkInput` only where there is one.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    func number(_ value: Double?, _ key: Key) throws {
      if let value, value.isFinite {
        try container.encode(value, forKey: key)
      } else {
        try container.encodeNil(forKey: key)
      }
    }
    try container.encode(solver, forKey: .solver)
    try container.encode(stopReason, forKey: .stopReason)
    try container.encodeIfPresent(message, forKey: .message)
    try container.encode(iterations, forKey: .iterations)
    try number(setup, .setup)
    try number(time, .time)
    try container.encode(operatorApplications, forKey: .operatorApplications)
    try container.encodeIfPresent(networkInput, forKey: .networkInput)
    try number(measures?.residual, .residual)
    try number(measures?.relativeResidual, .relativeResidual)
    try number(measures?.siconosError, .siconosError)
    try number(measures?.paperError, .paperError)
    if let error = measures?.relativeError { try number(error, .relativeError) }
    try number(measures?.normImpulse, .normImpulse)
    try number(measures?.normVelocity, .normVelocity)
  }
}

/// The object that `solve --json` prints for one problem.
public struct SolveReportDocument: Encodable, Sendable {
  /// The file's name.
  public var problem: String
  /// What the file was.
  public var format: ProblemInput.Format
  /// Rows of A.
  public var rows: Int
  /// Contacts; 0 for a linear system.
  public var contacts: Int
  /// Rank of A; left out of large problems.
  public var rank: Int?
  /// Condition of A on its range; left out of large problems.
  public var condition: Double?
  /// ‖A − Aᵀ‖_F / ‖A‖_F as stored.
  public var asymmetry: Double
  /// Whether A was replaced by ½(A + Aᵀ).
  public var symmetrised: Bool
  /// What the tolerance tests.
  public var measure: SolveMeasure
  /// Bound on the measure.
  public var tolerance: Double
  /// The solvers in the order in which they were given.
  public var results: [SolveResult]
}

/// The object that `solve --json` prints for several problems.
public struct SolveReportList: Encodable, Sendable {
  /// One object a problem.
  public var problems: [SolveReportDocument]

  /// A list.
  public init(_ problems: [SolveReportDocument]) { self.problems = problems }
}
