import ConstraintSystem
import Dynamics
import Glibc
import LearnedSolvers
import LinearAlgebra
import Solvers

/// Watches a run: called with the world at the start and after every step, outside the step's clock.
public protocol RunObserver: AnyObject {
  /// The world before the first step.
  func begin(_ simulation: Simulation)
  /// The world after a step.
  func observe(_ simulation: Simulation, _ record: StepRecord)
}

/// One run: a scene, a solver, a number of steps, and everything that is measured on the way.
///
/// Measuring happens between the steps, outside their clock, and keeps 13 numbers a step for the quantiles; all else
/// that it keeps does not grow with the number of steps.
public final class Runner {
  /// What moves.
  public let simulation: Simulation
  /// Number of steps to be done.
  public let stepCount: Int
  /// Called after every step with the number of steps done.
  public var progress: ((Int) -> Void)?
  /// Asked before every step; true ends the run with what was measured so far.
  public var shouldStop: (() -> Bool)?
  /// Told of every step.
  public var observers: [any RunObserver] = []
  /// What ended the run before its last step; nil where nothing did.
  public private(set) var failure: SimulationError?

  private let scene: Scene
  private var firstStep = 0

  /// A run of `scene` by the solver of a text; nil takes the scene's, or `newton`. Throws `InputError` and
  /// `SolverTextError`.
  public init(scene: Scene, solver: String? = nil, options: RunOptions = RunOptions()) throws {
    try options.validate()
    let assembly = try SolverCatalog.complete.make(solver ?? scene.solver ?? "newton")
    options.budget.apply(to: assembly)
    self.scene = scene
    simulation = Simulation(world: scene.world, solver: assembly, settings: options.settings(of: scene))
    stepCount = options.stepCount(of: scene)
  }

  /// Goes to a recorded state before the first step. Throws `StateArchiveError` where it is not one of this scene.
  public func start(from state: StateArchive) throws { try simulation.restore(state) }

  /// Does the steps and says how they went. Call it once.
  public func run() -> RunResult {
    var cost = CostStatistics()
    var solve = SolveStatistics(tolerance: simulation.solver.stop.tolerance)
    var quality = QualityStatistics(simulation.world)
    var stiffness = 0.0
    firstStep = simulation.stepCount
    for observer in observers { observer.begin(simulation) }
    for step in 0..<stepCount {
      if shouldStop?() == true { break }
      do {
        let record = try simulation.step()
        cost.observe(record)
        solve.observe(record)
        quality.observe(simulation.world, record)
        stiffness = max(stiffness, record.stiffnessRatio)
        for oracle in scene.oracles { oracle.observe(simulation, record) }
        for observer in observers { observer.observe(simulation, record) }
      } catch let error as SimulationError {
        failure = error
        break
      } catch {
        preconditionFailure("a step throws SimulationError alone, not \(error)")
      }
      progress?(step + 1)
    }
    return result(cost, solve, quality, stiffness)
  }

  private func result(
    _ cost: CostStatistics, _ solve: SolveStatistics, _ quality: QualityStatistics, _ stiffness: Double
  ) -> RunResult {
    let world = simulation.world
    let done = simulation.stepCount - firstStep
    var parameters: [String: Double] = [:]
    for parameter in scene.parameters { parameters[parameter.name] = parameter.value }
    var result = RunResult(
      scene: scene.name, parameters: parameters, solver: simulation.solver.text, law: simulation.settings.law,
      timestep: simulation.settings.timestep, substeps: simulation.settings.substeps, steps: done,
      bodies: world.bodyCount, joints: world.joints.count,
      memory: RunResult.Memory(peakBytes: Self.peakBytes), stateHash: Self.hexadecimal(simulation.stateHash))
    if case .unsupported = failure {
      // What was measured before the first contact says nothing about a solver that cannot go on from there.
      result.steps = 0
      result.solve.stopReasons = [StopReason.unsupported.rawValue: 1]
    } else {
      result.cost = cost.result
      result.solve = solve.result
      result.quality = quality.result
      result.oracles = scene.oracles.map(\.result)
      result.warnings =
        [RunWarnings.stiffness(ratio: stiffness, substeps: result.substeps)].compactMap { $0 }
        + RunWarnings.residual(
          solve, stop: simulation.solver.stop, isApproximate: simulation.solver.isApproximate)
    }
    result.noise = simulation.settings.noise > 0 ? simulation.settings.noise : nil
    result.seed = simulation.settings.noise > 0 ? simulation.settings.seed : nil
    if result.noise != nil { result.quality.momentumDrift = nil }
    result.error = failure?.description
    return result
  }

  /// Largest resident set of the process so far (bytes).
  static var peakBytes: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return 1024 * Double(usage.ru_maxrss)
  }

  static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
