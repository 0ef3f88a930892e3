import ConstraintSystem
import LinearAlgebra

/// The convex programme of a problem in scaled impulses, for methods that take gradient steps:
///
///     min ½ xᵀ Â x − b̂ᵀ x,  x ∈ K̂,     λ = S x,  Â = S A S,  b̂ = S b,   gradient g = S (A λ − b)
///
/// S is 1/√s of the natural map: 1/√A_ii for free and box rows, one number for the force rows of a cone and ℓ times it
/// for its moment rows, so that the cone stays a cone and Â has a mean diagonal of 1. It is the preconditioning that
/// projections allow; heavy and light bodies, and metres and radians, weigh alike. Rows that move nothing get S = 0.
///
/// For `staggered` the sets can be split: normals with the tangents held, or tangents on discs or boxes of frozen radius
/// with the normals held. Free and box rows take part in both.
final class ScaledDual {
  /// What moves and on which sets.
  enum Part {
    /// Everything on the problem's sets.
    case all
    /// All but the friction rows of cones; λ_n ≥ 0.
    case normal
    /// All but the normals; friction rows bounded by μ times the normal impulse that x holds.
    case tangential
  }

  var part = Part.all
  /// S, one a row.
  let scale = Buffer<Double>()
  /// λ and w = A λ − b of the last `evaluate`.
  let lambda = Buffer<Double>()
  let w = Buffer<Double>()
  /// Bounds of x, one a row: those of λ over S.
  let lower = Buffer<Double>()
  let upper = Buffer<Double>()
  private let scratch = Buffer<Vector6>()

