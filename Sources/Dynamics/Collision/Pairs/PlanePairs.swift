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
}
