import ConstraintSystem
import Foundation
import LinearAlgebra

/// A symmetric linear system whose solution is known.
struct LinearSystem {
  var name: String
  var matrix: SymmetricBlockMatrix
  var solution: [Double]
  var rightHandSide: [Double]

  /// b = A x.
  init(_ name: String, _ matrix: SymmetricBlockMatrix, solution: [Double]) {
    self.name = name
    self.matrix = matrix
    self.solution = solution
    rightHandSide = matrix.times(solution)
  }

  /// ‖x − x*‖₂ / ‖x*‖₂.
  func error(_ x: [Double]) -> Double { difference(x, solution) / norm(solution) }

  /// ‖b − Ax‖₂ / ‖b‖₂.
  func residual(_ x: [Double]) -> Double { difference(matrix.times(x), rightHandSide) / norm(rightHandSide) }
}

func norm(_ x: [Double]) -> Double { x.map { $0 * $0 }.reduce(0, +).squareRoot() }
func difference(_ x: [Double], _ y: [Double]) -> Double { norm(zip(x, y).map { $0 - $1 }) }
func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).map { $0 * $1 }.reduce(0, +) }

extension SymmetricBlockMatrix {
  /// A x.
  func times(_ x: [Double]) -> [Double] {
    let y = Buffer<Double>(repeating: 0, count: dimension)
    multiply(x, into: y.pointer)
    return y.array
  }

  /// Both triangles, by columns.
  var dense: [Double] {
    let a = Buffer<Double>(repeating: 0, count: dimension * dimension)
    copyDense(into: a.pointer)
    return a.array
  }

  /// From the entries of the lower triangle.
  static func triplets(
    _ n: Int, _ entries: [(row: Int, column: Int, value: Double)], blockSize: Int? = nil
  ) -> SymmetricBlockMatrix {
    let matrix = SymmetricBlockMatrix()
    matrix.assignTriplets(
      dimension: n, count: entries.count, rows: entries.map { Int32($0.row) },
      columns: entries.map { Int32($0.column) }, values: entries.map(\.value), blockSize: blockSize)
    return matrix
  }
}

enum LinearSystems {
  static func random(_ n: Int, seed: UInt64 = 11) -> [Double] {
    var generator = TestGenerator(state: seed)
    return (0..<n).map { _ in generator.uniform(-1...1) }
  }

  /// tridiag(−1, 2, −1).
  static func tridiagonal(_ n: Int, blockSize: Int = 1) -> LinearSystem {
    var entries: [(Int, Int, Double)] = []
    for i in 0..<n {
      if i > 0 { entries.append((i, i - 1, -1)) }
      entries.append((i, i, 2))
    }
    return LinearSystem("tridiagonal \(n)", .triplets(n, entries, blockSize: blockSize), solution: random(n))
  }

  /// Ten collinear point masses, the last `ratio` times as heavy: A_ii = w_i + w_{i−1}, A_{i,i−1} = −w_{i−1}.
  static func masses(ratio: Double) -> LinearSystem {
    var entries: [(Int, Int, Double)] = []
    for i in 0..<10 {
      let before = i == 0 ? 0.0 : 1.0
      let own = i == 9 ? 1 / ratio : 1.0
      if i > 0 { entries.append((i, i - 1, -before)) }
      entries.append((i, i, own + before))
    }
    return LinearSystem(
      "masses \(ratio)", .triplets(10, entries, blockSize: 1), solution: Array(repeating: 1, count: 10))
  }

  /// Random entries near the diagonal, the diagonal their row sum and a tenth.
  static func banded(_ n: Int, half: Int = 8, blockSize: Int? = nil) -> LinearSystem {
    var generator = TestGenerator(state: 3)
    var sums = Array(repeating: 0.1, count: n)
    var entries: [(Int, Int, Double)] = []
    for i in 0..<n {
      for j in max(0, i - half)..<i {
        let value = generator.uniform(-1...1)
        entries.append((i, j, value))
        sums[i] += value.magnitude
        sums[j] += value.magnitude
      }
    }
    for i in 0..<n { entries.append((i, i, sums[i])) }
    entries.sort { ($0.0, $0.1) < ($1.0, $1.1) }
    return LinearSystem("banded \(n)", .triplets(n, entries, blockSize: blockSize), solution: random(n))
  }

