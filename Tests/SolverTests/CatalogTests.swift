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
    #expect(SolverCatalog.classical.linearSolvers.count == linear)
    let others = try ["Contact", "SecondOrder", "Pivoting", "Position"].map(Self.methods).reduce(0, +)
    #expect(SolverCatalog.classical.solvers.count == linear + others)
    #expect(try SolverCatalog.classical.guesses.count == Self.methods(in: "Guesses"))
    #expect(try SolverCatalog.classical.preconditioners.count == Self.methods(in: "Preconditioners"))
  }

  /// Every method that the field would reach for, by the name that users know.
  @Test func everyMethodHasItsName() {
    let linear =
      "gauss lu cholesky ldl jacobi gauss-seidel sor ssor cg pcg fcg cr minres"
    let solvers =
      "pgs impulse tgs jacobi-split nncg apgd bb admm mprgp newton semismooth ipm ppa dantzig lemke staggered shock "
      + "active-set pbd xpbd avbd"
    let preconditioners = "none jacobi block-jacobi ssor ic0 chebyshev aggregation"
    func missing(_ names: String, _ catalog: [String]) -> [String] {
      names.split(separator: " ").map(String.init).filter { !catalog.contains($0) }
    }
    #expect(missing(linear, SolverCatalog.classical.linearSolvers.map(\.name)) == [])
    #expect(missing(linear + " " + solvers, SolverCatalog.classical.solvers.map(\.name)) == [])
    #expect(missing(preconditioners, SolverCatalog.classical.preconditioners.map(\.name)) == [])
  }

  /// What a listing shows of a method is there.
  @Test func everyMethodIsDescribed() {
    for solver in SolverCatalog.classical.solvers {
      #expect(!solver.summary.isEmpty && !solver.reference.isEmpty, "\(solver.name)")
      #expect(!solver.sets.isEmpty && !solver.laws.isEmpty && !solver.groups.isEmpty, "\(solver.name)")
    }
    for solver in SolverCatalog.classical.linearSolvers { #expect(!solver.reference.isEmpty, "\(solver.name)") }
    for other in SolverCatalog.classical.preconditioners where other.name != "none" {
      #expect(!other.reference.isEmpty, "\(other.name)")
    }
  }

  @Test func namesAreUnique() {
    for names in [
      SolverCatalog.classical.solvers.map(\.name), SolverCatalog.classical.guesses.map(\.name),
      SolverCatalog.classical.preconditioners.map(\.name),
    ] { #expect(Set(names).count == names.count) }
  }
}
