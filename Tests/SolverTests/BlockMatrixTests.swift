import LinearAlgebra
import Testing

/// Products, factors, sweeps and constructors of the block matrix, against dense arithmetic written out here.
@Suite struct BlockMatrixTests {
  /// A random positive definite matrix of blocks of the sizes, about a third of them there.
  static func random(_ sizes: [Int], seed: UInt64 = 1) -> SymmetricBlockMatrix {
    var generator = TestGenerator(state: seed)
    var pairs: [SIMD2<Int32>] = []
    for i in sizes.indices {
      for j in 0..<i where j == i - 1 || generator.uniform(0...1) < 0.3 { pairs.append(SIMD2(Int32(i), Int32(j))) }
    }
    let matrix = SymmetricBlockMatrix()
    matrix.setPattern(blockSizes: Buffer(sizes.map(Int32.init)), pairs: Buffer(pairs))
    var sums = Array(repeating: 1.0, count: matrix.dimension)
    matrix.forEachBlock { row, column, first in
      let (rows, width) = (sizes[row], sizes[column])
      for i in 0..<rows {
        for j in 0..<(row == column ? i : width) {
          let value = generator.uniform(-1...1)
          matrix.values[first + i * width + j] = value
          if row == column { matrix.values[first + j * width + i] = value }
          sums[matrix.offset(ofBlock: row) + i] += value.magnitude
          sums[matrix.offset(ofBlock: column) + j] += value.magnitude
        }
      }
    }
    for block in sizes.indices {
      let first = matrix.slot(row: block, column: block)
      for i in 0..<sizes[block] {
        matrix.values[first + i * sizes[block] + i] = sums[matrix.offset(ofBlock: block) + i]
      }
    }
    return matrix
  }

  static func product(_ a: [Double], _ x: [Double]) -> [Double] {
    let n = x.count
    return (0..<n).map { i in (0..<n).map { a[$0 * n + i] * x[$0] }.reduce(0, +) }
  }

  static let patterns: [[Int]] =
    [1, 2, 3, 4, 5, 6, 7].map { Array(repeating: $0, count: 12) }
    + [[6, 6, 6, 6, 2], [3, 3, 3, 3, 1], [4, 4, 4, 3], [2, 2, 2, 1], [1, 6, 3, 5, 2, 4, 6, 6, 3, 3]]
    + [[20, 20, 20, 7], [9, 3, 40, 1, 6, 8], [1], [6], [33], []]

  /// Round-off of sums of at most 70 numbers near 1.
  @Test(arguments: patterns) func productIsThatOfTheDenseMatrix(_ sizes: [Int]) {
    let matrix = Self.random(sizes)
    let x = LinearSystems.random(matrix.dimension)
    #expect(difference(matrix.times(x), Self.product(matrix.dense, x)) <= 1e-12)
  }

  /// Diagonally dominant, so the solution has round-off only.
  @Test(arguments: patterns) func factorSolves(_ sizes: [Int]) {
    let matrix = Self.random(sizes)
    let x = LinearSystems.random(matrix.dimension)
    let factor = BlockLDL()
    factor.analyze(matrix)
    factor.factor(matrix)
    let solution = Buffer<Double>(matrix.times(x))
    factor.solve(solution.pointer)
    #expect(factor.droppedPivots == 0)
    #expect(difference(solution.array, x) <= 1e-12 * (1 + norm(x)))
  }

  /// Large tiles of a singular matrix: pivots are dropped, the residual is met. κ of the rest is about 1e3.
  @Test func largeTilesMayBeSingular() {
    let n = 40
    let b = LinearSystems.random(n * 25, seed: 9)
    var a = Array(repeating: 0.0, count: n * n)
    for i in 0..<n {
      for j in 0..<n { a[i * n + j] = (0..<25).map { b[i * 25 + $0] * b[j * 25 + $0] }.reduce(0, +) }
    }
    let matrix = SymmetricBlockMatrix()
    matrix.assignDense(a, dimension: n, tile: 16)
    let factor = BlockLDL()
    factor.analyze(matrix)
    factor.factor(matrix)
    #expect(factor.droppedPivots == 15)
    let right = matrix.times(LinearSystems.random(n))
    let x = Buffer<Double>(right)
    factor.solve(x.pointer)
    #expect(difference(matrix.times(x.array), right) < 1e-9 * norm(right))
  }

  /// Sweeps by blocks are those by scalars, for any block sizes.
  @Test(arguments: patterns) func sweepsAreThoseOfScalars(_ sizes: [Int]) {
    let matrix = Self.random(sizes)
    let n = matrix.dimension
    let a = matrix.dense
    let b = LinearSystems.random(n, seed: 2)
    var x = LinearSystems.random(n, seed: 3)
    let y = Buffer<Double>(x)
    let inverse = Buffer<Double>((0..<n).map { 1 / a[$0 * n + $0] })
    let upper = Buffer<Double>(repeating: 0, count: n)
    let partial = Buffer<Double>(repeating: 0, count: n)
    matrix.upperProduct(y.pointer, into: upper.pointer)
    for order in [Array(0..<n), Array(0..<n), (0..<n).reversed(), Array(0..<n)] {
      for i in order { x[i] += 1.3 * (b[i] - (0..<n).map { a[$0 * n + i] * x[$0] }.reduce(0, +)) / a[i * n + i] }
      if order.first ?? 0 > order.last ?? 0 {
        matrix.sweepBackward(
          b, y.pointer, upper: upper.pointer, partial: partial.pointer, inverseDiagonal: inverse.pointer, omega: 1.3)
      } else {
        matrix.sweepForward(
          b, y.pointer, upper: upper.pointer, partial: partial.pointer, inverseDiagonal: inverse.pointer, omega: 1.3)
      }
      #expect(difference(x, y.array) <= 1e-12)
    }
    let r = Buffer<Double>(repeating: 0, count: n)
    matrix.residual(y.pointer, upper: upper.pointer, partial: partial.pointer, into: r.pointer)
    #expect(difference(r.array, zip(b, Self.product(a, x)).map { $0 - $1 }) <= 1e-12)
  }

