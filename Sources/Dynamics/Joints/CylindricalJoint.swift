import ConstraintSystem
import LinearAlgebra

/// A cylindrical joint: body b slides along an axis z of body a and turns about it.
///
///     C = (t_i·d, 2 t_i·z_b / (1 + z_a·z_b)) = 0,   d = p_b − p_a                                      (4 rows)
///     s = z_a·d,   φ = 2 atan2(v·z, w),   q = q_a* q_b q₀* = (w, v)
///
/// Rows 0 and 1 and the travel s are those of the slider, rows 2 and 3 and the angle φ those of the hinge.
public final class CylindricalJoint: Joint {
  /// The name in scene files.
  public static let typeName = "cylindrical"
  /// One line for listings.
  public static let summary = "p_b on a line of a, z_b ∥ z_a: one translation and the rotation about it free"
  /// The keys in scene files.
  public static let properties =
    [
      PropertyDescriptor("anchor", .vector, "a point of the line (m, world)", required: true),
      PropertyDescriptor("axis", .vector, "direction of the line (world)", required: true),
    ] + JointFreedom.properties(prefix: "slide", unit: "m", force: "N")
    + JointFreedom.properties(prefix: "turn", unit: "rad", force: "N·m")

  /// Body a, or nil for the world.
  public let bodyA: BodyID?
  /// Body b.
  public let bodyB: BodyID
  /// The points that coincide at s = 0.
  public let anchors: AnchorPair
  /// What acts along the axis (m, N).
  public let slide: JointFreedom
  /// What acts about the axis (rad, N·m).
  public let turn: JointFreedom
  private let axisOnA: Vector3
  private let axisOnB: Vector3
  private let tangentsOnA: (Vector3, Vector3)
  private let rest: Quaternion

  /// Lets body b slide and turn on body a (nil: the world) along and about the world line through `anchor` (m) in the
  /// direction `axis`. Travel (m) and angle (rad) are 0 now.
  public init(
    _ a: BodyID?, _ b: BodyID, at anchor: Vector3, axis: Vector3, in world: World,
    slide: JointFreedom = JointFreedom(), turn: JointFreedom = JointFreedom()
  ) {
    bodyA = a
    bodyB = b
    let axis = axis.normalized(fallback: .unitX)
    anchors = AnchorPair(anchor, a, b, in: world)
    axisOnA = world.localDirection(axis, in: a)
    axisOnB = world.localDirection(axis, in: b)
    tangentsOnA = axisOnA.tangents
    rest = world.relativeOrientation(of: b, in: a)
    self.slide = slide
    self.turn = turn
  }

  /// Reads the joint from a scene; throws the source's errors.
  public convenience init(reading source: any PropertySource, in world: World) throws {
    let (a, b) = try source.jointBodies()
    self.init(
      a, b, at: try source.vector("anchor"), axis: try source.direction("axis"), in: world,
      slide: try JointFreedom(reading: source, prefix: "slide"),
      turn: try JointFreedom(reading: source, prefix: "turn", range: -Double.pi...Double.pi))
  }

  /// Writes the rows above.
  public func assemble(_ rows: ConstraintAssembler) {
    let poseA = rows.poseA
    let poseB = rows.poseB
    let orientation = poseA.orientation
    let placed = anchors.placed(poseA, poseB)
    let axis = orientation.rotate(axisOnA)
    let t1 = orientation.rotate(tangentsOnA.0)
    let t2 = orientation.rotate(tangentsOnA.1)
    rows.beginBlock(.free, part: 0)
    placed.addLineRows(rows, t1, t2)
    AxisAlignment(axisA: axis, axisB: poseB.orientation.rotate(axisOnB), tangents: (t1, t2)).addRows(rows)
    if !slide.isFree {
      slide.assemble(rows, axis.dot(placed.separation), placed.slidingRow(axis), part: 1)
    }
    if !turn.isFree {
      let twist = TwistAngle(orientation, poseB.orientation, rest: rest, axis: axisOnA)
      turn.assemble(rows, twist.angle, .rotation(twist.direction), part: 5)
    }
  }

  /// The travel s (m) at the world's present poses.
  public func travel(in world: World) -> Double { anchors.separation(bodyA, bodyB, in: world).dot(axisOnA) }

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
