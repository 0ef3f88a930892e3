import ConstraintSystem
import LinearAlgebra

/// Increments after sweeps of projected Gauss–Seidel.
///
/// A sweep λ̂ = Ψ(λ_k) gives the step s = λ̂ − λ_k. The increment goes on from λ̂ to the minimum of the energy
/// E(λ) = ½ λᵀAλ + λᵀ(J v* + β) in the plane of s and the last direction p = λ_k − λ_{k−1}, within bounds:
///
///     (α, β) = argmin E(λ̂ + α s + β p)  over  0 ≤ α ≤ α_max, 0 ≤ β ≤ β_max,    λ_{k+1} = λ̂ + α s + β p
///
/// (the two-step method of Polyak 1964 with the exact plane search that makes it conjugate gradients on a quadratic
/// energy; Knyazev 2001 calls it locally optimal; for contacts compare Silcowitz-Hansen, Niebe, Erleben 2010). E falls at
/// least as far as by the sweep alone. Where sets cut the plane, what is extrapolated need not be in them: the next sweep
/// projects it, and where that raises E, or takes more than γ times what the last one took, p is forgotten (a restart, as
/// O'Donoghue and Candès, 2015, do it by values). With a network the plane is that of h = H_θ s instead of s (`IncrementNetwork`).
///
/// It needs no product with A and no gradient. Sweeps carry the velocities u = M⁻¹Jᵀλ along, so sᵀAs = u_sᵀ M u_s and
/// sᵀAp = u_sᵀ M u_p (and Σ's part); they count the energy that they take, ΔE, so sᵀ∇E(λ̂) = ΔE + ½ sᵀAs; the rest follows
/// from the last search in numbers: pᵀAp, pᵀ∇E(λ_k). What is left is one pass over the bodies for two products and one over
/// bodies and rows to move.
final class PlaneSearch {
  // Where the last two sweeps began, λ_k and λ_{k−1}, and their velocities.
  private var start = Buffer<Double>()
  private var lastStart = Buffer<Double>()
  private var startVelocity = Buffer<Vector6>()
  private var lastStartVelocity = Buffer<Vector6>()
  /// What the last sweep took of the energy; 0 where there is none to compare with.
  private var lastTaken = 0.0
  /// pᵀAp.
  private var curvature = 0.0
  /// pᵀ∇E(λ_k).
  private var slope = 0.0
  /// Whether a sweep has been made since the restart.
  private var hasBegun = false
  /// Whether Σ ≠ 0.
  private var isCompliant = false
  private let network: IncrementNetwork?

  init(network: IncrementNetwork?) { self.network = network }

  /// Operations a row.
  var flopsPerRow: Double { network == nil ? 20 : 130 }

  /// Forgets all directions.
  func restart() {
    hasBegun = false
    network?.restart()
  }

  /// λ ← λ̂ + α h + β p before the next sweep, and its velocities; the last sweep has changed E by `energyChange`.
  func take(
    _ increment: SweepIncrement, _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>,
    velocity: UnsafeMutablePointer<Vector6>, energyChange: Double
  ) {
    guard hasBegun else {
      // The first sweep makes the first direction.
      begin(problem, lambda, velocity)
      return
    }
    var plane = EnergyPlane()
    addSteps(problem, lambda, velocity, to: &plane)
    plane.gs = energyChange + 0.5 * plane.ss
    plane.gp = slope + plane.sp
    plane.pp = curvature
    if let network {
      network.shape(problem, lambda, before: start.pointer)
      addShaped(network, problem, lambda, velocity, to: &plane)
    } else {
      (plane.gh, plane.hh, plane.sh, plane.hp) = (plane.gs, plane.ss, plane.ss, plane.sp)
    }
    let taken = -energyChange
    let isRestart = !(taken >= 0) || lastTaken > 0 && !(taken <= increment.growth * lastTaken)
    lastTaken = taken
    let (alpha, beta) = isRestart ? (0, 0) : plane.minimum(within: increment)
    (slope, curvature) = plane.direction(alpha, beta)
    let values = problem.bodies.count * Self.valuesPerBody
    Self.move(
      lambda, start.pointer, lastStart.pointer, shaped: network?.shaped.pointer, count: problem.rowCount, alpha, beta)
    Self.move(
      Self.values(velocity), Self.values(startVelocity.pointer), Self.values(lastStartVelocity.pointer),
      shaped: network.map { Self.values($0.velocity.pointer) }, count: values, alpha, beta)
    swap(&start, &lastStart)
    swap(&startVelocity, &lastStartVelocity)
  }

  private func begin(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ velocity: UnsafePointer<Vector6>
  ) {
    hasBegun = true
    (lastTaken, curvature, slope) = (0, 0, 0)
    isCompliant = (0..<problem.rowCount).contains { problem.compliance.pointer[$0] != 0 }
    for buffer in [start, lastStart] {
      buffer.resize(to: problem.rowCount, filling: 0)
      buffer.pointer.update(from: lambda, count: problem.rowCount)
    }
    for buffer in [startVelocity, lastStartVelocity] {
      buffer.resize(to: problem.bodies.count, filling: .zero)
      buffer.pointer.update(from: velocity, count: problem.bodies.count)
    }
  }

  // MARK: products