  /// (D + L) and (D + Lᵀ) by blocks: both solves put together are A's splitting.
  @Test(arguments: patterns) func triangularSolvesInvertTheirTriangles(_ sizes: [Int]) {
    let matrix = Self.random(sizes)
    let n = matrix.dimension
    let inverses = DiagonalBlockInverses()
    inverses.prepare(matrix)
    let r = LinearSystems.random(n)
    let y = Buffer<Double>(repeating: 0, count: n)
    let work = Buffer<Double>(repeating: 0, count: n)
    let upper = Buffer<Double>(repeating: 0, count: n)
    matrix.solveLower(inverses, r, into: y.pointer, gap: work.pointer)
    // (D + L) y = A y − Lᵀ y.
    matrix.upperProduct(y.pointer, into: upper.pointer)
    #expect(difference(zip(matrix.times(y.array), upper.array).map { $0 - $1 }, r) <= 1e-12)
    matrix.solveUpper(inverses, r, into: y.pointer, work: work.pointer)
    // (D + Lᵀ) z = r, so xᵀ(D + Lᵀ) z = zᵀ(D + L) x for every x.
    let x = LinearSystems.random(n, seed: 8)
    matrix.upperProduct(x, into: upper.pointer)
    let lower = zip(matrix.times(x), upper.array).map { $0 - $1 }
    #expect((dot(x, r) - dot(y.array, lower)).magnitude <= 1e-12 * (1 + norm(lower)))
  }

  @Test(arguments: [1, 2, 3, 4, 6, 8]) func tripletsMakeTheSameMatrixForAnyBlockSize(_ size: Int) {
    let plain = LinearSystems.banded(41, blockSize: 1)
    let blocked = LinearSystems.banded(41, blockSize: size)
    #expect(plain.matrix.dense == blocked.matrix.dense)
    #expect(blocked.matrix.dimension == 41)
  }

  @Test func repeatedTripletsAreAdded() {
    let matrix = SymmetricBlockMatrix.triplets(
      3, [(0, 0, 1), (0, 0, 2), (1, 0, 5), (1, 0, -1), (1, 1, 1), (2, 2, 4)], blockSize: 2)
    #expect(matrix.dense == [3, 4, 0, 4, 1, 0, 0, 0, 4])
  }

  /// A matrix that is made of full blocks of 3 or 6 is stored so; a scalar tridiagonal one is not.
  @Test func blockSizeFollowsTheFill() {
    for size in [3, 6] {
      var entries: [(row: Int, column: Int, value: Double)] = []
      for i in 0..<20 * size {
        for j in 0...i where i / size - j / size <= 1 { entries.append((i, j, i == j ? 100 : 1)) }
      }
      #expect(SymmetricBlockMatrix.triplets(20 * size, entries).uniformSize == size)
    }
    let diagonal = (0..<100).map { (row: $0, column: $0, value: 1.0) }
    #expect(SymmetricBlockMatrix.triplets(100, diagonal).uniformSize == 1)
  }

  @Test(arguments: [1, 7, 32, 100]) func denseMatrixKeepsItsEntries(_ tile: Int) {
    let a = LinearSystems.dense(50).matrix.dense
    let matrix = SymmetricBlockMatrix()
    matrix.assignDense(a, dimension: 50, tile: tile)
    #expect(matrix.dense == a)
  }

  /// Ends of the spectrum of tridiag(−1, 2, −1), 2 ∓ 2 cos(π/51), and of a singular matrix without its zeros.
  @Test func lanczosFindsTheEnds() throws {
    let bounds = LanczosBounds()
    let matrix = LinearSystems.tridiagonal(50).matrix
    bounds.estimate(matrix, limit: 100, accuracy: 1e-6, needsLowest: true) { r, z in z.update(from: r, count: 50) }
    #expect((bounds.highest / 3.9962067 - 1).magnitude < 1e-6)
    #expect((bounds.lowest / 0.0037933 - 1).magnitude < 1e-4)

    let singular = LinearSystems.delassus(ProblemLibrary.doubled(3)).matrix
    let n = singular.dimension
    let dense = DenseMatrix()
    dense.resize(rows: n, columns: n)
    singular.copyDense(into: dense.pointer)
    let eigenvalues = try #require(dense.symmetricEigenvalues())
    bounds.estimate(singular, limit: 100, accuracy: 1e-6, needsLowest: true) { r, z in z.update(from: r, count: n) }
    #expect((bounds.highest / eigenvalues[n - 1] - 1).magnitude < 1e-6)
    #expect((bounds.lowest / eigenvalues[n / 2] - 1).magnitude < 1e-4)
  }
}
