import Foundation
import Solvers
import Testing

/// Nothing that lies in a folder of methods is missing from the catalog, and nothing that was there is lost.
@Suite struct CatalogTests {
  static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources/Solvers")

  /// Number of files in a folder that describe a method.
  static func methods(in folder: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(
      at: sources.appendingPathComponent(folder), includingPropertiesForKeys: nil
    ).count { try String(contentsOf: $0, encoding: .utf8).contains("static let descriptor = ") }
  }

  @Test func everyFileIsInTheCatalog() throws {
    let linear = try Self.methods(in: "Linear")
    #expect(SolverCatalog.linearSolvers.count == linear)
    #expect(
      try SolverCatalog.solvers.count == linear + ["Contact", "SecondOrder", "Pivoting"].map(Self.methods).reduce(0, +))
    #expect(try SolverCatalog.guesses.count == Self.methods(in: "Guesses"))
    #expect(try SolverCatalog.preconditioners.count == Self.methods(in: "Preconditioners"))
  }

  @Test func namesAreUnique() {
    for names in [
      SolverCatalog.solvers.map(\.name), SolverCatalog.guesses.map(\.name), SolverCatalog.preconditioners.map(\.name),
    ] { #expect(Set(names).count == names.count) }
  }
}
