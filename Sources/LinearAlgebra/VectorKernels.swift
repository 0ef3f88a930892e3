/// Long vectors: sums in a fixed order of eight lanes, so that the bits do not depend on the processor.
public enum VectorKernels {
  /// aᵀ b of n numbers.
  @inlinable
  public static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ n: Int) -> Double {
    let x = UnsafeRawPointer(a)
    let y = UnsafeRawPointer(b)
    var s0 = SIMD2<Double>.zero
    var s1 = SIMD2<Double>.zero
    var s2 = SIMD2<Double>.zero
    var s3 = SIMD2<Double>.zero
    var at = 0
    for _ in 0..<n / 8 {
      s0 +=
        x.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self)
        * y.loadUnaligned(fromByteOffset: at, as: SIMD2<Double>.self)
      s1 +=
        x.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self)
        * y.loadUnaligned(fromByteOffset: at + 16, as: SIMD2<Double>.self)
      s2 +=
        x.loadUnaligned(fromByteOffset: at + 32, as: SIMD2<Double>.self)
        * y.loadUnaligned(fromByteOffset: at + 32, as: SIMD2<Double>.self)
      s3 +=
        x.loadUnaligned(fromByteOffset: at + 48, as: SIMD2<Double>.self)
        * y.loadUnaligned(fromByteOffset: at + 48, as: SIMD2<Double>.self)
      at += 64
    }
    let pairs = (s0 + s1) + (s2 + s3)
    var sum = pairs.x + pairs.y
    for i in 8 * (n / 8)..<n { sum += a[i] * b[i] }
    return sum
  }

  /// ‖a‖₂ of n numbers.
  @inlinable
  public static func norm(_ a: UnsafePointer<Double>, _ n: Int) -> Double { dot(a, a, n).squareRoot() }

  /// y += s x, n numbers.
  @inlinable
  public static func add(_ s: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, _ n: Int) {
    for i in 0..<n { y[i] += s * x[i] }
  }
}
