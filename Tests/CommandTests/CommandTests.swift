import Foundation
import Testing

/// The built executable from outside: exit status, and what stands on which stream.
@Suite struct CommandTests {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  /// `delassus` lies beside the test bundle.
  static let executable: URL = {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("delassus")
  }()

  static func delassus(_ arguments: String...) throws -> Outcome { try delassus(arguments) }

  static func delassus(_ arguments: [String]) throws -> Outcome {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Errors are short enough for the pipe's own buffer; the output may not be.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaint, as: UTF8.self))
  }

  @Test func listPrintsOneObjectAndNothingElse() throws {
    let outcome = try Self.delassus("list", "--json")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    #expect(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) is [String: Any])
    #expect(try Self.delassus("list", "solvers").output.contains("newton"))
  }

  @Test(arguments: [
    ["run"], ["run", "stack", "--no-such-option"], ["list", "planets"], ["compare"],
    ["run", "stack", "--steps", "many"], ["run", "stack", "--law", "dry"], ["run", "stack", "--set", "count"],
    ["run", "stack", "--budget", "passes=3"], ["compare", "stack", "--solvers", "newtn"],
    ["compare", "stack", "--mode", "shadow"], ["compare", "stack", "--json", "--csv"],
    ["run", "stack", "--steps", "-1"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let outcome = try Self.delassus(arguments)
    #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(!outcome.errors.isEmpty)
  }

  @Test func aMissingSceneIs66() throws {
    let outcome = try Self.delassus("run", "no-such-scene")
    #expect(outcome.status == 66)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("no-such-scene"))
  }

  @Test func helpIsOutput() throws {
    for command in ["run", "compare", "list"] {
      let outcome = try Self.delassus(command, "--help")
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("USAGE: delassus \(command)"))
    }
  }
}
