import LinearAlgebra

// Everything against the half-space y ≤ 0 of the plane's frame.
//
// With the plane's unit normal u in the other piece's frame and its offset d = u·t, the height of a point p is
// u·p − d. The normal of the contact (from the piece to the plane) is −u, and the points are the lowest ones of the
// piece: exact corners of polyhedra, rim points of cylinders, the lowest points of a capsule's end spheres.

/// The plane in the other piece's frame.
struct PlaneSide {
  /// Its normal.
  let up: Vector3
  /// Its offset along it (m).
  let offset: Double

  @inline(__always)
  init(_ frame: PairFrame) {
    up = frame.rotation.column(1)
    offset = up.dot(frame.translation)
  }

  /// Height of a point over the plane (m).
  @inline(__always) func height(_ point: Vector3) -> Double { up.dot(point) - offset }

  /// The contact below a point of the piece's surface.
  @inline(__always)
  func contact(_ point: Vector3, _ height: Double, _ feature: UInt32) -> ContactPoint {
    ContactPoint(position: point - 0.5 * height * up, separation: height, feature: feature)
  }
}

extension Narrowphase {
  static func spherePlane(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let plane = PlaneSide(frame)
    let low = -a.size.x * plane.up
    let height = -plane.offset - a.size.x
    if height > frame.margin { return }
    manifold.normal = -plane.up
    manifold.append(plane.contact(low, height, 0))
  }

  static func boxPlane(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let plane = PlaneSide(frame)
    let h = a.size
    let lean = plane.up.scaled(by: h).magnitudes
    if -plane.offset - lean.x - lean.y - lean.z > frame.margin { return }
    // The lower face: its four corners are the lowest, whatever the margin.
    let size = plane.up.magnitudes
    let axis = size.x >= size.y ? (size.x >= size.z ? 0 : 2) : (size.y >= size.z ? 1 : 2)
    let u = axis == 2 ? 0 : axis + 1
    let v = axis == 0 ? 2 : axis - 1
    var corner = Vector3.zero
    corner[axis] = plane.up[axis] > 0 ? -h[axis] : h[axis]
    manifold.normal = -plane.up
    for k in 0..<4 {
      corner[u] = k == 0 || k == 3 ? h[u] : -h[u]
      corner[v] = k < 2 ? h[v] : -h[v]
      let height = plane.height(corner)
      if height > frame.margin { continue }
      let name: UInt32 = (corner.x > 0 ? 1 : 0) | (corner.y > 0 ? 2 : 0) | (corner.z > 0 ? 4 : 0)
      manifold.append(plane.contact(corner, height, name))
    }
  }

  /// Capsule, cylinder, hull or triangle.
  static func convexPlane(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let plane = PlaneSide(frame)
    let core = ConvexCore(a)
    let lowest = core.support(-plane.up)
    let least = plane.height(lowest) - core.radius
    if least > frame.margin { return }
    manifold.normal = -plane.up
    withUnsafeTemporaryAllocation(of: ClipVertex.self, capacity: PolygonClipping.capacity) { buffer in
      let corners = buffer.baseAddress!
      let feature = core.supportingFeature(-plane.up, into: corners)
      var count = feature.count
      // A capsule that stands touches with one end: the ball at the other is not its surface there.
      if core.radius > 0 && plane.up.y.magnitude > 0.2 {
        if plane.up.y > 0 { corners[1] = corners[0] }
        corners[0] = corners[1]
        count = 1
      }
      var kept = 0
      var deepest = Double.infinity
      for k in 0..<count {
        let height = plane.height(corners[k].position) - core.radius
        if height > frame.margin { continue }
        corners[kept] = corners[k]
        corners[kept].separation = height
        deepest = min(deepest, height)
        kept += 1
      }
      // The face nearest to the plane need not have the lowest corner.
      if deepest > least + 1e-9 * (least.magnitude + lowest.length) {
        corners[kept] = ClipVertex(lowest, incoming: 255, outgoing: 255)
        corners[kept].separation = least
        kept += 1
      }
      kept = ManifoldReduction.reduce(corners, kept, normal: plane.up)
      // A corner of a polyhedron is the same whichever face it came with.
      let name = core.kind == .cylinder ? feature.name << 16 : 0
      for k in 0..<kept {
        let corner = corners[k]
        manifold.append(
          plane.contact(
            corner.position - core.radius * plane.up, corner.separation, name | corner.outgoing))
      }
    }
    if a.kind == .triangle {
      // The pair is exchanged for a caller that gives the plane first; the triangle is a either way.
      for k in 0..<Int(manifold.count) {
        let onA = manifold[k].position + 0.5 * manifold[k].separation * plane.up
        manifold[k].feature |= Triangle(a.triangle).corners(of: onA) << 29
      }
    }
  }
}
