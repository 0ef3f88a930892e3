import ConstraintSystem
import LinearAlgebra

/// Increments after sweeps of projected Gauss–Seidel.
///
/// A sweep λ̂ = Ψ(λ) gives the step s = λ̂ − λ. The increment goes on from λ̂ to the minimum of the energy
/// E(λ) = ½ λᵀAλ + λᵀ(J v* + β) in the plane of s and the last direction p, within bounds:
///
///     (α, β) = argmin E(λ̂ + α s + β p)  over  0 ≤ α ≤ α_max, 0 ≤ β ≤ β_max,    λ ← λ̂ + α s + β p,   p ← (1 + α) s + β p
///
/// (the two-step method of Polyak 1964 with the exact plane search that makes it conjugate gradients on a quadratic
/// energy; Knyazev 2001 calls it locally optimal; for contacts compare Silcowitz-Hansen, Niebe, Erleben 2010). E falls at
/// least as far as by the sweep alone. Where sets cut the plane, what is extrapolated need not be in them: the next sweep
/// projects it, and where the sweeps' steps have become longer, ‖s‖²_D > γ times the last, p is forgotten (restart).
/// With a network the plane is that of h = H_θ s instead of s (`IncrementNetwork`).
///
/// E's derivatives need no product with A: pᵀAp = u_pᵀ M u_p + pᵀΣp with the velocities u = M⁻¹Jᵀp that sweeps carry
/// along, and the momenta M u_p follow p. Some 24 ns a body and 3 ns a row.
final class PlaneSearch {
  // λ before the last sweep, the direction p, and their velocities; M times the latter.
  private let before = Buffer<Double>()
  private let direction = Buffer<Double>()
  private let beforeVelocity = Buffer<Vector6>()
  private let directionVelocity = Buffer<Vector6>()
  private let directionMomentum = Buffer<Vector6>()
  /// M times the velocity of h.
  private let momentum = Buffer<Vector6>()
  /// ‖s‖²_D of the last sweep; 0 where there is none to compare with.
  private var lastSquare = 0.0
  /// pᵀAp.
  private var curvature = 0.0
  /// Whether a sweep has been made since the restart.
  private var hasBegun = false
  private let network: IncrementNetwork?

  init(network: IncrementNetwork?) { self.network = network }

  /// Operations a row.
  var flopsPerRow: Double { network == nil ? 40 : 130 }

  /// Forgets all directions.
  func restart() {
    lastSquare = 0
    curvature = 0
    hasBegun = false
    network?.restart()
  }

  /// λ ← λ̂ + α h + β p before the next sweep, and its velocities.
  func take(
    _ increment: SweepIncrement, _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>,
    velocity: UnsafeMutablePointer<Vector6>
  ) {
    guard hasBegun else {
      // The first sweep makes the first direction.
      hasBegun = true
      resize(problem)
      before.pointer.update(from: lambda, count: problem.rowCount)
      beforeVelocity.pointer.update(from: velocity, count: problem.bodies.count)
      direction.fill(0)
      directionVelocity.fill(.zero)
      directionMomentum.fill(.zero)
      return
    }
    network?.shape(problem, lambda, before: before.pointer)
    var plane = EnergyPlane()
    plane.pp = curvature
    addRows(problem, lambda, to: &plane)
    addBodies(problem, velocity, to: &plane)
    let isRestart = lastSquare > 0 && !(plane.square <= increment.growth * lastSquare)
    lastSquare = plane.square
    let (alpha, beta) = isRestart ? (0, 0) : plane.minimum(within: increment)
    curvature =
      moveRows(problem, lambda, alpha, beta) + moveBodies(problem, velocity, alpha, beta)
  }

  private func resize(_ problem: ConstraintProblem) {
    before.resize(to: problem.rowCount, filling: 0)
    direction.resize(to: problem.rowCount, filling: 0)
    beforeVelocity.resize(to: problem.bodies.count, filling: .zero)
    directionVelocity.resize(to: problem.bodies.count, filling: .zero)
    directionMomentum.resize(to: problem.bodies.count, filling: .zero)
    momentum.resize(to: problem.bodies.count, filling: .zero)
  }

  // MARK: derivatives

  private func addRows(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, to plane: inout EnergyPlane) {
    let old = before.pointer
    let p = direction.pointer
    let bias = problem.bias.pointer
    let compliance = problem.compliance.pointer
    let diagonal = problem.diagonal.pointer
    let shaped = network?.shaped.pointer
    var gs = SIMD2<Double>.zero
    var gp = SIMD2<Double>.zero
    var ss = SIMD2<Double>.zero
    var sp = SIMD2<Double>.zero
    var square = SIMD2<Double>.zero
    let rows = problem.rowCount
    var row = 0
    while row + 1 < rows {
      let x = pair(lambda, row)
      let plain = x - pair(old, row)
      let step = shaped.map { pair($0, row) } ?? plain
      let direction = pair(p, row)
      let sigma = pair(compliance, row)
      let gradient = pair(bias, row) + sigma * x
      gs += step * gradient
      gp += direction * gradient
      ss += sigma * step * step
      sp += sigma * step * direction
      square += pair(diagonal, row) * plain * plain
      row += 2
    }
    if row < rows {
      let plain = lambda[row] - old[row]
      let step = shaped?[row] ?? plain
      let gradient = bias[row] + compliance[row] * lambda[row]
      gs.x += step * gradient
      gp.x += p[row] * gradient
      ss.x += compliance[row] * step * step
      sp.x += compliance[row] * step * p[row]
      square.x += diagonal[row] * plain * plain
    }
    plane.gs += gs.x + gs.y
    plane.gp += gp.x + gp.y
    plane.ss += ss.x + ss.y
    plane.sp += sp.x + sp.y
    plane.square += square.x + square.y
  }

