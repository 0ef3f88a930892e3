import ConstraintSystem
import LinearAlgebra

// What the linear solvers share beside the monitor.

extension Buffer<Double> {
  /// 1/a_ii of every row; 0 for a row of zeros, whose unknown stays as it is. False where an entry is negative: the
  /// matrix is not positive semi-definite then.
  @discardableResult
  func invertDiagonal(of matrix: SymmetricBlockMatrix) -> Bool {
    resize(to: matrix.dimension, filling: 0)
    let d = pointer
    matrix.copyDiagonal(into: d)
    var isPositive = true
    for row in 0..<matrix.dimension {
      if d[row] < 0 { isPositive = false }
      d[row] = d[row] > 0 ? 1 / d[row] : 0
    }
    return isPositive
  }
}

extension DenseMatrix {
  /// Adds 1e-10 of it to every diagonal entry, against exact singularity. A row of zeros takes part in nothing: it gets
  /// a 1, so that its unknown is 0.
  func shiftDiagonal() {
    for row in 0..<rows {
      let entry = pointer + (row * rows + row)
      entry.pointee *= 1 + 1e-10
      if entry.pointee == 0 && VectorKernels.dot(pointer + row * rows, pointer + row * rows, rows) == 0 {
        entry.pointee = 1
      }
    }
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
  /// Smallest and largest diagonal entry.
  var diagonalRange: (lowest: Double, highest: Double) {
    var range = (lowest: Double.infinity, highest: -Double.infinity)
    for row in 0..<blockCount {
      let size = self.size(ofBlock: row)
      let block = values.pointer + slot(row: row, column: row)
      for i in 0..<size {
        range.lowest = min(range.lowest, block[i * size + i])
        range.highest = max(range.highest, block[i * size + i])
      }
    }
    return range
  }

  /// `r` ← b − A x.
  package func subtractProduct(
    of x: UnsafePointer<Double>, from b: UnsafePointer<Double>, into r: UnsafeMutablePointer<Double>
  ) {
    multiply(x, into: r)
    for row in 0..<dimension { r[row] = b[row] - r[row] }
  }
}

extension StopReason {
  /// Why conjugate directions end at a curvature pᵀAp that is not positive: nothing left to gain where p lies in A's null
  /// space (to round-off), `breakdown` where A is indefinite or a number is not finite.
  static func ofCurvature(
    _ curvature: Double, _ p: UnsafePointer<Double>, _ matrix: SymmetricBlockMatrix
  ) -> StopReason {
    let ends = matrix.diagonalRange
    let scale = ends.highest * VectorKernels.dot(p, p, matrix.dimension)
    return ends.lowest >= 0 && curvature >= -1e-10 * scale && scale.isFinite ? .inconsistent : .breakdown
  }
}

extension SolveReport {
  /// Fills in how an iterative solve ended, and puts the best x back where the last is not it.
  ///
  /// Best is the smallest residual. Where `energyFalls`, the last x is the best although its residual may have risen: it
  /// has the smallest ½ xᵀAx − bᵀx, so as a Newton direction it points downhill, which x = 0 with its smaller residual
  /// does not.
  mutating func finish(
    _ monitor: IterationMonitor, _ reason: StopReason?, _ x: UnsafeMutablePointer<Double>, best: Buffer<Double>,
    _ n: Int, productsPerIteration: Int, _ matrix: SymmetricBlockMatrix, energyFalls: Bool = false
  ) {
    self.reason = reason ?? .breakdown
    believedResidual = monitor.last
    if !monitor.isBest && !(energyFalls && reason != .breakdown) {
      believedResidual = monitor.best
      if monitor.best.isFinite { x.update(from: best.pointer, count: n) } else { x.update(repeating: 0, count: n) }
    }
    if self.reason == .inconsistent { inconsistency = believedResidual }
    iterations += monitor.iteration
    // One more for the residual of the start.
    let products = productsPerIteration * monitor.iteration + 1
    operatorApplications += products
    flops += Double(products) * 2 * Double(matrix.nonZeroCount) + 12 * Double(monitor.iteration) * Double(n)
  }
}
