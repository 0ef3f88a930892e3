import ConstraintSystem
import LinearAlgebra

/// One pass of projected Gauss–Seidel and the state that it works on: what `pgs`, `impulse`, `nncg` and `shock` share.
///
///     w_c = J_c v + β_c + σ_c λ_c,   λ_c ← solution of the block's own problem,   v += M⁻¹ J_cᵀ Δλ_c
///
/// v is carried along, so A is never formed: O(rows) a pass. Where A is given, w_c is its block row times λ less b_c:
/// O(entries) a pass, A symmetric or not.
///
/// A contact's visit reads J alone; M⁻¹ is applied to J_cᵀ Δλ_c from 64 bytes a body, which stay in the cache, instead
/// of reading M⁻¹ J_cᵀ too: a sweep over 10 000 contacts is bound by what it reads.
package final class GaussSeidelSweep {
  /// Row-wise steps instead of block solutions.
  let byRow: Bool
  /// ω; may change between passes.
  package var relaxation: Double
  /// Whether passes count `energyChange`; on problems whose A is not given.
  package var tracksEnergy = false
  /// What the last pass made of E(λ) = ½ λᵀAλ + λᵀ(J v* + β) (J): the sum of Δλ_cᵀ (w_c + ½ D_c Δλ_c), exact and free of
  /// cancellation, whatever the sets.
  package private(set) var energyChange = 0.0

  /// v⁺ of every body, and one more that is always zero: it stands for everything that does not move.
  package let velocity = Buffer<Vector6>()
  /// What a visit reads of a block beside J, in one stream, at `offsets`: D_c = J_c M⁻¹ J_cᵀ + σ_c and its inverse,
  /// by rows; after those of a block of three rows its β, σ and μ too.
  let data = Buffer<Double>()
  let offsets = Buffer<Int32>()
  /// Numbers beside D and its inverse.
  private static let extra = 7
  /// (1/m, I⁻¹₀₀), (I⁻¹₁₀, I⁻¹₂₀), (I⁻¹₁₁, I⁻¹₂₁), (I⁻¹₁₂, I⁻¹₂₂) of every body.
  private let inertias = Buffer<SIMD2<Double>>()
  private let judge = NaturalMap()

  package init(byRow: Bool = false, relaxation: Double = 1) {
    self.byRow = byRow
    self.relaxation = relaxation
  }

  package func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    let count = problem.blocks.count
    offsets.resize(to: count, filling: 0)
    var total = 0
    for index in 0..<count {
      offsets.pointer[index] = Int32(total)
      let size = Int(problem.blocks.pointer[index].rowCount)
      total += 2 * size * size + (size == 3 ? Self.extra : 0)
    }
    data.resize(to: total, filling: 0)
    for index in 0..<count {
      let block = problem.blocks.pointer[index]
      let size = Int(block.rowCount)
      let coupling = data.pointer + Int(offsets.pointer[index])
      problem.copyDiagonalBlock(index, into: coupling)
      if size == 3 {
        let more = coupling + 18
        for row in 0..<3 {
          more[row] = problem.bias.pointer[Int(block.firstRow) + row]
          more[3 + row] = problem.compliance.pointer[Int(block.firstRow) + row]
        }
        more[6] = block.friction
      }
      // Box rows are solved one by one by their diagonal alone.
      if block.set == .box { continue }
      if problem.isSymmetric {
        SmallLDL.invert(coupling, size: size, into: coupling + size * size)
      } else {
        SmallLU.invert(coupling, size: size, into: coupling + size * size)
      }
    }
    let bodies = problem.bodies.count
    inertias.resize(to: 4 * bodies + 4, filling: .zero)
    let inertias = self.inertias.pointer
    for body in 0..<bodies {
      let inertia = problem.bodies.pointer[body]
      let inverse = inertia.inverseInertia
      inertias[4 * body] = SIMD2(inertia.inverseMass, inverse[0].x)
      inertias[4 * body + 1] = SIMD2(inverse[1].x, inverse[2].x)
      inertias[4 * body + 2] = SIMD2(inverse[1].y, inverse[2].y)
      inertias[4 * body + 3] = SIMD2(inverse[1].z, inverse[2].z)
    }
    for entry in 4 * bodies..<4 * bodies + 4 { inertias[entry] = .zero }
    report.flops += Double(problem.rowCount) * 200
  }

  /// Brings λ into the sets and makes v its velocity.
  package func start(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    BlockSolution.clamp(problem, lambda)
    refresh(problem, lambda)
  }

  /// v ← v* + M⁻¹ Jᵀ λ.
  package func refresh(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) {
    let count = problem.bodies.count
    velocity.resize(to: count + 1, filling: .zero)
    problem.velocity(of: lambda, into: velocity.pointer)
    velocity.pointer[count] = .zero
  }

  /// The natural map of λ (m/s).
  package func residual(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) -> Double {
    if problem.givenMatrix != nil { return judge.residual(problem, lambda: lambda).maximum }
    return judge.residual(problem, lambda: lambda, velocity: velocity.pointer).maximum
  }

  /// Operations of a pass, estimated.
  package func flops(_ problem: ConstraintProblem) -> Double {
    problem.givenMatrix.map { 2 * Double($0.values.count) } ?? 56 * Double(problem.rowCount)
  }

  /// One pass over the blocks in `order` (nil: as they are stored), or in its reverse; gives the largest |D_ii Δλ_i|
  /// of a row (m/s).
  package func pass(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, order: UnsafePointer<Int32>? = nil,
    reversed: Bool = false
  ) -> Double {
    if let matrix = problem.givenMatrix { return pass(problem, matrix, lambda, order, reversed) }
    let list = problem.blocks.pointer
    let count = problem.blocks.count
    let jacobian = problem.jacobian.pointer
    let velocity = self.velocity.pointer
    let data = self.data.pointer
    let offsets = self.offsets.pointer
    let inertias = self.inertias.pointer
    let still = problem.bodies.count
    let law = problem.law
    let isConvex = law == .convex
    let hasJoint = !byRow && relaxation == 1
    let omega = relaxation
    let hasExactCone = (isConvex || law == .coulomb) && !byRow
    let tracksEnergy = self.tracksEnergy
    var largest = 0.0
    var energy = 0.0
    energyChange = 0
    for place in 0..<count {
      let at = reversed ? count - 1 - place : place
      let index = order.map { Int($0[at]) } ?? at
      let block = list + index
      if hasJoint && block.pointee.set == .free && block.pointee.rowCount == 3 {
        largest = max(largest, visitPoint(problem, index, lambda, energy: &energy))
        continue
      }
      guard hasExactCone && block.pointee.set == .cone && block.pointee.rowCount == 3 else {
        largest = max(largest, visit(problem, index, lambda))
        continue
      }
      let first = Int(block.pointee.firstRow)
      let a = block.pointee.bodyA >= 0 ? Int(block.pointee.bodyA) : still
      let b = block.pointee.bodyB >= 0 ? Int(block.pointee.bodyB) : still
      var va = WideVector6(loading: velocity + a)
      var vb = WideVector6(loading: velocity + b)
      let u0 = (jacobian + first).pairedVelocity(va, vb)
      let u1 = (jacobian + first + 1).pairedVelocity(va, vb)
      let u2 = (jacobian + first + 2).pairedVelocity(va, vb)
      let d = data + Int(offsets[index])
      let l = lambda + first
      let w = (
        u0.x + u0.y + d[18] + d[21] * l[0], u1.x + u1.y + d[19] + d[22] * l[1], u2.x + u2.y + d[20] + d[23] * l[2]
      )
      guard
        var (d0, d1, d2) = ConeBlock.solveThree(
          friction: d[24], isConvex: isConvex, coupling: d, inverse: d + 9, lambda: l, w: w)
      else {
        largest = max(largest, visit(problem, index, lambda))
        continue
      }
      if omega != 1 { relax(block.pointee, law, l, &d0, &d1, &d2) }
      l[0] += d0
      l[1] += d1
      l[2] += d2
      var (impulseA, impulseB) = (jacobian + first).scaled(by: d0)
      (jacobian + first + 1).add(d1, to: &impulseA, &impulseB)
      (jacobian + first + 2).add(d2, to: &impulseA, &impulseB)
      if a != still {
        va.addInverseMass(inertias + 4 * a, impulseA)
        va.store(to: velocity + a)
      }
      if b != still {
        vb.addInverseMass(inertias + 4 * b, impulseB)
        vb.store(to: velocity + b)
      }
      largest = max(largest, d[0] * d0.magnitude, d[4] * d1.magnitude, d[8] * d2.magnitude)
      if tracksEnergy {
        let p0 = 0.5 * d[0] * d0 + d[1] * d1 + d[2] * d2
        let p1 = 0.5 * d[4] * d1 + d[5] * d2
        let p2 = 0.5 * d[8] * d2
        energy += d0 * (w.0 + p0) + d1 * (w.1 + p1) + d2 * (w.2 + p2)
      }
    }
    energyChange += energy
    return largest
  }

  /// The step of a contact of three rows times ω, brought back into the set.
  @inline(never)
  private func relax(
    _ block: ConstraintBlock, _ law: FrictionLaw, _ lambda: UnsafePointer<Double>, _ d0: inout Double,
    _ d1: inout Double, _ d2: inout Double
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { scratch in
      let delta = scratch.baseAddress!
      delta[0] = d0
      delta[1] = d1
      delta[2] = d2
      BlockSolution.relax(block, law, lambda, delta, by: relaxation)
      d0 = delta[0]
      d1 = delta[1]
      d2 = delta[2]
    }
  }

  /// A joint of three rows, as `visit` does it but in registers: chains and nets are made of these.
  @inline(__always)
  private func visitPoint(
    _ problem: ConstraintProblem, _ index: Int, _ lambda: UnsafeMutablePointer<Double>, energy: inout Double
  ) -> Double {
    let block = problem.blocks.pointer + index
    let first = Int(block.pointee.firstRow)
    let jacobian = problem.jacobian.pointer + first
    let scaled = problem.inverseMassJacobian.pointer + first
    let bias = problem.bias.pointer + first
    let compliance = problem.compliance.pointer + first
    let velocity = self.velocity.pointer
    let still = problem.bodies.count
    let a = block.pointee.bodyA >= 0 ? Int(block.pointee.bodyA) : still
    let b = block.pointee.bodyB >= 0 ? Int(block.pointee.bodyB) : still
    var va = WideVector6(loading: velocity + a)
    var vb = WideVector6(loading: velocity + b)
    let u0 = jacobian.pairedVelocity(va, vb)
    let u1 = (jacobian + 1).pairedVelocity(va, vb)
    let u2 = (jacobian + 2).pairedVelocity(va, vb)
    let l = lambda + first
    let w0 = u0.x + u0.y + bias[0] + compliance[0] * l[0]
    let w1 = u1.x + u1.y + bias[1] + compliance[1] * l[1]
    let w2 = u2.x + u2.y + bias[2] + compliance[2] * l[2]
    let d = data.pointer + Int(offsets.pointer[index])
    let inverse = d + 9
    let d0 = 0 - inverse[0] * w0 - inverse[1] * w1 - inverse[2] * w2
    let d1 = 0 - inverse[3] * w0 - inverse[4] * w1 - inverse[5] * w2
    let d2 = 0 - inverse[6] * w0 - inverse[7] * w1 - inverse[8] * w2
    l[0] += d0
    l[1] += d1
    l[2] += d2
    scaled.add(d0, to: &va, &vb)
    (scaled + 1).add(d1, to: &va, &vb)
    (scaled + 2).add(d2, to: &va, &vb)
    if a != still { va.store(to: velocity + a) }
    if b != still { vb.store(to: velocity + b) }
    if tracksEnergy {
      // Δλ_c solves D_c Δλ_c = −w_c.
      energy += 0.5 * (d0 * w0 + d1 * w1 + d2 * w2)
    }
    return max(d[0] * d0.magnitude, d[4] * d1.magnitude, d[8] * d2.magnitude)
  }

  /// One block of any kind.
  @inline(never)
  private func visit(
    _ problem: ConstraintProblem, _ index: Int, _ lambda: UnsafeMutablePointer<Double>
  ) -> Double {
    let block = problem.blocks.pointer[index]
    let first = Int(block.firstRow)
    let rows = Int(block.rowCount)
    let jacobian = problem.jacobian.pointer + first
    let scaled = problem.inverseMassJacobian.pointer + first
    let velocity = self.velocity.pointer
    let still = problem.bodies.count
    let a = block.bodyA >= 0 ? Int(block.bodyA) : still
    let b = block.bodyB >= 0 ? Int(block.bodyB) : still
    var va = WideVector6(loading: velocity + a)
    var vb = WideVector6(loading: velocity + b)
    let coupling = data.pointer + Int(offsets.pointer[index])
    var largest = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 18) { scratch in
      let w = scratch.baseAddress!
      let delta = w + 6
      let before = w + 12
      for row in 0..<rows {
        let u = (jacobian + row).pairedVelocity(va, vb)
        w[row] =
          u.x + u.y + problem.bias.pointer[first + row]
          + problem.compliance.pointer[first + row] * lambda[first + row]
        before[row] = w[row]
      }
      BlockSolution.solve(
        block, problem.law, coupling: coupling, inverse: coupling + rows * rows,
        lambda: lambda + first, lower: problem.lower.pointer + first, upper: problem.upper.pointer + first, w: w,
        delta: delta, byRow: byRow, relaxation: relaxation)
      for row in 0..<rows {
        let step = delta[row]
        lambda[first + row] += step
        (scaled + row).add(step, to: &va, &vb)
        largest = max(largest, problem.diagonal.pointer[first + row] * step.magnitude)
      }
      if tracksEnergy {
        for row in 0..<rows {
          var change = before[row]
          for column in 0..<rows { change += 0.5 * coupling[row * rows + column] * delta[column] }
          energyChange += delta[row] * change
        }
      }
    }
    if a != still { va.store(to: velocity + a) }
    if b != still { vb.store(to: velocity + b) }
    return largest
  }

  /// The same on a given matrix.
  private func pass(
    _ problem: ConstraintProblem, _ matrix: BlockRowMatrix, _ lambda: UnsafeMutablePointer<Double>,
    _ order: UnsafePointer<Int32>?, _ reversed: Bool
  ) -> Double {
    let count = problem.blocks.count
    let b = problem.rightHandSide.pointer
    let diagonal = problem.diagonal.pointer
    var largest = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 12) { scratch in
      let w = scratch.baseAddress!
      let delta = w + 6
      for place in 0..<count {
        let at = reversed ? count - 1 - place : place
        let index = order.map { Int($0[at]) } ?? at
        let block = problem.blocks.pointer[index]
        let first = Int(block.firstRow)
        let rows = Int(block.rowCount)
        let coupling = data.pointer + Int(offsets.pointer[index])
        matrix.multiply(blockRow: index, lambda, into: w)
        for row in 0..<rows { w[row] -= b[first + row] }
        BlockSolution.solve(
          block, problem.law, coupling: coupling, inverse: coupling + rows * rows,
          lambda: lambda + first, lower: problem.lower.pointer + first, upper: problem.upper.pointer + first, w: w,
          delta: delta, byRow: byRow, relaxation: relaxation)
        for row in 0..<rows {
          lambda[first + row] += delta[row]
          largest = max(largest, diagonal[first + row] * delta[row].magnitude)
        }
      }
    }
    return largest
  }
}

