import Foundation
import Testing

/// Sweeps of the built executable: what is killed, resumed or merged comes to the same cells.
@Suite struct SweepCommandTests {
  static let grid = ["sweep", "chain", "--vary", "count=2..8:lin4", "--solvers", "pgs newton", "--steps", "20"]

  static func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString).sqlite").path
  }

  /// The cells of the JSON object by what every run of them comes to.
  static func outcomes(_ arguments: [String]) throws -> [String] {
    let outcome = try CommandTests.delassus(arguments + ["--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let cells = try #require(try CommandTests.object(outcome.output)["cells"] as? [[String: Any]])
    return cells.map { cell in
      let result = cell["result"] as? [String: Any]
      let parameters = cell["parameters"] as? [String: Any]
      return [cell["index"], parameters?["count"], cell["solver"], cell["status"], result?["stateHash"]]
        .map { $0.map { "\($0)" } ?? "none" }.joined(separator: " ")
    }
  }

  @Test func aKilledSweepResumesAndShardsMergeToTheSameCells() throws {
    let paths = (0..<7).map { _ in Self.temporaryPath() }
    defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
    let whole = try Self.outcomes(Self.grid + ["--output", paths[0]])
    #expect(whole.count == 8)
    #expect(whole.allSatisfy { $0.contains(" done ") && !$0.contains("none") })
    #expect(Set(whole).count == 8)

    // Killed once its first cell is in the file, which may be before or after the others: both must resume.
    let process = Process()
    process.executableURL = CommandTests.executable
    process.arguments = Self.grid + ["--jobs", "1", "--output", paths[1]]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let limit = Date(timeIntervalSinceNow: 60)
    while Date() < limit {
      let csv = try CommandTests.delassus("sweep", "--show", "--csv", "--output", paths[1]).output
      if csv.split(separator: "\n").count > 1 { break }
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(try Self.outcomes(Self.grid + ["--output", paths[1]]) == whole)

    for part in 1...4 {
      let outcome = try CommandTests.delassus(Self.grid + ["--shard", "\(part)/4", "--output", paths[1 + part]])
      #expect(outcome.status == 0)
    }
    #expect(try Self.outcomes(["sweep", "--merge"] + paths[2...5] + ["--output", paths[6]]) == whole)
    // The merged file is an ordinary one: the same command finds everything done.
    #expect(try Self.outcomes(Self.grid + ["--output", paths[6]]) == whole)
  }

  @Test func missingCellsAreSaidAndOtherPlansRefused() throws {
    let paths = (0..<3).map { _ in Self.temporaryPath() }
    defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
    _ = try CommandTests.delassus(Self.grid + ["--shard", "1/4", "--output", paths[0]])
    let merged = try CommandTests.delassus(["sweep", "--merge", paths[0], "--output", paths[1]])
    #expect(merged.status == 0)
    #expect(merged.errors.contains("6 of 8 cells"))
    let other = try CommandTests.delassus(Self.grid.dropLast() + ["21", "--output", paths[0]])
    #expect(other.status == 65)
    #expect(other.errors.contains("--steps"))
    #expect(other.output.isEmpty)
  }

  @Test func aCellOutOfTimeIsARowWithItsReason() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let outcome = try CommandTests.delassus(
      "sweep", "chain", "--solvers", "pgs", "--steps", "100000000", "--time-limit", "0.2", "--output", path)
    #expect(outcome.status == 70)
    #expect(outcome.errors.contains("did not end within 0.200 s"))
    #expect(outcome.output.contains("did not end"))
  }

  @Test(arguments: [
    ["sweep", "chain", "--vary", "cuont=1,2"], ["sweep", "chain", "--vary", "count=0,1"], ["sweep"],
    ["sweep", "chain", "--solvers", "newtn"], ["sweep", "chain", "--shard", "5/4"],
    ["sweep", "chain", "--jobs", "0"], ["sweep", "chain", "--json", "--csv"], ["sweep", "chain", "--seeds", "x"],
  ])
  func wrongUsageIs64AndMakesNoFile(arguments: [String]) throws {
    let path = Self.temporaryPath()
    let outcome = try CommandTests.delassus(arguments + ["--output", path])
    #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
    #expect(outcome.output.isEmpty && !outcome.errors.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
