import Dynamics
import Foundation
import GRDB
import Laboratory
import LinearAlgebra
import Testing

/// A scratch folder that goes with the test.
final class ScratchFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

/// Keeps what a run's observers are told.
final class StepKeeper: RunObserver {
  var records: [StepRecord] = []
  var states: [[Double]] = []

  func begin(_ simulation: Simulation) {}

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    records.append(record)
    let world = simulation.world
    states.append(
      (0..<world.bodyCount).filter { world.kinds[$0] != .static }.flatMap { index in
        let (pose, velocity) = (world.poses[index], world.velocities[index])
        return [
          pose.position.x, pose.position.y, pose.position.z, pose.orientation.w, pose.orientation.x,
          pose.orientation.y, pose.orientation.z, velocity.linear.x, velocity.linear.y, velocity.linear.z,
          velocity.angular.x, velocity.angular.y, velocity.angular.z,
        ]
      })
  }
}

extension ScratchFolder {
  /// Records a run of a small pile with joints and gives its path and what it should hold.
  func record(
    _ name: String = "run.sqlite", solver: String = "newton", steps: Int = 50, interval: Int = 20
  ) throws -> (path: String, kept: StepKeeper, result: RunResult) {
    let scene = try SceneText.build(Self.scene)
    let runner = try Runner(
      scene: scene, solver: solver,
      options: {
        var o = RunOptions(); o.steps = steps; return o
      }())
    let file = RecordingFile(path: path(name))
    let recorder = RunRecorder(file, scene: scene, steps: steps, interval: interval)
    let keeper = StepKeeper()
    runner.observers = [keeper, recorder]
    let result = runner.run()
    recorder.finish(result, wasInterrupted: false)
    try file.close()
    return (path(name), keeper, result)
  }

  /// Three boxes that fall onto the ground, one of them with a pendulum.
  static let scene = """
    "parameters": {"height": {"default": 0.6, "minimum": 0.5, "maximum": 5, "summary": "of the lowest box (m)"}},
    "bodies": [
      {"name": "ground", "kind": "static", "shape": {"type": "plane"}},
      {"name": "a", "shape": {"type": "box", "halfExtents": [0.5, 0.5, 0.5]}, "position": [0, "height", 0]},
      {"name": "b", "shape": {"type": "box", "halfExtents": [0.5, 0.5, 0.5]}, "position": [0.1, "height + 1.1", 0]},
      {"name": "c", "shape": {"type": "sphere", "radius": 0.2}, "position": [2, 3, 0]}
    ],
    "joints": [{"type": "ball", "name": "hook", "b": "c", "anchor": [1, 3, 0]}]
    """
}

