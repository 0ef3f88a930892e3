import Dynamics
import LinearAlgebra

/// Runs a recording again and says whether it is the same, bit by bit, or where it first is not.
public final class Verification {
  /// Where a run and its repetition part.
  public struct Difference: Encodable, Sendable {
    /// Step, nil where no step is to blame.
    public var step: Int?
    /// Body, nil where none is to blame.
    public var body: String?
    /// What differs: a stage of the step (`StepStage`), "checkpoint", "manifest" or "scene".
    public var stage: String
    /// What was found.
    public var message: String

    /// One line.
    public var text: String {
      let place = [step.map { "step \($0)" }, body.map { "body \"\($0)\"" }, stage].compactMap { $0 }
      return place.joined(separator: ", ") + ": " + message
    }
  }

  /// What came out: an object of `replay --verify --json`.
  public struct Outcome: Encodable, Sendable {
    /// The run.
    public var run: Int
    /// Its scene and solver.
    public var scene: String
    public var solver: String
    /// Steps and checkpoints that were compared.
    public var steps: Int
    public var checkpoints: Int
    /// Hash of the last compared state.
    public var stateHash: String
    /// Whether nothing differs.
    public var identical: Bool
    /// What differs, in the order in which it was found; of the steps only the first.
    public var differences: [Difference]
  }

  /// Asked before every step; true ends the verification.
  public var shouldStop: () -> Bool = { false }
  /// Told of every step with the number of steps done.
  public var progress: (Int) -> Void = { _ in }

  private let recording: Recording
  private let run: Recording.Run
  private let start: Int?
  private var differences: [Difference] = []
  private var hasDiverged = false

  /// A verification of a run, from the checkpoint before `start` on where one is given.
  public init(_ recording: Recording, _ run: Recording.Run, from start: Int? = nil) {
    self.recording = recording
    self.run = run
    self.start = start
  }

  /// Does it. Throws `InputError` where the recording cannot be read or run.
  public func perform() throws -> Outcome {
    let replayer = try Replayer(recording, run)
    checkManifest(sceneHash: replayer.sceneHash)
    let steps = try recording.checkpointSteps(of: run)
    let checkpoints = Set(steps)
    if let start {
      guard let nearest = steps.last(where: { $0 <= start }) else {
        throw InputError(
          .usage, file: recording.path, place: "--from", "there is no checkpoint at or before step \(start)")
      }
      try replayer.restore(checkpoint: nearest)
    }
    let simulation = replayer.simulation
    let first = simulation.stepCount
    var seen = 0
    if checkpoints.contains(first), try compareCheckpoint(simulation) { seen += 1 }
    let bodies = try recording.bodies(of: run)
    try recording.forEachStep(of: run, in: first..<Int.max) { recorded in
      if hasDiverged || shouldStop() { return }
      guard recorded.step == simulation.stepCount else {
        note(recorded.step, nil, "recording", "the steps before it are missing")
        hasDiverged = true
        return
      }
      let states = try recording.states(of: run, after: recorded.step)
      let record: StepRecord
      do {
        record = try simulation.step()
      } catch let error as SimulationError {
        note(recorded.step, nil, StepStage.solve.rawValue, "\(error)")
        hasDiverged = true
        return
      }
      compare(recorded, record, states, bodies, simulation.world)
      if !hasDiverged, checkpoints.contains(simulation.stepCount), try compareCheckpoint(simulation) { seen += 1 }
      progress(simulation.stepCount - first)
    }
    return Outcome(
      run: run.number, scene: run.manifest.scene, solver: run.manifest.solver, steps: simulation.stepCount - first,
      checkpoints: seen, stateHash: Runner.hexadecimal(simulation.stateHash), identical: differences.isEmpty,
      differences: differences)
  }

  private func checkManifest(sceneHash: String) {
    if !run.changedKeys.isEmpty {
      let keys = run.changedKeys.joined(separator: ", ")
      note(nil, nil, "manifest", "changed after the recording was made: \(keys)")
    }
    if sceneHash != run.manifest.sceneHash {
      note(nil, nil, "scene", "its files were changed after the recording was made")
    }
  }

