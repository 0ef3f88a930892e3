import ArgumentParser
import Laboratory

extension RunRecorder.Item: ExpressibleByArgument {}

/// Options of commands that can record.
struct RecordOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Record everything into an SQLite file.", valueName: "file"))
  var record: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What to record beside steps and solves: states, reactions, contacts, checkpoints, iterations (default: all but the last).",
      valueName: "item"))
  var keep: [RunRecorder.Item] = []

  @Option(help: ArgumentHelp("Steps between checkpoints.", valueName: "steps"))
  var checkpointEvery = RunRecorder.standardInterval

  func validate() throws {
    guard checkpointEvery >= 1 else { throw ValidationError("--checkpoint-every: expected a number of steps from 1.") }
    guard record != nil || keep.isEmpty else { throw ValidationError("--keep says what --record keeps; give both.") }
  }

  /// The file, where one is asked for.
  func file() -> RecordingFile? { record.map { RecordingFile(path: $0) } }

  /// A recorder of a run into the file.
  func recorder(_ file: RecordingFile?, _ scene: Scene, steps: Int) -> RunRecorder? {
    file.map {
      RunRecorder(
        $0, scene: scene, steps: steps, keeps: keep.isEmpty ? RunRecorder.Item.standard : Set(keep),
        interval: checkpointEvery)
    }
  }
}

/// `RECORDING@STEP`.
struct RecordedStep: ExpressibleByArgument {
  var recording: String
  var step: Int

  init?(argument: String) {
    guard let mark = argument.lastIndex(of: "@"), let step = Int(argument[argument.index(after: mark)...]), step >= 0
    else { return nil }
    recording = String(argument[..<mark])
    self.step = step
  }
}
