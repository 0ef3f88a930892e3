import Foundation
import Testing

/// `delassus dataset` and `delassus evaluate` from outside.
@Suite struct DatasetCommandTests {
  @Test func aDatasetIsWrittenAndSolversAreJudgedOnIt() throws {
    try SolveCommandTests.withFolder { folder in
      let file = folder.appendingPathComponent("a.h5").path
      let made = try CommandTests.delassus("dataset", "stack", "chain", "--systems", "12", "--out", file, "--json")
      #expect(made.status == 0 && made.errors.isEmpty)
      let report = try CommandTests.object(made.output)
      #expect(report["systems"] as? Int == 12 && report["version"] as? Int == 1)
      #expect((report["families"] as? [[String: Any]])?.compactMap { $0["systems"] as? Int } == [6, 6])

      let csv = folder.appendingPathComponent("a.csv").path
      let judged = try CommandTests.delassus(
        "evaluate", file, "--solvers", "pgs newton", "--tolerances", "1e-2,1e-5", "--repeats", "1", "--limit", "6",
        "--csv", csv, "--json")
      #expect(judged.status == 0 && judged.errors.isEmpty)
      let results = try #require(try CommandTests.object(judged.output)["results"] as? [[String: Any]])
      #expect(results.count == 3 * 2 * 3)
      #expect(results[0]["solver"] as? String == "pgs" && results[0]["systems"] as? Int == 6)
      let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 1 + 6 * 2 * 2)
      #expect(Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }).count == 1)

      let table = try CommandTests.delassus("evaluate", file, "--solvers", "pgs", "--limit", "2", "--repeats", "1")
      #expect(table.status == 0 && table.output.contains("fell back"))
      let missing = try CommandTests.delassus("evaluate", file, "--csv", "/dev/null/a.csv", "--limit", "1")
      #expect(missing.status == 73)
      #expect(try CommandTests.delassus("evaluate", file, "--tolerances", "1e-2,x").status == 64)
      #expect(try CommandTests.delassus("evaluate", file, "--solvers", "newtn").status == 64)
    }
  }

  @Test(arguments: [
    ["dataset"], ["dataset", "stack"], ["dataset", "--out", "a.h5"],
    ["dataset", "stack", "--out", "a.h5", "--systems", "0"], ["dataset", "stack", "--out", "a.h5", "--jobs", "0"],
    ["dataset", "stack", "--out", "a.h5", "--split", "test"],
    ["dataset", "stack", "--out", "a.h5", "--driver", "newtn"],
    ["dataset", "stack", "--out", "a.h5", "--split", "held-out"], ["dataset", "stack", "stack", "--out", "a.h5"],
    ["evaluate"], ["evaluate", "a.h5", "--repeats", "0"], ["evaluate", "a.h5", "--start", "hot"],
    ["evaluate", "a.h5", "--limit", "0"], ["evaluate", "a.h5", "--time-limit", "0"],
  ])
  func wrongUsage(arguments: [String]) throws {
    let outcome = try CommandTests.delassus(arguments)
    #expect(outcome.status == 64 && outcome.output.isEmpty && !outcome.errors.isEmpty)
  }

  @Test func wrongFiles() throws {
    try SolveCommandTests.withFolder { folder in
      let output = folder.appendingPathComponent("a.h5").path
      #expect(try CommandTests.delassus("dataset", "stak", "--out", output).status == 66)
      #expect(try CommandTests.delassus("dataset", folder.path + "/none.json", "--out", output).status == 66)
      #expect(try CommandTests.delassus("dataset", "stack", "--out", "/dev/null/a.h5").status == 73)
      #expect(try CommandTests.delassus("dataset", "stack", "--out", folder.path).status == 73)
      let families = folder.appendingPathComponent("families.json").path
      try #"{ "families": [{ "scene": "stack", "steps": 0 }] }"#.write(
        toFile: families, atomically: true, encoding: .utf8)
      let wrong = try CommandTests.delassus("dataset", families, "--out", output)
      #expect(wrong.status == 65 && wrong.errors.contains("families[0].steps"))
      #expect(try CommandTests.delassus("evaluate", output).status == 66)
      let damaged = try CommandTests.delassus("evaluate", families)
      #expect(damaged.status == 65 && damaged.errors.contains(families))
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }
}