@Suite struct RecordingTests {
  @Test func everyStepReadsBackAsItWas() throws {
    let folder = try ScratchFolder()
    let (path, kept, result) = try folder.record()
    let recording = try Recording(readingFileAt: path)
    let run = try recording.run()
    #expect(run.status == .complete)
    #expect(run.steps == 0..<50)
    #expect(run.changedKeys.isEmpty)
    #expect(run.result?.stateHash == result.stateHash)
    #expect(run.manifest.parameters == ["height": 0.6])

    let steps = try recording.steps(of: run)
    #expect(steps.count == kept.records.count)
    for (read, record) in zip(steps, kept.records) {
      #expect(read.step == record.step && read.time == record.time && read.total == record.total)
      for stage in StepStage.allCases { #expect(read.stages[stage] == record.stages[stage]) }
      #expect(read.rows == record.rows && read.contacts == record.contacts && read.islands == record.islands)
      #expect(read.residual.maximum == record.residual.maximum)
      #expect(read.penetration == record.penetration && read.jointError == record.jointError)
      #expect(read.energy == record.energy && read.momentum == record.momentum)
      #expect(read.stateHash == record.stateHash && read.stageHashes == record.stageHashes)
      #expect(read.stageHashes != StageHashes())
      #expect(read.report.reason == record.report.reason && read.report.iterations == record.report.iterations)
      #expect(read.report.flops == record.report.flops && read.report.solveTime == record.report.solveTime)
      #expect(read.positionReport.iterations == record.positionReport.iterations)
    }
    var index = 0
    try recording.forEachState(of: run) { step, states in
      #expect(step == index && states == kept.states[index])
      index += 1
    }
    #expect(index == 50)
    #expect(try recording.states(of: run, after: 30) == kept.states[30])
    #expect(try recording.checkpointSteps(of: run) == [0, 20, 40])
    #expect(try recording.bodies(of: run).map(\.slot) == [nil, 0, 1, 2])
    #expect(try recording.joints(of: run).map(\.name) == ["hook"])
  }

  /// At rest the ground carries m g of both boxes, from below: the sum of the recorded forces says so. The boxes rock for a
  /// while after their fall, hence one part in a thousand.
  @Test func contactForcesCarryTheWeight() throws {
    let folder = try ScratchFolder()
    let (path, _, _) = try folder.record(steps: 400, interval: 100)
    let recording = try Recording(readingFileAt: path)
    let run = try recording.run()
    let bodies = try recording.bodies(of: run)
    var total = Vector3.zero
    try recording.forEachContacts(of: run, in: 399..<400) { _, contacts in
      for contact in contacts where contact.bodyA == 0 || contact.bodyB == 0 {
        let (t1, t2) = contact.normal.vector.tangents
        let force = contact.force.vector
        let world = force.x * contact.normal.vector + force.y * t1 + force.z * t2
        total += contact.bodyA == 0 ? world : -world
      }
    }
    let weight = 9.81 * (bodies[1].mass + bodies[2].mass)
    #expect((total - Vector3(0, weight, 0)).length < 1e-3 * weight)
  }

  /// A process that dies leaves its write-ahead log: copies of both, taken in the middle of a run, open and are whole.
  @Test func anUnfinishedFileOpens() throws {
    let folder = try ScratchFolder()
    let scene = try SceneText.build(ScratchFolder.scene)
    let runner = try Runner(
      scene: scene,
      options: {
        var o = RunOptions(); o.steps = 3000; return o
      }())
    let file = RecordingFile(path: folder.path("live.sqlite"))
    let recorder = RunRecorder(file, scene: scene, steps: 3000)
    runner.observers = [recorder]
    var copies = 0
    runner.progress = { step in
      guard step % 1000 == 999 else { return }
      copies += 1
      for ending in ["", "-wal"] {
        try? FileManager.default.copyItem(
          atPath: folder.path("live.sqlite" + ending), toPath: folder.path("copy\(copies).sqlite" + ending))
      }
    }
    let result = runner.run()
    for copy in 1...copies {
      let recording = try Recording(readingFileAt: folder.path("copy\(copy).sqlite"))
      let run = try recording.run()
      #expect(run.status == .running && run.result == nil)
      var next = run.steps.lowerBound
      try recording.forEachStep(of: run) { record in
        #expect(record.step == next)
        next += 1
      }
    }
    recorder.finish(result, wasInterrupted: false)
    try file.close()
    #expect(try Recording(readingFileAt: folder.path("live.sqlite")).run().steps.count == 3000)
  }

  /// A process may die while the log is moved into the file: the header is new, the pages behind it are in the log alone.
  @Test func aRecordingWhoseLogWasBeingMovedOpens() throws {
    let folder = try ScratchFolder()
    let (path, _, _) = try folder.record()
    // The whole file as a log of an empty one: what SQLite leaves when it is killed before it moves anything.
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; VACUUM")
      for ending in ["", "-wal"] {
        try FileManager.default.copyItem(atPath: path + ending, toPath: folder.path("torn.sqlite") + ending)
      }
    }
    try queue.close()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    let torn = URL(fileURLWithPath: folder.path("torn.sqlite"))
    try whole.prefix(5 * 4096).write(to: torn)
    let recording = try Recording(readingFileAt: torn.path)
    #expect(try recording.steps(of: recording.run()).map(\.step) == Array(0..<50))
    // Without its log it is cut short.
    try FileManager.default.removeItem(atPath: torn.path + "-wal")
    let error = #expect(throws: InputError.self) { _ = try Recording(readingFileAt: torn.path) }
    #expect(error?.message.contains("truncated") == true)
  }

