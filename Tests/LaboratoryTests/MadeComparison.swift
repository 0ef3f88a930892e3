import ConstraintSystem
import Dynamics
import Laboratory

/// Comparisons made by hand: everything that a figure may meet.
enum MadeComparison {
  /// One run: median time of a step (µs) and residual (m/s), nil where the solver refused the problem.
  struct Run {
    var scene = "stack"
    var solver: String
    var time: Double?
    var residual: Double?
    var reason = StopReason.converged
    var contacts = 4
    var joints = 0
  }

  /// A comparison of a scene without rows, whose numbers are then replaced.
  private static let blank: ComparisonReport = {
    var options = RunOptions()
    options.steps = 1
    let scene = Comparison.Candidate(name: "falling") { try SceneInCode.falling() }
    do {
      let comparison = try Comparison(scenes: [scene], solvers: ["pgs"], options: options)
      try comparison.run()
      return comparison.report
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  static func result(_ run: Run, steps: Int) -> RunResult {
    var result = blank.results[0]
    result.scene = run.scene
    result.solver = run.solver
    result.steps = run.time == nil ? 0 : steps
    result.joints = run.joints
    result.solve.stopReasons = [run.reason.rawValue: run.time == nil ? 1 : steps]
    let times = run.time
    result.cost.step.median = times
    result.cost.step.p99 = times.map { 2 * $0 }
    result.cost.phases.broadphase = nil
    result.cost.phases.narrowphase = nil
    result.cost.phases.assembly = times.map { 0.25 * $0 }
    result.cost.phases.guess = nil
    result.cost.phases.setup = nil
    result.cost.phases.solve = times.map { 0.75 * $0 }
    result.cost.phases.integration = nil
    result.cost.phases.other = nil
    result.solve.rows = run.residual.map { _ in 12 }
    result.solve.contacts = run.contacts
    result.solve.residual.median = run.residual
    result.solve.residual.p99 = run.residual
    result.solve.residual.max = run.residual
    result.quality.penetration.max = run.residual
    return result
  }

  /// A step's record whose numbers go up and down.
  static func record(_ step: Int, _ run: Run) -> StepRecord {
    var record = StepRecord()
    record.step = step
    record.time = Double(step + 1) / 60
    record.rows = 12
    record.contacts = run.contacts
    record.residual.maximum = (run.residual ?? 0) * (1 + 0.5 * Double(step % 7))
    record.penetration = run.contacts > 0 ? 1e-6 * Double(1 + step % 5) : 0
    record.jointError = run.joints > 0 ? 1e-5 * Double(1 + step % 3) : 0
    record.energy = 100 - 0.01 * Double(step)
    return record
  }

  static func data(_ runs: [Run], steps: Int = 30, budget: String? = nil) -> ComparisonData {
    var report = blank
    report.budget = budget
    report.results = runs.map { result($0, steps: steps) }
    let traces = runs.map { run in run.time == nil ? [] : (0..<steps).map { record($0, run) } }
    let curves = runs.filter { $0.time != nil }.map { run in
      ConvergenceCurve(
        scene: run.scene, step: 3, solver: run.solver,
        points: (0..<12).map { index in
          ConvergenceCurve.Point(
            iteration: index, residual: (run.residual ?? 0) * Double(12 - index), time: Double(index) * 2)
        })
    }
    return ComparisonData(report: report, traces: traces, convergence: curves)
  }

  /// Texts that mean something to gnuplot, to XML, to CSV, or to a URI.
  static let strange = [
    "newton:linear=pcg,preconditioner=ic0", "a&<b>_^{c}", "it's \"quoted\" \\n `date` $x @y #1 100% ~é",
  ]
}
