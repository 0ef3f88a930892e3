import ConstraintSystem
import LinearAlgebra

// What the stationary and Krylov methods share beside the monitor.

extension Buffer<Double> {
  /// 1/a_ii of every row; 0 for a row of zeros, whose unknown stays as it is.
  func invertDiagonal(of matrix: SymmetricBlockMatrix) {
    resize(to: matrix.dimension, filling: 0)
    let d = pointer
    matrix.copyDiagonal(into: d)
    for row in 0..<matrix.dimension { d[row] = d[row] > 0 ? 1 / d[row] : 0 }
  }
}

extension LanczosBounds {
  /// The ends of the spectrum of D⁻¹A, D = diag(A).
  func estimateJacobi(
    _ matrix: SymmetricBlockMatrix, _ inverse: Buffer<Double>, limit: Int, accuracy: Double
  ) {
    let n = matrix.dimension
    let d = UnsafePointer(inverse.pointer)
    estimate(matrix, limit: limit, accuracy: accuracy, needsLowest: true) { r, z in
      for row in 0..<n { z[row] = d[row] * r[row] }
    }
  }
}

extension SymmetricBlockMatrix {
  /// `r` ← b − A x.
  func subtractProduct(
    of x: UnsafePointer<Double>, from b: UnsafePointer<Double>, into r: UnsafeMutablePointer<Double>
  ) {
    multiply(x, into: r)
    for row in 0..<dimension { r[row] = b[row] - r[row] }
  }
}

extension SolveReport {
  /// Fills in how an iterative solve ended, and puts the best x back where the last is not it.
  mutating func finish(
    _ monitor: IterationMonitor, _ reason: StopReason?, _ x: UnsafeMutablePointer<Double>, best: Buffer<Double>,
    _ n: Int, productsPerIteration: Int, _ matrix: SymmetricBlockMatrix
  ) {
    self.reason = reason ?? .breakdown
    if !monitor.isBest && monitor.best.isFinite { x.update(from: best.pointer, count: n) }
    if !monitor.best.isFinite { x.update(repeating: 0, count: n) }
    if self.reason == .inconsistent { inconsistency = monitor.best }
    believedResidual = monitor.best
    iterations += monitor.iteration
    // One more for the residual of the start.
    let products = productsPerIteration * monitor.iteration + 1
    operatorApplications += products
    flops += Double(products) * 2 * Double(matrix.nonZeroCount) + 12 * Double(monitor.iteration) * Double(n)
  }
}
