import LinearAlgebra

/// A small dense system R z = g, R = Rᵀ positive definite, by Cholesky in double precision. Only R's lower triangle is
/// read. A pivot that has lost twelve digits is dropped, and its z is 0: a basis may have columns that depend on others.
final class ReducedSystem {
  /// Number of unknowns.
  let size: Int
  /// R by rows; its factor after `factor`.
  let matrix: Buffer<Double>
  /// g; z after `solve`.
  let vector: Buffer<Double>

  init(size: Int) {
    self.size = size
    matrix = Buffer(repeating: 0, count: size * size)
    vector = Buffer(repeating: 0, count: size)
  }

  /// Factors R; diagonal entries become inverse pivots, 0 for a dropped one.
  func factor() {
    let r = matrix.pointer
    for i in 0..<size {
      let diagonal = r[i * size + i]
      for j in 0...i {
        var sum = r[i * size + j]
        for k in 0..<j { sum -= r[i * size + k] * r[j * size + k] }
        if i != j {
          r[i * size + j] = sum * r[j * size + j]
        } else {
          r[i * size + i] = sum > 1e-12 * diagonal ? 1 / sum.squareRoot() : 0
        }
      }
    }
  }

  /// `vector` ← R⁻¹ `vector`.
  func solve() {
    let r = matrix.pointer
    let v = vector.pointer
    for i in 0..<size {
      var sum = v[i]
      for k in 0..<i { sum -= r[i * size + k] * v[k] }
      v[i] = sum * r[i * size + i]
    }
    for i in stride(from: size - 1, through: 0, by: -1) {
      var sum = v[i]
      for k in i + 1..<size { sum -= r[k * size + i] * v[k] }
      v[i] = sum * r[i * size + i]
    }
  }
}
