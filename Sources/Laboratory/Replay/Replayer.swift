import ConstraintSystem
import Dynamics
import LearnedSolvers
import LinearAlgebra
import Solvers

/// Runs a recorded run again: the same scene from the recording's own files, the same solver, the same settings.
public final class Replayer {
  /// The recording.
  public let recording: Recording
  /// The run.
  public let run: Recording.Run
  /// Hash of the recorded files of its scene.
  let sceneHash: String
  /// The simulation, before the run's first step or wherever it was brought to.
  public let simulation: Simulation

  /// Makes the simulation of a run. Throws `InputError` where the recording does not give one.
  public init(_ recording: Recording, _ run: Recording.Run) throws {
    self.recording = recording
    self.run = run
    let manifest = run.manifest
    do {
      let scene = try SceneFile(archive: recording.files(), main: manifest.file)
        .build(setting: manifest.parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
      sceneHash = scene.sourceHash
      let solver = try SolverCatalog.complete.make(manifest.solver)
      solver.stop = manifest.stop
      solver.passes = manifest.passes
      simulation = Simulation(world: scene.world, solver: solver, settings: manifest.settings)
      simulation.settings.hashesStages = true
    } catch let error as InputError {
      throw recording.damaged(run, nil, "its scene cannot be built: \(error)")
    } catch let error as SolverTextError {
      throw recording.damaged(run, nil, "its solver cannot be made: \(error)")
    }
    if manifest.firstStep > 0 { try restore(checkpoint: manifest.firstStep) }
  }

  /// Goes to the checkpoint after `step` steps. Throws `InputError` where there is none or it is damaged.
  public func restore(checkpoint step: Int) throws {
    guard let checkpoint = try recording.checkpointBytes(of: run, at: step) else {
      throw recording.damaged(run, step, "there is no checkpoint")
    }
    guard checkpoint.isIntact else { throw recording.damaged(run, step, "its checkpoint is damaged") }
    do {
      try simulation.restore(StateArchive(bytes: checkpoint.bytes))
    } catch let error as StateArchiveError {
      throw recording.damaged(run, step, "its checkpoint cannot be used: \(error)")
    }
    guard simulation.stepCount == step else {
      throw recording.damaged(run, step, "its checkpoint is that of step \(simulation.stepCount)")
    }
  }

  /// Goes to the state after `step` steps: from the nearest checkpoint before it, and on from there step by step. Throws
  /// `InputError`, also where the steps on the way are not the recorded ones.
  public func seek(_ step: Int) throws {
    guard step >= run.manifest.firstStep && step <= run.steps.upperBound else {
      throw InputError(
        .usage, file: recording.path, place: "step \(step)",
        "run \(run.number) has the steps \(run.manifest.firstStep) to \(run.steps.upperBound)")
    }
    if let nearest = try recording.checkpointSteps(of: run).last(where: { $0 <= step }),
      nearest > simulation.stepCount || simulation.stepCount > step
    {
      try restore(checkpoint: nearest)
    }
    guard simulation.stepCount <= step else {
      throw recording.damaged(run, step, "there is no checkpoint before it")
    }
    while simulation.stepCount < step { _ = try advance() }
  }

  /// Does the next recorded step. Throws `InputError` where it is not as recorded.
  @discardableResult
  public func advance() throws -> StepRecord {
    let number = simulation.stepCount
    let record = try step()
    var expected: StepRecord?
    try recording.forEachStep(of: run, in: number..<number + 1) { expected = $0 }
    if let expected, expected.stateHash != record.stateHash {
      throw recording.damaged(
        run, number, "runs otherwise on this machine or by this version; replay --verify says where it differs")
    }
    return record
  }

  /// Does a step. Throws `InputError` where the simulation cannot.
  func step() throws -> StepRecord {
    do {
      return try simulation.step()
    } catch let error as SimulationError {
      throw recording.damaged(run, simulation.stepCount, "\(error)")
    }
  }
}

extension Runner {
  /// Goes to the state of a recording after `step` steps. The scene may have other parameters than the recorded one, but
  /// must have the same bodies and joints. Throws `InputError`.
  public func start(from path: String, step: Int) throws {
    let recording = try Recording(readingFileAt: path)
    let replayer = try Replayer(recording, try recording.run())
    try replayer.seek(step)
    do {
      try start(from: replayer.simulation.checkpoint())
    } catch let error as StateArchiveError {
      throw InputError(
        .usage, file: path, place: "step \(step)",
        "is the state of another scene, \"\(replayer.run.manifest.scene)\": \(error)")
    }
  }
}
