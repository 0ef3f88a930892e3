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
            var sum = 0.0
            for k in 0..<n { sum += matrix[row * n + k] * inverse[k * n + column] }
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
      var result = [Double](repeating: 0, count: 9)
      for i in 0..<3 {
        for j in 0..<3 {
          for k in 0..<3 { result[3 * i + j] += a[3 * i + k] * b[3 * k + j] }
        }
      }
      return result
    }
    let again = product(product(matrix, inverse.array), matrix)
    for (found, wanted) in zip(again, matrix) { #expect((found - wanted).magnitude < 1e-12) }
    let zero = [Double](repeating: 0, count: 9)
    SmallLU.invert(zero, size: 3, into: inverse.pointer)
    #expect(inverse.array.allSatisfy { $0 == 0 })
  }
}
