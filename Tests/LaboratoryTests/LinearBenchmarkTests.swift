import ConstraintSystem
import Foundation
import Laboratory
import LinearAlgebra
import Testing

/// `linear` without its command: the systems are what they are said to be, times are of solves that meet the tolerance.
@Suite struct LinearBenchmarkTests {
  static func dense(_ system: RandomSystem) -> DenseMatrix {
    let dense = DenseMatrix()
    dense.resize(rows: system.matrix.dimension, columns: system.matrix.dimension)
    system.matrix.copyDense(into: dense.pointer)
    return dense
  }

  @Test func denseSystemsHaveTheirSpectrum() throws {
    // B Bᵀ / n of a square random B has eigenvalues in about [0, 4] (Marchenko, Pastur 1967), so A's are in [1, 5]; at
    // n = 200 the edge is off by a few percent.
    let eigenvalues = try #require(Self.dense(RandomSystem(.dense, rows: 200, seed: 1)).symmetricEigenvalues())
    #expect(eigenvalues[0] > 1 && eigenvalues[0] < 1.01)
    #expect(eigenvalues[199] > 4.6 && eigenvalues[199] < 5.3)
  }

  @Test func sparseSystemsAreBandedAndDominant() throws {
    let n = 60
    let dense = Self.dense(RandomSystem(.sparse, rows: n, seed: 1))
    for row in 0..<n {
      var sum = 0.0
      for column in 0..<n where column != row {
        let value = dense[row, column]
        #expect((value != 0) == ((row - column).magnitude <= 8))
        #expect(value.magnitude < 1 && value == dense[column, row])
        sum += value.magnitude
      }
      // Sums of at most 16 numbers in two orders.
      #expect((dense[row, row] - sum - 0.1).magnitude < 1e-14)
    }
    #expect(try #require(dense.symmetricEigenvalues())[0] > 0.1)
  }

  @Test func aSeedIsASystem() {
    let one = RandomSystem(.sparse, rows: 30, seed: 5)
    #expect(one.rightHandSide == RandomSystem(.sparse, rows: 30, seed: 5).rightHandSide)
    #expect(one.rightHandSide != RandomSystem(.sparse, rows: 30, seed: 6).rightHandSide)
    // A single row has no neighbours: A = 0.1.
    #expect(Self.dense(RandomSystem(.sparse, rows: 1, seed: 1))[0, 0] == 0.1)
  }

  static func run(_ solvers: [String], sizes: [Int], timeLimit: Double = 10) throws -> LinearReport {
    var options = LinearBenchmark.Options()
    options.sizes = sizes
    options.repeats = 2
    options.timeLimit = timeLimit
    let benchmark = try LinearBenchmark(solvers: solvers, options: options)
    try benchmark.run()
    return benchmark.report
  }

  @Test func everySolverMeetsTheError() throws {
    let solvers = try LinearSolverList.parse("all")
    #expect(solvers.count >= 13)
    let report = try Self.run(solvers, sizes: [4, 40])
    #expect(report.results.count == 4 * solvers.count)
    for result in report.results {
      #expect(result.stopReason == .converged, "\(result.family) \(result.n) \(result.solver)")
      #expect(result.relativeError! <= 1e-5)
      #expect(
        result.time.minimum! > 0 && result.time.minimum! <= result.time.mean!
          && result.time.mean! <= result.time.maximum!)
    }
    // cg: no more than n iterations, and not driven to round-off either.
    let cg = try #require(report.result(.dense, 40, "cg"))
    #expect(cg.iterations! < 20 && cg.relativeError! > 1e-8)
    let fastest = try #require(report.fastest(.sparse, 40))
    #expect(
      report.results.filter { $0.family == .sparse && $0.n == 40 }.allSatisfy {
        $0.time.median! >= fastest.time.median!
      })
  }

  @Test func whatTimesOutIsLeftOutAfterwards() throws {
    // A nanosecond is over before the first iteration ends; a direct solve is not interrupted, but it is the last.
    let report = try Self.run(["cg", "lu"], sizes: [4, 16, 64], timeLimit: 1e-9)
    for family in RandomSystem.Family.allCases {
      let cg = try report.sizes(family).map { try #require(report.result(family, $0, "cg")) }
      #expect(cg.map(\.isSkipped) == [false, true, true])
      #expect(cg.allSatisfy { $0.stopReason == .timeLimit && $0.time.mean == nil })
      let lu = try report.sizes(family).map { try #require(report.result(family, $0, "lu")) }
      #expect(lu.map(\.isSkipped) == [false, true, true] && lu[0].time.mean != nil)
    }
    let table = LinearTable(report, .dense)
    #expect(table.sections[0][0] == ["cg", "timeLimit", "too slow", "too slow"])
  }

  @Test func tablesAndListsHaveEveryResult() throws {
    let report = try Self.run(["cg", "ldl"], sizes: [4, 8])
    let lines = report.csv.split(separator: "\n")
    #expect(lines.count == 9)
    #expect(lines[0].split(separator: ",").count == 12)
    #expect(lines.dropFirst().allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 12 })
    let table = LinearTable(report, .sparse)
    #expect(table.columns.map(\.title) == ["solver", "n = 4", "n = 8"])
    #expect(table.sections[1].map { $0[0] } == ["fastest", "  direct", "  iterative"])
    #expect(table.sections[1][1].dropFirst().allSatisfy { $0 == "ldl" })
    #expect(table.sections[0].flatMap { $0 }.count { $0.hasPrefix("*") } == 2)
  }

  @Test func theFigureHasAPanelAFamilyAndALineASolver() throws {
    let script = LinearFigure(try Self.run(["cg", "pcg:preconditioner=block-jacobi"], sizes: [4, 8])).script
    #expect(script.contains("set logscale xy"))
    #expect(script.components(separatedBy: "\nplot ").count == 3)
    #expect(script.contains("title 'cg'") && script.contains("title 'pcg:preconditioner=block-jacobi'"))
    #expect(script.contains("dense: A = BBᵀ/n + 1"))
  }

  @Test func thePictureHasASquareANonZero() {
    let n = 20
    let picture = SparsityPicture(RandomSystem(.sparse, rows: n, seed: 1).matrix, title: "a < b & c").svg
    // n + 2 Σ (n − k) for k = 1 … 8 entries, each a square that begins with M in a path of its shade.
    let entries = n + 2 * (1...8).reduce(0) { $0 + n - $1 }
    let paths = picture.components(separatedBy: " d=\"").dropFirst().map { $0.components(separatedBy: "\"")[0] }
    #expect(paths.joined().count { $0 == "M" } == entries)
    #expect(picture.contains("\(entries) non-zeros") && picture.contains("a &lt; b &amp; c"))
    // A large one is drawn in cells.
    let large = SparsityPicture(RandomSystem(.sparse, rows: 1000, seed: 1).matrix, title: "").svg
    #expect(large.utf8.count < 1_000_000)
  }
}
