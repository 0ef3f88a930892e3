import ConstraintSystem
import Dispatch
import Dynamics
import LinearAlgebra

/// Records a run: what every step cost and how good it was, states, reactions, contacts, checkpoints.
///
/// The run's thread only copies numbers into a batch; another one writes batches into the file, one transaction each, every
/// quarter of a second or every half megabyte. If the disk is slower than the run, the run waits: memory does not grow.
public final class RunRecorder: RunObserver {
  /// What can be kept beside the steps and their solves.
  public enum Item: String, CaseIterable, Sendable {
    /// 13 numbers of every moving body.
    case states
    /// Force and torque of every joint.
    case reactions
    /// Place and force of every contact.
    case contacts
    /// Full states to restart from.
    case checkpoints
    /// How the residual falls with every iteration: each problem is solved again and again, which takes its time.
    case iterations

    /// All but `iterations`.
    public static let standard: Set<Item> = [.states, .reactions, .contacts, .checkpoints]
  }

  /// Steps between checkpoints unless told otherwise.
  public static let standardInterval = 100
  /// Age (s) and size (bytes) at which a batch is handed over.
  private static let longestWait = 0.25
  private static let largestBatch = 512 << 10
  /// Batches that may be on their way, 32 MB: a short run never waits for the disk.
  private static let batchCount = 64

  /// The run's number in the file.
  public private(set) var run = 0
  /// Time (s) that recording took on the run's own thread.
  public private(set) var overhead = 0.0
  /// Steps recorded.
  public private(set) var stepCount = 0

  private let file: RecordingFile
  private let scene: Scene
  private let steps: Int
  private let keeps: Set<Item>
  private let interval: Int
  private let writer = DispatchQueue(label: "recording")
  private let free = DispatchSemaphore(value: RunRecorder.batchCount)
  private var spare: [StepBatch] = []
  private let lock = DispatchQueue(label: "recording.batches")
  private var batch = StepBatch()
  private var moving: [Int] = []
  private var lastHandOver = 0.0

  /// A recorder of a run of `steps` steps into `file`, a checkpoint every `interval` steps.
  public init(
    _ file: RecordingFile, scene: Scene, steps: Int, keeps: Set<Item> = Item.standard,
    interval: Int = RunRecorder.standardInterval
  ) {
    self.file = file
    self.scene = scene
    self.steps = steps
    self.keeps = keeps
    self.interval = interval
  }

  /// Writes the run's manifest and its first checkpoint.
  public func begin(_ simulation: Simulation) {
    simulation.settings.hashesStages = true
    let world = simulation.world
    moving = (0..<world.bodyCount).filter { world.kinds[$0] != .static }
    let manifest = RunManifest(scene, simulation, steps: steps, checkpointInterval: interval)
    run = file.addRun(manifest, sources: scene.sources, world: world)
    if keeps.contains(.checkpoints) { batch.checkpoints.append((simulation.stepCount, simulation.checkpoint())) }
    if keeps.contains(.iterations) { watchSolves(simulation, manifest) }
    lastHandOver = Clock.now()
  }

  /// Solves the first problem of every step again and again from the run's own guess, cut after 1, 2, 3 … iterations.
  private func watchSolves(_ simulation: Simulation, _ manifest: RunManifest) {
    let earlier = simulation.willSolve
    let start = Buffer<Double>()
    var last = -1
    simulation.willSolve = { [unowned self, unowned simulation] problem in
      earlier?(problem)
      guard simulation.stepCount != last, problem.rowCount > 0 else { return }
      last = simulation.stepCount
      start.resize(to: problem.rowCount, filling: 0)
      simulation.solver.guess.fill(start.pointer, for: problem, history: simulation.solver.history)
      var budget = Budget()
      budget.tolerance = manifest.tolerance
      budget.iterations = manifest.iterations
      budget.passes = manifest.passes
      let sample = SampleProblem(scene: manifest.scene, step: last, problem: problem)
      if let curve = try? ProblemSampler.curve(sample, solver: manifest.solver, budget: budget, start: start) {
        batch.iterations.append((last, curve.points))
      }
    }
  }

  /// Takes a step in.
  public func observe(_ simulation: Simulation, _ record: StepRecord) {
    if file.hasFailed { return }
    let start = Clock.now()
    var entry = StepBatch.Entry(record: record)
    if keeps.contains(.states) { entry.states = appendStates(simulation.world) }
    if keeps.contains(.reactions) {
      let reactions = simulation.world.reactions
      batch.reactions.reserve(batch.reactions.count + reactions.count)
      for index in 0..<reactions.count { batch.reactions.appendReserved(reactions.pointer[index]) }
      entry.reactions = reactions.count
    }
    if keeps.contains(.contacts) {
      let before = batch.contacts.count
      simulation.appendContacts(to: batch.contacts)
      entry.contacts = batch.contacts.count - before
    }
    batch.entries.append(entry)
    stepCount += 1
    if keeps.contains(.checkpoints) && simulation.stepCount % interval == 0 {
      batch.checkpoints.append((simulation.stepCount, simulation.checkpoint()))
    }
    if start - lastHandOver > Self.longestWait || batch.byteCount > Self.largestBatch { handOver() }
    overhead += Clock.now() - start
  }

  /// Ends the run: `result` is what it came to. Waits for the file.
  public func finish(_ result: RunResult, wasInterrupted: Bool) {
    handOver()
    writer.sync {}
    let status: Recording.Status = result.error != nil ? .failed : wasInterrupted ? .interrupted : .complete
    file.finishRun(run, status: status, result: result)
  }

  /// What recording cost, of a run whose mean step took `meanStep` (µs).
  public func cost(meanStep: Double?) -> RunResult.RecordingCost? {
    guard stepCount > 0 else { return nil }
    let perStep = 1e6 * overhead / Double(stepCount)
    return RunResult.RecordingCost(
      bytes: file.byteCount, perStep: perStep, share: meanStep.map { perStep / $0 })
  }

  private func appendStates(_ world: World) -> Int {
    let states = batch.states
    states.reserve(states.count + 13 * moving.count)
    let poses = world.poses.pointer
    let velocities = world.velocities.pointer
    for index in moving {
      let pose = poses[index]
      let velocity = velocities[index]
      let target = states.pointer + states.count
      target[0] = pose.position.x
      target[1] = pose.position.y
      target[2] = pose.position.z
      target[3] = pose.orientation.w
      target[4] = pose.orientation.x
      target[5] = pose.orientation.y
      target[6] = pose.orientation.z
      target[7] = velocity.linear.x
      target[8] = velocity.linear.y
      target[9] = velocity.linear.z
      target[10] = velocity.angular.x
      target[11] = velocity.angular.y
      target[12] = velocity.angular.z
      states.extendReserved(by: 13)
    }
    return 13 * moving.count
  }

  private func handOver() {
    lastHandOver = Clock.now()
    guard !batch.isEmpty else { return }
    free.wait()
    let full = batch
    batch = lock.sync { spare.popLast() } ?? StepBatch()
    let run = self.run
    writer.async { [self] in
      file.write(full, run: run)
      full.removeAll()
      lock.sync { spare.append(full) }
      free.signal()
    }
  }
}
