import ConstraintSystem
import Dynamics
import Laboratory
import LinearAlgebra

// Steps, forwards and back.
extension ViewSession {
  /// Steps that are simulated again to fill the history when a recording is gone back in.
  private static let backfill = 50

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
    history.append(before, states, drag: drag, shotCount: shotCount, era: era)
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
    // The step before is done once more, so that the state has its problem, its contacts and its cost; but not by another
    // solver than it was done by.
    if target > range.lowerBound, let entry = history.entry(before: target - 1), entry.era == era {
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
}
