import ConstraintSystem
import LinearAlgebra

/// The stiffness that constraint forces give the bodies they hold, integrated implicitly (Tournier, Nesme, Gilles, Faure,
/// "Stable constrained dynamics", ACM TOG 34, 2015; Andrews, Teichmann, Kövecses, "Geometric stiffness for real-time
/// constrained multibody dynamics", CGF 36, 2017).
///
/// A force F that stays as it is while the arm r of its attack turns by θ changes its torque by −K θ,
///
///     K = Σ_j (F_j·r_j) 1 − ½ (F_j r_jᵀ + r_j F_jᵀ)
///
/// over the joints of a body, with the forces of the last substep at the present poses. For a rod of mass m and length l under
/// tension T that is T l across the rod, and ω² = T l/I = 12 T/(m l). The block of K between two bodies of a ball joint
/// vanishes, so K is blockwise and rotational. Forces that push have a negative one, which would gain energy: K's
/// positive semi-definite part is used. Then
///
///     M̃ = M + h² K,   v* = M̃⁻¹ (M v + h f)
///
/// keeps one block a body; the solver sees another inertia and nothing else. All modes are slower than 1/h, so a step that is
/// too long for them damps them and does not fail.
///
/// Cost: an eigenvalue problem of 3×3 a body under tension. It dissipates also what the step resolves: the forces turn with
/// the bodies, of which K knows nothing.
package final class GeometricStiffness {
  /// K of every column (N·m), not yet made semi-definite.
  private let tensors = Buffer<Matrix3>()

  func begin(bodies: Int) {
    tensors.resize(to: bodies, filling: .zero)
    tensors.fill(.zero)
  }

  /// Adds the force (N, world) that a joint puts on its body b, and its opposite on body a.
  func add(_ force: Vector3, of joint: any Joint, in world: World) {
    guard force != .zero else { return }
    let anchor = joint.anchor(in: world)
    add(force, anchor, joint.bodyB, world)
    if let a = joint.bodyA { add(-force, anchor, a, world) }
  }

  private func add(_ force: Vector3, _ anchor: Vector3, _ body: BodyID, _ world: World) {
    let column = Int(world.columns.pointer[body.index])
    if column < 0 { return }
    tensors.pointer[column] =
      tensors.pointer[column] + Self.tensor(force, arm: anchor - world.poses.pointer[body.index].position)
  }

  /// (F·r) 1 − ½ (F rᵀ + r Fᵀ).
  package static func tensor(_ force: Vector3, arm: Vector3) -> Matrix3 {
    let along = force.dot(arm)
    return Matrix3(diagonal: Vector3(along, along, along))
      - 0.5 * (Matrix3(outer: force, arm) + Matrix3(outer: arm, force))
  }

  /// Gives the problem's bodies M̃ and its v* for it; `weight` is h² (s²). Call it before the rows are written.
  func apply(to problem: ConstraintProblem, weight: Double) {
    for column in 0..<problem.bodies.count where tensors.pointer[column] != .zero {
      let body = problem.bodies.pointer + column
      // A point mass has no rotation to stiffen.
      guard body.pointee.inverseInertia != .zero else { continue }
      let stiffened = body.pointee.inertia + weight * Self.semidefinite(tensors.pointer[column])
      guard let inverse = stiffened.inverse else { continue }
      let spin = problem.freeVelocity.pointer[column].angular
      problem.freeVelocity.pointer[column].angular = inverse * (body.pointee.inertia * spin)
      body.pointee.inertia = stiffened
      // Round-off must not make it unsymmetric.
      body.pointee.inverseInertia = 0.5 * (inverse + inverse.transpose)
    }
  }

  /// The positive semi-definite part of a symmetric matrix: Σ max(0, λ) e eᵀ, eigenvalues by Jacobi's rotations.
  package static func semidefinite(_ matrix: Matrix3) -> Matrix3 {
    var a = matrix
    var axes = Matrix3.identity
    let size = a.row0.lengthSquared + a.row1.lengthSquared + a.row2.lengthSquared
    // Quadratic convergence: four sweeps reach round-off.
    for _ in 0..<8 {
      let off = a.row0.y * a.row0.y + a.row0.z * a.row0.z + a.row1.z * a.row1.z
      if off <= 1e-32 * size { break }
      rotate(&a, &axes, 0, 1)
      rotate(&a, &axes, 0, 2)
      rotate(&a, &axes, 1, 2)
    }
    var result = Matrix3.zero
    for k in 0..<3 where a[k][k] > 0 {
      let axis = axes.column(k)
      result = result + a[k][k] * Matrix3(outer: axis, axis)
    }
    return result
  }

  /// Turns in the plane (p, q) until a_pq = 0.
  @inline(__always)
  private static func rotate(_ a: inout Matrix3, _ axes: inout Matrix3, _ p: Int, _ q: Int) {
    guard a[p][q] != 0 else { return }
    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
    let t = (theta < 0 ? -1 : 1) / (theta.magnitude + (theta * theta + 1).squareRoot())
    let c = 1 / (t * t + 1).squareRoot()
    let s = t * c
    var turn = Matrix3.identity
    turn[p][p] = c
    turn[q][q] = c
    turn[p][q] = s
    turn[q][p] = -s
    a = turn.transpose * a * turn
    axes = axes * turn
  }
}
