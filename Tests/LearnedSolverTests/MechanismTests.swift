import ConstraintSystem
import Foundation
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// The article's fixed-size networks: PyTorch's answers, in any units, and nothing where the mechanism is another.
@Suite struct MechanismTests {
  struct Golden: Decodable {
    struct Pair: Decodable {
      var rows: Int
      var A: [Double]
      var b: [Double]
      var lambda: [Double]
    }
    var pairs: [Pair]
  }

  static let solvers = [("network", "mechanism-network"), ("latent", "mechanism-latent")]

  /// A matrix of blocks of three rows.
  static func matrix(_ a: [Double], _ n: Int, scale: Double = 1) -> SymmetricBlockMatrix {
    var rows: [Int32] = []
    var columns: [Int32] = []
    var values: [Double] = []
    for row in 0..<n {
      for column in 0...row where a[row * n + column] != 0 || row / 3 == column / 3 {
        rows.append(Int32(row))
        columns.append(Int32(column))
        values.append(scale * a[row * n + column])
      }
    }
    let matrix = SymmetricBlockMatrix()
    matrix.assignTriplets(
      dimension: n, count: rows.count, rows: rows, columns: columns, values: values, blockSize: 3)
    return matrix
  }

  static func solve(_ text: String, _ matrix: SymmetricBlockMatrix, _ b: [Double]) throws -> (SolveReport, [Double]) {
    let solver = try SolverCatalog.complete.makeLinear(text)
    var report = SolveReport()
    solver.prepare(matrix, change: .pattern, report: &report)
    var x = [Double](repeating: 0, count: b.count)
    solver.solve(matrix, b, into: &x, stop: LinearStop(relative: 1e-6), report: &report)
    return (report, x)
  }

  static func pairs(_ model: String) throws -> [Golden.Pair] {
    let data = try Data(contentsOf: GoldenProblem.folder.appendingPathComponent("\(model).json"))
    return try JSONDecoder().decode(Golden.self, from: data).pairs
  }

  /// 1e-5 of the largest impulse: single precision in both.
  @Test(arguments: solvers) func equalsPyTorch(_ solver: String, _ model: String) throws {
    let all = try Self.pairs(model)
    #expect(all.count >= 3)
    for pair in all {
      let (report, x) = try Self.solve(solver, Self.matrix(pair.A, pair.rows), pair.b)
      #expect(GraphNetworkTests.difference(x, pair.lambda) < 1e-5)
      #expect(report.inferenceTime > 0 && report.iterations == 1)
    }
  }

  /// A in other units of mass and length, b in others of velocity: the same λ in theirs. 1e-5 as above.
  @Test(arguments: solvers) func unitsDoNotMatter(_ solver: String, _ model: String) throws {
    for pair in try Self.pairs(model) {
      let plain = try Self.solve(solver, Self.matrix(pair.A, pair.rows), pair.b).1
      let scaled = try Self.solve(solver, Self.matrix(pair.A, pair.rows, scale: 1000), pair.b.map { 0.01 * $0 }).1
      #expect(GraphNetworkTests.difference(scaled.map { 1e5 * $0 }, plain) < 1e-5)
    }
  }

  /// `latent` knows one mechanism; `network` asks the graph network about all others.
  @Test func anotherMechanismIsRefused() throws {
    let a: [Double] = [2, 0, 0, 0, 2, 0, 0, 0, 2]
    let (latent, x) = try Self.solve("latent", Self.matrix(a, 3), [1, 2, 3])
    #expect(latent.reason == .unsupported && x == [0, 0, 0])
    let (network, y) = try Self.solve("network", Self.matrix(a, 3), [1, 2, 3])
    #expect(network.reason != .unsupported && y.allSatisfy { $0.isFinite } && y != [0, 0, 0])
  }
}