  private func note(_ step: Int?, _ body: String?, _ stage: String, _ message: String) {
    differences.append(Difference(step: step, body: body, stage: stage, message: message))
  }

  /// The first difference of a step: what the stages handed on, in their order, then the states.
  private func compare(
    _ recorded: StepRecord, _ found: StepRecord, _ states: [Double]?, _ bodies: [Recording.BodyEntry], _ world: World
  ) {
    let body = firstBody(states, bodies, world)
    let stage: StepStage
    if recorded.stageHashes.contacts != found.stageHashes.contacts {
      stage = .narrowphase
    } else if recorded.stageHashes.problem != found.stageHashes.problem {
      stage = .assembly
    } else if recorded.stageHashes.impulses != found.stageHashes.impulses {
      stage = .solve
    } else if recorded.stateHash != found.stateHash || body != nil {
      stage = .integration
    } else {
      return
    }
    hasDiverged = true
    let what: [StepStage: String] = [
      .narrowphase: "other contacts", .assembly: "another problem", .solve: "other impulses",
      .integration: "another state",
    ]
    var message = what[stage]!
    if recorded.stageHashes == found.stageHashes && recorded.stateHash == found.stateHash {
      message = "the recorded state is not the one that was hashed"
    } else if let body {
      message += ", \(Quantity.length(body.distance)) away after the step"
    }
    note(recorded.step, body?.name, stage.rawValue, message)
  }

  /// The first body whose recorded state is not the world's, and how far away it is.
  private func firstBody(
    _ states: [Double]?, _ bodies: [Recording.BodyEntry], _ world: World
  ) -> (name: String, distance: Double)? {
    guard let states else { return nil }
    for (index, body) in bodies.enumerated() where index < world.bodyCount {
      guard let slot = body.slot, 13 * slot + 13 <= states.count else { continue }
      let pose = world.poses[index]
      let velocity = world.velocities[index]
      let found = [
        pose.position.x, pose.position.y, pose.position.z, pose.orientation.w, pose.orientation.x, pose.orientation.y,
        pose.orientation.z, velocity.linear.x, velocity.linear.y, velocity.linear.z, velocity.angular.x,
        velocity.angular.y, velocity.angular.z,
      ]
      let kept = states[13 * slot..<13 * slot + 13]
      guard !zip(found, kept).allSatisfy({ $0.bitPattern == $1.bitPattern }) else { continue }
      let place = Vector3(states[13 * slot], states[13 * slot + 1], states[13 * slot + 2])
      return (body.name, (place - pose.position).length)
    }
    return nil
  }

  /// Compares the present state with the checkpoint; true where they are the same.
  private func compareCheckpoint(_ simulation: Simulation) throws -> Bool {
    let step = simulation.stepCount
    guard let stored = try recording.checkpointBytes(of: run, at: step) else { return false }
    let present = simulation.checkpoint()
    if stored.isIntact && stored.bytes == present.bytes { return true }
    let damage = stored.isIntact ? "it is another state" : "it is damaged"
    guard let archive = try? StateArchive(bytes: stored.bytes) else {
      note(step, nil, "checkpoint", damage + " beyond reading")
      return false
    }
    guard archive.sections.map(\.name) == present.sections.map(\.name) else {
      note(step, nil, "checkpoint", damage + ": it has other sections")
      return false
    }
    for (kept, found) in zip(archive.sections, present.sections) where kept != found {
      let place = zip(kept.words, found.words).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      let words = kept.name == "poses" ? 7 : kept.name == "velocities" ? 6 : 0
      let body = words > 0 ? place.map { simulation.world.names[min($0 / words, simulation.world.bodyCount - 1)] } : nil
      note(
        step, body, "checkpoint",
        damage + ": \(kept.name), word \(place ?? min(kept.words.count, found.words.count)) differs")
      return false
    }
    note(step, nil, "checkpoint", damage)
    return false
  }
}
