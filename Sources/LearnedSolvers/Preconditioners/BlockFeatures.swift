import LinearAlgebra

/// What a network is told about a block row of a matrix: pure numbers that neither a rotation of a block's rows, nor a
/// permutation of blocks, nor other units change.
///
/// Rows 0 … 2 of a block and the rows after them (linear and angular ones of bodies and of most joints) are each divided
/// by the root of their mean diagonal: Â. Every feature is a quotient of sums of squares of Â's blocks, mapped to 0 … 1
/// by x ↦ x / (1 + x): no logarithm, whose last bits differ between processors.
final class BlockFeatures {
  /// Features of a block.
  static let count = 4

  /// `count` numbers a block: coupling Σ_j ‖Â_ij‖ / ‖Â_ii‖, largest ‖Â_ij‖ / ‖Â_ii‖, number of neighbours, and how far
  /// Â_ii is from a multiple of the identity.
  let values = Buffer<Float>()
  /// ‖Â_ij‖_F of every stored block.
  let norms = Buffer<Double>()
  /// The scale of every row.
  let scales = Buffer<Double>()
  /// max_i Σ_j ‖Â_ij‖ / ‖Â_ii‖, finite.
  private(set) var largestCoupling = 0.0
  private let sums = Buffer<Double>()
  private let largest = Buffer<Double>()
  private let degrees = Buffer<Double>()

  /// Computes the features of a matrix: one pass over its values.
  func prepare(_ matrix: SymmetricBlockMatrix) {
    let blocks = matrix.blockCount
    scales.resize(to: matrix.dimension, filling: 0)
    norms.resize(to: matrix.columns.count, filling: 0)
    values.resize(to: blocks * Self.count, filling: 0)
    for buffer in [sums, largest, degrees] {
      buffer.resize(to: blocks, filling: 0)
      buffer.fill(0)
    }
    for block in 0..<blocks { scale(matrix, block) }
    for row in 0..<blocks {
      for slot in Int(matrix.rowStarts.pointer[row])..<Int(matrix.rowStarts.pointer[row + 1]) {
        let column = Int(matrix.columns.pointer[slot])
        let norm = frobenius(matrix, row, column, matrix.values.pointer + Int(matrix.entryStarts.pointer[slot]))
        norms.pointer[slot] = norm
        guard column != row else { continue }
        for block in [row, column] {
          sums.pointer[block] += norm
          largest.pointer[block] = max(largest.pointer[block], norm)
          degrees.pointer[block] += 1
        }
      }
    }
    largestCoupling = 0
    for block in 0..<blocks {
      let own = max(norms.pointer[Int(matrix.rowStarts.pointer[block + 1]) - 1], 1e-300)
      let size = Double(matrix.size(ofBlock: block))
      let target = values.pointer + block * Self.count
      target[0] = Self.squash(0.25 * sums.pointer[block] / own)
      largestCoupling = max(largestCoupling, min(sums.pointer[block] / own, 1e6))
      target[1] = Self.squash(largest.pointer[block] / own)
      target[2] = Self.squash(degrees.pointer[block] / 8)
      // ‖Â_ii‖² is the number of rows where Â_ii is the identity, and its square where it has rank 1.
      target[3] = Float(size > 1 ? min(max((own * own - size) / (size * size - size), 0), 1) : 0)
    }
  }

  /// `target` ← mean of every feature over the blocks, then largest value of every one.
  func pool(into target: UnsafeMutablePointer<Float>) {
    let blocks = values.count / Self.count
    for feature in 0..<Self.count {
      var sum: Float = 0
      var largest: Float = 0
      for block in 0..<blocks {
        let value = values.pointer[block * Self.count + feature]
        sum += value
        largest = max(largest, value)
      }
      target[feature] = sum / Float(max(blocks, 1))
      target[Self.count + feature] = largest
    }
  }

  /// x ≥ 0 ↦ 0 … 1.
  static func squash(_ x: Double) -> Float { x.isFinite ? Float(x / (1 + x)) : 1 }

  private func scale(_ matrix: SymmetricBlockMatrix, _ block: Int) {
    let size = matrix.size(ofBlock: block)
    let first = matrix.offset(ofBlock: block)
    let entries = matrix.values.pointer + matrix.slot(row: block, column: block)
    func group(_ rows: Range<Int>) {
      guard !rows.isEmpty else { return }
      var mean = 0.0
      for row in rows { mean += entries[row * size + row] / Double(rows.count) }
      for row in rows { scales.pointer[first + row] = mean > 0 ? 1 / mean.squareRoot() : 0 }
    }
    // Tiles of dense matrices have no row types.
    if size > 6 { return group(0..<size) }
    group(0..<min(3, size))
    group(min(3, size)..<size)
  }

  /// ‖Â_ij‖_F of a block.
  func frobenius(_ matrix: SymmetricBlockMatrix, _ row: Int, _ column: Int, _ block: UnsafePointer<Double>) -> Double {
    let left = scales.pointer + matrix.offset(ofBlock: row)
    let right = scales.pointer + matrix.offset(ofBlock: column)
    let width = matrix.size(ofBlock: column)
    var sum = 0.0
    for i in 0..<matrix.size(ofBlock: row) {
      for j in 0..<width {
        let entry = left[i] * block[i * width + j] * right[j]
        sum += entry * entry
      }
    }
    return sum.squareRoot()
  }
}
