import ConstraintSystem
import LinearAlgebra

/// Two levels: block Gauss–Seidel around an exact solve for the slow modes, a few an aggregate of neighbouring bodies (on
/// H) or constraints (on A).
///
///     z = S r,   z += W E⁻¹ Wᵀ (r − A z),   z += Sᵀ (r − A z),   S = (D + L)⁻¹,  E = Wᵀ A W
///
/// symmetric positive definite because a Gauss–Seidel sweep reduces the energy of every error (Nicolaides 1987 for
/// deflation by aggregates; Vaněk, Mandel, Brezina 1996 for aggregation; Tang et al. 2009 compare the forms). W has one
/// column an aggregate and row of a block: constant at first (translations of the aggregate on H, a common impulse on A),
/// then brought near A's null space by `smoothings` symmetric Gauss–Seidel sweeps on A w = 0, which adds the rotations
/// without knowing where the bodies are (Brezina et al. 2005), and made orthonormal within the aggregate. Columns that
/// vanish are left out by the coarse factorisation.
///
/// Aggregates are a block and its neighbours, greedily (Vaněk et al. 1996), from the pattern alone, so they and the coarse
/// analysis stand while the pattern does. Worth it on A of chains and on H of walls; on H of ball-jointed links, which
/// turn freely and so have more slow modes than an aggregate has columns, `ssor` needs fewer iterations. Set-up: the sweeps, E and its sparse LDLᵀ; an application costs four products.
final class AggregationPreconditioner: Preconditioner {
  static let descriptor = PreconditionerDescriptor(
    name: "aggregation", summary: "block Gauss–Seidel and a coarse solve for the slow modes of aggregates",
    reference: "Nicolaides 1987; Vaněk, Mandel, Brezina 1996; Brezina et al. 2005"
  ) { _ in AggregationPreconditioner() }

  /// Symmetric sweeps that the columns of W get. On H of a wall of 18×18 bricks pcg takes 205 iterations with one block
  /// sweep alone, 96 with constant columns, 77 after four sweeps on them, 59 after eight and 53 after sixteen.
  private static let smoothings = 6

  private let aggregates = BlockAggregates()
  private let coarse = SymmetricBlockMatrix()
  private let coarseFactor = BlockLDL()
  private let inverses = DiagonalBlockInverses()
  private let inverseDiagonal = Buffer<Double>()
  /// W, column after column of `dimension` numbers: column k holds mode k of all aggregates.
  private let modes = Buffer<Double>()
  private var modeCount = 0
  private let coarseVector = Buffer<Double>()
  private let residual = Buffer<Double>()
  private let gap = Buffer<Double>()
  private let zero = Buffer<Double>()
  private let product = Buffer<Double>()
  private var matrix: SymmetricBlockMatrix?

  var applicationFlops: Double {
    let n = Double(matrix?.dimension ?? 0)
    return 8 * Double(matrix?.nonZeroCount ?? 0) + 4 * n * Double(modeCount) + 4 * Double(coarseFactor.factorNonZeros)
  }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange) {
    self.matrix = matrix
    let n = matrix.dimension
    if change == .pattern {
      // Tiles of dense matrices have no row types: one constant a tile.
      modeCount = matrix.largestSize <= 6 ? matrix.largestSize : 1
      aggregates.build(matrix, modes: modeCount, coarse: coarse)
      coarseFactor.analyze(coarse)
      modes.resize(to: n * modeCount, filling: 0)
      coarseVector.resize(to: coarse.dimension, filling: 0)
      product.resize(to: matrix.largestSize * max(1, modeCount), filling: 0)
    }
    residual.resize(to: n, filling: 0)
    gap.resize(to: n, filling: 0)
    zero.resize(to: n, filling: 0)
    zero.fill(0)
    inverses.prepare(matrix)
    inverseDiagonal.invertDiagonal(of: matrix)
    for mode in 0..<modeCount { findMode(matrix, mode) }
    aggregates.orthonormalize(matrix, modes.pointer, count: modeCount)
    assemble(matrix)
    coarseFactor.factor(coarse)
  }

  private func findMode(_ matrix: SymmetricBlockMatrix, _ mode: Int) {
    let w = modes.pointer + mode * matrix.dimension
    for block in 0..<matrix.blockCount {
      let first = matrix.offset(ofBlock: block)
      let size = matrix.size(ofBlock: block)
      for row in 0..<size { w[first + row] = modeCount == 1 || row == mode ? 1 : 0 }
    }
    for _ in 0..<Self.smoothings {
      matrix.sweepBackward(
        zero.pointer, w, upper: residual.pointer, partial: gap.pointer, inverseDiagonal: inverseDiagonal.pointer,
        omega: 1)
      matrix.sweepForward(
        zero.pointer, w, upper: residual.pointer, partial: gap.pointer, inverseDiagonal: inverseDiagonal.pointer,
        omega: 1)
    }
  }

  /// E = Wᵀ A W, block by block of A.
  private func assemble(_ matrix: SymmetricBlockMatrix) {
    let n = matrix.dimension
    let m = modeCount
    let w = modes.pointer
    let product = self.product.pointer
    coarse.zero()
    for row in 0..<matrix.blockCount {
      let size = matrix.size(ofBlock: row)
      let first = matrix.offset(ofBlock: row)
      let own = aggregates.ofBlock(row)
      for slot in Int(matrix.rowStarts.pointer[row])..<Int(matrix.rowStarts.pointer[row + 1]) {
        let column = Int(matrix.columns.pointer[slot])
        let width = matrix.size(ofBlock: column)
        let begin = matrix.offset(ofBlock: column)
        let block = matrix.values.pointer + Int(matrix.entryStarts.pointer[slot])
        for i in 0..<size {
          for k in 0..<m {
            var sum = 0.0
            for j in 0..<width { sum += block[i * width + j] * w[k * n + begin + j] }
            product[i * m + k] = sum
          }
        }
        let other = aggregates.ofBlock(column)
        let target = coarse.values.pointer + coarse.slot(row: max(own, other), column: min(own, other))
        for a in 0..<m {
          for b in 0..<m {
            var sum = 0.0
            for i in 0..<size { sum += w[a * n + first + i] * product[i * m + b] }
            if own >= other { target[a * m + b] += sum }
            // The mirrored block, where it falls on the stored one.
            if own < other || (own == other && row != column) { target[b * m + a] += sum }
          }
        }
      }
    }
  }

  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    guard let matrix else { return }
    let n = matrix.dimension
    let m = modeCount
    let w = modes.pointer
    let s = residual.pointer
    let c = coarseVector.pointer
    matrix.solveLower(inverses, r, into: z, gap: gap.pointer)
    matrix.subtractProduct(of: z, from: r, into: s)
    c.update(repeating: 0, count: coarse.dimension)
    for block in 0..<matrix.blockCount {
      let first = matrix.offset(ofBlock: block)
      let at = c + aggregates.ofBlock(block) * m
      for k in 0..<m {
        for i in first..<first + matrix.size(ofBlock: block) { at[k] += w[k * n + i] * s[i] }
      }
    }
    coarseFactor.solve(c)
    for block in 0..<matrix.blockCount {
      let first = matrix.offset(ofBlock: block)
      let at = c + aggregates.ofBlock(block) * m
      for k in 0..<m {
        for i in first..<first + matrix.size(ofBlock: block) { z[i] += w[k * n + i] * at[k] }
      }
    }
    matrix.subtractProduct(of: z, from: r, into: s)
    matrix.solveUpper(inverses, s, into: s, work: gap.pointer)
    for row in 0..<n { z[row] += s[row] }
  }
}
