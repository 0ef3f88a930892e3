import Dynamics

/// What the figures of a comparison are made of.
public struct FigureSource {
  /// The comparison.
  public let data: ComparisonData
  /// Its performance profile; nil where there is none.
  public let profile: PerformanceProfile?
  /// How the solvers are drawn.
  let styles: SolverStyles
  /// The scenes with the places of their runs in the report.
  let scenes: [(name: String, runs: [Int])]
  /// The tolerance that the budget asked for (m/s).
  let tolerance: Double?

  /// Figures are of `solvers` alone where they are given.
  public init(_ data: ComparisonData, profile: PerformanceProfile? = nil, solvers: [String]? = nil) {
    self.data = data
    let results = data.report.results
    // The driver of a shadow comparison moves the world; it is not compared.
    func isShown(_ result: RunResult) -> Bool { result.role != .driver && solvers?.contains(result.solver) ?? true }
    styles = SolverStyles(results.filter(isShown))
    var scenes: [(name: String, runs: [Int])] = []
    for (index, result) in results.enumerated() where isShown(result) {
      if scenes.last?.name == result.scene {
        scenes[scenes.count - 1].runs.append(index)
      } else {
        scenes.append((result.scene, [index]))
      }
    }
    self.scenes = scenes
    tolerance = data.report.budget.flatMap { try? Budget(parsing: $0) }?.tolerance
    self.profile = profile ?? PerformanceProfile(solving: scenes.map { scene in scene.runs.map { results[$0] } })
  }

  /// Whether every solver moved a world of its own.
  var isTrajectory: Bool { data.report.mode == .trajectory }

  /// What a time is that of: a solver of a shadow comparison has no steps of its own.
  var unitOfWork: String { isTrajectory ? "step" : "solve" }

  func result(_ run: Int) -> RunResult { data.report.results[run] }

  /// The steps of a run; empty where they were not kept.
  func trace(_ run: Int) -> [StepRecord] { run < data.traces.count ? data.traces[run] : [] }

  /// A heading that names the scene where there are several.
  func title(_ text: String, _ scene: String) -> String { scenes.count > 1 ? "\(text): \(scene)" : text }

  /// Several names in a sentence; many are cut.
  static func list(_ names: [String], limit: Int = 6) -> String {
    guard names.count > limit else {
      guard names.count > 1, let last = names.last else { return names.first ?? "" }
      return names.dropLast().joined(separator: ", ") + " and " + last
    }
    return names.prefix(limit - 1).joined(separator: ", ") + " and \(names.count - limit + 1) others"
  }
}

extension PerformanceProfile {
  /// The profile over scenes, each a problem: median time of a step, of those that solved all steps. Nil for a single
  /// scene, where the table says the same.
  init?(solving scenes: [[RunResult]]) {
    guard scenes.count > 1 else { return nil }
    var solvers: [String] = []
    for result in scenes.joined() where !solvers.contains(result.solver) { solvers.append(result.solver) }
    let times = solvers.map { solver in
      scenes.map { scene in scene.first { $0.solver == solver && $0.isSolved }?.cost.step.median }
    }
    guard times.contains(where: { $0.contains { $0 != nil } }) else { return nil }
    self.init(solvers: solvers, times: times)
  }
}
