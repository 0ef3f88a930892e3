import ConstraintSystem
import LinearAlgebra

/// A universal (Cardan, Hooke) joint: a common point, and an axis z_a of body a that stays square to an axis z_b of
/// body b: the two arms of the cross.
///
///     C = (p_b − p_a, z_a·z_b) = 0                                                                     (4 rows)
///     d/dt (z_a·z_b) = (z_b × z_a)·(ω_b − ω_a)
///
/// Rotation about b's shaft follows rotation about a's, unevenly where the shafts are at an angle β:
/// tan θ_b = tan θ_a / cos β (Hooke). Where the two axes are parallel the last row vanishes.
public final class UniversalJoint: Joint {
  /// The name in scene files.
  public static let typeName = "universal"
  /// One line for listings.
  public static let summary = "p_b = p_a, z_b ⟂ z_a: two rotations free, the twist goes through"
  /// The keys in scene files.
  public static let properties = [
    PropertyDescriptor("anchor", .vector, "the common point (m, world)", required: true),
    PropertyDescriptor("axisA", .vector, "the arm of the cross on a (world)", required: true),
    PropertyDescriptor("axisB", .vector, "the arm of the cross on b (world), square to axisA", required: true),
  ]

  /// Body a, or nil for the world.
  public let bodyA: BodyID?
  /// Body b.
  public let bodyB: BodyID
  /// The common point.
  public let anchors: AnchorPair
  private let axisOnA: Vector3
  private let axisOnB: Vector3

  /// Joins body b to body a (nil: the world) at the world point `anchor` (m) by a cross with the arms `axisA` on a and
  /// `axisB` on b (world); what of `axisB` is along `axisA` is left out.
  public init(_ a: BodyID?, _ b: BodyID, at anchor: Vector3, axisA: Vector3, axisB: Vector3, in world: World) {
    bodyA = a
    bodyB = b
    anchors = AnchorPair(anchor, a, b, in: world)
    let axisA = axisA.normalized(fallback: .unitX)
    let square = (axisB - axisB.dot(axisA) * axisA).normalized(fallback: axisA.tangents.0)
    axisOnA = world.localDirection(axisA, in: a)
    axisOnB = world.localDirection(square, in: b)
  }

  /// Reads the joint from a scene; throws the source's errors.
  public convenience init(reading source: any PropertySource, in world: World) throws {
    let (a, b) = try source.jointBodies()
    let axisA = try source.direction("axisA")
    let axisB = try source.direction("axisB")
    guard axisA.dot(axisB).magnitude < 1e-3 else {
      throw source.invalid("axisB", expected: "a vector square to axisA, found the cosine \(axisA.dot(axisB))")
    }
    self.init(a, b, at: try source.vector("anchor"), axisA: axisA, axisB: axisB, in: world)
  }

  /// Writes the rows above.
  public func assemble(_ rows: ConstraintAssembler) {
    let poseA = rows.poseA
    let poseB = rows.poseB
    let axisA = poseA.orientation.rotate(axisOnA)
    let axisB = poseB.orientation.rotate(axisOnB)
    rows.beginBlock(.free, part: 0)
    anchors.placed(poseA, poseB).addPointRows(rows)
    rows.rigidRow(.rotation(axisB.cross(axisA)), error: axisA.dot(axisB))
  }

  /// The point on b (m, world).
  public func anchor(in world: World) -> Vector3 { world.poses.pointer[bodyB.index].apply(anchors.onB) }

  /// The arms, and the axis across the anchor.
  public func drawingLines(in world: World) -> [(Vector3, Vector3)] {
    drawingLines(in: world, axis: world.poses.pointer[bodyB.index].orientation.rotate(axisOnB))
  }
}
