import LinearAlgebra

/// Random symmetric positive definite systems with a known solution, from a seed.
///
///     dense    A = B Bᵀ / n + 1, entries of B uniform with mean 0 and variance 1: condition about 5
///     sparse   a_ij uniform in (−1, 1) for 0 < |i − j| ≤ 8, a_ii = Σ_j |a_ij| + 0.1: diagonally dominant
///
/// x* is uniform in (−1, 1) and b = A x*.
public struct RandomSystem {
  /// Which family.
  public enum Family: String, CaseIterable, Codable, Sendable {
    /// B Bᵀ / n + 1.
    case dense
    /// Banded.
    case sparse
  }

  /// Half-bandwidth of the sparse family.
  public static let halfBandwidth = 8

  /// A in its natural storage: tiles for BLAS, or small blocks.
  public let matrix = SymmetricBlockMatrix()
  /// b.
  public let rightHandSide: [Double]
  /// x*.
  public let solution: [Double]

  /// A system of `n` rows. The same family, n and seed give the same sparse system everywhere; BLAS makes the dense one,
  /// and its last bits follow the processor.
  public init(_ family: Family, rows n: Int, seed: UInt64) {
    var random = RandomNumbers(seed: seed &* 1_000_003 &+ UInt64(n) &* 2 &+ (family == .dense ? 1 : 0))
    switch family {
    case .dense: Self.fillDense(matrix, n, &random)
    case .sparse: Self.fillSparse(matrix, n, &random)
    }
    let x = (0..<n).map { _ in random.next(in: 1) }
    var b = [Double](repeating: 0, count: n)
    matrix.multiply(x, into: &b)
    solution = x
    rightHandSide = b
  }

  private static func fillDense(_ matrix: SymmetricBlockMatrix, _ n: Int, _ random: inout RandomNumbers) {
    let factor = DenseMatrix()
    factor.resize(rows: n, columns: n)
    // Uniform in ±√3 has variance 1.
    let bound = 3.0.squareRoot()
    for index in 0..<n * n { factor.pointer[index] = random.next(in: bound) }
    let dense = DenseMatrix()
    dense.assignGram(of: factor, scaledBy: 1 / Double(n), plus: 1)
    matrix.assignDense(dense.pointer, dimension: n)
  }

  private static func fillSparse(_ matrix: SymmetricBlockMatrix, _ n: Int, _ random: inout RandomNumbers) {
    var rows: [Int32] = []
    var columns: [Int32] = []
    var values: [Double] = []
    var sums = [Double](repeating: 0, count: n)
    for row in 0..<n {
      for column in max(0, row - halfBandwidth)..<max(row, 0) {
        let value = random.next(in: 1)
        rows.append(Int32(row))
        columns.append(Int32(column))
        values.append(value)
        sums[row] += value.magnitude
        sums[column] += value.magnitude
      }
      // The diagonal's place, so that rows stay sorted; its value follows.
      rows.append(Int32(row))
      columns.append(Int32(row))
      values.append(0)
    }
    for index in values.indices where rows[index] == columns[index] { values[index] = sums[Int(rows[index])] + 0.1 }
    matrix.assignTriplets(dimension: n, count: values.count, rows: rows, columns: columns, values: values)
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
struct RandomNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Uniform in ±bound.
  mutating func next(in bound: Double) -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    z ^= z >> 31
    return bound * (2 * (Double(z >> 11) + 0.5) * 0x1p-53 - 1)
  }
}
