import ConstraintSystem
import LinearAlgebra

/// A distance joint: what is between a point of body a and a point of body b is a rod, a rope, a strut, a spring, a
/// damper or a winch.
///
///     x = |d|,   d = p_b − p_a,   ẋ = n·(v_b + ω_b × r_b − v_a − ω_a × r_a),   n = d/|d|
///
/// x = L is a rod (1 row), x ≤ L a rope, x ≥ L a strut; spring and motor act along n. The points must be apart: at
/// d = 0 there is no direction, and a rod of no length is a ball joint.
public final class DistanceJoint: Joint {
  /// The name in scene files.
  public static let typeName = "distance"
  /// One line for listings.
  public static let summary = "|p_b − p_a| held (rod), bounded (rope, strut), sprung or driven (winch)"
  /// The keys in scene files.
  public static let properties =
    [
      PropertyDescriptor("anchorA", .vector, "the point on a (m, world)", required: true),
      PropertyDescriptor("anchorB", .vector, "the point on b (m, world)", required: true),
      PropertyDescriptor(
        "length", .number, "length of a rod (m), default the present one unless other keys say what it is"),
    ]
    + JointFreedom.properties(unit: "m", force: "N").map { property in
      guard property.name == "rest" else { return property }
      return PropertyDescriptor("rest", .signal, "length of the relaxed spring (m), default the present one")
    }

  /// Body a, or nil for the world.
  public let bodyA: BodyID?
  /// Body b.
  public let bodyB: BodyID
  /// The two points.
  public let anchors: AnchorPair
  /// What acts along the distance (m, N); `lower` = `upper`: a rod.
  public let freedom: JointFreedom

  /// Joins the world point `pointA` (m) of body a (nil: the world) to the world point `pointB` of body b: by what
  /// `freedom` says, or by a rod of the present length. `JointFreedom(upper: 2)` is a rope of 2 m.
  public init(
    _ a: BodyID?, _ b: BodyID, from pointA: Vector3, to pointB: Vector3, in world: World, _ freedom: JointFreedom? = nil
  ) {
    bodyA = a
    bodyB = b
    anchors = AnchorPair(onA: pointA, a, onB: pointB, b, in: world)
    let length = (pointB - pointA).length
    self.freedom = freedom ?? JointFreedom(lower: length, upper: length)
  }

  /// Reads the joint from a scene; throws the source's errors.
  public convenience init(reading source: any PropertySource, in world: World) throws {
    let (a, b) = try source.jointBodies()
    let pointA = try source.vector("anchorA")
    let pointB = try source.vector("anchorB")
    let present = (pointB - pointA).length
    guard present > 1e-9 else { throw source.invalid("anchorB", expected: "a point away from anchorA") }
    var freedom = try JointFreedom(reading: source)
    for key in ["lower", "upper"] where source.has(key) { _ = try source.nonNegative(key) }
    if freedom.upper < .infinity { _ = try source.positive("upper") }
    if source.has("length") {
      for key in ["lower", "upper"] where source.has(key) {
        throw source.invalid(key, expected: "either length or limits")
      }
      freedom.lower = try source.positive("length")
      freedom.upper = freedom.lower
    } else if freedom.isFree {
      freedom.lower = present
      freedom.upper = present
    }
    if !source.has("rest") { freedom.spring?.rest = .constant(present) }
    self.init(a, b, from: pointA, to: pointB, in: world, freedom)
  }

  /// Writes the rows above.
  public func assemble(_ rows: ConstraintAssembler) {
    let placed = anchors.placed(rows.poseA, rows.poseB)
    let length = placed.separation.length
    let direction = length > 1e-12 ? placed.separation / length : .unitY
    freedom.assemble(
      rows, length, .translation(direction, armA: placed.armA, armB: placed.armB), part: 0)
  }

  /// The distance (m) at the world's present poses.
  public func length(in world: World) -> Double { anchors.separation(bodyA, bodyB, in: world).length }

  /// The point on b (m, world).
  public func anchor(in world: World) -> Vector3 { world.poses.pointer[bodyB.index].apply(anchors.onB) }

  /// From point to point.
  public func drawingLines(in world: World) -> [(Vector3, Vector3)] {
    let start = bodyA.map { world.poses[$0.index].apply(anchors.onA) } ?? anchors.onA
    return [(start, anchor(in: world))]
  }
}
