import ConstraintSystem
import LinearAlgebra

/// A pulley: a rope from body a over two points g_a, g_b of the world to body b.
///
///     C = L − l_a − ratio · l_b = 0 (or ≥ 0 where the rope may go slack),   l = |p − g|                  (1 row)
///     Ċ = −n_a·(v_a + ω_a × r_a) − ratio n_b·(v_b + ω_b × r_b),   n = (p − g)/l
///
/// The tension λ/h pulls a with T and b with ratio · T: a block and tackle of `ratio` strands holds b. Neither body may
/// reach its point of the world: at l = 0 there is no direction.
public final class PulleyJoint: Joint {
  /// The name in scene files.
  public static let typeName = "pulley"
  /// One line for listings.
  public static let summary = "l_a + ratio · l_b = L over two points of the world"
  /// The keys in scene files.
  public static let properties = [
    PropertyDescriptor("anchorA", .vector, "the rope's end on a (m, world)", required: true),
    PropertyDescriptor("anchorB", .vector, "the rope's end on b (m, world)", required: true),
    PropertyDescriptor("groundA", .vector, "the pulley above a (m, world)", required: true),
    PropertyDescriptor("groundB", .vector, "the pulley above b (m, world)", required: true),
    PropertyDescriptor("ratio", .number, "strands on b's side, default 1"),
    PropertyDescriptor("length", .number, "L (m), default the present one"),
    PropertyDescriptor("slack", .flag, "whether the rope may go slack, default false"),
  ]

  private let first: BodyID
  /// Body a.
  public var bodyA: BodyID? { first }
  /// Body b.
  public let bodyB: BodyID
  /// The rope's ends on the bodies.
  public let anchors: AnchorPair
  /// The pulleys (m, world).
  public let groundA, groundB: Vector3
  /// Strands on b's side.
  public let ratio: Double
  /// L (m).
  public let length: Double
  /// Whether the rope may go slack.
  public let slack: Bool

  /// A rope from the world point `pointA` (m) of body a over `groundA` and `groundB` to `pointB` of body b, `length`
  /// (m) long or as long as it is now.
  public init(
    _ a: BodyID, at pointA: Vector3, over groundA: Vector3, _ b: BodyID, at pointB: Vector3, over groundB: Vector3,
    ratio: Double = 1, length: Double? = nil, slack: Bool = false, in world: World
  ) {
    first = a
    bodyB = b
    anchors = AnchorPair(onA: pointA, a, onB: pointB, b, in: world)
    self.groundA = groundA
    self.groundB = groundB
    self.ratio = ratio
    self.length = length ?? ((pointA - groundA).length + ratio * (pointB - groundB).length)
    self.slack = slack
  }

  /// Reads the joint from a scene; throws the source's errors.
  public convenience init(reading source: any PropertySource, in world: World) throws {
    let (a, b) = try source.jointBodies()
    guard let a else { throw source.invalid("a", expected: "the name of a body") }
    let pointA = try source.vector("anchorA")
    let pointB = try source.vector("anchorB")
    let groundA = try source.vector("groundA")
    let groundB = try source.vector("groundB")
    guard (pointA - groundA).length > 1e-9 else {
      throw source.invalid("groundA", expected: "a point away from anchorA")
    }
    guard (pointB - groundB).length > 1e-9 else {
      throw source.invalid("groundB", expected: "a point away from anchorB")
    }
    self.init(
      a, at: pointA, over: groundA, b, at: pointB, over: groundB,
      ratio: source.has("ratio") ? try source.positive("ratio") : 1,
      length: source.has("length") ? try source.positive("length") : nil,
      slack: try source.flag("slack", default: false), in: world)
  }

  /// Writes the rows above.
  public func assemble(_ rows: ConstraintAssembler) {
    let poseA = rows.poseA
    let poseB = rows.poseB
    let armA = poseA.orientation.rotate(anchors.onA)
    let armB = poseB.orientation.rotate(anchors.onB)
    let ropeA = poseA.position + armA - groundA
    let ropeB = poseB.position + armB - groundB
    let lengthA = ropeA.length
    let lengthB = ropeB.length
    let pullA = lengthA > 1e-12 ? ropeA / -lengthA : .unitY
    let pullB = lengthB > 1e-12 ? ropeB / (-lengthB / ratio) : ratio * .unitY
    let row = JacobianRow(
      a: Vector6(linear: pullA, angular: armA.cross(pullA)), b: Vector6(linear: pullB, angular: armB.cross(pullB)))
    let gap = length - lengthA - ratio * lengthB
    if slack {
      rows.beginBlock(.box, part: 0)
      rows.limitRow(row, gap: gap)
    } else {
      rows.beginBlock(.free, part: 0)
      rows.rigidRow(row, error: gap)
    }
  }

  /// The point on b (m, world).
  public func anchor(in world: World) -> Vector3 { world.poses.pointer[bodyB.index].apply(anchors.onB) }

  /// The rope.
  public func drawingLines(in world: World) -> [(Vector3, Vector3)] {
    [
      (world.poses[first.index].apply(anchors.onA), groundA), (groundA, groundB), (groundB, anchor(in: world)),
    ]
  }
}
