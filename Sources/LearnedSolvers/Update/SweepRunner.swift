import ConstraintSystem
import LinearAlgebra
import Solvers

/// Sweeps of projected Gauss–Seidel under an arm that may change between any two of them.
///
/// Under a conjugate arm a sweep λ̂ = Ψ(λ) is read as a gradient step and Fletcher–Reeves makes conjugate directions of
/// them, with a restart where β > 1 (`nncg` has the equations). λ̂ is always in the sets; what is extrapolated between two
/// sweeps need not be, so it is λ̂ that is measured, kept and given back.
final class SweepRunner {
  private let sweep = GaussSeidelSweep()
  private let topDown = BlockOrder(.topDown)
  /// The present arm's order; nil for the stored one.
  private var order: BlockOrder?
  // λ̂ before the last sweep, the direction p, and their velocities.
  private let before = Buffer<Double>()
  private let direction = Buffer<Double>()
  private let beforeVelocity = Buffer<Vector6>()
  private let directionVelocity = Buffer<Vector6>()
  private var lastSquare = 0.0
  /// Whether `lambda` holds an extrapolated point.
  private var isExtrapolated = false
  /// Passes made since `begin`.
  private(set) var passes = 0
  private var arm = SweepArm()

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) { sweep.prepare(problem, report: &report) }

  /// Brings λ into the sets.
  func begin(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    before.resize(to: problem.rowCount, filling: 0)
    direction.resize(to: problem.rowCount, filling: 0)
    beforeVelocity.resize(to: problem.bodies.count + 1, filling: .zero)
    directionVelocity.resize(to: problem.bodies.count + 1, filling: .zero)
    passes = 0
    arm = SweepArm()
    order = nil
    sweep.relaxation = 1
    restart()
    sweep.start(problem, lambda)
  }

  /// Takes the next sweeps' arm.
  func use(_ arm: SweepArm, _ problem: ConstraintProblem, report: inout SolveReport) {
    guard arm != self.arm else { return }
    self.arm = arm
    sweep.relaxation = arm.relaxation
    order = arm.order == .topDown ? topDown : nil
    order?.prepare(problem, report: &report)
    restart()
  }

  private func restart() {
    lastSquare = 0
    isExtrapolated = false
  }

  /// One sweep, two of a symmetric arm; gives the largest change of velocity (m/s).
  func step(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) -> Double {
    if arm.isConjugate {
      extrapolate(problem, lambda)
      before.pointer.update(from: lambda, count: problem.rowCount)
      beforeVelocity.pointer.update(from: sweep.velocity.pointer, count: problem.bodies.count)
    }
    passes += 1
    var change = sweep.pass(problem, lambda, order: order?.pointer)
    if arm.order == .symmetric {
      passes += 1
      change = max(change, sweep.pass(problem, lambda, reversed: true))
    }
    return change
  }

  /// λ ← λ̂ + β p before the next sweep, p ← β p + (λ̂ − λ).
  private func extrapolate(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    let rows = problem.rowCount
    guard isExtrapolated else {
      // The first sweep of this arm makes the first direction.
      isExtrapolated = true
      direction.fill(0)
      directionVelocity.fill(.zero)
      return
    }
    let diagonal = problem.diagonal.pointer
    let old = before.pointer
    let p = direction.pointer
    var square = 0.0
    for row in 0..<rows {
      let g = lambda[row] - old[row]
      square += diagonal[row] * g * g
    }
    let ratio = lastSquare > 0 ? square / lastSquare : .infinity
    let beta = ratio <= 1 ? ratio : 0
    lastSquare = square
    for row in 0..<rows {
      let step = lambda[row] - old[row]
      let along = beta * p[row]
      lambda[row] += along
      p[row] = along + step
    }
    let v = sweep.velocity.pointer
    let pv = directionVelocity.pointer
    for body in 0..<problem.bodies.count {
      let step = v[body] - beforeVelocity.pointer[body]
      let along = beta * pv[body]
      v[body] = v[body] + along
      pv[body] = along + step
    }
  }

  /// The natural map (m/s) of λ after a sweep.
  func residual(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) -> Double {
    sweep.residual(problem, lambda)
  }

  /// v ← v* + M⁻¹ Jᵀ λ, after λ was changed from outside; directions are forgotten.
  func refresh(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) {
    sweep.refresh(problem, lambda)
    restart()
  }

  func flops(_ problem: ConstraintProblem) -> Double {
    sweep.flops(problem) + (arm.isConjugate ? 30 * Double(problem.rowCount) : 0)
  }
}