  /// sᵀAs and sᵀAp.
  private func addSteps(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ velocity: UnsafeMutablePointer<Vector6>,
    to plane: inout EnergyPlane
  ) {
    let bodies = problem.bodies.pointer
    let start = startVelocity.pointer
    let lastStart = lastStartVelocity.pointer
    var ss = SIMD2<Double>.zero
    var sp = SIMD2<Double>.zero
    for body in 0..<problem.bodies.count {
      let x = WideVector6(loading: start + body)
      let step = WideVector6(loading: velocity + body) - x
      let momentum = bodies[body].times(step)
      ss += step.pairedDot(momentum)
      sp += (x - WideVector6(loading: lastStart + body)).pairedDot(momentum)
    }
    plane.ss = ss.x + ss.y
    plane.sp = sp.x + sp.y
    guard isCompliant else { return }
    let compliance = problem.compliance.pointer
    for row in 0..<problem.rowCount {
      let x = self.start[row]
      let scaled = compliance[row] * (lambda[row] - x)
      plane.ss += scaled * (lambda[row] - x)
      plane.sp += scaled * (x - self.lastStart[row])
    }
  }

  /// hᵀ∇E(λ̂), hᵀAh, sᵀAh, hᵀAp.
  private func addShaped(
    _ network: IncrementNetwork, _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>,
    _ velocity: UnsafePointer<Vector6>, to plane: inout EnergyPlane
  ) {
    for row in 0..<problem.rowCount {
      let h = network.shaped[row]
      let scaled = problem.compliance[row] * h
      plane.gh += h * problem.bias[row] + scaled * lambda[row]
      plane.hh += scaled * h
      plane.sh += scaled * (lambda[row] - start[row])
      plane.hp += scaled * (start[row] - lastStart[row])
    }
    for body in 0..<problem.bodies.count {
      let h = network.velocity[body]
      let momentum = problem.bodies[body].times(h)
      plane.gh += momentum.dot(velocity[body])
      plane.hh += momentum.dot(h)
      plane.sh += momentum.dot(velocity[body] - startVelocity[body])
      plane.hp += momentum.dot(startVelocity[body] - lastStartVelocity[body])
    }
  }

  // MARK: moves

  /// x, y ← x̂ + α h + β (x_k − y) for the present x̂, the sweep's start x_k and the one before it, y.
  private static func move(
    _ x: UnsafeMutablePointer<Double>, _ start: UnsafePointer<Double>, _ lastStart: UnsafeMutablePointer<Double>,
    shaped: UnsafePointer<Double>?, count: Int, _ alpha: Double, _ beta: Double
  ) {
    if let shaped {
      for index in 0..<count {
        let next = x[index] + alpha * shaped[index] + beta * (start[index] - lastStart[index])
        x[index] = next
        lastStart[index] = next
      }
      return
    }
    let (a, b, c) = (1 + alpha, beta - alpha, -beta)
    var index = 0
    while index + 1 < count {
      let next = a * pair(x, index) + b * pair(start, index) + c * pair(lastStart, index)
      UnsafeMutableRawPointer(x + index).storeBytes(of: next, as: SIMD2<Double>.self)
      UnsafeMutableRawPointer(lastStart + index).storeBytes(of: next, as: SIMD2<Double>.self)
      index += 2
    }
    if index < count {
      let next = a * x[index] + b * start[index] + c * lastStart[index]
      x[index] = next
      lastStart[index] = next
    }
  }

  private static let valuesPerBody = MemoryLayout<Vector6>.stride / MemoryLayout<Double>.stride

  @inline(__always)
  private static func values(_ velocity: UnsafeMutablePointer<Vector6>) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(velocity).assumingMemoryBound(to: Double.self)
  }

  @inline(__always)
  private static func pair(_ x: UnsafePointer<Double>, _ index: Int) -> SIMD2<Double> {
    UnsafeRawPointer(x + index).loadUnaligned(as: SIMD2<Double>.self)
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
}

/// E(λ̂ + α h + β p) − E(λ̂) = α gh + β gp + ½ (α² hh + 2 α β hp + β² pp), and the products with s; h = s without a network.
private struct EnergyPlane {
  // With the gradient at λ̂.
  var gs = 0.0
  var gh = 0.0
  var gp = 0.0
  // With A between them.
  var ss = 0.0
  var sh = 0.0
  var sp = 0.0
  var hh = 0.0
  var hp = 0.0
  var pp = 0.0

  /// Where it is least for α within its bounds; β is then cut to its own. Zero where that is no number.
  func minimum(within bounds: SweepIncrement) -> (alpha: Double, beta: Double) {
    let determinant = hh * pp - hp * hp
    var alpha = 0.0
    if determinant > 1e-12 * hh * pp {
      alpha = min(max((gp * hp - gh * pp) / determinant, 0), bounds.largestAlpha)
    }
    let beta = pp > 0 ? min(max(-(gp + alpha * hp) / pp, 0), bounds.largestBeta) : 0
    return alpha.isFinite && beta.isFinite ? (alpha, beta) : (0, 0)
  }

  /// p'ᵀ∇E and p'ᵀAp' for the next direction p' = s + α h + β p and the gradient at its end.
  func direction(_ alpha: Double, _ beta: Double) -> (slope: Double, curvature: Double) {
    let slope =
      gs + alpha * sh + beta * sp + alpha * (gh + alpha * hh + beta * hp) + beta * (gp + alpha * hp + beta * pp)
    let curvature =
      ss + alpha * alpha * hh + beta * beta * pp + 2 * (alpha * sh + beta * sp + alpha * beta * hp)
    return (slope, curvature)
  }
}
