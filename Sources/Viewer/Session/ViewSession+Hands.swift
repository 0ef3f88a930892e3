import Dynamics
import Laboratory
import LinearAlgebra
import Solvers

// What the user changes while it runs.
extension ViewSession {
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
    era += 1
    revision += 1
  }

  /// Changes how all worlds step. Throws `InputError`.
  package func change(_ edit: (inout StepSettings) -> Void) throws {
    try requireScene("stepped otherwise")
    for world in worlds { edit(&world.simulation.settings) }
    latestStep = step
    era += 1
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
}
