import ConstraintSystem
import LinearAlgebra
import Solvers

/// Sweeps of projected Gauss–Seidel under an arm that may change between any two of them, each followed by an increment
/// where the arm has one.
///
/// A sweep λ̂ = Ψ(λ) gives the step s = λ̂ − λ. The increment goes on from λ̂ to the minimum of the energy
/// E(λ) = ½ λᵀAλ + λᵀ(J v* + β) in the plane of s and the last direction p, within bounds:
///
///     (α, β) = argmin E(λ̂ + α s + β p)  over  0 ≤ α ≤ α_max, 0 ≤ β ≤ β_max,    λ ← λ̂ + α s + β p,   p ← (1 + α) s + β p
///
/// (the two-step method of Polyak 1964 with the exact plane search that makes it conjugate gradients on a quadratic
/// energy; Knyazev 2001 calls it locally optimal; for contacts compare Silcowitz-Hansen, Niebe, Erleben 2010). E falls at
/// least as far as by the sweep alone. Where sets cut the plane, what is extrapolated need not be in them: the next sweep
/// projects it, and where the sweeps' steps have become longer, ‖s‖_D > γ times the last, p is forgotten (restart). It is
/// λ̂, in its sets, that is measured, kept and given back.
///
/// With a network the plane is that of h = H_θ s instead of s (`IncrementNetwork`).
///
/// E's derivatives need no product with A: pᵀAp = u_pᵀ M u_p + pᵀΣp with the velocities u = M⁻¹Jᵀp that the sweeps carry
/// along, so an increment costs O(rows + bodies).
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
  /// ‖s‖²_D of the last sweep; 0 where there is none to compare with.
  private var lastSquare = 0.0
  /// Whether `lambda` holds an extrapolated point.
  private var isExtrapolated = false
  /// Passes made since `begin`.
  private(set) var passes = 0
  private var arm = SweepArm()
  /// Shapes the steps of increments; nil: none.
  private let network: IncrementNetwork?

  init(network: IncrementNetwork? = nil) { self.network = network }

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
    network?.restart()
  }

  /// One sweep, two of a symmetric arm; gives the largest change of velocity (m/s).
  func step(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) -> Double {
    if let increment = arm.increment {
      take(increment, problem, lambda)
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

  /// λ ← λ̂ + α s + β p before the next sweep.
  private func take(
    _ increment: SweepIncrement, _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>
  ) {
    guard isExtrapolated else {
      // The first sweep of this arm makes the first direction.
      isExtrapolated = true
      direction.fill(0)
      directionVelocity.fill(.zero)
      return
    }
    network?.shape(problem, lambda, before: before.pointer)
    let plane = derivatives(problem, lambda)
    let isRestart = lastSquare > 0 && !(plane.square <= increment.growth * lastSquare)
    lastSquare = plane.square
    let (alpha, beta) = isRestart ? (0, 0) : plane.minimum(within: increment)
    let old = before.pointer
    let p = direction.pointer
    let shaped = network?.shaped.pointer
    for row in 0..<problem.rowCount {
      let step = lambda[row] - old[row]
      let along = alpha * (shaped?[row] ?? step) + beta * p[row]
      lambda[row] += along
      p[row] = along + step
    }
    let v = sweep.velocity.pointer
    let pv = directionVelocity.pointer
    let shapedVelocity = network?.velocity.pointer
    for body in 0..<problem.bodies.count {
      let step = v[body] - beforeVelocity.pointer[body]
      let along = alpha * (shapedVelocity?[body] ?? step) + beta * pv[body]
      v[body] = v[body] + along
      pv[body] = along + step
    }
  }

  /// E's derivatives at λ̂ along the last sweep's step and the last direction.
  private func derivatives(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) -> EnergyPlane {
    let old = before.pointer
    let p = direction.pointer
    let bias = problem.bias.pointer
    let compliance = problem.compliance.pointer
    let diagonal = problem.diagonal.pointer
    let shaped = network?.shaped.pointer
    let shapedVelocity = network?.velocity.pointer
    var plane = EnergyPlane()
    for row in 0..<problem.rowCount {
      let plain = lambda[row] - old[row]
      let step = shaped?[row] ?? plain
      let sigma = compliance[row]
      let gradient = bias[row] + sigma * lambda[row]
      plane.gs += step * gradient
      plane.gp += p[row] * gradient
      plane.ss += sigma * step * step
      plane.sp += sigma * step * p[row]
      plane.pp += sigma * p[row] * p[row]
      plane.square += diagonal[row] * plain * plain
    }
    let v = sweep.velocity.pointer
    let pv = directionVelocity.pointer
    let bodies = problem.bodies.pointer
    for body in 0..<problem.bodies.count {
      let step = shapedVelocity?[body] ?? (v[body] - beforeVelocity.pointer[body])
      let momentum = bodies[body].times(step)
      let directionMomentum = bodies[body].times(pv[body])
      plane.gs += v[body].dot(momentum)
      plane.gp += v[body].dot(directionMomentum)
      plane.ss += step.dot(momentum)
      plane.sp += step.dot(directionMomentum)
      plane.pp += pv[body].dot(directionMomentum)
    }
    return plane
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
    sweep.flops(problem) + (arm.increment != nil ? (network == nil ? 40 : 130) * Double(problem.rowCount) : 0)
  }
}

/// E(λ̂ + α h + β p) − E(λ̂), h = s without a network: α gs + β gp + ½ (α² ss + 2 α β sp + β² pp).
private struct EnergyPlane {
  var gs = 0.0
  var gp = 0.0
  var ss = 0.0
  var sp = 0.0
  var pp = 0.0
  /// ‖s‖²_D.
  var square = 0.0

  /// Where it is least for α within its bounds; β is then cut to its own. Zero where that is no number.
  func minimum(within bounds: SweepIncrement) -> (alpha: Double, beta: Double) {
    let determinant = ss * pp - sp * sp
    var alpha = 0.0
    if determinant > 1e-12 * ss * pp {
      alpha = min(max((gp * sp - gs * pp) / determinant, 0), bounds.largestAlpha)
    }
    let beta = pp > 0 ? min(max(-(gp + alpha * sp) / pp, 0), bounds.largestBeta) : 0
    return alpha.isFinite && beta.isFinite ? (alpha, beta) : (0, 0)
  }
}
