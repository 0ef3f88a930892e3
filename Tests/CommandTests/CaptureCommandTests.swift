import Foundation
import Testing

/// `delassus capture`, `export` and `solve RECORDING@STEP` from outside.
@Suite struct CaptureCommandTests {
  @Test func aCapturedStepIsSolved() throws {
    try SolveCommandTests.withFolder { folder in
      let output = folder.appendingPathComponent("problems").path
      let captured = try CommandTests.delassus(
        "capture", "stack", "--set", "count=2", "--law", "coulomb", "--solver", "semismooth", "--first", "4", "--last",
        "8", "--every", "2", "--output", output, "--json")
      #expect(captured.status == 0 && captured.errors.isEmpty)
      let files = try #require(try CommandTests.object(captured.output)["files"] as? [String])
      #expect(files == ["stack-000004.hdf5", "stack-000006.hdf5", "stack-000008.hdf5"])
      let solved = try CommandTests.delassus(
        "solve", output + "/" + files[0], "--solvers", "semismooth", "--repeats", "1", "--json")
      #expect(solved.status == 0)
      #expect(try CommandTests.object(solved.output)["contacts"] as? Int == 8)
      #expect(try CommandTests.delassus("capture", "chain", "--last", "2", "--output", output).status == 65)
      #expect(try CommandTests.delassus("capture", "stack", "--last", "2", "--output", "/dev/null/x").status == 73)
    }
  }

  @Test func aRecordingIsExportedAndItsStepsSolved() throws {
    try SolveCommandTests.withFolder { folder in
      let file = folder.appendingPathComponent("run.sqlite").path
      let run = try CommandTests.delassus(
        "run", "stack", "--set", "count=2", "--law", "coulomb", "--solver", "semismooth", "--steps", "10", "--record",
        file)
      #expect(run.status == 0)
      for (table, rows) in [
        ("steps", 10), ("states", 20), ("iterations", 0), ("joints", 0), ("contacts", 80),
      ] {
        let text = try CommandTests.delassus("export", file, table)
        #expect(text.status == 0 && text.errors.isEmpty)
        // Bodies fall onto each other at once, so every step has all eight contacts.
        #expect(text.output.split(separator: "\n").count == rows + 1, "\(table)")
        let object = try CommandTests.object(
          try CommandTests.delassus("export", file, table, "--format", "json").output)
        #expect(object["table"] as? String == table)
        #expect((object["rows"] as? [[String: Any]])?.count == rows, "\(table)")
      }
      let few = try CommandTests.delassus("export", file, "steps", "--from", "3", "--to", "4", "--format", "json")
      let steps = try #require(try CommandTests.object(few.output)["rows"] as? [[String: Any]])
      #expect(steps.compactMap { $0["step"] as? Int } == [3, 4])
      #expect((steps[0]["stateHash"] as? String)?.count == 16)

      let solved = try CommandTests.delassus(
        "solve", file + "@7", "--solvers", "semismooth", "--repeats", "1", "--json")
      #expect(solved.status == 0)
      let report = try CommandTests.object(solved.output)
      #expect(report["format"] as? String == "recording" && report["measure"] as? String == "residual")
      #expect(report["rows"] as? Int == 24)
      #expect(try CommandTests.delassus("solve", file + "@10").status == 64)
      #expect(try CommandTests.delassus("solve", folder.path + "/none.sqlite@1").status == 66)
      #expect(try CommandTests.delassus("export", file, "steps", "--run", "2").status == 64)
      #expect(try CommandTests.delassus("export", folder.path + "/a.mtx", "steps").status == 65)
    }
  }
}
