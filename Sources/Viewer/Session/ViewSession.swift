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
  /// Steps that are simulated again to fill the history when a recording is gone back in.
  private static let backfill = 50

  package private(set) var origin: Origin
  /// The driver's world first, then the compared ones.
  private(set) var worlds: [ViewWorld]
  private(set) var shadows: [(solver: ShadowSolver, record: StepRecord?)] = []
  /// The pull of the next steps.
  package var drag: Drag? { didSet { revision += 1 } }
  /// An error to be shown; what went on before it goes on.
  package var message: String? { didSet { revision += 1 } }

  /// Bodies that were shot, also those that were gone back from, and how many of them are there.
  private var shots: [Body] = []
  private var shotCount = 0
  private var history = StepHistory()
  private var latestStep = 0
  private var cast: Cast
  private var castCount = 1
  private var revision = 1
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

  private static func world(_ scene: Scene, _ solver: String) throws -> ViewWorld {
    do {
      return try ViewWorld(scene, solver: solver)
    } catch let error as SolverTextError {
      throw InputError(.usage, "\(error)")
    }
  }

  private static func restore(_ world: ViewWorld, _ state: StateArchive) throws {
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

  private func changeCast() {
    castCount += 1
    cast = Cast(driver.simulation.world, revision: castCount)
    revision += 1
  }

  /// The driver's problems go to the shadow solvers.
  private func watch() {
    driver.simulation.willSolve = { [unowned self] problem in
      for shadow in shadows { shadow.solver.solve(problem) }
    }
  }

  // MARK: Time

  /// Steps that can be gone to.
  package var range: ClosedRange<Int> {
    if case .recording(let replayer) = origin { return replayer.run.manifest.firstStep...replayer.run.steps.upperBound }
    return min(history.first ?? step, step)...max(latestStep, step)
  }

  /// One step of all worlds; false where there is none to be done. What goes wrong becomes the message, and the state stays
  /// that of the last good step.
  @discardableResult
  package func advance() -> Bool {
    if case .recording(let replayer) = origin, step >= replayer.run.steps.upperBound { return false }
    let before = step
    let states = worlds.map { $0.simulation.checkpoint() }
    history.append(before, states, drag: drag, shotCount: shotCount)
    do {
      try stepWorlds(drag)
    } catch {
      message = "\(error)"
      try? driver.simulation.restore(states[0])
      driver.record = nil
      revision += 1
      return false
    }
    if !origin.isRecording { latestStep = step }
    return true
  }

  private func stepWorlds(_ drag: Drag?) throws {
    if case .recording(let replayer) = origin {
      driver.keep(try replayer.advance())
    } else {
      try driver.step(drag)
    }
    if let record = driver.record {
      for index in shadows.indices { shadows[index].record = shadows[index].solver.finish(record) }
    }
    for world in worlds.dropFirst() where world.failure == nil {
      do {
        try world.step(drag)
        if world.partedAt == nil && world.distance(from: driver) > Self.partingDistance { world.partedAt = step - 1 }
      } catch {
        world.failure = "\(error)"
      }
    }
    revision += 1
  }

  /// Goes to the state after a number of steps. Throws `InputError`.
  package func seek(_ target: Int) throws {
    let target = min(max(target, range.lowerBound), range.upperBound)
    guard target != step else { return }
    drag = nil
    // The step before is done once more: so the state has its problem, its contacts and its cost.
    if target > range.lowerBound, let entry = history.entry(before: target - 1) {
      try restore(entry)
      try? stepWorlds(entry.drag)
    } else if let entry = history.entry(before: target) {
      try restore(entry)
    } else if case .recording(let replayer) = origin {
      let first = max(range.lowerBound, target - Self.backfill)
      if step < first || step >= target {
        try replayer.seek(first)
        history.removeAll()
        driver.trace.cut(after: first)
        driver.record = nil
      }
      while step < target, advance() {}
    }
    revision += 1
  }

  /// One step back; false at the first that is kept. What goes wrong becomes the message.
  package func retreat() -> Bool {
    guard step > range.lowerBound else { return false }
    let before = step
    attempt { try $0.seek(before - 1) }
    return step < before
  }

  /// Goes a number of steps on, or back where it is negative: through what was, where it was kept. Throws `InputError`.
  package func move(by count: Int) throws {
    if count < 0 { return try seek(step + count) }
    for _ in 0..<count {
      if step < range.upperBound && !origin.isRecording { try seek(step + 1) } else if !advance() { return }
    }
  }

  private func restore(_ entry: StepHistory.Entry) throws {
    if entry.shotCount != shotCount { try rebuild(shotCount: entry.shotCount) }
    for (index, world) in worlds.enumerated() {
      // Worlds that were added later stay where they are until they are restarted.
      guard index < entry.states.count else { continue }
      try Self.restore(world, entry.states[index])
      world.record = nil
      world.failure = nil
      world.trace.cut(after: entry.step)
      if let parted = world.partedAt, parted >= entry.step { world.partedAt = nil }
    }
    message = nil
  }

  /// The worlds of the scene with the first `count` bodies that were shot.
  private func rebuild(shotCount count: Int) throws {
    guard case .scene(let file, let parameters) = origin else { return }
    shotCount = count
    for index in worlds.indices {
      let scene = try file.build(setting: parameters)
      for shot in shots.prefix(count) { _ = try scene.world.add(shot) }
      let world = try Self.world(scene, worlds[index].solver)
      world.simulation.settings = worlds[index].simulation.settings
      world.trace = worlds[index].trace
      world.partedAt = worlds[index].partedAt
      worlds[index] = world
    }
    watch()
    changeCast()
  }

  // MARK: Hands

  /// Shoots a box of half extent `size` (m) from a point at a velocity (m/s) into every world. Throws `InputError`.
  package func shoot(from position: Vector3, velocity: Vector3, size: Double) throws {
    try requireScene("shot at")
    let body = Body(
      name: "shot\(shotCount + 1)", pose: RigidTransform(position: position),
      velocity: Vector6(linear: velocity, angular: .zero), shape: Box(halfExtents: Vector3(size, size, size)))
    for world in worlds {
      do {
        try world.simulation.world.add(body)
      } catch {
        throw InputError(.usage, "\(error)")
      }
    }
    shots.removeLast(shots.count - shotCount)
    shots.append(body)
    shotCount += 1
    latestStep = step
    changeCast()
  }

  /// The driver goes on with another solver. Throws `InputError`.
  package func change(solver text: String) throws {
    try requireScene("given another solver")
    try change(0, to: text)
    watch()
  }

  private func change(_ index: Int, to text: String) throws {
    do {
      try worlds[index].change(solver: text)
    } catch {
      throw InputError(.usage, "\(error)")
    }
    message = nil
    latestStep = step
    revision += 1
  }

  /// Changes how all worlds step. Throws `InputError`.
  package func change(_ edit: (inout StepSettings) -> Void) throws {
    try requireScene("stepped otherwise")
    for world in worlds { edit(&world.simulation.settings) }
    latestStep = step
    revision += 1
  }

  /// Adds a world under another solver, in the driver's present state. Throws `InputError`.
  package func addWorld(solver text: String) throws {
    try requireScene("compared with other worlds")
    guard case .scene(let file, let parameters) = origin else { return }
    let scene = try file.build(setting: parameters)
    for shot in shots.prefix(shotCount) { _ = try? scene.world.add(shot) }
    let world = try Self.world(scene, text)
    world.simulation.settings = driver.simulation.settings
    try Self.restore(world, driver.simulation.checkpoint())
    worlds.append(world)
    // The history has no state of it.
    history.removeAll()
    latestStep = step
    revision += 1
  }

  /// Removes a compared world.
  package func removeWorld(_ index: Int) {
    guard index > 0, index < worlds.count else { return }
    worlds.remove(at: index)
    history.removeAll()
    latestStep = step
    revision += 1
  }

  /// Lets a solver solve the driver's problems, beginning with the last one; or no longer. Throws `InputError`.
  package func setShadow(_ text: String, _ isOn: Bool) throws {
    if let index = shadows.firstIndex(where: { $0.solver.assembly.text == text }) {
      if !isOn { shadows.remove(at: index) }
    } else if isOn {
      do {
        let shadow = try ShadowSolver(text)
        var record: StepRecord?
        if let last = driver.record {
          shadow.solve(driver.simulation.problem)
          record = shadow.finish(last)
        }
        shadows.append((shadow, record))
      } catch let error as SolverTextError {
        throw InputError(.usage, "\(error)")
      }
    }
    revision += 1
  }

  private func requireScene(_ what: String) throws {
    guard origin.isRecording else { return }
    throw InputError(.usage, "a recording cannot be \(what): choose \"Continue from here\" first")
  }

  /// Does something; what goes wrong becomes the message.
  package func attempt(_ body: (ViewSession) throws -> Void) {
    do {
      try body(self)
    } catch {
      message = "\(error)"
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
