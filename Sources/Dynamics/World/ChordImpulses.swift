import ConstraintSystem
import LinearAlgebra

/// What the position solve of the `projection` stabilisation owes to the velocities.
///
/// Positions move by x⁺ = x + h v⁺, so v⁺ is the velocity of the chord from x to x⁺. A chord of a curved path is not
/// tangent at its start, but the velocity problem asks for J v⁺ = 0 there; what is missing, ½ h J̇ v, the position solve
/// then finds as C(x⁺)/h. Its impulses λ_p belong to the step's constraint forces, along the same rows:
///
///     v⁺ ← v⁺ + θ M⁻¹ J(x)ᵀ λ_p
///
/// which is the SHAKE scheme (Ryckaert, Ciccotti, Berendsen 1977; second order and symplectic: Leimkuhler, Skeel, J. Comp.
/// Phys. 112, 1994) with one Newton step. Without it, a body that goes round by Δ a step loses 1 − cos Δ of its speed
/// every step: first order in h, 7 % of the energy a second for a pendulum of 1 m at 60 Hz. With it a body on a circle
/// keeps its speed exactly, for any Δ: cos Δ of it along the chord and 1 − cos Δ from λ_p.
///
/// Errors that were there before the step must not become momentum. θ is the share of the island's violation that the
/// step itself made,
///
///     θ = max(0, 1 − ‖C(x)‖ / ‖C(x⁺)‖)
///
/// with all violations of contacts counted as old: 1 on a path that is followed, 0 where a torn joint closes.
///
/// Like all leapfrog schemes this one is stable up to ω h = 2 of the bodies' modes under their joints' forces
/// (`StiffnessEstimate`, from the last substep), and has nothing that damps beyond. So θ fades out from ω h = 0.5 to 1,
/// joint by joint, and leaves what is not resolved to the dissipation of the plain projection. Measured on a chain of 50
/// links released from horizontal, 60 Hz, one substep, ω h up to 4: 29 m of joint error with θ = 1, 1.4 m at the whip's
/// crack and 1e-7 m otherwise with the fade; at four substeps its energy over 8 s is kept to 0.4 %, 3 % without θ.
///
/// Near a singular pose (a net that pulls taut) one Newton step may ask for far more than the path's curvature. A
/// velocity problem takes energy from v*, and what is given back must not be more: the impulses of an island are
/// shortened until its kinetic energy is at most that of v*, which on a circle is just what they give. Measured on a net
/// of 20 × 20 balls without this bound: 17 times m g times its extent, out of nothing.
final class ChordImpulses {
  /// ω h up to which a joint gets all of its share, and from which on it gets none.
  static let resolved = 0.5
  static let unresolved = 1.0
  /// What may be given back beyond the energy that was taken, as a share of what there is: where a path's curvature
  /// grows from zero, little was taken.
  static let slack = 1e-4
  /// θ λ_p of every row of the velocity problem.
  let lambda = Buffer<Double>()
  /// Per island: ‖C(x)‖², ‖C(x⁺)‖².
  let before = Buffer<Double>()
  let after = Buffer<Double>()
  /// Per island, in units of 2 J: |v*|²_M, |v⁺|²_M, v⁺ᵀMΔ, |Δ|²_M.
  let energies = Buffer<SIMD4<Double>>()
}

extension Simulation {
  /// Adds the impulses of the position solve to velocities and reactions.
  func addChordImpulses(_ h: Double) {
    guard world.joints.count > 0 else { return }
    measureIslands(h)
    chord.lambda.resize(to: problem.rowCount, filling: 0)
    chord.lambda.fill(0)
    var index = 0
    // Both problems have the joints' blocks in the same order; the position problem lacks springs and motors.
    for other in 0..<positionProblem.blocks.count {
      let position = positionProblem.blocks.pointer[other]
      if position.key >> 63 != 0 { break }
      while index < problem.blocks.count && problem.blocks.pointer[index].key != position.key { index += 1 }
      guard index < problem.blocks.count else { break }
      let block = problem.blocks.pointer[index]
      guard block.rowCount == position.rowCount else { continue }
      let theta = share(of: island(of: block)) * resolution(of: block, h)
      for row in 0..<Int(block.rowCount) {
        chord.lambda.pointer[Int(block.firstRow) + row] = theta * positionLambda.pointer[Int(position.firstRow) + row]
      }
    }
    velocity.fill(.zero)
    problem.addInverseMassJacobianTranspose(chord.lambda.pointer, to: velocity.pointer)
    keepEnergy()
    for body in 0..<world.bodyCount {
      let column = Int(world.columns.pointer[body])
      if column >= 0 { world.velocities.pointer[body] += velocity.pointer[column] }
    }
    for joint in 0..<world.joints.count where jointBlocks.pointer[joint] >= 0 {
      let onB = world.columns.pointer[world.joints[joint].bodyB.index] >= 0
      addReaction(joint, onB: onB, chord.lambda.pointer)
    }
  }

