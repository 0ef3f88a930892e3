import ConstraintSystem
import Dynamics
import Laboratory
import LinearAlgebra
import Solvers

/// Everything of the viewer that simulates: the driver's world, compared worlds, shadow solvers, history. It belongs to
/// the simulation's thread; the one that draws sees `ViewFrame`s of it.
package final class ViewSession {
  /// What is shown.
  package enum Origin {
    /// A scene and its parameters.
    case scene(SceneFile, [(name: String, value: Double)])
    /// A run of a recording.
    case recording(Replayer)

    package var name: String {
      switch self {
      case .scene(let file, _): file.name
      case .recording(let replayer): replayer.run.manifest.scene
      }
    }

    package var isRecording: Bool {
      if case .recording = self { return true }
      return false
    }
  }

  /// Distance (m) of a body from where the driver's world has it, from which on two worlds have parted.
  package static let partingDistance = 1e-3

  package internal(set) var origin: Origin
  /// The driver's world first, then the compared ones.
  var worlds: [ViewWorld]
  var shadows: [(solver: ShadowSolver, record: StepRecord?)] = []
  /// The pull of the next steps.
  package var drag: Drag? { didSet { revision += 1 } }
  /// An error to be shown; what went on before it goes on.
  package var message: String? { didSet { revision += 1 } }

  /// Bodies that were shot, also those that were gone back from, and how many of them are there.
  var shots: [Body] = []
  var shotCount = 0
  var history = StepHistory()
  var latestStep = 0
  /// Grows with every change of a solver or of the settings.
  var era = 0
  private var cast: Cast
  private var castCount = 1
  var revision = 1
  private let painter = SystemPainter()
  private var convergence = ConvergenceWorker()

  /// A scene under a solver; nil: the scene's own, else `newton`. Throws `InputError` and `SolverTextError`.
  package init(scene file: SceneFile, setting parameters: [(name: String, value: Double)] = [], solver: String? = nil)
    throws
  {
    let scene = try file.build(setting: parameters)
    worlds = [try ViewWorld(scene, solver: solver ?? scene.solver ?? "newton")]
    origin = .scene(file, scene.parameters)
    cast = Cast(scene.world, revision: castCount)
    watch()
  }

  /// The driver's world.
  var driver: ViewWorld { worlds[0] }
  /// Steps done.
  package var step: Int { driver.simulation.stepCount }

  // MARK: What is shown

  /// Shows another scene under the present solvers, or under the scene's own. Throws `InputError`.
  package func load(
    _ file: SceneFile, setting parameters: [(name: String, value: Double)] = [], keepsSolver: Bool = false
  )
    throws
  {
    let scene = try file.build(setting: parameters)
    let solver = keepsSolver ? driver.solver : scene.solver ?? "newton"
    let others = keepsSolver ? worlds.dropFirst().map(\.solver) : []
    var next = [try Self.world(scene, solver)]
    for other in others { next.append(try Self.world(try file.build(setting: parameters), other)) }
    worlds = next
    origin = .scene(file, scene.parameters)
    shots = []
    shotCount = 0
    reset()
  }

  /// Shows a run of a recording. Throws `InputError`.
  package func load(recording path: String, run: Int? = nil) throws {
    let recording = try Recording(readingFileAt: path)
    let replayer = try Replayer(recording, try recording.run(run))
    worlds = [ViewWorld(replayer.simulation)]
    origin = .recording(replayer)
    shots = []
    shotCount = 0
    reset()
    latestStep = replayer.run.steps.upperBound
  }

  /// Goes on from the present state of a recording as from a scene. Throws `InputError`.
  package func leaveRecording() throws {
    guard case .recording(let replayer) = origin else { return }
    let manifest = replayer.run.manifest
    let parameters = manifest.parameters.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    let file = try SceneFile(archive: replayer.recording.files(), main: manifest.file)
    let scene = try file.build(setting: parameters)
    let world = try Self.world(scene, manifest.solver)
    world.simulation.settings = manifest.settings
    try Self.restore(world, driver.simulation.checkpoint())
    world.record = driver.record
    world.trace = driver.trace
    worlds = [world]
    origin = .scene(file, scene.parameters)
    latestStep = step
    history.removeAll()
    watch()
    changeCast()
  }

  /// From the beginning. Throws `InputError`.
  package func restart() throws {
    switch origin {
    case .scene(let file, let parameters):
      let settings = driver.simulation.settings
      try load(file, setting: parameters, keepsSolver: true)
      for world in worlds { world.simulation.settings = settings }
    case .recording(let replayer): try seek(replayer.run.steps.lowerBound)
    }
  }

  static func world(_ scene: Scene, _ solver: String) throws -> ViewWorld {
    do {
      return try ViewWorld(scene, solver: solver)
    } catch let error as SolverTextError {
      throw InputError(.usage, "\(error)")
    }
  }

  static func restore(_ world: ViewWorld, _ state: StateArchive) throws {
    do {
      try world.simulation.restore(state)
    } catch let error as StateArchiveError {
      throw InputError(.usage, "the state cannot be taken over: \(error)")
    }
  }

  private func reset() {
    history.removeAll()
    latestStep = step
    drag = nil
    message = nil
    painter.reset()
    for index in shadows.indices { shadows[index].record = nil }
    watch()
    changeCast()
  }

  func changeCast() {
    castCount += 1
    cast = Cast(driver.simulation.world, revision: castCount)
    revision += 1
  }

  /// The driver's problems go to the shadow solvers.
  func watch() {
    driver.simulation.willSolve = { [unowned self] problem in
      for shadow in shadows { shadow.solver.solve(problem) }
    }
  }

  // MARK: Pictures

  /// What is to be shown of the present moment.
  package func frame(_ options: FrameOptions) -> ViewFrame {
    let simulation = driver.simulation
    var curves: [ConvergenceCurve] = []
    if options.convergence, driver.record != nil {
      var solvers = worlds.map(\.solver)
      for shadow in shadows where !solvers.contains(shadow.solver.assembly.text) {
        solvers.append(shadow.solver.assembly.text)
      }
      curves = convergence.curves(
        simulation, solvers: solvers, scene: origin.name, isReproducible: options.isReproducible)
    }
    return ViewFrame(
      cast: cast, origin: origin, step: step, time: simulation.world.time, timestep: simulation.settings.timestep,
      range: range, worlds: worlds.map { $0.frame(options) },
      shadows: shadows.map {
        ShadowFrame(solver: $0.solver.assembly.text, record: $0.record, isUnsupported: $0.solver.isUnsupported)
      }, record: driver.record, settings: simulation.settings, drag: drag, shotCount: shotCount, message: message,
      system: driver.record == nil
        ? nil : options.system.flatMap { painter.picture(simulation, $0, entry: options.inspectedEntry) },
      convergence: curves, revision: revision + convergence.revision)
  }

  /// Changes with every change that could be seen.
  var frameRevision: Int { revision + convergence.revision }
}
