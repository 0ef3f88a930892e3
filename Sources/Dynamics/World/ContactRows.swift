import ConstraintSystem
import LinearAlgebra

/// A contact point as the step sees it: fixed to both bodies, so that its gap can be found again after they moved.
///
///     gap = n · (p_b − p_a),   u_n = n · (v_b + ω_b × r_b − v_a − ω_a × r_a)
///
/// with n from a to b (world) as the narrowphase found it. Impulses act at the middle of the two surface points.
struct ContactRecord: BitwiseCopyable {
  var bodyA: Int32
  var bodyB: Int32
  var normal: Vector3
  /// Surface points in coordinates of the centres of mass.
  var localA: Vector3
  var localB: Vector3
  var friction: Double
  var restitution: Double
  var rolling: Double
  var torsional: Double
  var key: UInt64
  /// Bias (m/s, ≤ 0) that restitution asks for in this substep; 0 where it does not act.
  var rebound = 0.0
  /// Gap (m), and the normal velocity (m/s) that bodies without a column give it, at the last assembly of the stage
  /// `displacement`.
  var gap = 0.0
  var drift = 0.0
}

/// Turns manifolds into contact records once a step, and records into rows for every stage.
final class ContactRows {
  let records = Buffer<ContactRecord>()
  /// Approach speed (m/s) above which restitution acts.
  static let restitutionThreshold = 0.01

  /// Reads the manifolds of the last collision detection.
  func update(from manifolds: Buffer<ContactManifold>, in world: World) {
    records.removeAll()
    let poses = world.poses.pointer
    let surfaces = world.surfaces.pointer
    for index in 0..<manifolds.count {
      let manifold = manifolds.pointer[index]
      let a = Int(manifold.bodyA)
      let b = Int(manifold.bodyB)
      if world.columns.pointer[a] < 0 && world.columns.pointer[b] < 0 { continue }
      let surfaceA = surfaces[a]
      let surfaceB = surfaces[b]
      for point in 0..<Int(manifold.count) {
        let contact = manifold[point]
        let half = 0.5 * contact.separation * manifold.normal
        records.append(
          ContactRecord(
            bodyA: manifold.bodyA, bodyB: manifold.bodyB, normal: manifold.normal,
            localA: poses[a].applyInverse(contact.position - half),
            localB: poses[b].applyInverse(contact.position + half),
            friction: (surfaceA.friction * surfaceB.friction).squareRoot(),
            restitution: max(surfaceA.restitution, surfaceB.restitution),
            rolling: (surfaceA.rollingFriction * surfaceB.rollingFriction).squareRoot(),
            torsional: (surfaceA.torsionalFriction * surfaceB.torsionalFriction).squareRoot(),
            key: Self.key(manifold, contact.feature)))
      }
    }
  }

  /// Identity of a contact from step to step; the top bit tells it from a joint's.
  private static func key(_ manifold: ContactManifold, _ feature: UInt32) -> UInt64 {
    var hash = UInt64(UInt32(bitPattern: manifold.colliderA)) << 32 | UInt64(UInt32(bitPattern: manifold.colliderB))
    hash = hash &* 0x9e37_79b9_7f4a_7c15 ^ hash >> 31
    hash = (hash ^ (UInt64(manifold.childKey) << 32 | UInt64(feature))) &* 0xbf58_476d_1ce4_e5b9
    return (hash ^ hash >> 29) | 1 << 63
  }
}

