import LinearAlgebra

/// How far λ is from solving a problem: one measure for all solvers, computed apart from them.
///
/// The natural map of a block with set K is
///
///     r = s · (λ − P_K(λ − ŵ / s)),      w = A λ − b
///
/// a velocity (m/s; rad/s on angular rows) that is zero exactly at a solution. s > 0 is A's diagonal for a free or box
/// row, and for a cone the mean over its force rows (one scalar, so that the cone stays a cone). Moment rows are first
/// scaled by ℓ = √(s_force / s_moment). Under `coulomb` ŵ = w + (μ‖w_t‖ + μ_τ|w_τ| + μ_r‖w_r‖) e_n, the de Saxcé
/// correction; otherwise ŵ = w. Rows with s = 0 are skipped. (Acary, Brémond, Huber, "On solving contact problems with
/// Coulomb friction", 2018, section 4.)
public final class NaturalMap {
  /// The measures of one λ.
  public struct Residual: Sendable, Hashable {
    /// max over blocks of ‖r_c‖₂ (m/s); what tolerances test. The measure called `residual`.
    public var maximum = 0.0
    /// ‖r‖₂ / ‖b‖₂; 0 where both vanish. The measure called `relativeResidual`.
    public var relative = 0.0
    /// Block with the largest ‖r_c‖, −1 in an empty problem.
    public var worstBlock = -1

    /// The residual of an empty problem.
    public init() {}
  }

  private let velocity = Buffer<Vector6>()
  private let w = Buffer<Double>()

  /// A judge with its own scratch storage.
  public init() {}

  /// Measures `lambda`, one impulse a row.
  public func residual(_ problem: ConstraintProblem, lambda: UnsafePointer<Double>) -> Residual {
    if problem.givenMatrix != nil {
      w.resize(to: problem.rowCount, filling: 0)
      problem.residual(lambda, into: w.pointer, scratch: velocity)
      return Self.residual(problem, lambda: lambda, w: w.pointer)
    }
    velocity.resize(to: problem.bodies.count, filling: .zero)
    problem.velocity(of: lambda, into: velocity.pointer)
    return residual(problem, lambda: lambda, velocity: velocity.pointer)
  }

  /// Measures `lambda` whose v⁺ = v* + M⁻¹ Jᵀ λ is known.
  public func residual(
    _ problem: ConstraintProblem, lambda: UnsafePointer<Double>, velocity: UnsafePointer<Vector6>
  ) -> Residual {
    w.resize(to: problem.rowCount, filling: 0)
    let w = self.w.pointer
    problem.constraintVelocity(of: velocity, into: w)
    let bias = problem.bias.pointer
    let compliance = problem.compliance.pointer
    for row in 0..<problem.rowCount { w[row] += bias[row] + compliance[row] * lambda[row] }
    return Self.residual(problem, lambda: lambda, w: w)
  }

  /// Measures `lambda` whose w = A λ − b is known.
  public static func residual(
    _ problem: ConstraintProblem, lambda: UnsafePointer<Double>, w: UnsafePointer<Double>
  ) -> Residual {
    var result = Residual()
    var sum = 0.0
    let blocks = problem.blocks.pointer
    let diagonal = problem.diagonal.pointer
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { scratch in
      let x = scratch.baseAddress!
      for index in 0..<problem.blocks.count {
        let block = blocks[index]
        let first = Int(block.firstRow)
        let squared: Double
        switch block.set {
        case .free: squared = free(block, w + first, diagonal + first)
        case .box:
          squared = box(
            block, lambda + first, w + first, diagonal + first, problem.lower.pointer + first,
            problem.upper.pointer + first)
        case .cone: squared = cone(block, problem.law, lambda + first, w + first, diagonal + first, x)
        }
        sum += squared
        // A residual that is not a number counts as infinite, not as absent.
        let norm = squared.isNaN ? .infinity : squared.squareRoot()
        if norm > result.maximum || result.worstBlock < 0 {
          result.maximum = norm
          result.worstBlock = index
        }
      }
    }
    var scale = 0.0
    for row in 0..<problem.rowCount { scale += problem.rightHandSide.pointer[row] * problem.rightHandSide.pointer[row] }
    result.relative = sum == 0 ? 0 : (sum / scale).squareRoot()
    return result
  }

  @inline(__always)
  private static func free(
    _ block: ConstraintBlock, _ w: UnsafePointer<Double>, _ diagonal: UnsafePointer<Double>
  ) -> Double {
    var sum = 0.0
    for row in 0..<Int(block.rowCount) where diagonal[row] > 0 { sum += w[row] * w[row] }
    return sum
  }

  @inline(__always)
  private static func box(
    _ block: ConstraintBlock, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>,
    _ diagonal: UnsafePointer<Double>, _ lower: UnsafePointer<Double>, _ upper: UnsafePointer<Double>
  ) -> Double {
    var sum = 0.0
    for row in 0..<Int(block.rowCount) where diagonal[row] > 0 {
      let s = diagonal[row]
      let projected = min(max(lambda[row] - w[row] / s, lower[row]), upper[row])
      let r = s * (lambda[row] - projected)
      sum += r * r
    }
    return sum
  }

  @inline(__always)
  private static func cone(
    _ block: ConstraintBlock, _ law: FrictionLaw, _ lambda: UnsafePointer<Double>, _ w: UnsafePointer<Double>,
    _ diagonal: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>
  ) -> Double {
    let rows = Int(block.rowCount)
    if law == .pyramid {
      for row in 0..<rows { x[row] = diagonal[row] > 0 ? lambda[row] - w[row] / diagonal[row] : lambda[row] }
      Projection.pyramid(x, block, normal: lambda[0])
      var sum = 0.0
      for row in 0..<rows {
        let r = diagonal[row] * (lambda[row] - x[row])
        sum += r * r
      }
      return sum
    }
    let s = (diagonal[0] + diagonal[1] + diagonal[2]) / 3
    guard s > 0 else { return 0 }
    var lengthScale = 1.0
    if rows > 3 {
      var moment = 0.0
      for row in 3..<rows { moment += diagonal[row] }
      moment /= Double(rows - 3)
      lengthScale = moment > 0 ? (s / moment).squareRoot() : 1
    }
    var correction = 0.0
    if law == .coulomb {
      correction = block.friction * (w[1] * w[1] + w[2] * w[2]).squareRoot()
      if block.hasTorsionalRow { correction += block.torsionalFriction * w[3].magnitude }
      if block.hasRollingRows {
        correction += block.rollingFriction * (w[rows - 2] * w[rows - 2] + w[rows - 1] * w[rows - 1]).squareRoot()
      }
    }
    for row in 0..<3 { x[row] = lambda[row] - w[row] / s }
    x[0] -= correction / s
    for row in 3..<max(3, rows) { x[row] = lambda[row] / lengthScale - w[row] * lengthScale / s }
    Projection.cone(x, block, lengthScale: lengthScale)
    var sum = 0.0
    for row in 0..<rows {
      let r = s * ((row < 3 ? lambda[row] : lambda[row] / lengthScale) - x[row])
      sum += r * r
    }
    return sum
  }
}
