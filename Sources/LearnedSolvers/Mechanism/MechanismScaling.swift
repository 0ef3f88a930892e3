import LinearAlgebra

/// A system A λ = b of a mechanism without its units, masses and time step. With Cholesky's A_ii = L_i L_iᵀ,
///
///     Â_ij = L_i⁻¹ A_ij L_j⁻ᵀ,   b̂_i = L_i⁻¹ b_i / ρ,   ρ = rms(L⁻¹ b),   λ_i = ρ L_i⁻ᵀ λ̂_i
///
/// Â_ii = 1 carries nothing, so the features of a network are the blocks of Â below the diagonal, row by row, then b̂.
/// `Training/delassus_training/networks.py` says the same in Python.
final class MechanismScaling {
  private let sizes: Buffer<Int32>
  private let offsets: Buffer<Int32>
  private let pairs: Buffer<SIMD2<Int32>>
  /// Cholesky factors of the diagonal blocks, 36 numbers each, with the inverses of their diagonals in place of these.
  private let factors: Buffer<Double>
  /// The blocks of Â below the diagonal.
  let entries: Buffer<Double>
  /// b̂.
  let b: Buffer<Double>
  /// λ̂, for whoever infers it.
  let x: Buffer<Double>
  /// The features of a network.
  let features: Buffer<Float>
  /// ρ; 0 where b is.
  private(set) var rms = 0.0

  init(_ pattern: MechanismPattern) {
    sizes = Buffer(pattern.sizes.map(Int32.init))
    var next: Int32 = 0
    offsets = Buffer(
      pattern.sizes.map { size -> Int32 in
        defer { next += Int32(size) }
        return next
      })
    pairs = Buffer(pattern.pairs.map { SIMD2(Int32($0.row), Int32($0.column)) })
    factors = Buffer(repeating: 0, count: 36 * pattern.sizes.count)
    entries = Buffer(repeating: 0, count: pattern.entryCount)
    b = Buffer(repeating: 0, count: pattern.dimension)
    x = Buffer(repeating: 0, count: pattern.dimension)
    features = Buffer(repeating: 0, count: pattern.entryCount + pattern.dimension)
  }

  /// `body` for every block below the diagonal: its place in `entries`, first row, first column, rows, columns.
  func forEachBlock(_ body: (_ first: Int, _ row: Int, _ column: Int, _ rows: Int, _ columns: Int) -> Void) {
    var first = 0
    for index in 0..<pairs.count {
      let pair = pairs.pointer[index]
      let rows = Int(sizes.pointer[Int(pair.x)])
      let columns = Int(sizes.pointer[Int(pair.y)])
      body(first, Int(offsets.pointer[Int(pair.x)]), Int(offsets.pointer[Int(pair.y)]), rows, columns)
      first += rows * columns
    }
  }

  /// Scales a matrix of the pattern; false where a diagonal block is not positive definite.
  func prepare(_ matrix: SymmetricBlockMatrix) -> Bool {
    for block in 0..<sizes.count {
      let source = matrix.values.pointer + matrix.slot(row: block, column: block)
      guard Self.factor(source, factors.pointer + 36 * block, Int(sizes.pointer[block])) else { return false }
    }
    var first = 0
    for index in 0..<pairs.count {
      let i = Int(pairs.pointer[index].x)
      let j = Int(pairs.pointer[index].y)
      let rows = Int(sizes.pointer[i])
      let columns = Int(sizes.pointer[j])
      let block = entries.pointer + first
      block.update(from: matrix.values.pointer + matrix.slot(row: i, column: j), count: rows * columns)
      for column in 0..<columns { Self.forward(factors.pointer + 36 * i, rows, block + column, stride: columns) }
      for row in 0..<rows { Self.forward(factors.pointer + 36 * j, columns, block + row * columns, stride: 1) }
      first += rows * columns
    }
    for entry in 0..<first { features.pointer[entry] = Float(entries.pointer[entry]) }
    return true
  }

  /// Scales a right-hand side; false where it is not finite.
  func prepare(_ rightHandSide: UnsafePointer<Double>) -> Bool {
    let n = b.count
    let b = self.b.pointer
    b.update(from: rightHandSide, count: n)
    for block in 0..<sizes.count {
      Self.forward(
        factors.pointer + 36 * block, Int(sizes.pointer[block]), b + Int(offsets.pointer[block]), stride: 1)
    }
    var largest = 0.0
    for row in 0..<n { largest = max(largest, b[row].magnitude) }
    guard largest > 0 else {
      // max passes over NaN.
      rms = 0
      return (0..<n).allSatisfy { b[$0] == 0 }
    }
    var sum = 0.0
    for row in 0..<n { sum += (b[row] / largest) * (b[row] / largest) }
    rms = largest * (sum / Double(n)).squareRoot()
    guard rms.isFinite else { return false }
    let target = features.pointer + entries.count
    for row in 0..<n {
      b[row] /= rms
      target[row] = Float(b[row])
    }
    return true
  }

  /// `solution` ← λ from λ̂ in `x`; false, and zeros, where it is not finite.
  func unscale(into solution: UnsafeMutablePointer<Double>) -> Bool {
    let n = x.count
    solution.update(from: x.pointer, count: n)
    for block in 0..<sizes.count {
      Self.backward(
        factors.pointer + 36 * block, Int(sizes.pointer[block]), solution + Int(offsets.pointer[block]))
    }
    var isFinite = true
    for row in 0..<n {
      solution[row] *= rms
      isFinite = isFinite && solution[row].isFinite
    }
    if !isFinite { solution.update(repeating: 0, count: n) }
    return isFinite
  }

  /// L of a block, 6 numbers a row.
  private static func factor(
    _ block: UnsafePointer<Double>, _ factor: UnsafeMutablePointer<Double>, _ size: Int
  ) -> Bool {
    for i in 0..<size {
      for j in 0...i {
        var sum = block[i * size + j]
        for k in 0..<j { sum -= factor[6 * i + k] * factor[6 * j + k] }
        if i != j {
          factor[6 * i + j] = sum * factor[6 * j + j]
        } else {
          guard sum > 1e-12 * block[i * size + i], sum.isFinite else { return false }
          factor[6 * i + i] = 1 / sum.squareRoot()
        }
      }
    }
    return true
  }

  /// v ← L⁻¹ v.
  @inline(__always)
  private static func forward(
    _ factor: UnsafePointer<Double>, _ size: Int, _ v: UnsafeMutablePointer<Double>, stride: Int
  ) {
    for i in 0..<size {
      var sum = v[i * stride]
      for k in 0..<i { sum -= factor[6 * i + k] * v[k * stride] }
      v[i * stride] = sum * factor[6 * i + i]
    }
  }

  /// v ← L⁻ᵀ v.
  private static func backward(_ factor: UnsafePointer<Double>, _ size: Int, _ v: UnsafeMutablePointer<Double>) {
    for i in stride(from: size - 1, through: 0, by: -1) {
      var sum = v[i]
      for k in i + 1..<size { sum -= factor[6 * k + i] * v[k] }
      v[i] = sum * factor[6 * i + i]
    }
  }
}
