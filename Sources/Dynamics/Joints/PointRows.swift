import LinearAlgebra
import ConstraintSystem

/// Jacobian rows that many joints share. r is the arm from the centre of mass to the point (m, world axes).
extension JacobianRow {
  /// d/dt of `direction · (p_b − p_a)`, points fixed in their bodies; `direction` constant.
  public static func translation(_ direction: Vector3, armA: Vector3, armB: Vector3) -> JacobianRow {
    JacobianRow(
      a: Vector6(linear: -direction, angular: -armA.cross(direction)),
      b: Vector6(linear: direction, angular: armB.cross(direction)))
  }

  /// `direction · (ω_b − ω_a)`.
  public static func rotation(_ direction: Vector3) -> JacobianRow {
    JacobianRow(
      a: Vector6(linear: .zero, angular: -direction), b: Vector6(linear: .zero, angular: direction))
  }

  /// The row of −C.
  @inlinable public static prefix func - (row: JacobianRow) -> JacobianRow { JacobianRow(a: -row.a, b: -row.b) }
}

/// A point of the world that is fixed in two bodies, in coordinates of their centres of mass.
public struct AnchorPair: Sendable, BitwiseCopyable {
  /// The point in body a (m), or in the world where there is no body a.
  public var onA: Vector3
  /// The point in body b (m).
  public var onB: Vector3

  /// The world points `onA` and `onB` (m), fixed to the bodies at their present poses.
  public init(onA: Vector3, _ a: BodyID?, onB: Vector3, _ b: BodyID, in world: World) {
    self.onA = world.local(onA, in: a)
    self.onB = world.local(onB, in: b)
  }

  /// The world point `point` (m), fixed to both bodies at their present poses.
  public init(_ point: Vector3, _ a: BodyID?, _ b: BodyID, in world: World) {
    self.init(onA: point, a, onB: point, b, in: world)
  }

  /// p_b − p_a (m) at the world's present poses, in axes of body a.
  func separation(_ a: BodyID?, _ b: BodyID, in world: World) -> Vector3 {
    world.local(world.poses[b.index].apply(onB), in: a) - onA
  }

  /// Arms and points at the assembler's poses.
  @inline(__always)
  func placed(_ poseA: RigidTransform, _ poseB: RigidTransform) -> PlacedAnchors {
    let armA = poseA.orientation.rotate(onA)
    let armB = poseB.orientation.rotate(onB)
    return PlacedAnchors(armA: armA, armB: armB, separation: (poseB.position + armB) - (poseA.position + armA))
  }
}

/// An anchor pair in world axes.
struct PlacedAnchors {
  /// r_a, r_b (m).
  var armA, armB: Vector3
  /// p_b − p_a (m).
  var separation: Vector3

  /// d/dt of `direction · (p_b − p_a)` for a direction that turns with body a:
  ///
  ///     Ċ = n·(v_b + ω_b × r_b − v_a − ω_a × r_a) + (ω_a × n)·(p_b − p_a)
  @inline(__always)
  func slidingRow(_ direction: Vector3) -> JacobianRow {
    .translation(direction, armA: armA + separation, armB: armB)
  }

  /// The two rows of t·(p_b − p_a) = 0, t₁ and t₂ turning with body a.
  @inline(__always)
  func addLineRows(_ rows: ConstraintAssembler, _ t1: Vector3, _ t2: Vector3) {
    rows.rigidRow(slidingRow(t1), error: t1.dot(separation))
    rows.rigidRow(slidingRow(t2), error: t2.dot(separation))
  }

  /// The three rows of p_b − p_a = 0 along the world's axes, softened by `compliance` (m/N).
  @inline(__always)
  func addPointRows(_ rows: ConstraintAssembler, compliance: Double = 0) {
    rows.equalityRow(.translation(.unitX, armA: armA, armB: armB), error: separation.x, compliance: compliance)
    rows.equalityRow(.translation(.unitY, armA: armA, armB: armB), error: separation.y, compliance: compliance)
    rows.equalityRow(.translation(.unitZ, armA: armA, armB: armB), error: separation.z, compliance: compliance)
  }
}

extension ConstraintAssembler {
  /// A rigid equality row, or an undamped spring of 1/`compliance` where that is not zero (m/N, rad/(N·m)). The
  /// position stage leaves the spring's extension alone: it must not get the row (see `wantsRow`).
  @inline(__always)
  func equalityRow(_ row: JacobianRow, error: Double, compliance: Double) {
    if compliance == 0 {
      rigidRow(row, error: error)
    } else if wantsForces {
      springRow(row, error: error, stiffness: 1 / compliance, damping: 0)
    }
  }

  /// Whether the stage has an equality row of this compliance.
  @inline(__always)
  func wantsRow(compliance: Double) -> Bool { compliance == 0 || wantsForces }
}
