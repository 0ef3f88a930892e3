import LinearAlgebra
import Testing

/// Inverses of small blocks that need not be symmetric.
@Suite struct SmallLUTests {
  /// A A⁻¹ = 1. Tolerance: round-off of matrices with condition numbers of some hundreds.
  @Test func inverseTimesMatrixIsTheIdentity() {
    var generator = TestGenerator(state: 3)
    for n in 1...6 {
      for _ in 0..<20 {
        var matrix = (0..<n * n).map { _ in generator.uniform(-1...1) }
        for row in 0..<n { matrix[row * n + row] += 3 }
        let inverse = Buffer<Double>(repeating: 0, count: 36)
        SmallLU.invert(matrix, size: n, into: inverse.pointer)
        for row in 0..<n {
          for column in 0..<n {
            let sum = (0..<n).map { matrix[row * n + $0] * inverse[$0 * n + column] }.reduce(0, +)
            #expect((sum - (row == column ? 1 : 0)).magnitude < 1e-12)
          }
        }
      }
    }
  }

  /// A singular block gets a generalised inverse: A A⁻ A = A.
  @Test func singularBlocksSurvive() {
    let matrix: [Double] = [2, 4, 0, 1, 2, 0, 0, 0, 3]
    let inverse = Buffer<Double>(repeating: 0, count: 9)
    SmallLU.invert(matrix, size: 3, into: inverse.pointer)
    func product(_ a: [Double], _ b: [Double]) -> [Double] {
      (0..<9).map { place in (0..<3).map { a[place / 3 * 3 + $0] * b[$0 * 3 + place % 3] }.reduce(0, +) }
    }
    let again = product(product(matrix, inverse.array), matrix)
    for (found, wanted) in zip(again, matrix) { #expect((found - wanted).magnitude < 1e-12) }
    let zero = [Double](repeating: 0, count: 9)
    SmallLU.invert(zero, size: 3, into: inverse.pointer)
    #expect(inverse.array.allSatisfy { $0 == 0 })
  }
}