  /// BBᵀ/n + 1 as tiles.
  static func dense(_ n: Int, tile: Int = 32) -> LinearSystem {
    let b = random(n * n, seed: 5)
    var a = Array(repeating: 0.0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        var sum = 0.0
        for k in 0..<n { sum += b[i * n + k] * b[j * n + k] }
        a[i * n + j] = sum / Double(n) + (i == j ? 1 : 0)
        a[j * n + i] = a[i * n + j]
      }
    }
    let matrix = SymmetricBlockMatrix()
    matrix.assignDense(a, dimension: n, tile: tile)
    return LinearSystem("dense \(n)", matrix, solution: random(n))
  }

  /// A = J M⁻¹ Jᵀ of a problem.
  static func delassus(_ description: ProblemDescription) -> LinearSystem {
    let delassus = DelassusMatrix()
    _ = delassus.assemble(description.build())
    return LinearSystem("A of \(description.name)", delassus.matrix, solution: random(delassus.matrix.dimension))
  }

  /// H = M + Jᵀ G J of a problem with all contacts sticking, G = 1e4 of the rows' diagonals.
  static func bodySpace(_ description: ProblemDescription) -> LinearSystem {
    let problem = description.build()
    let space = BodySpace()
    _ = space.fit(problem)
    space.begin(problem)
    for index in 0..<problem.blocks.count {
      let block = problem.blocks[index]
      let rows = Int(block.rowCount)
      var weights = Array(repeating: 0.0, count: rows * rows)
      for row in 0..<rows { weights[row * rows + row] = 1e4 / problem.diagonal[Int(block.firstRow) + row] }
      space.add(problem, block: index, weights: weights)
    }
    return LinearSystem("H of \(description.name)", space.matrix, solution: random(space.matrix.dimension))
  }

  /// A square net of bodies, each ball-jointed to its neighbours, hung at two corners.
  static func net(_ side: Int) -> ProblemDescription {
    var result = ProblemDescription(name: "net \(side)")
    for _ in 0..<side * side { result.bodies.append(ProblemLibrary.body(1)) }
    for row in 0..<side {
      for column in 0..<side {
        let body = row * side + column
        if column > 0 {
          result.blocks.append(ProblemLibrary.ball(body - 1, body, Vector3(0.5, 0, 0), Vector3(-0.5, 0, 0)))
        }
        if row > 0 {
          result.blocks.append(ProblemLibrary.ball(body - side, body, Vector3(0, 0, 0.5), Vector3(0, 0, -0.5)))
        }
      }
    }
    for body in [0, side - 1] {
      result.blocks.append(ProblemLibrary.ball(-1, body, .zero, Vector3(0, 0.5, 0)))
    }
    return result
  }

  /// The folder of published matrices, where it is there.
  static let folder: URL? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path =
      ProcessInfo.processInfo.environment["DELASSUS_CASES"]
      ?? root.deletingLastPathComponent().appendingPathComponent("shared/cases").path
    let folder = URL(fileURLWithPath: path).appendingPathComponent("spd")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  /// A symmetric MatrixMarket file of the published matrices.
  static func published(_ name: String, in folder: URL) throws -> LinearSystem {
    let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("%") }.map { $0.split(separator: " ") }
    let n = Int(lines[0][0])!
    let entries = lines.dropFirst().map { line in
      let (i, j) = (Int(line[0])! - 1, Int(line[1])! - 1)
      return (row: max(i, j), column: min(i, j), value: Double(line[2])!)
    }
    return LinearSystem(name, .triplets(n, entries), solution: random(n))
  }
}
