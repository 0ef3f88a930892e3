import ConstraintSystem
import Dynamics
import Solvers

/// The same scenes under several solvers.
///
/// In the mode `trajectory` every solver drives a world of its own from the same start, so that what differs is what a
/// user of that solver would see. Scenes vary slowest, solvers fastest. A solver that does not solve the scene's law,
/// or breaks down, has its row with the reason.
public final class Comparison {
  /// How the solvers are given their problems.
  public enum Mode: String, Codable, Sendable {
    /// Every solver drives a world of its own.
    case trajectory
  }

  /// One run of a comparison.
  public struct Entry {
    /// What was measured.
    public var result: RunResult
    /// What ended it early.
    public var failure: SimulationError?

    /// Whether the solver does not solve the scene's law or sets.
    public var isUnsupported: Bool { if case .unsupported = failure { true } else { false } }
  }

  /// A scene that can be made anew for every solver.
  public struct Candidate {
    /// Name for progress.
    public var name: String
    /// Makes the scene at time 0. Throws `InputError`.
    public var build: () throws -> Scene

    /// A candidate from its parts.
    public init(name: String, build: @escaping () throws -> Scene) {
      self.name = name
      self.build = build
    }
  }

  /// The runs so far, scene by scene.
  public private(set) var entries: [Entry] = []
  /// Asked before every step; true ends the comparison with what was measured so far.
  public var shouldStop: (() -> Bool)?
  /// Told of every run that begins: scene, solver, number of steps; gives what is told of every step.
  public var willRun: ((_ scene: String, _ solver: String, _ steps: Int) -> ((Int) -> Void))?
  /// Told of every run that ended.
  public var didRun: ((Entry) -> Void)?
  /// Whether the record of every step is kept, for figures.
  public var keepsTraces = false
  private var traces: [[StepRecord]] = []

  private let scenes: [Candidate]
  private let solvers: [String]
  private let options: RunOptions

  /// A comparison of `solvers` (texts) on `scenes`. Builds every scene once, so that a wrong parameter is an error
  /// before the first run. Throws `InputError`.
  public init(scenes: [Candidate], solvers: [String], options: RunOptions = RunOptions()) throws {
    self.scenes = scenes
    self.solvers = solvers
    self.options = options
    try options.validate()
    for scene in scenes { _ = try scene.build() }
  }

  /// Does all runs.
  public func run() throws {
    for candidate in scenes {
      for solver in solvers {
        if shouldStop?() == true { return }
        let runner = try Runner(scene: candidate.build(), solver: solver, options: options)
        runner.shouldStop = shouldStop
        runner.progress = willRun?(candidate.name, solver, runner.stepCount)
        let trace = TraceCollector()
        if keepsTraces { runner.observers.append(trace) }
        let entry = Entry(result: runner.run(), failure: runner.failure)
        entries.append(entry)
        traces.append(trace.records)
        didRun?(entry)
      }
    }
  }

  /// Everything that was measured: what a report and its figures are made of.
  public var data: ComparisonData { ComparisonData(report: report, traces: traces) }

  /// What `compare --json` prints.
  public var report: ComparisonReport {
    ComparisonReport(
      mode: .trajectory, budget: options.budget.text.isEmpty ? nil : options.budget.text, machine: .current,
      results: entries.map(\.result))
  }
}

/// The object that `compare --json` prints.
public struct ComparisonReport: Codable, Sendable {
  /// How the solvers were given their problems.
  public var mode: Comparison.Mode
  /// The budget as the user typed it; null where there was none.
  @Nullable public var budget: String?
  /// Where the times were taken.
  public var machine: Machine
  /// The runs, scene by scene, solvers in the order in which they were given.
  public var results: [RunResult]
}
