import ConstraintSystem
import Dynamics
import LearnedSolvers
import LinearAlgebra
import Solvers

/// One world of a family, simulated by the driver: a bounded number of its steps as systems with labels, half of them
/// events where there are enough of both kinds.
///
/// Every velocity problem is a candidate. Which ones are kept is drawn while the world runs (reservoir sampling, events
/// and quiet steps apart), so that only what may be kept is copied.
final class DatasetWorld {
  /// What a world gave.
  struct Outcome: Sendable {
    /// The systems with their labels, in the order of steps; those whose label is not good enough are missing.
    var columns = DatasetColumns()
    /// Number of velocity problems with rows.
    var candidates = 0
    /// Number of systems that were chosen and left out for their label.
    var leftOut = 0
    /// Whether the world could not be built, or broke down before its last step.
    var hasFailed = false
    /// What moved it.
    var driver = ""
  }

  private let family: DatasetFamily
  private let place: (family: Int, world: Int, seed: UInt64)
  private var random: RandomSequence
  private let judge = NaturalMap()
  private let warm = Buffer<Double>()
  private let older = Buffer<Double>()

  private var events: [DatasetColumns] = []
  private var quiet: [DatasetColumns] = []
  private var eventCount = 0
  private var quietCount = 0
  private var outcome = Outcome()

  /// Ages of the blocks of the problem before, with their row counts.
  private var ages: [UInt64: (age: UInt8, rows: Int32)] = [:]
  /// Keys of its joints.
  private var joints: Set<UInt64> = []
  private var usualResidual = Double.nan

  /// Residual (m/s) of the warm guess from which a step can be an impact, and how many times the usual it must be.
  private static let impactResidual = 0.05
  private static let impactRatio = 4.0

  /// A world by its place in the dataset.
  init(_ family: DatasetFamily, index: Int, world: Int, seed: UInt64) {
    self.family = family
    place = (index, world, seed)
    random = RandomSequence(seed: seed)
  }

  /// Simulates the world and labels what is kept. Throws `SolverTextError` for a driver that is none.
  func run(driver: String) throws -> Outcome {
    do {
      let (scene, options) = try family.build(seed: place.seed, &random)
      outcome.driver = Self.driver(driver, law: options.law ?? scene.settings.law)
      let simulation = Simulation(
        world: scene.world, solver: try SolverCatalog.complete.make(outcome.driver),
        settings: options.settings(of: scene))
      simulation.settings.measures = false
      simulation.willSolve = { [unowned self, unowned simulation] problem in
        observe(problem, simulation)
      }
      for _ in 0..<options.stepCount(of: scene) { try simulation.step() }
    } catch is SimulationError {
      outcome.hasFailed = true
    } catch is InputError {
      // The family's ranges were checked one by one; a scene may refuse a combination.
      outcome.hasFailed = true
    }
    try label()
    return outcome
  }

  /// The driver where it solves the law, otherwise the solver that labels it.
  private static func driver(_ text: String, law: FrictionLaw) -> String {
    let name = String(text.prefix { $0 != ":" })
    guard let descriptor = SolverCatalog.complete.solvers.first(where: { $0.name == name }),
      !descriptor.laws.contains(law)
    else { return text }
    return law == .coulomb ? "semismooth" : "pgs:iterations=2000"
  }

  private func observe(_ problem: ConstraintProblem, _ simulation: Simulation) {
    guard problem.rowCount > 0 else { return }
    warm.resize(to: problem.rowCount, filling: 0)
    older.resize(to: problem.rowCount, filling: 0)
    simulation.solver.history.fillLatest(warm.pointer, for: problem)
    simulation.solver.history.fillPrevious(older.pointer, for: problem)
    let age = updateAges(problem)
    let event = classify(problem, age)
    outcome.candidates += 1
    let limit = max(1, family.samples / 2)
    if event == .quiet {
      quietCount += 1
      keep(&quiet, quietCount, limit, problem, age, event, simulation.stepCount)
    } else {
      eventCount += 1
      keep(&events, eventCount, limit, problem, age, event, simulation.stepCount)
    }
  }

  /// Reservoir sampling (Vitter 1985, algorithm R).
  private func keep(
    _ reservoir: inout [DatasetColumns], _ number: Int, _ limit: Int, _ problem: ConstraintProblem, _ age: [UInt8],
    _ event: DatasetEvent, _ step: Int
  ) {
    var slot = reservoir.count
    if slot >= limit {
      slot = Int(random.next() * Double(number))
      guard slot < limit else { return }
    }
    var system = DatasetColumns()
    system.append(
      problem, previous: warm.array, before: older.array, age: age,
      place: (place.family, place.world, Int64(place.seed), step), event: event)
    if slot < reservoir.count { reservoir[slot] = system } else { reservoir.append(system) }
  }

  private func updateAges(_ problem: ConstraintProblem) -> [UInt8] {
    var age = [UInt8](repeating: 0, count: problem.blocks.count)
    var next: [UInt64: (age: UInt8, rows: Int32)] = [:]
    next.reserveCapacity(age.count)
    for index in 0..<age.count {
      let block = problem.blocks[index]
      if let known = ages[block.key], known.rows == block.rowCount {
        age[index] = known.age < 255 ? known.age + 1 : 255
      }
      next[block.key] = (age[index], block.rowCount)
    }
    ages = next
    return age
  }

  private func classify(_ problem: ConstraintProblem, _ age: [UInt8]) -> DatasetEvent {
    var present: Set<UInt64> = []
    for index in 0..<problem.blocks.count where problem.blocks[index].set == .free {
      present.insert(problem.blocks[index].key)
    }
    let isBroken = !joints.isSubset(of: present)
    joints = present
    let residual = judge.residual(problem, lambda: warm.pointer).maximum
    let usual = usualResidual
    usualResidual = usual.isNaN ? residual : 0.9 * usual + 0.1 * residual
    if outcome.candidates == 0 { return .first }
    if isBroken { return .broken }
    if age.contains(0) { return .newContact }
    return residual > max(Self.impactResidual, Self.impactRatio * usual) ? .impact : .quiet
  }

  private func label() throws {
    let labeler = DatasetLabeler()
    let problem = ConstraintProblem()
    for var system in (events + quiet).sorted(by: { $0.step[0] < $1.step[0] }) {
      system.assign(system: 0, to: problem)
      let label = try labeler.label(problem, start: system.lambdaPrevious)
      guard label.residual <= DatasetLabeler.requiredResidual else {
        outcome.leftOut += 1
        continue
      }
      system.setLabel(label.lambda, residual: label.residual, of: 0)
      outcome.columns.append(system, system: 0)
    }
  }
}
