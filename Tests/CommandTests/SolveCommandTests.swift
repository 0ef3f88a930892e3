import Foundation
import Testing

/// `delassus solve` and `delassus linear` from outside.
@Suite struct SolveCommandTests {
  /// A folder with a small system, removed at the end.
  static func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let system = "%%MatrixMarket matrix coordinate real symmetric\n3 3 4\n1 1 4\n2 1 1\n2 2 3\n3 3 2\n"
    try Data(system.utf8).write(to: folder.appendingPathComponent("a.mtx"))
    try body(folder)
  }

  @Test func aSystemIsSolvedAndWritten() throws {
    try Self.withFolder { folder in
      let file = folder.appendingPathComponent("a.mtx").path
      let output = folder.appendingPathComponent("x.mtx").path
      let history = folder.appendingPathComponent("h.csv").path
      let outcome = try CommandTests.delassus(
        "solve", file, "--solvers", "ldl; cg", "--write", output, "--history", history, "--json")
      #expect(outcome.status == 0)
      let object = try CommandTests.object(outcome.output)
      let results = try #require(object["results"] as? [[String: Any]])
      #expect(results.compactMap { $0["solver"] as? String } == ["ldl", "cg"])
      #expect(results.allSatisfy { $0["stopReason"] as? String == "converged" })
      #expect(object["rank"] as? Int == 3)
      let vector = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").compactMap { Double($0) }
      #expect(vector.count == 3 && vector.allSatisfy { ($0 - 1).magnitude < 1e-7 })
      #expect(try String(contentsOfFile: history, encoding: .utf8).hasPrefix("problem,solver,iteration,measure,"))

      let table = try CommandTests.delassus("solve", file, "--solvers", "ldl", "cg", file)
      #expect(table.status == 0 && table.errors.isEmpty)
      #expect(table.output.hasPrefix("a.mtx  matrixmarket, 3 rows"))
      #expect(table.output.components(separatedBy: "converged").count == 6)
    }
  }

  @Test func everyWayToFailHasItsStatus() throws {
    try Self.withFolder { folder in
      let good = folder.appendingPathComponent("a.mtx").path
      #expect(try CommandTests.delassus("solve", good + "x").status == 66)
      #expect(try CommandTests.delassus("solve", good, "--measure", "siconos").status == 64)
      #expect(try CommandTests.delassus("solve", good, "--tolerance", "0").status == 64)
      #expect(try CommandTests.delassus("solve", good, "--solvers", "cgg").status == 64)
      #expect(try CommandTests.delassus("solve", good, "--solvers", "ldl", "--write", "/no/such/x.mtx").status == 73)
      #expect(try CommandTests.delassus("solve", good, "--rhs", good).status == 65)

      let bad = folder.appendingPathComponent("bad.mtx")
      try Data("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 nan\n".utf8).write(to: bad)
      let outcome = try CommandTests.delassus("solve", bad.path, "--json")
      #expect(outcome.status == 65 && outcome.output.isEmpty)
      #expect(outcome.errors.contains("bad.mtx: line 3: expected a finite number"))
      try Data([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0, 0, 8, 8]).write(to: bad)
      let damaged = try CommandTests.delassus("solve", bad.path)
      #expect(damaged.status == 65 && damaged.errors.contains("HDF5") && !damaged.errors.contains("H5F"))

      // A solver that fails is a row; only if none has a solution the command fails.
      try Data("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n2 2 -1\n".utf8).write(to: bad)
      let alone = try CommandTests.delassus("solve", bad.path, "--solvers", "cholesky", "--json")
      #expect(alone.status == 70 && !alone.output.lowercased().contains("nan"))
      #expect(try CommandTests.delassus("solve", bad.path, "--solvers", "cholesky lu").status == 0)
    }
  }

  @Test func theFigureNeedsGnuplotAndThePictureDoesNot() throws {
    try Self.withFolder { folder in
      let figure = folder.appendingPathComponent("f.svg").path
      let picture = folder.appendingPathComponent("p.svg").path
      let outcome = try CommandTests.delassus(
        "linear", "--sizes", "4", "16", "--repeats", "2", "--solvers", "cg ldl", "--svg", figure, "--picture", picture,
        "--json")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect((try CommandTests.object(outcome.output)["results"] as? [Any])?.count == 8)
      for file in [figure, picture] {
        #expect(try String(contentsOfFile: file, encoding: .utf8).contains("<svg"))
      }
      let process = Process()
      process.executableURL = CommandTests.executable
      process.arguments = ["linear", "--sizes", "4", "--svg", figure]
      process.environment = ["PATH": folder.path]
      let errors = Pipe()
      process.standardError = errors
      process.standardOutput = Pipe()
      try process.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 73 && text.contains("gnuplot"))
    }
  }
}
