import LinearAlgebra

/// A coarse space of a block matrix: a few columns an aggregate of neighbouring block rows, and the exact solve in it.
///
///     z = W E⁺ Wᵀ r,   E = Wᵀ A W
///
/// The caller fills in `modes`; columns that vanish within an aggregate are left out by the factorisation, so W may lose
/// rank (Nicolaides 1987; Tang et al. 2009). The aggregates and the analysis of E stand while A's pattern does.
package final class CoarseSpace {
  /// W, column after column of `dimension` numbers: column k holds mode k of all aggregates.
  package let modes = Buffer<Double>()
  /// Modes of an aggregate.
  package private(set) var modeCount = 0
  /// Which block row is in which aggregate.
  let aggregates = BlockAggregates()
  private let coarse = SymmetricBlockMatrix()
  private let factor = BlockLDL()
  private let vector = Buffer<Double>()
  private let product = Buffer<Double>()

  package init() {}

  /// Forms the aggregates of a new pattern, each with `modes` columns.
  package func analyze(_ matrix: SymmetricBlockMatrix, modes count: Int) {
    modeCount = count
    aggregates.build(matrix, modes: modeCount, coarse: coarse)
    factor.analyze(coarse)
    modes.resize(to: matrix.dimension * modeCount, filling: 0)
    vector.resize(to: coarse.dimension, filling: 0)
    product.resize(to: matrix.largestSize * max(1, modeCount), filling: 0)
  }

  /// Aggregate of a block row.
  package func aggregate(ofBlock block: Int) -> Int { aggregates.ofBlock(block) }

  /// Every mode of every aggregate constant over its blocks: row k of each, or all rows where there is one mode.
  package func fillConstants(_ matrix: SymmetricBlockMatrix) {
    for mode in 0..<modeCount {
      let w = modes.pointer + mode * matrix.dimension
      for block in 0..<matrix.blockCount {
        let first = matrix.offset(ofBlock: block)
        for row in 0..<matrix.size(ofBlock: block) { w[first + row] = modeCount == 1 || row == mode ? 1 : 0 }
      }
    }
  }

  /// Makes the columns orthonormal within their aggregates, assembles E and factors it.
  package func factor(_ matrix: SymmetricBlockMatrix) {
    aggregates.orthonormalize(matrix, modes.pointer, count: modeCount)
    assemble(matrix)
    factor.factor(coarse)
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

  /// `z` += W E⁺ Wᵀ r.
  package func addCorrection(
    _ matrix: SymmetricBlockMatrix, _ r: UnsafePointer<Double>, to z: UnsafeMutablePointer<Double>
  ) {
    let n = matrix.dimension
    let m = modeCount
    let w = modes.pointer
    let c = vector.pointer
    c.update(repeating: 0, count: coarse.dimension)
    for block in 0..<matrix.blockCount {
      let first = matrix.offset(ofBlock: block)
      let at = c + aggregates.ofBlock(block) * m
      for k in 0..<m {
        for i in first..<first + matrix.size(ofBlock: block) { at[k] += w[k * n + i] * r[i] }
      }
    }
    factor.solve(c)
    for block in 0..<matrix.blockCount {
      let first = matrix.offset(ofBlock: block)
      let at = c + aggregates.ofBlock(block) * m
      for k in 0..<m {
        for i in first..<first + matrix.size(ofBlock: block) { z[i] += w[k * n + i] * at[k] }
      }
    }
  }

  /// Operations of one correction, estimated.
  package func flops(_ matrix: SymmetricBlockMatrix) -> Double {
    4 * Double(matrix.dimension) * Double(modeCount) + 4 * Double(factor.factorNonZeros)
  }
}
