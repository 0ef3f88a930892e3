import ConstraintSystem
import Dynamics
import Solvers

/// The same scenes under several solvers.
///
/// In the mode `trajectory` every solver drives a world of its own from the same start, so that what differs is what a
/// user of that solver would see. In the mode `shadow` one driver moves the world and every solver gets each of its
/// problems: the fair measure of a solve. Scenes vary slowest, solvers fastest. A solver that does not solve the scene's
/// law, or breaks down, has its row with the reason.
///
/// Repeats do everything again with another solver first; the time of a step is then its median over the repeats.
public final class Comparison {
  /// How the solvers are given their problems.
  public enum Mode: String, Codable, Sendable, CaseIterable {
    /// Every solver drives a world of its own.
    case trajectory
    /// Every solver solves the problems of one world.
    case shadow
  }

  /// One run of a comparison.
  public struct Entry {
    /// What was measured.
    public var result: RunResult
    /// What ended it early.
    public var failure: SimulationError?
    /// Its steps.
    var trace: [StepRecord] = []

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

  /// The most accurate driver that solves every law: sparse LDLᵀ inside of `newton`, `semismooth` or `active-set`.
  public static let standardDriver = "ldl:tolerance=1e-9"

  /// How the solvers are given their problems.
  public var mode = Mode.trajectory
  /// What moves the world in the mode `shadow`.
  public var driver = Comparison.standardDriver
  /// How often everything is done.
  public var repeats = 1
  /// The runs so far, scene by scene.
  public private(set) var entries: [Entry] = []
  /// Asked before every step; true ends the comparison with what was measured so far.
  public var shouldStop: (() -> Bool)?
  /// Told of every run that begins: scene, solver, number of steps; gives what is told of every step.
  public var willRun: ((_ scene: String, _ solver: String, _ steps: Int) -> ((Int) -> Void))?
  /// Told of every run that ended.
  public var didRun: ((Entry) -> Void)?
  /// A further observer of every run that moves a world, for recordings; called before it begins.
  public var makeObserver: ((_ scene: Scene, _ steps: Int) -> (any RunObserver)?)?
  /// Told of its end.
  public var didObserve: ((any RunObserver, RunResult) -> Void)?
  /// Whether the record of every step is kept, for figures.
  public var keepsTraces = false
  /// Whether one problem of every scene is solved cold by every solver, for convergence figures.
  public var samplesProblems = false
  /// What was sampled.
  public private(set) var samples: [SampleProblem] = []
  public private(set) var curves: [ConvergenceCurve] = []
  /// Wall time of the mode `shadow` beyond the sum of all solves, as a share of that: the driver's own steps included.
  public private(set) var overhead: Double?
  /// What a user should know beside the runs' own warnings.
  public private(set) var warnings: [String] = []

