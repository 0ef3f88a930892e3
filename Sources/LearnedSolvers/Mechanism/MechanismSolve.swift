import ConstraintSystem
import LinearAlgebra

extension MechanismNetwork {
  /// One inference as a whole linear solve: `converged` only where the residual meets the stop rule, otherwise
  /// `iterationLimit` after this one iteration; λ = 0 and `breakdown` where nothing finite came out.
  ///
  /// `r`: room for the residual.
  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>, r: Buffer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let outcome = infer(b, into: x, report: &report)
    if isOutsideTraining { report.solvesOutsideTraining = 1 }
    Self.judge(matrix, b, x, r: r, stop: stop, report: &report)
    if outcome == .failed && report.reason != .converged { report.reason = .breakdown }
  }

  /// What one evaluation came to: its residual against the stop rule. `r`: room for the residual.
  static func judge(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>, r: Buffer<Double>,
    stop: LinearStop, report: inout SolveReport
  ) {
    let n = matrix.dimension
    report.iterations += 1
    r.resize(to: n, filling: 0)
    matrix.multiply(x, into: r.pointer)
    for row in 0..<n { r.pointer[row] = b[row] - r.pointer[row] }
    report.operatorApplications += 1
    report.flops += 2 * Double(matrix.nonZeroCount)
    let norm = VectorKernels.norm(r.pointer, n)
    report.believedResidual = norm
    if let history = stop.history, history.count < history.capacity { history.appendReserved(norm) }
    let isMet = norm <= max(stop.absolute, stop.relative * VectorKernels.norm(b, n))
    report.reason = isMet ? .converged : .iterationLimit
  }

  /// λ = 0 and the reason `unsupported`: a matrix that no model of the solver is for.
  static func refuse(_ matrix: SymmetricBlockMatrix, _ x: UnsafeMutablePointer<Double>, report: inout SolveReport) {
    x.update(repeating: 0, count: matrix.dimension)
    report.reason = .unsupported
    report.solvesOutsideTraining = 1
    report.believedResidual = .nan
  }
}
