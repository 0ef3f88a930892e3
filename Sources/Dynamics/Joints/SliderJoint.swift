import ConstraintSystem
import LinearAlgebra

/// A slider: body b moves along an axis z of body a without turning; the travel s is free, limited, driven or sprung.
///
///     C = (t₁·d, t₂·d, 4 v/(1 + w)) = 0,   d = p_b − p_a,   q = q_a* q_b q₀* = (w, v)                 (5 rows)
///     s = z·d,   ṡ = z·(v_b + ω_b × r_b − v_a − ω_a × (r_a + d))
///
/// z, t₁, t₂ turn with body a, hence the arm r_a + d. Rows 2 … 4 are those of `RotationLock`.
public final class SliderJoint: Joint {
  /// The name in scene files.
  public static let typeName = "slider"
  /// One line for listings.
  public static let summary = "q_b = q_a q₀, p_b on a line of a: one translation free, with limits, motor and spring"
  /// The keys in scene files.
  public static let properties =
    [
      PropertyDescriptor("anchor", .vector, "a point of the line (m, world), default b's centre of mass"),
      PropertyDescriptor("axis", .vector, "direction of the line (world)", required: true),
    ] + JointFreedom.properties(unit: "m", force: "N")

  /// Body a, or nil for the world.
  public let bodyA: BodyID?
  /// Body b.
  public let bodyB: BodyID
  /// The points that coincide at s = 0.
  public let anchors: AnchorPair
  /// What acts along the axis (m, N).
  public let freedom: JointFreedom
  private let axisOnA: Vector3
  private let tangentsOnA: (Vector3, Vector3)
  private let rest: Quaternion

  /// Lets body b slide on body a (nil: the world) along the world line through `anchor` (m, nil: b's centre of mass)
  /// in the direction `axis`. The travel (m) is 0 now and grows along the axis.
  public init(
    _ a: BodyID?, _ b: BodyID, at anchor: Vector3? = nil, axis: Vector3, in world: World,
    _ freedom: JointFreedom = JointFreedom()
  ) {
    bodyA = a
    bodyB = b
    anchors = AnchorPair(anchor ?? world.poses[b.index].position, a, b, in: world)
    axisOnA = world.localDirection(axis.normalized(fallback: .unitX), in: a)
    tangentsOnA = axisOnA.tangents
    rest = world.relativeOrientation(of: b, in: a)
    self.freedom = freedom
  }

  /// Reads the joint from a scene; throws the source's errors.
  public convenience init(reading source: any PropertySource, in world: World) throws {
    let (a, b) = try source.jointBodies()
    self.init(
      a, b, at: source.has("anchor") ? try source.vector("anchor") : nil, axis: try source.direction("axis"), in: world,
      try JointFreedom(reading: source))
  }

  /// Writes the rows above.
  public func assemble(_ rows: ConstraintAssembler) {
    let poseA = rows.poseA
    let poseB = rows.poseB
    let turn = poseA.orientation
    let placed = anchors.placed(poseA, poseB)
    rows.beginBlock(.free, part: 0)
    placed.addLineRows(rows, turn.rotate(tangentsOnA.0), turn.rotate(tangentsOnA.1))
    RotationLock(turn, poseB.orientation, rest: rest).addRows(rows)
    if !freedom.isFree {
      let axis = turn.rotate(axisOnA)
      freedom.assemble(rows, axis.dot(placed.separation), placed.slidingRow(axis), part: 1)
    }
  }

  /// The travel s (m) at the world's present poses.
  public func travel(in world: World) -> Double { anchors.separation(bodyA, bodyB, in: world).dot(axisOnA) }

  /// The point on b (m, world).
  public func anchor(in world: World) -> Vector3 { world.poses.pointer[bodyB.index].apply(anchors.onB) }

  /// The arms, and the axis across the anchor.
  public func drawingLines(in world: World) -> [(Vector3, Vector3)] {
    drawingLines(in: world, axis: bodyA.map { world.poses[$0.index].orientation.rotate(axisOnA) } ?? axisOnA)
  }
}
