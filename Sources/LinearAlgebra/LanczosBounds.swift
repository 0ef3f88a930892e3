/// The ends of the spectrum of P⁻¹A, A symmetric positive semi-definite and P symmetric positive definite, by Lanczos'
/// method in the metric of P (Golub, Van Loan 2013, 10.1 and 11.5.2):
///
///     q = P⁻¹v/β,  w = A q − β v₋,  α = qᵀw,  w −= α v,  β₊ = √(wᵀP⁻¹w)
///
/// The largest and the smallest eigenvalue of the tridiagonal matrix (α, β), found by bisection with Sturm's sequence,
/// approach those of P⁻¹A from inside. The start is A times a fixed pseudo-random vector, so it lies in A's range and
/// the zero eigenvalues of a singular A do not show; what round-off brings in below 1e-9 of the largest is left out.
///
/// A step costs one product and one application of P⁻¹. No reorthogonalisation: copies of converged values do no harm.
public final class LanczosBounds {
  /// Smallest eigenvalue found that is not zero.
  public private(set) var lowest = 0.0
  /// Largest eigenvalue found.
  public private(set) var highest = 0.0
  /// Steps taken: products with A.
  public private(set) var steps = 0

  private let v = Buffer<Double>()
  private let before = Buffer<Double>()
  private let w = Buffer<Double>()
  private let z = Buffer<Double>()
  private let alpha = Buffer<Double>()
  private let beta = Buffer<Double>()

  /// Bounds of no matrix yet.
  public init() {}

  /// Runs until the ends that are asked for move by less than `accuracy` (relative) in eight steps, at most `limit`.
  /// `apply` is z ← P⁻¹ r.
  public func estimate(
    _ matrix: SymmetricBlockMatrix, limit: Int, accuracy: Double, needsLowest: Bool,
    apply: (_ r: UnsafePointer<Double>, _ z: UnsafeMutablePointer<Double>) -> Void
  ) {
    let n = matrix.dimension
    v.resize(to: n, filling: 0)
    before.resize(to: n, filling: 0)
    w.resize(to: n, filling: 0)
    z.resize(to: n, filling: 0)
    alpha.resize(to: limit, filling: 0)
    beta.resize(to: limit + 1, filling: 0)
    lowest = 0
    highest = 0
    steps = 0
    guard n > 0 else { return }
    let v = self.v.pointer
    let before = self.before.pointer
    let w = self.w.pointer
    let z = self.z.pointer
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    for i in 0..<n {
      // Xorshift; any start without structure will do.
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      before[i] = Double(state >> 11) / 9007199254740992 - 0.5
    }
    apply(before, z)
    matrix.multiply(z, into: w)
    before.update(repeating: 0, count: n)
    apply(w, z)
    var b = VectorKernels.dot(w, z, n).squareRoot()
    beta.pointer[0] = 0
    while steps < limit && b > 0 && b.isFinite {
      // v ← w/β, z ← q.
      for i in 0..<n {
        v[i] = w[i] / b
        z[i] /= b
      }
      matrix.multiply(z, into: w)
      let previous = beta.pointer[steps]
      if previous > 0 { VectorKernels.add(-previous, before, to: w, n) }
      let a = VectorKernels.dot(z, w, n)
      VectorKernels.add(-a, v, to: w, n)
      before.update(from: v, count: n)
      alpha.pointer[steps] = a
      steps += 1
      apply(w, z)
      b = VectorKernels.dot(w, z, n).squareRoot()
      beta.pointer[steps] = b
      if steps % 8 == 0 || steps == limit || !(b > 1e-12 * highest) {
        let oldHighest = highest
        let oldLowest = lowest
        findEnds(needsLowest)
        if !(b > 1e-12 * highest) { break }
        if highest - oldHighest <= accuracy * highest && (!needsLowest || oldLowest - lowest <= accuracy * oldLowest) {
          break
        }
      }
    }
    if steps > 0 && highest == 0 { findEnds(needsLowest) }
  }

  /// Eigenvalues of the tridiagonal matrix below `shift` (Sturm's sequence).
  private func count(below shift: Double) -> Int {
    var negative = 0
    var d = 1.0
    for i in 0..<steps {
      let b = beta.pointer[i]
      d = alpha.pointer[i] - shift - (i > 0 ? b * b / d : 0)
      if d == 0 { d = -1e-300 }
      if d < 0 { negative += 1 }
    }
    return negative
  }

  private func findEnds(_ needsLowest: Bool) {
    var bound = 0.0
    for i in 0..<steps {
      bound = max(bound, alpha.pointer[i].magnitude + beta.pointer[i] + (i + 1 < steps ? beta.pointer[i + 1] : 0))
    }
    highest = bisect(0, bound, rank: steps - 1)
    guard needsLowest else { return }
    let zero = 1e-9 * highest
    let nulls = count(below: zero)
    lowest = nulls < steps ? bisect(zero, bound, rank: nulls) : highest
  }

  /// The eigenvalue with `rank` others below it.
  private func bisect(_ low: Double, _ high: Double, rank: Int) -> Double {
    var low = low
    var high = high
    for _ in 0..<60 where high - low > 1e-9 * high {
      let middle = 0.5 * (low + high)
      if count(below: middle) > rank { high = middle } else { low = middle }
    }
    return 0.5 * (low + high)
  }
}
