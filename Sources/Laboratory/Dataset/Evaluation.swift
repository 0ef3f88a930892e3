import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers

/// Every solver on every system of a dataset, once a tolerance: how solvers are judged end to end.
///
/// All start from the same history: that of the system, or from zero. A solver keeps one assembly for the whole dataset,
/// so that what it caches by pattern is cached as in a run. Times are the least of the repeats, and from system to system
/// another solver is the first. What was reached is measured by the judge, outside of the clock.
public final class Evaluation {
  /// What every solve starts from.
  public enum Start: String, Sendable, CaseIterable, Codable {
    /// What the solver's guess makes of the system's history.
    case warm
    /// Zero.
    case zero
  }

  /// How it is done.
  public struct Options: Sendable {
    /// Residuals (m/s) at which solves stop, one solve each.
    public var tolerances = [1e-2, 1e-4, 1e-6, 1e-8]
    /// Start of every solve.
    public var start = Start.warm
    /// Number of systems, evenly spread over the dataset; nil: all.
    public var limit: Int?
    /// Iterations of a solve at most, for solvers whose text names no number.
    public var iterations = 20_000
    /// Time of a solve at most (s), likewise.
    public var timeLimit = 1.0
    /// How often each solve is done.
    public var repeats = 3

    /// The protocol's defaults.
    public init() {}
  }

  /// The systems.
  public let dataset: Dataset
  /// The solvers, the baseline first.
  public let solvers: [String]
  /// How it is done.
  public let options: Options
  /// The systems that are solved, by their number in the dataset.
  public let systems: [Int]
  /// What came of it: for every system that was solved, solver by solver, each tolerance.
  public private(set) var records: [EvaluationRecord] = []
  /// Asked between systems; true ends with what is there.
  public var shouldStop: () -> Bool = { false }
  /// Called after every system with the number of those done.
  public var progress: (Int) -> Void = { _ in }

  private let assemblies: [SolverAssembly]
  private let judge = NaturalMap()
  private let lambda = Buffer<Double>()
  private let problem = ConstraintProblem()
  /// A solve is not repeated once its repeats have taken this long (s) together.
  private static let longTime = 0.02

  /// An evaluation of solvers given by their texts. Throws `SolverTextError`, or `InputError` (`usage`).
  public init(_ dataset: Dataset, solvers: [String], options: Options = Options()) throws {
    guard !solvers.isEmpty, !options.tolerances.isEmpty else {
      throw InputError(.usage, "expected solvers and tolerances")
    }
    self.dataset = dataset
    self.solvers = solvers
    self.options = options
    let count = min(options.limit ?? dataset.count, dataset.count)
    systems = (0..<count).map { $0 * dataset.count / count }
    assemblies = try solvers.map { text in
      let assembly = try SolverCatalog.complete.make(text)
      if assembly.stop.iterations == nil { assembly.stop.iterations = options.iterations }
      if assembly.stop.timeLimit == nil { assembly.stop.timeLimit = options.timeLimit }
      return assembly
    }
  }

  /// Solves everything. Call it once.
  public func run() {
    records.reserveCapacity(systems.count * solvers.count * options.tolerances.count)
    for (number, system) in systems.enumerated() {
      if shouldStop() { return }
      solve(system, first: number)
      progress(number + 1)
    }
  }

  private func solve(_ system: Int, first: Int) {
    dataset.columns.assign(system: system, to: problem)
    let tolerances = options.tolerances
    var results = [EvaluationRecord?](repeating: nil, count: solvers.count * tolerances.count)
    var spent = [Double](repeating: 0, count: results.count)
    for repetition in 0..<options.repeats {
      for place in 0..<solvers.count {
        let index = (first + repetition + place) % solvers.count
        guard assemblies[index].supports(problem) else {
          for tolerance in tolerances.indices where repetition == 0 {
            results[index * tolerances.count + tolerance] = EvaluationRecord(
              system: system, solver: index, tolerance: tolerance)
          }
          continue
        }
        for tolerance in tolerances.indices {
          let slot = index * tolerances.count + tolerance
          if spent[slot] > Self.longTime { continue }
          let record = solve(system, index, tolerance)
          spent[slot] += record.time
          if results[slot] == nil { results[slot] = record }
          if record.time < results[slot]!.time {
            results[slot]!.time = record.time
            results[slot]!.inferenceTime = record.inferenceTime
          }
        }
      }
    }
    records += results.compactMap { $0 }
  }

  private func solve(_ system: Int, _ index: Int, _ tolerance: Int) -> EvaluationRecord {
    let assembly = assemblies[index]
    assembly.stop.tolerance = options.tolerances[tolerance]
    dataset.columns.fill(assembly.history, system: system, problem: problem)
    if options.start == .zero {
      let zero = assembly.start ?? Buffer()
      zero.resize(to: problem.rowCount, filling: 0)
      zero.fill(0)
      assembly.start = zero
    }
    let report = assembly.solve(problem, into: lambda)
    var record = EvaluationRecord(system: system, solver: index, tolerance: tolerance)
    record.reason = report.reason
    record.iterations = report.iterations
    record.constraintPasses = report.constraintPasses
    record.operatorApplications = report.operatorApplications
    record.time = report.totalTime
    record.inferenceTime = report.inferenceTime
    record.rejections = report.rejections
    record.isOutsideTraining = report.solvesOutsideTraining > 0
    record.residual = judge.residual(problem, lambda: lambda.pointer).maximum
    // A solver may round the last digit of its own measure otherwise than the judge does.
    record.isReached = record.residual <= options.tolerances[tolerance] * (1 + 1e-6)
    return record
  }
}

/// One solve of an evaluation.
public struct EvaluationRecord: Sendable {
  /// Number of the system in the dataset.
  public var system: Int
  /// Index of the solver.
  public var solver: Int
  /// Index of the tolerance.
  public var tolerance: Int
  /// Why it stopped.
  public var reason = StopReason.unsupported
  /// Iterations of the outermost loop.
  public var iterations = 0
  /// Passes over all constraints.
  public var constraintPasses = 0
  /// Products with A or H.
  public var operatorApplications = 0
  /// Guess, set-up, iterations and inference (s).
  public var time = 0.0
  /// Time of neural inference alone (s).
  public var inferenceTime = 0.0
  /// Learned steps that a safeguard took back.
  public var rejections = 0
  /// Whether a learned part met a problem outside of its training.
  public var isOutsideTraining = false
  /// The judge's residual (m/s).
  public var residual = Double.infinity
  /// Whether the judge's residual meets the tolerance.
  public var isReached = false

  /// Whether the solver solves the system's law and sets.
  public var isSupported: Bool { reason != .unsupported }
  /// Passes, by products where the solver counts none: a product is two passes.
  public var passes: Int { constraintPasses > 0 ? constraintPasses : 2 * operatorApplications }
}
