import Dynamics
import Foundation
import GRDB
import Laboratory
import LinearAlgebra
import Testing

@Suite struct ReplayTests {
  static func verify(_ path: String, from start: Int? = nil) throws -> Verification.Outcome {
    let recording = try Recording(readingFileAt: path)
    return try Verification(recording, recording.run(), from: start).perform()
  }

  static func change(_ path: String, _ sql: String, _ arguments: StatementArguments = []) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: sql, arguments: arguments) }
    try queue.close()
  }

  @Test(arguments: ["newton", "pgs:iterations=20", "xpbd", "tgs", "ldl"])
  func aRunRepeatsBitByBit(_ solver: String) throws {
    let folder = try ScratchFolder()
    let law = solver == "xpbd" || solver == "tgs" ? ", \"law\": \"coulomb\"" : ""
    let scene = try SceneText.build(ScratchFolder.scene + law)
    let runner = try Runner(
      scene: scene, solver: solver,
      options: {
        var o = RunOptions(); o.steps = 70; return o
      }())
    let file = RecordingFile(path: folder.path("a.sqlite"))
    let recorder = RunRecorder(file, scene: scene, steps: 70, interval: 20)
    runner.observers = [recorder]
    recorder.finish(runner.run(), wasInterrupted: false)
    try file.close()
    let whole = try Self.verify(folder.path("a.sqlite"))
    #expect(whole.identical, "\(whole.differences.map(\.text))")
    #expect(whole.steps == 70 && whole.checkpoints == 4)
    let rest = try Self.verify(folder.path("a.sqlite"), from: 47)
    #expect(rest.identical && rest.steps == 30 && rest.stateHash == whole.stateHash)
  }

  @Test func aFlippedBitOfACheckpointIsFound() throws {
    let folder = try ScratchFolder()
    let (path, _, _) = try folder.record()
    let queue = try DatabaseQueue(path: path)
    var bytes = try queue.read {
      try Data.fetchOne($0, sql: "SELECT data FROM checkpoint WHERE step = 20")!
    }
    try queue.close()
    // The section "poses" begins with the ground; the second body's height is in its words 7 to 13.
    let name = try #require(bytes.range(of: Data("poses".utf8)))
    bytes[name.lowerBound + 8 + 8 + 8 * 8] ^= 1
    try Self.change(path, "UPDATE checkpoint SET data = ? WHERE step = 20", [bytes])
    let outcome = try Self.verify(path)
    #expect(outcome.differences.count == 1)
    #expect(outcome.differences.first?.stage == "checkpoint")
    #expect(outcome.differences.first?.step == 20)
    #expect(outcome.differences.first?.body == "a")
    // A start from it is refused.
    #expect(throws: InputError.self) { try Self.verify(path, from: 25) }
  }

  @Test func aChangedParameterIsNamed() throws {
    let folder = try ScratchFolder()
    let (path, _, _) = try folder.record()
    try Self.change(path, "UPDATE run SET manifest = replace(manifest, '\"height\" : 0.6', '\"height\" : 0.7')")
    let outcome = try Self.verify(path)
    #expect(!outcome.identical)
    #expect(outcome.differences[0].stage == "manifest" && outcome.differences[0].message.hasSuffix("parameters.height"))
    #expect(outcome.differences.contains { $0.step == 0 && $0.body == "a" })
  }

  @Test func aChangedStateNamesItsStepAndBody() throws {
    let folder = try ScratchFolder()
    let (path, kept, _) = try folder.record()
    var state = kept.states[31]
    state[13 + 1] = state[13 + 1].nextUp
    try Self.change(
      path, "UPDATE state SET data = ? WHERE step = 31",
      [state.withUnsafeBytes { Data($0) }])
    let outcome = try Self.verify(path)
    #expect(outcome.differences.map(\.step) == [31])
    #expect(outcome.differences.first?.body == "b" && outcome.differences.first?.stage == "integration")
  }

  @Test func changedSceneFilesAreNamed() throws {
    let folder = try ScratchFolder()
    let (path, _, _) = try folder.record()
    try Self.change(path, "UPDATE file SET content = replace(content, '0.2', '0.3')")
    let outcome = try Self.verify(path)
    #expect(outcome.differences.contains { $0.stage == "scene" })
    #expect(outcome.differences.contains { $0.step == 0 })
  }

  /// The same solver on the same problems with its own impulses as warm start finds the same λ, bit by bit.
  @Test func theSameSolverAgreesWithItself() throws {
    let folder = try ScratchFolder()
    let (path, _, _) = try folder.record()
    let recording = try Recording(readingFileAt: path)
    let resolve = try Resolve(Replayer(recording, recording.run()), solver: "newton", tolerance: 0)
    let outcome = try resolve.perform()
    #expect(outcome.problems == 50)
    #expect(outcome.firstParting == nil && outcome.velocityDifference == 0)
  }

  @Test func anotherSolverPartsWhereItIsWorse() throws {
    let folder = try ScratchFolder()
    let (path, _, _) = try folder.record()
    let recording = try Recording(readingFileAt: path)
    let rough = try Resolve(Replayer(recording, recording.run()), solver: "pgs:iterations=1", tolerance: 1e-3).perform()
    #expect(rough.firstParting != nil)
    #expect(rough.velocityDifference > 1e-4)
    #expect((rough.residual.max ?? 0) > (rough.recordedResidual.max ?? 1))
    // The pendulum alone is one joint: a direct solver must agree with it.
    let exact = try Resolve(Replayer(recording, recording.run()), solver: "newton:linear=gauss", tolerance: 1e-3)
    #expect(try exact.perform().velocityDifference < 1e-5)
  }

  @Test func aProblemOfAStepIsTheOneThatWasSolved() throws {
    let folder = try ScratchFolder()
    let (path, kept, _) = try folder.record()
    let recording = try Recording(readingFileAt: path)
    for step in [0, 19, 20, 49] {
      let problem = try recording.problem(of: recording.run(), step: step)
      #expect(problem.problem.rowCount == kept.records[step].rows)
      #expect(problem.lambda.count == problem.problem.rowCount)
      #expect(problem.blockNames.first == "joint \"hook\"")
    }
    #expect(throws: InputError.self) { try recording.problem(of: recording.run(), step: 50) }
  }

  @Test func aRunGoesOnFromARecordedStep() throws {
    let folder = try ScratchFolder()
    let (path, _, result) = try folder.record()
    let scene = try SceneText.build(ScratchFolder.scene)
    let runner = try Runner(
      scene: scene, solver: "newton",
      options: {
        var o = RunOptions(); o.steps = 17; return o
      }())
    try runner.start(from: path, step: 33)
    let file = RecordingFile(path: folder.path("rest.sqlite"))
    let recorder = RunRecorder(file, scene: scene, steps: 17, interval: 10)
    runner.observers = [recorder]
    let rest = runner.run()
    recorder.finish(rest, wasInterrupted: false)
    try file.close()
    #expect(rest.stateHash == result.stateHash && rest.steps == 17)
    // And its recording repeats, too, from the checkpoint that it began with.
    let outcome = try Self.verify(folder.path("rest.sqlite"))
    #expect(outcome.identical && outcome.steps == 17, "\(outcome.differences.map(\.text))")
  }
}
