import ConstraintSystem
import LinearAlgebra

/// A fixed joint: body b keeps its pose relative to body a.
///
///     C = (p_b − p_a, 4 v/(1 + w)) = 0,   q = q_a* q_b q₀* = (w, v)                                   (6 rows)
///
/// Rows 0 … 2 are those of the ball joint, rows 3 … 5 those of `RotationLock`. Compliances make the one half or the
/// other a spring.
public final class FixedJoint: Joint {
  /// The name in scene files.
  public static let typeName = "fixed"
  /// One line for listings.
  public static let summary = "p_b = p_a, q_b = q_a q₀: nothing is free"
  /// The keys in scene files.
  public static let properties = [
    PropertyDescriptor("anchor", .vector, "where the reaction is stated (m, world), default b's centre"),
    PropertyDescriptor("compliance", .number, "softness of the point (m/N), default 0: rigid"),
    PropertyDescriptor("angularCompliance", .number, "softness of the rotation (rad/(N·m)), default 0: rigid"),
  ]

  /// Body a, or nil for the world.
  public let bodyA: BodyID?
  /// Body b.
  public let bodyB: BodyID
  /// The common point.
  public let anchors: AnchorPair
  /// Softness of the point (m/N); 0: rigid.
  public let compliance: Double
  /// Softness of the rotation (rad/(N·m)); 0: rigid.
  public let angularCompliance: Double
  private let rest: Quaternion

  /// Fixes body b to body a (nil: the world) as they are now; `anchor` is a world point (m), nil for b's centre of mass.
  public init(
    _ a: BodyID?, _ b: BodyID, at anchor: Vector3? = nil, in world: World, compliance: Double = 0,
    angularCompliance: Double = 0
  ) {
    bodyA = a
    bodyB = b
    anchors = AnchorPair(anchor ?? world.poses[b.index].position, a, b, in: world)
    self.compliance = compliance
    self.angularCompliance = angularCompliance
    rest = world.relativeOrientation(of: b, in: a)
  }

  /// Reads the joint from a scene; throws the source's errors.
  public convenience init(reading source: any PropertySource, in world: World) throws {
    let (a, b) = try source.jointBodies()
    self.init(
      a, b, at: source.has("anchor") ? try source.vector("anchor") : nil, in: world,
      compliance: try source.nonNegative("compliance"), angularCompliance: try source.nonNegative("angularCompliance"))
  }

  /// Writes the rows above.
  public func assemble(_ rows: ConstraintAssembler) {
    guard rows.wantsRow(compliance: compliance) || rows.wantsRow(compliance: angularCompliance) else { return }
    let poseA = rows.poseA
    let poseB = rows.poseB
    rows.beginBlock(.free, part: 0)
    anchors.placed(poseA, poseB).addPointRows(rows, compliance: compliance)
    RotationLock(poseA.orientation, poseB.orientation, rest: rest).addRows(rows, compliance: angularCompliance)
  }

  /// The point on b (m, world).
  public func anchor(in world: World) -> Vector3 { world.poses.pointer[bodyB.index].apply(anchors.onB) }
}
