/// A six-vector in three registers of two: for the loops over rows that a solver spends its time in.
///
/// Swift keeps the order of scalar sums, so a `Vector6.dot` stays scalar; here the order is fixed to pairs instead.
/// Loads and stores go straight to a `Vector6` in memory.
public struct WideVector6 {
  /// Components 0 and 1, 2 and 3, 4 and 5.
  public var v0, v1, v2: SIMD2<Double>

  /// A vector from its registers.
  @inlinable
  @inline(__always)
  public init(_ v0: SIMD2<Double>, _ v1: SIMD2<Double>, _ v2: SIMD2<Double>) {
    self.v0 = v0
    self.v1 = v1
    self.v2 = v2
  }

  /// The six numbers at `address`.
  @inlinable
  @inline(__always)
  public init(loading address: UnsafePointer<Vector6>) {
    let raw = UnsafeRawPointer(address)
    v0 = raw.loadUnaligned(as: SIMD2<Double>.self)
    v1 = raw.loadUnaligned(fromByteOffset: 16, as: SIMD2<Double>.self)
    v2 = raw.loadUnaligned(fromByteOffset: 32, as: SIMD2<Double>.self)
  }

  /// Writes the six numbers to `address`.
  @inlinable
  @inline(__always)
  public func store(to address: UnsafeMutablePointer<Vector6>) {
    let raw = UnsafeMutableRawPointer(address)
    raw.storeBytes(of: v0, as: SIMD2<Double>.self)
    raw.storeBytes(of: v1, toByteOffset: 16, as: SIMD2<Double>.self)
    raw.storeBytes(of: v2, toByteOffset: 32, as: SIMD2<Double>.self)
  }

  /// The products by component, summed by parity: the scalar product is the sum of both.
  @inlinable
  @inline(__always)
  public func pairedDot(_ b: WideVector6) -> SIMD2<Double> { v0 * b.v0 + v1 * b.v1 + v2 * b.v2 }

  /// `self` += s · b.
  @inlinable
  @inline(__always)
  public mutating func add(_ s: Double, _ b: WideVector6) {
    v0 += s * b.v0
    v1 += s * b.v1
    v2 += s * b.v2
  }
}
