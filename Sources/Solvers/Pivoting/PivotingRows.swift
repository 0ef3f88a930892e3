import ConstraintSystem
import LinearAlgebra

/// Problems as single rows with bounds: what pivoting methods see. A contact's normal row is λ_n ≥ 0, its friction and
/// moment rows are bounded by ± μ_i λ_n (`pyramid`); joints have no bounds, boxes their own.
enum PivotingRows {
  /// Whether a problem is one: equalities alone, or boxes, or contact points under `pyramid`.
  static func supports(_ problem: ConstraintProblem) -> Bool {
    if problem.isLinear || problem.law == .pyramid { return true }
    guard problem.law == .frictionless else { return false }
    // A cone under `frictionless` is not a row of its own.
    for index in 0..<problem.blocks.count where problem.blocks.pointer[index].set == .cone { return false }
    return true
  }

  /// Bounds of every row, those of friction at the normal impulses of `lambda`.
  static func bounds(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, lower: UnsafeMutablePointer<Double>,
    upper: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      for row in 0..<Int(block.rowCount) {
        switch block.set {
        case .free:
          lower[first + row] = -.infinity
          upper[first + row] = .infinity
        case .box:
          lower[first + row] = problem.lower.pointer[first + row]
          upper[first + row] = problem.upper.pointer[first + row]
        case .cone:
          let bound = row == 0 ? 0 : Projection.coefficient(of: row, in: block) * max(lambda[first], 0)
          lower[first + row] = row == 0 ? 0 : -bound
          upper[first + row] = row == 0 ? .infinity : bound
        }
      }
    }
  }

  /// Brings λ into the sets, friction by the bounds of its own normal impulses.
  static func clamp(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      switch block.set {
      case .free: break
      case .box:
        for row in first..<first + Int(block.rowCount) {
          lambda[row] = min(max(lambda[row], problem.lower.pointer[row]), problem.upper.pointer[row])
        }
      case .cone:
        lambda[first] = max(lambda[first], 0)
        Projection.pyramid(lambda + first, block, normal: lambda[first])
      }
    }
  }

  /// `dense` ← A by columns, with `shift` of its diagonal added, and 1 where the diagonal is 0.
  static func copyShifted(
    _ problem: ConstraintProblem, into dense: UnsafeMutablePointer<Double>, through delassus: DelassusMatrix,
    shift: Double = 1e-10
  ) {
    let n = problem.rowCount
    problem.copyDense(into: dense, through: delassus)
    for row in 0..<n {
      let entry = dense + (row * n + row)
      entry.pointee = entry.pointee > 0 ? entry.pointee * (1 + shift) : 1
    }
  }
}