  private let scenes: [Candidate]
  private let solvers: [String]
  private let options: RunOptions
  private var wallTime = 0.0
  private var solveTime = 0.0

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
      let sampler = samplesProblems ? ProblemSampler() : nil
      var rounds: [[Entry]] = []
      for round in 0..<repeats {
        if isStopped { break }
        let observer = round == 0 ? sampler : nil
        let entries = mode == .shadow ? try shadow(candidate, round, observer) : try alone(candidate, round, observer)
        // A repeat that was cut short says nothing.
        if round == 0 || !isStopped { rounds.append(entries) }
      }
      entries += combine(rounds, scene: candidate.name)
      if let sample = sampler?.sample(of: rounds.first?.first?.result.scene ?? candidate.name) {
        samples.append(sample)
        for solver in solvers where !isStopped {
          if let curve = try ProblemSampler.curve(sample, solver: solver, budget: options.budget) {
            curves.append(curve)
          }
        }
      }
    }
  }

  private var isStopped: Bool { shouldStop?() == true }
  private var needsTraces: Bool { keepsTraces || repeats > 1 || mode == .shadow }

  /// One run by a solver.
  private func run(
    _ candidate: Candidate, _ solver: String, label: String, _ observers: [any RunObserver], records: Bool
  ) throws -> Entry {
    let scene = try candidate.build()
    let runner = try Runner(scene: scene, solver: solver, options: options)
    runner.shouldStop = shouldStop
    runner.progress = willRun?(candidate.name, label, runner.stepCount)
    let trace = TraceCollector()
    let recorder = records ? makeObserver?(scene, runner.stepCount) : nil
    runner.observers = observers + (needsTraces ? [trace] : []) + (recorder.map { [$0] } ?? [])
    let entry = Entry(result: runner.run(), failure: runner.failure, trace: trace.records)
    if let recorder { didObserve?(recorder, entry.result) }
    return entry
  }

  /// Every solver in a world of its own; in the order of `solvers`, though another one comes first in every round.
  private func alone(_ candidate: Candidate, _ round: Int, _ sampler: ProblemSampler?) throws -> [Entry] {
    var entries: [(place: Int, entry: Entry)] = []
    for turn in 0..<solvers.count {
      if isStopped { break }
      let place = (turn + round) % solvers.count
      let observers: [any RunObserver] = turn == 0 ? [sampler].compactMap { $0 } : []
      let entry = try run(candidate, solvers[place], label: solvers[place], observers, records: round == 0)
      entries.append((place, entry))
      didRun?(entry)
    }
    return entries.sorted { $0.place < $1.place }.map(\.entry)
  }

  /// The driver's entry, then that of every solver on its problems.
  private func shadow(_ candidate: Candidate, _ round: Int, _ sampler: ProblemSampler?) throws -> [Entry] {
    let bench = try ShadowBench(solvers, budget: options.budget, first: round)
    let start = Clock.now()
    var driven = try run(
      candidate, driver, label: "\(solvers.count) solvers", [bench] + [sampler].compactMap { $0 }, records: round == 0)
    wallTime += Clock.now() - start
    solveTime += bench.solveTime
    driven.result.role = .driver
    let condition = bench.conditions.distribution()
    driven.result.solve.condition = RunResult.Condition(median: condition?.median, max: condition?.maximum)
    didRun?(driven)
    overhead = solveTime > 0 ? wallTime / solveTime - 1 : nil
    return [driven]
      + zip(zip(solvers, bench.stops), bench.traces).map { pair, trace in
        contestant(pair.0, pair.1, trace, of: driven)
      }
  }

  private func contestant(_ solver: String, _ stop: StopRule, _ trace: [StepRecord], of driver: Entry) -> Entry {
    var result = driver.result
    result.solver = solver
    result.role = .contestant
    result.cost = RunResult.Cost()
    result.solve = RunResult.Solve()
    result.quality = RunResult.Quality()
    result.oracles = []
    result.warnings = []
    result.recording = nil
    result.error = driver.failure?.description
    var failure = driver.failure
    if trace.isEmpty && driver.result.steps > 0 {
      result.steps = 0
      result.solve.stopReasons = [StopReason.unsupported.rawValue: 1]
      failure = .unsupported(solver: solver, law: result.law)
      result.error = failure?.description
    } else {
      Self.summarize(trace, stop.tolerance, into: &result)
    }
    return Entry(result: result, failure: failure, trace: trace)
  }

  /// Cost and solves of steps.
  private static func summarize(_ trace: [StepRecord], _ tolerance: Double, into result: inout RunResult) {
    var cost = CostStatistics()
    var solve = SolveStatistics(tolerance: tolerance)
    for record in trace {
      cost.observe(record)
      solve.observe(record)
    }
    result.cost = cost.result
    let condition = result.solve.condition
    result.solve = solve.result
    result.solve.condition = condition
  }

  /// One entry of several rounds: times of a step are medians over them.
  private func combine(_ rounds: [[Entry]], scene: String) -> [Entry] {
    guard var entries = rounds.first, rounds.count > 1 else { return rounds.first ?? [] }
    for index in entries.indices {
      let others = rounds.dropFirst().compactMap { index < $0.count ? $0[index] : nil }
      let count = entries[index].trace.count
      guard others.allSatisfy({ $0.trace.count == count }) else { continue }
      if others.contains(where: { $0.result.stateHash != entries[index].result.stateHash }) {
        warnings.append("\(scene), \(entries[index].result.solver): repeats end in other states")
      }
      let traces = [entries[index].trace] + others.map(\.trace)
      for step in 0..<count {
        func median(_ value: (StepRecord) -> Double) -> Double {
          Series.median(ofSorted: traces.map { value($0[step]) }.sorted())
        }
        entries[index].trace[step].total = median(\.total)
        for stage in StepStage.allCases { entries[index].trace[step].stages[stage] = median { $0.stages[stage] } }
      }
      var cost = CostStatistics()
      for record in entries[index].trace { cost.observe(record) }
      if count > 0 { entries[index].result.cost = cost.result }
    }
    return entries
  }

  /// Everything that was measured: what a report and its figures are made of.
  public var data: ComparisonData {
    ComparisonData(
      report: report, traces: entries.map { keepsTraces ? $0.trace : [] }, convergence: curves, problems: samples)
  }

  /// What `compare --json` prints.
  public var report: ComparisonReport {
    ComparisonReport(
      mode: mode, budget: options.budget.text.isEmpty ? nil : options.budget.text, repeats: repeats, machine: .current,
      overhead: overhead, warnings: warnings, profile: profile, results: entries.map(\.result))
  }

  /// The performance profile. In the mode `shadow` every step with rows is a problem, solved where its residual meets the
  /// budget's tolerance, or 1e-6 m/s; in the mode `trajectory` every scene is one, solved where all its steps are.
  public var profile: PerformanceProfile? {
    guard mode == .shadow else {
      let scenes = Dictionary(grouping: entries.map(\.result), by: \.scene)
      return PerformanceProfile(solving: scenes.sorted { $0.key < $1.key }.map(\.value))
    }
    let tolerance = 1.01 * (options.budget.tolerance ?? 1e-6)
    let contestants = entries.filter { $0.result.role == .contestant }
    guard !contestants.isEmpty, contestants.count % solvers.count == 0 else { return nil }
    let times = solvers.indices.map { place in
      stride(from: place, to: contestants.count, by: solvers.count).flatMap { index -> [Double?] in
        let driver = entries.first { $0.result.role == .driver && $0.result.scene == contestants[index].result.scene }
        let own = contestants[index].trace
        return (driver?.trace ?? []).indices.compactMap { step -> Double?? in
          guard driver!.trace[step].rows > 0 else { return nil }
          guard step < own.count, own[step].residual.maximum <= tolerance else { return .some(nil) }
          return own[step].total
        }
      }
    }
    return PerformanceProfile(solvers: solvers, times: times)
  }
}

/// The object that `compare --json` prints.
public struct ComparisonReport: Codable, Sendable {
  /// How the solvers were given their problems.
  public var mode: Comparison.Mode
  /// The budget as the user typed it; null where there was none.
  @Nullable public var budget: String?
  /// How often everything was done.
  public var repeats = 1
  /// Where the times were taken.
  public var machine: Machine
  /// Wall time of the mode `shadow` beyond the sum of all solves, as a share of that; null in the mode `trajectory`.
  @Measured public var overhead: Double? = nil
  /// What a user should know beside the runs' own warnings.
  public var warnings: [String] = []
  /// The performance profile; null where there is none.
  @Nullable public var profile: PerformanceProfile? = nil
  /// The runs, scene by scene, solvers in the order in which they were given; in the mode `shadow` the driver first.
  public var results: [RunResult]
}
