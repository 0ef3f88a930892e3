import ConstraintSystem
import LinearAlgebra

/// A ball joint: a point of body a and a point of body b stay together; all three rotations are free.
///
///     C = p_b − p_a = 0                                                       (3 rows along the world's axes)
///     Ċ = v_b + ω_b × r_b − v_a − ω_a × r_a,   J = [−1, [r_a]×, 1, −[r_b]×]
///
/// with p the anchors and r = p − x their arms (world axes). A compliance α (m/N) makes it a spring of 1/α to every
/// side. The optional cone limit keeps the angle θ between the axis z_a of body a and z_b of body b below θ_max:
///
///     C = θ_max − θ ≥ 0,   θ = atan2(|z_a × z_b|, z_a·z_b),   Ċ = −n·(ω_b − ω_a),   n = z_a × z_b / |z_a × z_b|
public final class BallJoint: Joint {
  /// The name in scene files.
  public static let typeName = "ball"
  /// One line for listings.
  public static let summary = "p_b = p_a: a common point; all rotations free, or within a cone"
  /// The keys in scene files.
  public static let properties = [
    PropertyDescriptor("anchor", .vector, "the common point (m, world)", required: true),
    PropertyDescriptor("anchorB", .vector, "the point on b where it is still elsewhere (m, world), default anchor"),
    PropertyDescriptor("compliance", .number, "softness of the point (m/N), default 0: rigid"),
    PropertyDescriptor("axis", .vector, "middle of the cone (world), needed with coneAngle"),
    PropertyDescriptor("coneAngle", .number, "largest angle between a's and b's axis (rad), default none"),
  ]

  /// Body a, or nil for the world.
  public let bodyA: BodyID?
  /// Body b.
  public let bodyB: BodyID
  /// The common point.
  public let anchors: AnchorPair
  /// Softness of the point (m/N); 0: rigid.
  public let compliance: Double
  /// Largest angle between the axes (rad); π: no limit.
  public let coneAngle: Double
  private let axisOnA: Vector3
  private let axisOnB: Vector3

  /// Joins body b to body a (nil: the world) at the world point `anchor` (m); where b's point is still elsewhere, it is
  /// `anchorB` (m, world), and the joint starts torn. `coneAngle` (rad) limits how far b's `axis` (world) may swing from
  /// where it points now.
  public init(
    _ a: BodyID?, _ b: BodyID, at anchor: Vector3, anchorB: Vector3? = nil, in world: World, compliance: Double = 0,
    axis: Vector3 = .unitY, coneAngle: Double = .pi
  ) {
    bodyA = a
    bodyB = b
    anchors = AnchorPair(onA: anchor, a, onB: anchorB ?? anchor, b, in: world)
    self.compliance = compliance
    self.coneAngle = coneAngle
    axisOnA = world.localDirection(axis.normalized(fallback: .unitY), in: a)
    axisOnB = world.localDirection(axis.normalized(fallback: .unitY), in: b)
  }

  /// Reads the joint from a scene; throws the source's errors.
  public convenience init(reading source: any PropertySource, in world: World) throws {
    let (a, b) = try source.jointBodies()
    var coneAngle = Double.pi
    var axis = Vector3.unitY
    if source.has("coneAngle") {
      coneAngle = try source.positive("coneAngle")
      guard coneAngle <= .pi else { throw source.invalid("coneAngle", expected: "at most π, found \(coneAngle)") }
      axis = try source.direction("axis")
    }
    self.init(
      a, b, at: try source.vector("anchor"), anchorB: source.has("anchorB") ? try source.vector("anchorB") : nil,
      in: world, compliance: try source.nonNegative("compliance"), axis: axis,
      coneAngle: coneAngle)
  }

  /// Writes the rows above.
  public func assemble(_ rows: ConstraintAssembler) {
    let poseA = rows.poseA
    let poseB = rows.poseB
    if rows.wantsRow(compliance: compliance) {
      rows.beginBlock(.free, part: 0)
      anchors.placed(poseA, poseB).addPointRows(rows, compliance: compliance)
    }
    if coneAngle < .pi {
      let a = poseA.orientation.rotate(axisOnA)
      let b = poseB.orientation.rotate(axisOnB)
      let cross = a.cross(b)
      let sine = cross.length
      // Parallel axes may swing to any side; the row is far from its limit then.
      let swing = sine > 1e-9 ? cross / sine : a.tangents.0
      rows.beginBlock(.box, part: 1)
      rows.limitRow(.rotation(-swing), gap: coneAngle - Trigonometry.arcTangent(sine, a.dot(b)))
    }
  }

  /// The point on b (m, world).
  public func anchor(in world: World) -> Vector3 { world.poses.pointer[bodyB.index].apply(anchors.onB) }
}
