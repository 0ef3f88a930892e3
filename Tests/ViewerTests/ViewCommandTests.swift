import Foundation
import Laboratory
import Testing
import Viewer

/// The program from outside: scripts, files, exit status.
@Suite struct ViewCommandTests {
  /// A folder that goes with the test, with a recording in it.
  private static func inScratchFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("view-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// `delassus-view` lies beside the test bundle.
  private static func view(_ arguments: [String], in folder: URL, display: String? = nil) throws -> (
    status: Int32, errors: String
  ) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("delassus-view")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(["DISPLAY": "", "WAYLAND_DISPLAY": ""]) { $1 }
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  /// A person's walk through everything; each line of the script asserts, and keeps its picture. See the script.
  @Test func aPersonPlaysWithIt() throws {
    let script = URL(fileURLWithPath: "Tests/ViewerTests/Scripts/interactions.txt").standardizedFileURL.path
    let stack = URL(fileURLWithPath: "Scenes/stacks/stack.json").standardizedFileURL.path
    try Self.inScratchFolder { folder in
      try SessionTests.record("stacks/stack", steps: 120, to: folder.appendingPathComponent("walk.sqlite").path)
      let outcome = try Self.view([stack, "--solver", "newton", "--offscreen", "--script", script], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".png") }
      #expect(pictures.count == 24)
    }
  }

  @Test func whatAScriptDoesNotFindItSays() throws {
    try Self.inScratchFolder { folder in
      func play(_ text: String) throws -> (status: Int32, errors: String) {
        try text.write(to: folder.appendingPathComponent("s.txt"), atomically: true, encoding: .utf8)
        return try Self.view(["--offscreen", "--script", "s.txt", "--size", "320x200"], in: folder)
      }
      var outcome = try play("wait 2\nexpect step > 1000\n")
      #expect(outcome.status == 70 && outcome.errors.contains("s.txt: line 2: expected step > 1000, found"))
      outcome = try play("# nothing\n\nclick \"No such button\"\n")
      #expect(outcome.status == 70 && outcome.errors.contains("line 3: there is no widget \"No such button\""))
      outcome = try play("jump 3\n")
      #expect(outcome.status == 65 && outcome.errors.contains("line 1: there is no action \"jump\""))
      outcome = try play("type \"open\n")
      #expect(outcome.status == 65 && outcome.errors.contains("quote"))
      outcome = try play("wait\n")
      #expect(outcome.status == 65 && outcome.errors.contains("takes 1 words"))
      outcome = try play("expect nothing = 1\n")
      #expect(outcome.status == 70 && outcome.errors.contains("no value \"nothing\""))
      #expect(try Self.view(["--script", "none.txt", "--offscreen"], in: folder).status == 66)
    }
  }

  /// What cannot be opened is shown in the viewer, over a scene that can; wrong options end it.
  @Test func whatCannotBeOpenedIsShown() throws {
    try Self.inScratchFolder { folder in
      try Data("SQLite format 3\0 and then nothing".utf8).write(to: folder.appendingPathComponent("broken.sqlite"))
      try "{ \"summary\": 3 }".write(to: folder.appendingPathComponent("bad.json"), atomically: true, encoding: .utf8)
      for (input, place) in [("broken.sqlite", "broken.sqlite"), ("./bad.json", "bad.json"), ("nonsense", "nonsense")] {
        try "wait 1\nexpect message contains \(place)\nexpect search = true\nexpect scene = wrecking-ball\n"
          .write(to: folder.appendingPathComponent("s.txt"), atomically: true, encoding: .utf8)
        let outcome = try Self.view([input, "--offscreen", "--script", "s.txt"], in: folder)
        #expect(outcome.status == 0, "\(input): \(outcome.errors)")
      }
      for arguments in [
        ["--panel", "Foo", "--offscreen"], ["--solver", "pgss", "--offscreen"], ["--layer", "x"], ["--size", "3x3"],
        ["--video", "a.mp4"], ["--set", "count=3", "--offscreen", "--frames", "1"],
        ["--compare", "nosolver", "--offscreen", "--frames", "1"],
      ] {
        let outcome = try Self.view(arguments, in: folder)
        #expect(outcome.status == 64 && !outcome.errors.isEmpty, "\(arguments): \(outcome.errors)")
      }
      let folderless = try Self.view(["--screenshot", "no/such/folder.png", "--size", "320x200"], in: folder)
      #expect(folderless.status == 73 && folderless.errors.contains("no/such/folder.png"))
    }
  }

  /// Without a display the message says what to do.
  @Test func withoutADisplayItSaysWhatToDo() throws {
    let outcome = try Self.view([], in: FileManager.default.temporaryDirectory)
    #expect(outcome.status == 69 && outcome.errors.contains("--screenshot"))
  }
}