  func prepare(_ problem: ConstraintProblem) {
    let rows = problem.rowCount
    scale.resize(to: rows, filling: 0)
    lambda.resize(to: rows, filling: 0)
    w.resize(to: rows, filling: 0)
    lower.resize(to: rows, filling: 0)
    upper.resize(to: rows, filling: 0)
    scratch.resize(to: problem.bodies.count, filling: .zero)
    let diagonal = problem.diagonal.pointer
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      let size = Int(block.rowCount)
      let isCone = block.set == .cone && problem.law != .pyramid
      let force = isCone ? (diagonal[first] + diagonal[first + 1] + diagonal[first + 2]) / 3 : 0
      var moment = 0.0
      for row in first + 3..<max(first + 3, first + size) { moment += diagonal[row] / Double(size - 3) }
      // A cone whose moment rows move nothing has ℓ = 1, as in the natural map.
      if moment == 0 { moment = force }
      for row in 0..<size {
        let s = isCone ? (row < 3 ? force : moment) : diagonal[first + row]
        let inverse = s > 0 && (!isCone || force > 0) ? 1 / s.squareRoot() : 0
        scale.pointer[first + row] = inverse
        lower.pointer[first + row] = inverse > 0 ? problem.lower.pointer[first + row] / inverse : 0
        upper.pointer[first + row] = inverse > 0 ? problem.upper.pointer[first + row] / inverse : 0
      }
    }
  }

  /// x ← λ / S, projected.
  func load(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>) {
    for row in 0..<problem.rowCount { x[row] = scale.pointer[row] > 0 ? lambda[row] / scale.pointer[row] : 0 }
    project(problem, x)
  }

  /// λ ← S x; rows that move nothing get the impulse of their box that is nearest 0.
  func store(_ problem: ConstraintProblem, _ x: UnsafePointer<Double>, into lambda: UnsafeMutablePointer<Double>) {
    for row in 0..<problem.rowCount {
      let s = scale.pointer[row]
      lambda[row] = s > 0 ? s * x[row] : min(max(0, problem.lower.pointer[row]), problem.upper.pointer[row])
    }
  }

  /// `g` ← S (A S x − b) on the rows that move, 0 on the others; `lambda` and `w` are filled in.
  func evaluate(_ problem: ConstraintProblem, _ x: UnsafePointer<Double>, into g: UnsafeMutablePointer<Double>) {
    store(problem, x, into: lambda.pointer)
    problem.residual(lambda.pointer, into: w.pointer, scratch: scratch)
    for row in 0..<problem.rowCount { g[row] = scale.pointer[row] * w.pointer[row] }
    maskHeldRows(problem, g)
  }

  /// `y` ← Â x.
  func apply(_ problem: ConstraintProblem, _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    for row in 0..<problem.rowCount { lambda.pointer[row] = scale.pointer[row] * x[row] }
    problem.apply(lambda.pointer, into: y, scratch: scratch)
    for row in 0..<problem.rowCount { y[row] *= scale.pointer[row] }
    maskHeldRows(problem, y)
  }

  /// The natural map of the last `evaluate` (m/s).
  func residual(_ problem: ConstraintProblem) -> Double {
    NaturalMap.residual(problem, lambda: lambda.pointer, w: w.pointer).maximum
  }

  private func maskHeldRows(_ problem: ConstraintProblem, _ g: UnsafeMutablePointer<Double>) {
    if part == .all { return }
    for index in 0..<problem.blocks.count where problem.blocks.pointer[index].set == .cone {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      if part == .tangential {
        g[first] = 0
      } else {
        for row in 1..<Int(block.rowCount) { g[first + row] = 0 }
      }
    }
  }

  /// x ← P(x).
  func project(_ problem: ConstraintProblem, _ x: UnsafeMutablePointer<Double>) {
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      if block.set != .free { projectBlock(problem, block, x + Int(block.firstRow)) }
    }
  }

  /// The same for the rows of one block.
  @inline(__always)
  func projectBlock(_ problem: ConstraintProblem, _ block: ConstraintBlock, _ x: UnsafeMutablePointer<Double>) {
    let first = Int(block.firstRow)
    switch block.set {
    case .free: break
    case .box:
      for row in 0..<Int(block.rowCount) {
        x[row] = min(max(x[row], lower.pointer[first + row]), upper.pointer[first + row])
      }
    case .cone:
      switch part {
      case .all:
        let force = scale.pointer[first]
        let moment = block.rowCount > 3 ? scale.pointer[first + 3] : 0
        Projection.cone(x, block, lengthScale: moment > 0 && force > 0 ? moment / force : 1)
      case .normal: x[0] = max(x[0], 0)
      case .tangential: projectFriction(problem, block, x, scale.pointer + first)
      }
    }
  }

  /// Friction rows on the disc (coulomb) or box (pyramid) whose size is μ λ_n.
  private func projectFriction(
    _ problem: ConstraintProblem, _ block: ConstraintBlock, _ x: UnsafeMutablePointer<Double>,
    _ scale: UnsafePointer<Double>
  ) {
    let normal = scale[0] * x[0]
    if problem.law == .pyramid {
      for row in 1..<Int(block.rowCount) where scale[row] > 0 {
        let bound = Projection.coefficient(of: row, in: block) * normal / scale[row]
        x[row] = min(max(x[row], -bound), bound)
      }
      return
    }
    let rows = Int(block.rowCount)
    Self.shorten(x + 1, to: scale[1] > 0 ? block.friction * normal / scale[1] : 0)
    if block.hasTorsionalRow {
      let bound = scale[3] > 0 ? block.torsionalFriction * normal / scale[3] : 0
      x[3] = min(max(x[3], -bound), bound)
    }
    if block.hasRollingRows {
      Self.shorten(x + rows - 2, to: scale[rows - 2] > 0 ? block.rollingFriction * normal / scale[rows - 2] : 0)
    }
  }

  @inline(__always)
  private static func shorten(_ x: UnsafeMutablePointer<Double>, to radius: Double) {
    let length = (x[0] * x[0] + x[1] * x[1]).squareRoot()
    guard length > radius else { return }
    x[0] *= radius / length
    x[1] *= radius / length
  }

  /// aᵀ b, summed by parity.
  @inline(__always)
  static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ n: Int) -> Double {
    var sum = SIMD2<Double>.zero
    var row = 0
    while row + 1 < n {
      sum += SIMD2(a[row], a[row + 1]) * SIMD2(b[row], b[row + 1])
      row += 2
    }
    return row < n ? sum.x + sum.y + a[row] * b[row] : sum.x + sum.y
  }
}

extension ConstraintProblem {
  /// Whether no block is a cone, so that the friction law does not matter.
  var hasNoCones: Bool {
    for index in 0..<blocks.count where blocks.pointer[index].set == .cone { return false }
    return true
  }
}
