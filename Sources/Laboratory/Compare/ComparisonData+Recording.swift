import Dynamics

extension ComparisonData {
  /// The runs of a recording as a comparison, scene by scene. A run that never ended, since its process was killed, has
  /// what its steps tell. How a solve converged is taken of a recording of a single run: those of several runs solved
  /// problems of their own. Throws `InputError`.
  public init(recording: Recording, samplesProblems: Bool = false) throws {
    var runs: [Recording.Run] = []
    var scenes: [String] = []
    for run in recording.runs where !scenes.contains(run.manifest.scene) { scenes.append(run.manifest.scene) }
    for scene in scenes { runs += recording.runs.filter { $0.manifest.scene == scene } }
    var results: [RunResult] = []
    var traces: [[StepRecord]] = []
    for run in runs {
      let steps = try recording.steps(of: run)
      traces.append(steps)
      results.append(try run.result ?? RunResult(unfinished: run, recording, steps))
    }
    let machine = recording.runs.first?.manifest.machine ?? .current
    self.init(
      report: ComparisonReport(mode: .trajectory, budget: nil, machine: machine, results: results), traces: traces)
    if samplesProblems {
      for (index, run) in runs.enumerated() where index == 0 || runs[index - 1].manifest.scene != run.manifest.scene {
        guard let largest = traces[index].max(by: { $0.rows < $1.rows }), largest.rows > 0 else { continue }
        let problem = try recording.problem(of: run, step: largest.step).problem
        problems.append(SampleProblem(scene: run.manifest.scene, step: largest.step, problem: problem))
      }
    }
    if runs.count == 1, let run = runs.first, let curve = try ConvergenceCurve(recording, run) { convergence = [curve] }
  }
}

extension ConvergenceCurve {
  /// The longest solve of a run; nil where its iterations were not recorded.
  fileprivate init?(_ recording: Recording, _ run: Recording.Run) throws {
    var best: [Point] = []
    var bestStep = 0
    var current: [Point] = []
    var currentStep = -1
    try recording.forEachIteration(of: run) { step, iteration, residual, time in
      // The first solve of a step alone: later substeps begin again.
      if step != currentStep { (current, currentStep) = ([], step) }
      guard iteration > current.last?.iteration ?? -1 else { return }
      current.append(Point(iteration: iteration, residual: residual, time: 1e6 * time))
      if current.count > best.count { (best, bestStep) = (current, step) }
    }
    guard best.count > 1 else { return nil }
    self.init(scene: run.manifest.scene, step: bestStep, solver: run.manifest.solver, points: best)
  }
}

extension RunResult {
  /// What the steps of a run that never ended tell of it. Whether its oracles were met, and what depends on the state at
  /// the start, is not known.
  fileprivate init(unfinished run: Recording.Run, _ recording: Recording, _ steps: [StepRecord]) throws {
    let manifest = run.manifest
    var cost = CostStatistics()
    var solve = SolveStatistics(tolerance: manifest.tolerance)
    for step in steps {
      cost.observe(step)
      solve.observe(step)
    }
    self.init(
      scene: manifest.scene, parameters: manifest.parameters, solver: manifest.solver, law: manifest.law,
      timestep: manifest.timestep, substeps: manifest.substeps, steps: steps.count,
      bodies: try recording.bodies(of: run).count, joints: try recording.joints(of: run).count,
      stateHash: Runner.hexadecimal(steps.last?.stateHash ?? 0))
    self.cost = cost.result
    self.solve = solve.result
    if steps.contains(where: { $0.contacts > 0 }) {
      quality.penetration = Extremes(max: steps.map(\.penetration).max(), final: steps.last?.penetration)
    }
    if joints > 0 {
      let errors = steps.map(\.jointError)
      quality.jointError = Errors(
        max: errors.max(), mean: errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count), final: errors.last)
    }
    warnings = ["the run never ended: what its recording holds is what was done until then"]
  }
}
