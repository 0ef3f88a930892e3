import CAllocationCounter
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

  static let solvers = [
    ("network", "mechanism-network"), ("latent", "mechanism-latent"),
    ("latent:weights=mechanism-galerkin", "mechanism-galerkin"),
  ]

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

  /// Weights that nobody would train: λ is finite, or 0 where the numbers overflow, and nothing is called converged that
  /// is not.
  @Test(arguments: solvers, SafeguardTests.Weights.allCases)
  func anyWeightsGiveFiniteImpulses(_ method: (String, String), _ kind: SafeguardTests.Weights) throws {
    let (solver, model) = method
    let path = try SafeguardTests.file(model, kind)
    defer { try? FileManager.default.removeItem(atPath: path) }
    for pair in try Self.pairs(model) {
      let (report, x) = try Self.solve(
        "\(solver.prefix { $0 != ":" }):weights=\(path)", Self.matrix(pair.A, pair.rows), pair.b)
      #expect(x.allSatisfy { $0.isFinite }, "\(kind): \(x)")
      #expect(report.reason == .iterationLimit || report.reason == .breakdown, "\(kind): \(report.reason)")
    }
  }

  /// What a solver cannot answer for stays out of λ: numbers that are not finite, a diagonal block that is not positive.
  @Test(arguments: solvers) func badSystemsGiveZero(_ solver: String, _ model: String) throws {
    let pair = try #require(try Self.pairs(model).first)
    var b = pair.b
    b[4] = .nan
    #expect(try Self.solve(solver, Self.matrix(pair.A, pair.rows), b).1.allSatisfy { $0 == 0 })
    b[4] = .infinity
    #expect(try Self.solve(solver, Self.matrix(pair.A, pair.rows), b).1.allSatisfy { $0 == 0 })
    let (report, x) = try Self.solve(solver, Self.matrix(pair.A, pair.rows, scale: -1), pair.b)
    #expect(report.reason == .breakdown && x.allSatisfy { $0 == 0 })
    let (still, zero) = try Self.solve(
      solver, Self.matrix(pair.A, pair.rows), [Double](repeating: 0, count: pair.rows))
    #expect(still.reason == .converged && zero.allSatisfy { $0 == 0 })
  }

  /// A file of the library with a part of its header's text replaced by one as long.
  static func file(_ model: String, replacing old: String, with new: String) throws -> String {
    let root = GoldenProblem.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    var data = try Data(contentsOf: root.appendingPathComponent("Assets/Models/\(model).safetensors"))
    let range = try #require(data.range(of: Data(old.utf8)))
    #expect(old.utf8.count == new.utf8.count)
    data.replaceSubrange(range, with: Data(new.utf8))
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
    try data.write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Another schema, form or pattern, tensors of other shapes or names: file and field are named.
  @Test(arguments: [
    ("network", "mechanism-network", "mechanism-1", "mechanism-9", "__metadata__.schema: is \"mechanism-9\""),
    ("network", "mechanism-network", "direct", "latent", "__metadata__.form: is \"latent\", expected \"direct\""),
    ("latent", "mechanism-latent", "\"latent\",\"", "\"direct\",\"", "__metadata__.form: is \"direct\""),
    ("network", "mechanism-network", "3 3 3 3 3 3", "3 3 3 3 3 9", "__metadata__.blocks: expected 1 to 64 sizes"),
    ("network", "mechanism-network", "3 3 3 3 3 3", "3 3 3 3 3 2", "network.0.weight: has shape"),
    ("network", "mechanism-network", "1-0 2-1", "1-0 0-1", "__metadata__.pattern: \"0-1\" is no block"),
    ("network", "mechanism-network", "1-0 2-1", "2-1 1-0", "__metadata__.pattern: \"1-0\" is not after"),
    ("network", "mechanism-network", "network.1.bias", "network.1.bath", "network.1.bias: is missing"),
    ("latent", "mechanism-galerkin", "basis\":", "basin\":", "basis: is missing"),
  ])
  func whatIsWrongIsNamed(_ solver: String, _ model: String, _ old: String, _ new: String, _ expected: String) throws {
    let path = try Self.file(model, replacing: old, with: new)
    defer { try? FileManager.default.removeItem(atPath: path) }
    do {
      _ = try SolverCatalog.complete.makeLinear("\(solver):weights=\(path)")
      Issue.record("was accepted")
    } catch let error as ModelError {
      #expect(error.description.hasPrefix("\(path): \(expected)"), "\(error)")
    }
  }

  /// A warm solve allocates nothing, and takes at most 5 µs of inference, scaling included: the fastest of 500, because
  /// another process may have the core. Measured: 1 to 3 µs.
  @Test(arguments: solvers) func warmSolvesAreCheap(_ solver: String, _ model: String) throws {
    let pair = try #require(try Self.pairs(model).first)
    let matrix = Self.matrix(pair.A, pair.rows)
    let method = try SolverCatalog.complete.makeLinear(solver)
    let x = Buffer<Double>(repeating: 0, count: pair.rows)
    let b = Buffer<Double>(pair.b)
    var report = SolveReport()
    method.prepare(matrix, change: .pattern, report: &report)
    method.solve(matrix, b.pointer, into: x.pointer, stop: LinearStop(), report: &report)
    var fastest = Double.infinity
    let before = allocation_count()
    for _ in 0..<500 {
      report.inferenceTime = 0
      method.prepare(matrix, change: .values, report: &report)
      method.solve(matrix, b.pointer, into: x.pointer, stop: LinearStop(), report: &report)
      fastest = min(fastest, report.inferenceTime)
    }
    #expect(allocation_count() == before)
    #expect(fastest < 5e-6)
    print("\(model): inference \(1e6 * fastest) µs for \(pair.rows) rows")
  }
}
