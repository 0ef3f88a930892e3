import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// Chebyshev's iteration in single precision against its polynomial in double precision.
@Suite struct ChebyshevIterationTests {
  static func apply(
    _ iteration: ChebyshevIteration, _ matrix: SymmetricBlockMatrix, steps: Int, from bottom: Double, to top: Double,
    _ r: [Double]
  ) -> [Double] {
    let z = Buffer<Double>(repeating: 0, count: matrix.dimension)
    iteration.apply(steps: steps, from: bottom, to: top, r, into: z.pointer)
    return z.array
  }

  static func prepared(_ matrix: SymmetricBlockMatrix) -> ChebyshevIteration {
    let iteration = ChebyshevIteration()
    iteration.prepare(matrix, isNewPattern: true)
    return iteration
  }

  /// z₀ = 0; z_k as in Saad 2003, algorithm 12.1, on D⁻¹A.
  static func reference(
    _ matrix: SymmetricBlockMatrix, steps: Int, from bottom: Double, to top: Double, _ r: [Double]
  ) -> [Double] {
    let inverses = DiagonalBlockInverses()
    inverses.prepare(matrix)
    func divided(_ x: [Double]) -> [Double] {
      let z = Buffer<Double>(repeating: 0, count: x.count)
      inverses.apply(x, into: z.pointer)
      return z.array
    }
    let (theta, delta) = (0.5 * (top + bottom), 0.5 * (top - bottom))
    var rho = delta / theta
    var d = divided(r).map { $0 / theta }
    var z = d
    var residual = r
    for _ in 1..<steps {
      residual = zip(residual, matrix.times(d)).map { $0 - $1 }
      let next = 1 / (2 * theta / delta - rho)
      d = zip(d, divided(residual)).map { next * rho * $0 + 2 * next / delta * $1 }
      z = zip(z, d).map { $0 + $1 }
      rho = next
    }
    return z
  }

  /// Blocks of every height that the storage has, alone and mixed; the last one is new values under the same pattern.
  /// Nine steps in single precision leave 1e-6 of the largest term; 1e-5 leaves room for cancellation.
  @Test(arguments: [[3, 3, 3, 3, 3, 3, 3], [6, 6, 6, 6], [1, 2, 3, 4, 5, 6, 3, 1, 6], [9, 17, 3, 8, 1]])
  func isThePolynomial(_ sizes: [Int]) {
    let iteration = ChebyshevIteration()
    for seed in 1...3 {
      let matrix = BlockMatrixTests.random(sizes, seed: UInt64(seed))
      iteration.prepare(matrix, isNewPattern: true)
      for round in 0..<2 {
        let r = LinearSystems.random(matrix.dimension, seed: UInt64(seed + 10 * round))
        for steps in [1, 2, 5, 9] {
          let z = Self.apply(iteration, matrix, steps: steps, from: 0.1, to: 2.2, r)
          let expected = Self.reference(matrix, steps: steps, from: 0.1, to: 2.2, r)
          #expect(difference(z, expected) < 1e-5 * norm(expected), "\(sizes), \(steps) steps, round \(round)")
        }
        for entry in 0..<matrix.values.count { matrix.values[entry] *= 3 }
        iteration.prepare(matrix, isNewPattern: false)
      }
    }
  }

  /// One after the other, larger and smaller: nothing of an earlier pattern is left.
  @Test func takesAnyPatternAfterAnyOther() {
    let iteration = ChebyshevIteration()
    let sizes = [Array(repeating: 3, count: 40), [6, 6], [1], Array(repeating: 6, count: 25), [2, 3, 1], [3]]
    for (index, sizes) in (sizes + sizes.reversed()).enumerated() {
      let matrix = BlockMatrixTests.random(sizes, seed: UInt64(index + 1))
      iteration.prepare(matrix, isNewPattern: true)
      let r = LinearSystems.random(matrix.dimension)
      let z = Self.apply(iteration, matrix, steps: 5, from: 0.1, to: 2.2, r)
      let expected = Self.reference(matrix, steps: 5, from: 0.1, to: 2.2, r)
      #expect(difference(z, expected) < 1e-5 * norm(expected), "\(sizes)")
    }
  }

  /// On a matrix of diagonal blocks alone D⁻¹A = 1, so z = (1 − T_k(x) / T_k(x₀)) D⁻¹ r with x = (b + a − 2)/(b − a),
  /// x₀ = (b + a)/(b − a): T₃ = 4x³ − 3x.
  @Test func hasTheClosedFormOfOneEigenvalue() {
    let matrix = SymmetricBlockMatrix.triplets(2, [(0, 0, 4), (1, 1, 0.5)], blockSize: 1)
    let (a, b) = (0.25, 3.0)
    let (x, x0) = ((b + a - 2) / (b - a), (b + a) / (b - a))
    func t3(_ x: Double) -> Double { 4 * x * x * x - 3 * x }
    let factor = 1 - t3(x) / t3(x0)
    let z = Self.apply(Self.prepared(matrix), matrix, steps: 3, from: a, to: b, [1, 1])
    // Round-off of single precision.
    #expect((z[0] - factor / 4).magnitude < 1e-6)
    #expect((z[1] - 2 * factor).magnitude < 1e-6)
  }

  /// With an odd number of steps it is positive definite on any interval, far below the largest eigenvalue too.
  @Test func isPositiveDefiniteForOddSteps() {
    for system in [LinearSystems.delassus(LinearSystems.net(6)), LinearSystems.bodySpace(ProblemLibrary.wall(4, 4))] {
      let iteration = Self.prepared(system.matrix)
      for (bottom, top) in [(0.01, 0.3), (0.5, 1), (1e-4, 4), (3, 40)] {
        for steps in [1, 3, 5, 9] {
          for seed in 1..<5 {
            let r = system.matrix.times(LinearSystems.random(system.matrix.dimension, seed: UInt64(seed)))
            let z = Self.apply(iteration, system.matrix, steps: steps, from: bottom, to: top, r)
            #expect(dot(r, z) > 0, "\(system.name): \(steps) steps on [\(bottom), \(top)]")
          }
        }
      }
    }
  }

  /// Powers of two leave the same bits, far outside the range of single precision.
  @Test func isHomogeneous() {
    let matrix = BlockMatrixTests.random([3, 6, 1, 3])
    let iteration = Self.prepared(matrix)
    let r = LinearSystems.random(matrix.dimension)
    let z = Self.apply(iteration, matrix, steps: 5, from: 0.1, to: 2, r)
    for scale in [0x1p-400, 0x1p400] {
      let scaled = Self.apply(iteration, matrix, steps: 5, from: 0.1, to: 2, r.map { scale * $0 })
      #expect(scaled == z.map { scale * $0 })
    }
    let zero = Self.apply(iteration, matrix, steps: 5, from: 0.1, to: 2, r.map { _ in 0 })
    #expect(zero.allSatisfy { $0 == 0 })
  }
}