  /// Shortens the impulses of every island to the energy that the velocity problem took:
  /// |v⁺ + s Δ|²_M ≤ max(|v*|²_M, |v⁺|²_M) + 1e-4 |v⁺|²_M, 0 ≤ s ≤ 1.
  private func keepEnergy() {
    let islands = problem.islandCount
    chord.energies.resize(to: islands, filling: .zero)
    chord.energies.fill(.zero)
    let columns = world.columns.pointer
    for body in 0..<world.bodyCount where columns[body] >= 0 {
      let column = Int(columns[body])
      let inertia = problem.bodies.pointer[column]
      let free = problem.freeVelocity.pointer[column]
      let now = world.velocities.pointer[body]
      let added = inertia.times(velocity.pointer[column])
      chord.energies.pointer[Int(problem.islandOfBody.pointer[column])] += SIMD4(
        inertia.times(free).dot(free), inertia.times(now).dot(now), added.dot(now), added.dot(velocity.pointer[column]))
    }
    // From sums to factors, in x.
    for island in 0..<islands {
      let e = chord.energies.pointer[island]
      let room = max(0, e.x - e.y) + ChordImpulses.slack * e.y
      var factor = 1.0
      if 2 * e.z + e.w > room { factor = e.w > 0 ? ((e.z * e.z + e.w * room).squareRoot() - e.z) / e.w : 0 }
      chord.energies.pointer[island].x = min(max(factor, 0), 1)
    }
    for column in 0..<problem.bodies.count {
      let factor = chord.energies.pointer[Int(problem.islandOfBody.pointer[column])].x
      velocity.pointer[column] = factor * velocity.pointer[column]
    }
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      if block.key >> 63 != 0 { break }
      let factor = chord.energies.pointer[island(of: block)].x
      for row in Int(block.firstRow)..<Int(block.firstRow + block.rowCount) { chord.lambda.pointer[row] *= factor }
    }
  }

  private func island(of block: ConstraintBlock) -> Int {
    Int(problem.islandOfBody.pointer[Int(block.bodyB >= 0 ? block.bodyB : block.bodyA)])
  }

  /// 1 where the bodies' modes are resolved by the step, 0 where they are not.
  private func resolution(of block: ConstraintBlock, _ h: Double) -> Double {
    let squared = max(
      stiffness.squaredFrequency(Int(block.bodyA)), stiffness.squaredFrequency(Int(block.bodyB)))
    let limit = ChordImpulses.unresolved
    return max(0, min(1, (limit - squared.squareRoot() * h) / (limit - ChordImpulses.resolved)))
  }

  private func share(of island: Int) -> Double {
    let after = chord.after.pointer[island]
    return after > 0 ? max(0, 1 - (chord.before.pointer[island] / after).squareRoot()) : 0
  }

  private func measureIslands(_ h: Double) {
    chord.before.resize(to: problem.islandCount, filling: 0)
    chord.after.resize(to: problem.islandCount, filling: 0)
    chord.before.fill(0)
    chord.after.fill(0)
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      if block.key >> 63 != 0 { break }
      for row in Int(block.firstRow)..<Int(block.firstRow + block.rowCount) {
        let error = assembler.jointErrors.pointer[row]
        chord.before.pointer[island(of: block)] += error * error
      }
    }
    for index in 0..<positionProblem.blocks.count {
      let block = positionProblem.blocks.pointer[index]
      for row in Int(block.firstRow)..<Int(block.firstRow + block.rowCount) {
        let bias = positionProblem.bias.pointer[row]
        let error = h * (block.set == .free ? bias : min(0, bias))
        chord.after.pointer[island(of: block)] += error * error
        if block.key >> 63 != 0 { chord.before.pointer[island(of: block)] += error * error }
      }
    }
  }
}
