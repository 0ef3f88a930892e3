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

  /// `path`: where programs are looked for, nil for the usual places.
  static func delassus(_ arguments: [String], path: String? = nil) throws -> Outcome {
    let process = Process()
    if let path {
      process.environment = ProcessInfo.processInfo.environment.merging(["PATH": path]) { $1 }
    }
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
    ["run", "stack", "--budget", "passes=0"], ["compare", "stack", "--solvers", "newtn"],
    ["compare", "stack", "--mode", "shady"], ["compare", "stack", "--driver", "ldl"],
    ["compare", "stack", "--json", "--csv"],
    ["run", "stack", "--steps", "-1"], ["solve"], ["solve", "--tolerance", "0", "recording@3"], ["capture"],
    ["capture", "stack", "--every", "0"], ["capture", "stack", "--format", "csv"], ["export"],
    ["export", "recording", "tables"], ["linear", "--sizes", "0"],
    ["linear", "--solvers", "newton"], ["linear", "--csv", "--json"], ["linear", "--repeats", "0"],
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
    for command in ["run", "compare", "solve", "capture", "export", "linear", "list"] {
      let outcome = try Self.delassus(command, "--help")
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("USAGE: delassus \(command)"))
    }
  }

  static func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func aRunPrintsItsObjectAlone() throws {
    let outcome = try Self.delassus("run", "stack", "--set", "count=3", "--steps", "5", "--json")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    let object = try Self.object(outcome.output)
    #expect(object["scene"] as? String == "stack")
    #expect(object["steps"] as? Int == 5)
    #expect((object["parameters"] as? [String: Any])?["count"] as? Int == 3)
  }

  @Test func aComparisonHasAResultForEverySolver() throws {
    let outcome = try Self.delassus(
      "compare", "chain", "--set", "count=3", "--steps", "5", "--json", "--solvers", "pgs; newton ldl")
    #expect(outcome.status == 0)
    let results = try #require(try Self.object(outcome.output)["results"] as? [[String: Any]])
    #expect(results.compactMap { $0["solver"] as? String } == ["pgs", "newton", "ldl"])
  }

  @Test func theTableStandsAloneOnTheOutput() throws {
    let outcome = try Self.delassus("compare", "chain", "stack", "--set", "count=3", "--steps", "5")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("scene "))
    let lines = outcome.output.split(separator: "\n")
    for line in lines { #expect(line.count <= 120, "\(line)") }
    #expect(lines.count { $0.contains("converged") } >= 8)
  }

  /// slide-stop asks for exact Coulomb friction, which newton does not solve.
  @Test func aLawThatIsNotSolvedIs64AloneAndARowInAList() throws {
    let alone = try Self.delassus("run", "slide-stop", "--solver", "newton", "--steps", "5", "--json")
    #expect(alone.status == 64)
    #expect(alone.errors.contains("coulomb"))
    #expect((try Self.object(alone.output)["solve"] as? [String: Any])?["rows"] is NSNull)
    #expect(try Self.delassus("compare", "slide-stop", "--solvers", "newton", "--steps", "5").status == 64)

    let list = try Self.delassus("compare", "slide-stop", "--solvers", "newton pgs", "--steps", "5")
    #expect(list.status == 0)
    #expect(list.output.contains("unsupported"))
  }

  @Test func aLogThatCannotBeWrittenIs73AndLosesNothing() throws {
    let outcome = try Self.delassus(
      "run", "chain", "--set", "count=3", "--steps", "5", "--states", "/dev/full", "--json")
    #expect(outcome.status == 73)
    #expect(outcome.errors.contains("/dev/full"))
    #expect(try Self.object(outcome.output)["steps"] as? Int == 5)
  }

  @Test func aBadSceneIs65AndItsPlaceIsNamed() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("{ \"summary\": \"x\", \"bodies\": 3 }".utf8).write(to: file)
    let outcome = try Self.delassus("run", file.path)
    #expect(outcome.status == 65)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("bodies"))
  }

  @Test func anInterruptedRunPrintsWhatItHas() throws {
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = ["run", "chain", "--steps", "1000000000", "--json"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    // A process that does not listen is ended by force, so that the suite cannot hang on it.
    let limit = Date(timeIntervalSinceNow: 60)
    while !Self.catchesInterrupts(process.processIdentifier) && Date() < limit { Thread.sleep(forTimeInterval: 0.02) }
    process.interrupt()
    let watchdog = Thread {
      while process.isRunning && Date() < limit { Thread.sleep(forTimeInterval: 0.05) }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
    watchdog.start()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(try #require(try Self.object(text)["steps"] as? Int) > 0)
  }

  /// Whether the handler of SIGINT is in place: bit 1 of the caught signals.
  static func catchesInterrupts(_ process: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
      let mask = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
    else { return false }
    return mask & 2 != 0
  }
}