  @Test func whatIsNoRecordingSaysWhatItIs() throws {
    let folder = try ScratchFolder()
    let (path, _, _) = try folder.record()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))

    func refusal(_ name: String, _ change: (String) throws -> Void) throws -> String {
      let copy = folder.path(name)
      try whole.write(to: URL(fileURLWithPath: copy))
      try change(copy)
      do {
        let recording = try Recording(readingFileAt: copy)
        for run in recording.runs {
          _ = try recording.steps(of: run)
          _ = try recording.files()
          _ = try recording.bodies(of: run)
        }
      } catch let error as InputError {
        #expect(error.kind == .data && error.file == copy)
        return error.message
      }
      return "accepted"
    }
    func sql(_ path: String, _ text: String) throws {
      let queue = try DatabaseQueue(path: path)
      try queue.writeWithoutTransaction { try $0.execute(sql: text) }
      try queue.close()
    }
    #expect(try refusal("text") { try Data("hello".utf8).write(to: URL(fileURLWithPath: $0)) }.contains("no SQLite"))
    #expect(try refusal("cut") { try whole.prefix(100_000).write(to: URL(fileURLWithPath: $0)) }.contains("truncated"))
    #expect(try refusal("newer") { try sql($0, "PRAGMA user_version = 7") }.contains("version 7"))
    #expect(try refusal("other") { try sql($0, "PRAGMA application_id = 1") }.contains("no recording"))
    #expect(try refusal("table") { try sql($0, "DROP TABLE step") }.contains("no such table"))
    #expect(try refusal("column") { try sql($0, "ALTER TABLE step RENAME COLUMN rows TO lines") }.contains("rows"))
    #expect(try refusal("type") { try sql($0, "UPDATE step SET rows = 'many'") }.contains("rows"))
    #expect(try refusal("empty") { try sql($0, "DELETE FROM run") }.contains("no run"))
    #expect(try refusal("manifest") { try sql($0, "UPDATE run SET manifest = 'x'") }.contains("manifest"))
    let noise = try refusal("noise") { path in
      var bytes = [UInt8](whole)
      for index in stride(from: 40_000, to: bytes.count, by: 97) { bytes[index] = 0xA5 }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    #expect(noise != "accepted")
    #expect(throws: InputError.self) { try Recording(readingFileAt: folder.path("nothing")) }
    #expect(throws: InputError.self) { try Recording(readingFileAt: folder.url.path) }
  }

  @Test func aLockedFileSaysSo() throws {
    let folder = try ScratchFolder()
    let (path, _, _) = try folder.record()
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: path, configuration: configuration)
    try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
    let error = #expect(throws: InputError.self) { try Recording(readingFileAt: path) }
    #expect(error?.kind == .data && error?.message.contains("locked") == true)
    try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
  }

  @Test func foreignFilesAreNotReplaced() throws {
    let folder = try ScratchFolder()
    try Data("precious".utf8).write(to: URL(fileURLWithPath: folder.path("notes")))
    for path in [folder.path("notes"), folder.url.path, folder.path("no/such/folder/a.sqlite")] {
      let file = RecordingFile(path: path)
      #expect(file.hasFailed)
      let error = #expect(throws: InputError.self) { try file.close() }
      #expect(error?.kind == .cannotWrite)
    }
    #expect(try String(contentsOfFile: folder.path("notes"), encoding: .utf8) == "precious")
  }
}
