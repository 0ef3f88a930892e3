import Foundation
import Testing

/// `delassus compare --report` and `delassus plot` from outside.
@Suite struct ReportCommandTests {
  @Test func aComparisonWritesItsPageBesideItsObject() throws {
    try SolveCommandTests.withFolder { folder in
      let page = folder.appendingPathComponent("r.html").path
      let outcome = try CommandTests.delassus(
        "compare", "chain", "--steps", "3", "--solvers", "ldl pgs", "--report", page, "--json")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      let html = try String(contentsOfFile: page, encoding: .utf8)
      // The object on standard output is the one in the page.
      let start = try #require(html.range(of: "id=\"comparison\">"))
      let end = try #require(html.range(of: "</script>", range: start.upperBound..<html.endIndex))
      let embedded = try CommandTests.object(String(html[start.upperBound..<end.lowerBound]))
      #expect(embedded as NSDictionary == (try CommandTests.object(outcome.output)) as NSDictionary)
      #expect(html.contains("<svg"))
    }
  }

  @Test func whatCannotBeDrawnOrWrittenIs73BeforeTheFirstRun() throws {
    try SolveCommandTests.withFolder { folder in
      let page = folder.appendingPathComponent("r.html").path
      // So many steps that a run would be noticed.
      let arguments = ["compare", "chain", "--steps", "100000000", "--solvers", "lu", "--report"]
      let missing = try CommandTests.delassus(arguments + [page], path: "/nowhere")
      #expect(missing.status == 73 && missing.output.isEmpty && missing.errors.contains("no gnuplot in PATH"))
      let readOnly = try CommandTests.delassus(arguments + ["/no/such/folder/r.html"])
      #expect(readOnly.status == 73 && readOnly.errors.contains("No such file or directory"))
      #expect(!FileManager.default.fileExists(atPath: page))
    }
  }

  @Test func aRecordingIsPlotted() throws {
    try SolveCommandTests.withFolder { folder in
      let recording = folder.appendingPathComponent("a.sqlite").path
      #expect(try CommandTests.delassus("run", "chain", "--steps", "5", "--record", recording, "--json").status == 0)
      let picture = folder.appendingPathComponent("a.svg").path
      #expect(try CommandTests.delassus("plot", recording, "energy", "--output", picture).status == 0)
      #expect(try String(contentsOfFile: picture, encoding: .utf8).contains("Mechanical energy"))
      let raster = folder.appendingPathComponent("a.png")
      #expect(try CommandTests.delassus("plot", recording, "residual", "--output", raster.path).status == 0)
      #expect(try Data(contentsOf: raster).prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
      let table = try CommandTests.delassus("plot", recording, "residual", "--csv")
      #expect(table.output.split(separator: "\n").count == 6)

      #expect(try CommandTests.delassus("plot", recording, "enegry", "--output", picture).status == 64)
      #expect(try CommandTests.delassus("plot", recording, "energy", "--output", picture + ".pdf").status == 64)
      #expect(try CommandTests.delassus("plot", recording, "energy").status == 64)
      #expect(try CommandTests.delassus("plot", recording, "energy", "--csv", "--solver", "lemke").status == 64)
      // A chain touches nothing.
      #expect(try CommandTests.delassus("plot", recording, "penetration", "--csv").status == 65)
      #expect(try CommandTests.delassus("plot", recording + "x", "energy", "--csv").status == 66)
      #expect(try CommandTests.delassus("plot", recording, "energy", "--output", "/no/such/a.svg").status == 73)
    }
  }

  @Test func theFiguresHaveNames() throws {
    let outcome = try CommandTests.delassus("plot", "--list")
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").count >= 10 && outcome.output.contains("accuracy  "))
  }
}