extension ConstraintAssembler {
  /// Writes one block a contact: a cone (n, t₁, t₂, [τ], [r₁, r₂]), or one box row where there is no friction.
  ///
  /// The position stage moves bodies along normals alone.
  func addContacts(_ contacts: ContactRows, law: FrictionLaw) {
    let records = contacts.records.pointer
    let poses = world.poses.pointer
    let velocities = world.velocities.pointer
    let columns = world.columns.pointer
    for index in 0..<contacts.records.count {
      let record = records[index]
      let ia = Int(record.bodyA)
      let ib = Int(record.bodyB)
      let poseA = poses[ia]
      let poseB = poses[ib]
      let pointA = poseA.apply(record.localA)
      let pointB = poseB.apply(record.localB)
      let middle = 0.5 * (pointA + pointB)
      let armA = middle - poseA.position
      let armB = middle - poseB.position
      let gap = record.normal.dot(pointB - pointA)
      let normalRow = JacobianRow.translation(record.normal, armA: armA, armB: armB)

      let hasFriction = law != .frictionless && stage != .position
      columnA = Int(columns[ia])
      columnB = Int(columns[ib])
      problem.beginBlock(
        bodyA: columnA, bodyB: columnB, set: hasFriction ? .cone : .box, friction: record.friction,
        torsionalFriction: record.torsional, rollingFriction: record.rolling, key: record.key)
      problem.contactCount += 1

      // The velocity of bodies without a column (kinematic ones) moves into the bias.
      let drift = SurfaceDrift(
        a: columns[ia] < 0 && stage != .position ? velocities[ia] : .zero,
        b: columns[ib] < 0 && stage != .position ? velocities[ib] : .zero)
      // What undoing penetration gives a body in the stage `displacement` is taken from it again.
      var bias = stage == .displacement ? max(0, gap) / timestep : oneSidedBias(gap)
      if stage == .displacement {
        records[index].gap = gap
        records[index].drift = drift.dot(normalRow)
      }
      if record.restitution > 0 && stage != .position {
        if stage != .relaxation {
          let approach = normalRow.a.dot(velocities[ia]) + normalRow.b.dot(velocities[ib])
          // Newton's law for a contact that closes within the step: u_n⁺ ≥ −e u_n⁻.
          let isFast = approach < -ContactRows.restitutionThreshold
          let closes = isFast && gap + timestep * approach <= 0
          // A step that moves positions first finds out for itself whether the contact closes.
          records[index].rebound = closes || isFast && stage == .displacement ? record.restitution * approach : 0
          if closes { bias = records[index].rebound }
        } else if record.rebound < 0 {
          // Relaxation comes when the bodies have their new velocities, and must not take the rebound from them.
          bias = record.rebound
        }
      }
      let softness = stage == .velocity && stabilization == .soft && gap < 0 ? contactSoftness(normalRow) : nil
      if let softness { bias = max(softness.biasRate * gap, -4) }
      problem.addRow(
        normalRow, bias: bias + drift.dot(normalRow), compliance: softness?.compliance ?? 0,
        lower: hasFriction ? -.infinity : 0)
      guard hasFriction else { continue }

      let (t1, t2) = record.normal.tangents
      let row1 = JacobianRow.translation(t1, armA: armA, armB: armB)
      let row2 = JacobianRow.translation(t2, armA: armA, armB: armB)
      problem.addRow(row1, bias: drift.dot(row1))
      problem.addRow(row2, bias: drift.dot(row2))
      if record.torsional > 0 {
        let row = JacobianRow.rotation(record.normal)
        problem.addRow(row, bias: drift.dot(row))
      }
      if record.rolling > 0 {
        let roll1 = JacobianRow.rotation(t1)
        let roll2 = JacobianRow.rotation(t2)
        problem.addRow(roll1, bias: drift.dot(roll1))
        problem.addRow(roll2, bias: drift.dot(roll2))
      }
    }
  }

  /// The contact spring of the `soft` stabilisation: 30 Hz, ζ = 5.
  private func contactSoftness(_ row: JacobianRow) -> SoftRow {
    SoftRow(frequency: 30, dampingRatio: 5, inverseMass: effectiveInverseMass(row), timestep: timestep)
  }
}

/// Velocities of the bodies of a contact that constraints do not move.
private struct SurfaceDrift {
  var a: Vector6
  var b: Vector6

  @inline(__always)
  func dot(_ row: JacobianRow) -> Double { row.a.dot(a) + row.b.dot(b) }
}