extension WideVector6 {
  /// self += M⁻¹ f, M⁻¹ as `GaussSeidelSweep` packs it.
  @inline(__always)
  mutating func addInverseMass(_ inertia: UnsafePointer<SIMD2<Double>>, _ f: WideVector6) {
    let diagonal = inertia[0]
    let x = inertia[1]
    let ax = f.v1.y
    let ay = f.v2.x
    let az = f.v2.y
    v0 += diagonal.x * f.v0
    v1 += SIMD2(diagonal.x * f.v1.x, diagonal.y * ax + x.x * ay + x.y * az)
    v2 += ax * x + ay * inertia[2] + az * inertia[3]
  }
}

extension UnsafeMutablePointer<JacobianRow> {
  /// J_a v_a + J_b v_b, summed by parity: u is the sum of both.
  @inline(__always)
  func pairedVelocity(_ va: WideVector6, _ vb: WideVector6) -> SIMD2<Double> {
    let (a, b) = halves
    return a.pairedDot(va) + b.pairedDot(vb)
  }

  /// The six-vectors v_a, v_b += s times this row.
  @inline(__always)
  func add(_ s: Double, to va: inout WideVector6, _ vb: inout WideVector6) {
    let (a, b) = halves
    va.add(s, a)
    vb.add(s, b)
  }

  /// s times this row, as its two halves.
  @inline(__always)
  func scaled(by s: Double) -> (WideVector6, WideVector6) {
    let (a, b) = halves
    return (WideVector6(s * a.v0, s * a.v1, s * a.v2), WideVector6(s * b.v0, s * b.v1, s * b.v2))
  }

  @inline(__always)
  private var halves: (WideVector6, WideVector6) {
    let a = UnsafeRawPointer(self).assumingMemoryBound(to: Vector6.self)
    return (WideVector6(loading: a), WideVector6(loading: a + 1))
  }
}
