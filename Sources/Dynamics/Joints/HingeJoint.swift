import ConstraintSystem
import LinearAlgebra

/// A hinge: a common point and a common axis z; the angle φ about it is free, limited, driven or sprung.
///
///     C = (p_b − p_a, 2 t_i·z_b / (1 + z_a·z_b)) = 0                                                  (5 rows)
///     φ = 2 atan2(v·z, w),   q = q_a* q_b q₀* = (w, v),   φ = 0 where the joint was made
///
/// Rows 0 … 2 are those of the ball joint, rows 3 and 4 those of `AxisAlignment`, φ̇ that of `TwistAngle`. φ lies in
/// (−π, π]: limits must leave out the half turn.
public final class HingeJoint: Joint {
  /// The name in scene files.
  public static let typeName = "hinge"
  /// One line for listings.
  public static let summary = "p_b = p_a, z_b ∥ z_a: one rotation free, with limits, motor and spring"
  /// The keys in scene files.
  public static let properties =
    [
      PropertyDescriptor("anchor", .vector, "the common point (m, world)", required: true),
      PropertyDescriptor("axis", .vector, "the common axis (world)", required: true),
    ] + JointFreedom.properties(unit: "rad", force: "N·m")

  /// Body a, or nil for the world.
  public let bodyA: BodyID?
  /// Body b.
  public let bodyB: BodyID
  /// The common point.
  public let anchors: AnchorPair
  /// What acts about the axis (rad, N·m).
  public let freedom: JointFreedom
  private let axisOnA: Vector3
  private let axisOnB: Vector3
  private let tangentsOnA: (Vector3, Vector3)
  private let rest: Quaternion

  /// Hinges body b to body a (nil: the world) about the world line through `anchor` (m) along `axis`. The angle (rad)
  /// is 0 now and grows as b turns right-handed about the axis.
  public init(
    _ a: BodyID?, _ b: BodyID, at anchor: Vector3, axis: Vector3, in world: World,
    _ freedom: JointFreedom = JointFreedom()
  ) {
    bodyA = a
    bodyB = b
    let axis = axis.normalized(fallback: .unitZ)
    anchors = AnchorPair(anchor, a, b, in: world)
    axisOnA = world.localDirection(axis, in: a)
    axisOnB = world.localDirection(axis, in: b)
    tangentsOnA = axisOnA.tangents
    rest = world.relativeOrientation(of: b, in: a)
    self.freedom = freedom
  }

  /// Reads the joint from a scene; throws the source's errors.
  public convenience init(reading source: any PropertySource, in world: World) throws {
    let (a, b) = try source.jointBodies()
    self.init(
      a, b, at: try source.vector("anchor"), axis: try source.direction("axis"), in: world,
      try JointFreedom(reading: source, range: -Double.pi...Double.pi))
  }

  /// Writes the rows above.
  public func assemble(_ rows: ConstraintAssembler) {
    let poseA = rows.poseA
    let poseB = rows.poseB
    rows.beginBlock(.free, part: 0)
    anchors.placed(poseA, poseB).addPointRows(rows)
    let turn = poseA.orientation
    AxisAlignment(
      axisA: turn.rotate(axisOnA), axisB: poseB.orientation.rotate(axisOnB),
      tangents: (turn.rotate(tangentsOnA.0), turn.rotate(tangentsOnA.1))
    ).addRows(rows)
    if !freedom.isFree {
      let twist = TwistAngle(turn, poseB.orientation, rest: rest, axis: axisOnA)
      freedom.assemble(rows, twist.angle, .rotation(twist.direction), part: 1)
    }
  }

  /// The angle φ (rad) at the world's present poses, in (−π, π].
  public func angle(in world: World) -> Double {
    (world.relativeOrientation(of: bodyB, in: bodyA) * rest.conjugate).twist(about: axisOnA)
  }

  /// The point on b (m, world).
  public func anchor(in world: World) -> Vector3 { world.poses.pointer[bodyB.index].apply(anchors.onB) }

  /// The arms, and the axis across the anchor.
  public func drawingLines(in world: World) -> [(Vector3, Vector3)] {
    drawingLines(in: world, axis: world.poses.pointer[bodyB.index].orientation.rotate(axisOnB))
  }
}

extension Joint {
  /// From the anchor to the centres of mass, and the joint's axis across the anchor, half as long as the longest arm.
  func drawingLines(in world: World, axis: Vector3) -> [(Vector3, Vector3)] {
    let anchor = self.anchor(in: world)
    var lines = [(anchor, world.poses[bodyB.index].position)]
    if let a = bodyA { lines.append((anchor, world.poses[a.index].position)) }
    let longest = lines.map { ($0.0 - $0.1).length }.max() ?? 0
    let half = (longest > 0 ? 0.25 * longest : 0.1) * axis
    lines.append((anchor - half, anchor + half))
    return lines
  }
}