  private func addBodies(
    _ problem: ConstraintProblem, _ velocity: UnsafePointer<Vector6>, to plane: inout EnergyPlane
  ) {
    let bodies = problem.bodies.pointer
    let shaped = network?.velocity.pointer
    var gs = SIMD2<Double>.zero
    var gp = SIMD2<Double>.zero
    var ss = SIMD2<Double>.zero
    var sp = SIMD2<Double>.zero
    for body in 0..<problem.bodies.count {
      let v = WideVector6(loading: velocity + body)
      let step =
        shaped.map { WideVector6(loading: $0 + body) } ?? v - WideVector6(loading: beforeVelocity.pointer + body)
      let momentum = bodies[body].times(step)
      let direction = WideVector6(loading: directionMomentum.pointer + body)
      momentum.store(to: self.momentum.pointer + body)
      gs += v.pairedDot(momentum)
      gp += v.pairedDot(direction)
      ss += step.pairedDot(momentum)
      sp += step.pairedDot(direction)
    }
    plane.gs += gs.x + gs.y
    plane.gp += gp.x + gp.y
    plane.ss += ss.x + ss.y
    plane.sp += sp.x + sp.y
  }

  // MARK: moves; each gives its part of pᵀAp

  private func moveRows(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ alpha: Double, _ beta: Double
  ) -> Double {
    let old = before.pointer
    let p = direction.pointer
    let compliance = problem.compliance.pointer
    let shaped = network?.shaped.pointer
    var curvature = 0.0
    for row in 0..<problem.rowCount {
      let x = lambda[row]
      let step = x - old[row]
      let along = alpha * (shaped?[row] ?? step) + beta * p[row]
      let next = along + step
      lambda[row] = x + along
      old[row] = x + along
      p[row] = next
      curvature += compliance[row] * next * next
    }
    return curvature
  }

  private func moveBodies(
    _ problem: ConstraintProblem, _ velocity: UnsafeMutablePointer<Vector6>, _ alpha: Double, _ beta: Double
  ) -> Double {
    let bodies = problem.bodies.pointer
    let shaped = network?.velocity.pointer
    var curvature = SIMD2<Double>.zero
    for body in 0..<problem.bodies.count {
      var v = WideVector6(loading: velocity + body)
      let step = v - WideVector6(loading: beforeVelocity.pointer + body)
      var along = alpha * (shaped.map { WideVector6(loading: $0 + body) } ?? step)
      along.add(beta, WideVector6(loading: directionVelocity.pointer + body))
      v.add(1, along)
      along.add(1, step)
      let momentum: WideVector6
      if shaped == nil {
        var sum = (1 + alpha) * WideVector6(loading: self.momentum.pointer + body)
        sum.add(beta, WideVector6(loading: directionMomentum.pointer + body))
        momentum = sum
      } else {
        momentum = bodies[body].times(along)
      }
      v.store(to: velocity + body)
      v.store(to: beforeVelocity.pointer + body)
      along.store(to: directionVelocity.pointer + body)
      momentum.store(to: directionMomentum.pointer + body)
      curvature += along.pairedDot(momentum)
    }
    return curvature.x + curvature.y
  }

  @inline(__always)
  private func pair(_ x: UnsafePointer<Double>, _ row: Int) -> SIMD2<Double> {
    UnsafeRawPointer(x + row).loadUnaligned(as: SIMD2<Double>.self)
  }
}

extension BodyInertia {
  /// M v; the inertia is symmetric, so its rows are its columns.
  @inline(__always)
  fileprivate func times(_ v: WideVector6) -> WideVector6 {
    let (x, y, z) = (v.v1.y, v.v2.x, v.v2.y)
    let (a, b, c) = (inertia.row0, inertia.row1, inertia.row2)
    let pair = x * SIMD2(a.y, a.z) + y * SIMD2(b.y, b.z) + z * SIMD2(c.y, c.z)
    return WideVector6(mass * v.v0, SIMD2(mass * v.v1.x, a.x * x + b.x * y + c.x * z), pair)
  }
}

extension WideVector6 {
  @inline(__always)
  fileprivate static func - (a: WideVector6, b: WideVector6) -> WideVector6 {
    WideVector6(a.v0 - b.v0, a.v1 - b.v1, a.v2 - b.v2)
  }
  @inline(__always)
  fileprivate static func * (s: Double, a: WideVector6) -> WideVector6 { WideVector6(s * a.v0, s * a.v1, s * a.v2) }
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
