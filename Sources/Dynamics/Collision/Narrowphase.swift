import LinearAlgebra

// Contact points of two convex pieces.
//
// Every pair of kinds has one function, found in a table by the two kinds; a pair given in the other order runs the
// same function with the pieces exchanged and turns the normal around. The functions work in the first piece's frame
// (`PairFrame`), so that nothing is lost far from the world's origin.
//
// Sources: Gottschalk, Lin, Manocha, "OBBTree", 1996 (separating axes of boxes); Gilbert, Johnson, Keerthi 1988, and
// van den Bergen, "Collision Detection in Interactive 3D Environments", 2003 (distance and penetration of convex
// sets); Gregorius, "Robust Contact Creation for Physics Simulations", GDC 2015 (reference and incident faces).

/// What the narrowphase remembers of a pair of pieces from step to step, to start where it ended.
public struct PairHint: BitwiseCopyable, Sendable {
  /// Last separating or contact axis in a's frame; zero where there is none.
  public var axis = Vector3.zero
  /// Whatever the pair's function keeps beside it.
  public var data: UInt64 = 0

  /// Nothing known yet.
  public init() {}
}

/// Contact points of two pieces.
///
/// - The normal is a unit vector from a to b along which the pieces are apart, or by which b has to be moved to leave
///   a. Among normals that are equally good to within 2 % of the gap or depth (plus a thousandth of the thinner
///   piece's half width) the normal of a face is preferred, and among faces the one of the step before (`PairHint`).
/// - A point's position is the middle between the two surfaces, its separation the gap along the normal. Points up to
///   a gap of `margin` are included; of more than four, the deepest is kept and three that span the most area.
/// - A feature number tells which pair of features makes the point (vertex and face, or two crossing edges of the
///   clipped polygons), and stays the same from step to step while this pair touches.
/// - Triangles collide on both sides: the normal points to the side on which the other piece's centre lies. For pairs
///   with a triangle the top three bits of `feature` say which of its corners span the point's place on it
///   (`triangleCorners(of:)`), so that a mesh can drop or turn normals at edges that it knows to be flat.
/// - The same input gives the same bits. Nothing is allocated.
public enum Narrowphase {
  /// Fills in normal (from a to b, world), count and points of `manifold`; count = 0 where the gap exceeds `margin` (m).
  public static func collide(
    _ a: Geometry, _ poseA: RigidTransform, _ b: Geometry, _ poseB: RigidTransform, margin: Double,
    hint: inout PairHint, into manifold: inout ContactManifold
  ) {
    manifold.count = 0
    let entry = table[Int(a.kind.rawValue) * kindCount + Int(b.kind.rawValue)]
    if entry.exchanged {
      run(entry.function, b, poseB, a, poseA, margin, &hint, &manifold)
      manifold.normal = -manifold.normal
    } else {
      run(entry.function, a, poseA, b, poseB, margin, &hint, &manifold)
    }
  }

  /// Which corners of the triangle span a contact point, a bit each: 1, 2 or 4 at a corner, two of them on an edge,
  /// 7 inside the face. Of use only for manifolds of a triangle and something else.
  @inlinable public static func triangleCorners(of feature: UInt32) -> UInt32 { feature >> 29 }

  // MARK: Table

  /// Contacts of a and b in a's frame.
  typealias PairFunction = (
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) -> Void

  /// Every pair of kinds once, the earlier kind first.
  static let pairs: [(GeometryKind, GeometryKind, PairFunction)] = [
    (.sphere, .sphere, sphereSphere),
    (.sphere, .capsule, sphereCapsule),
    (.sphere, .cylinder, sphereCylinder),
    (.sphere, .box, sphereBox),
    (.sphere, .hull, convexConvex),
    (.sphere, .triangle, sphereTriangle),
    (.sphere, .plane, spherePlane),
    (.capsule, .capsule, capsuleCapsule),
    (.capsule, .cylinder, convexConvex),
    (.capsule, .box, convexConvex),
    (.capsule, .hull, convexConvex),
    (.capsule, .triangle, convexConvex),
    (.capsule, .plane, convexPlane),
    (.cylinder, .cylinder, convexConvex),
    (.cylinder, .box, convexConvex),
    (.cylinder, .hull, convexConvex),
    (.cylinder, .triangle, convexConvex),
    (.cylinder, .plane, convexPlane),
    (.box, .box, boxBox),
    (.box, .hull, convexConvex),
    (.box, .triangle, convexConvex),
    (.box, .plane, boxPlane),
    (.hull, .hull, convexConvex),
    (.hull, .triangle, convexConvex),
    (.hull, .plane, convexPlane),
    (.triangle, .triangle, convexConvex),
    (.triangle, .plane, convexPlane),
  ]

  struct Entry {
    var function: PairFunction
    var exchanged: Bool
  }

  static let kindCount = GeometryKind.allCases.count

  static let table: [Entry] = {
    var table = [Entry](repeating: Entry(function: noContact, exchanged: false), count: kindCount * kindCount)
    for (a, b, function) in pairs {
      table[Int(b.rawValue) * kindCount + Int(a.rawValue)] = Entry(function: function, exchanged: true)
      table[Int(a.rawValue) * kindCount + Int(b.rawValue)] = Entry(function: function, exchanged: false)
    }
    return table
  }()

  /// Two planes, and anything with a whole mesh (whose triangles come one by one).
  static func noContact(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {}

  @inline(__always)
  private static func run(
    _ function: PairFunction, _ a: Geometry, _ poseA: RigidTransform, _ b: Geometry, _ poseB: RigidTransform,
    _ margin: Double, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let toWorld = poseA.orientation.matrix
    let frame = PairFrame(toWorld, poseA, poseB, margin: margin)
    // A body whose state is not finite makes no contacts; the step reports it.
    guard frame.isFinite else { return }
    function(a, b, frame, &hint, &manifold)
    let count = Int(manifold.count)
    if count == 0 { return }
    manifold.normal = toWorld * manifold.normal
    for k in 0..<count {
      var point = manifold[k]
      point.position = toWorld * point.position + poseA.position
      manifold[k] = point
    }
  }
}
