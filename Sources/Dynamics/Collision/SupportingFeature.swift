import LinearAlgebra

// What a convex piece turns towards another: the face, side line or point that contact points are cut from
// (Gregorius, GDC 2015: reference and incident faces; van den Bergen, Gregorius 2010).
//
// - box, hull, triangle: the face whose normal is nearest to the direction; of a face with more than twelve corners,
//   twelve of them.
// - cylinder: within 45° of its axis the cap, as a regular twelve-gon on the rim, fixed in the cylinder so that its
//   corners keep their names; where the cap leans by more than a thousandth, the corner nearest to the rim's extreme
//   point is moved there, so that the extreme depth is exact. Otherwise the line on its side.
// - capsule: its segment. Sphere: its centre.

/// Outline of a supporting feature: its corners are in a buffer that the caller gave. The edge that begins in a corner
/// has the corner's number (hulls of more than 128 corners: modulo 128); clip planes count from 128.
struct SupportingFeature {
  /// 1: point, 2: segment, 3 or more: flat face.
  var count: Int
  /// Outward unit normal of a face; counter-clockwise around it go the corners.
  var normal: Vector3
  /// Which of the piece's faces it is.
  var name: UInt32

  @inline(__always) var isFace: Bool { count > 2 }
}

extension ConvexCore {
  /// The feature towards the unit vector `d` (own frame), its corners in `corners`, which has room for
  /// `PolygonClipping.maximumCorners`.
  func supportingFeature(_ d: Vector3, into corners: UnsafeMutablePointer<ClipVertex>) -> SupportingFeature {
    switch kind {
    case .box: boxFace(d, corners)
    case .hull: hullFace(d, corners)
    case .cylinder: d.y * d.y > 0.5 ? cap(d, corners) : sideLine(d, corners)
    case .triangle: triangleFace(d, corners)
    case .capsule: Self.segment(Vector3(0, -size.y, 0), Vector3(0, size.y, 0), corners)
    default: Self.point(.zero, corners)
    }
  }

  private static func point(_ p: Vector3, _ corners: UnsafeMutablePointer<ClipVertex>) -> SupportingFeature {
    corners[0] = ClipVertex(p, incoming: 1, outgoing: 1)
    return SupportingFeature(count: 1, normal: .zero, name: 0)
  }

  private static func segment(
    _ p: Vector3, _ q: Vector3, _ corners: UnsafeMutablePointer<ClipVertex>
  ) -> SupportingFeature {
    corners[0] = ClipVertex(p, incoming: 1, outgoing: 1)
    corners[1] = ClipVertex(q, incoming: 2, outgoing: 2)
    return SupportingFeature(count: 2, normal: .zero, name: 0)
  }

  private func boxFace(_ d: Vector3, _ corners: UnsafeMutablePointer<ClipVertex>) -> SupportingFeature {
    let s = d.magnitudes
    let axis = s.x >= s.y ? (s.x >= s.z ? 0 : 2) : (s.y >= s.z ? 1 : 2)
    let isBack = d[axis] < 0
    let u = axis == 2 ? 0 : axis + 1
    let v = axis == 0 ? 2 : axis - 1
    var normal = Vector3.zero
    normal[axis] = isBack ? -1 : 1
    var p = Vector3.zero
    p[axis] = isBack ? -size[axis] : size[axis]
    for k in 0..<4 {
      // Around the axis: ++, −+, −−, +−; the other way on the back.
      let turn = isBack ? 3 - k : k
      p[u] = turn == 0 || turn == 3 ? size[u] : -size[u]
      p[v] = turn < 2 ? size[v] : -size[v]
      corners[k] = ClipVertex(p, incoming: UInt32((k + 3) & 3), outgoing: UInt32(k))
    }
    return SupportingFeature(count: 4, normal: normal, name: UInt32(2 * axis + (isBack ? 1 : 0)))
  }

  private func hullFace(_ d: Vector3, _ corners: UnsafeMutablePointer<ClipVertex>) -> SupportingFeature {
    guard let polyhedron else { return Self.point(.zero, corners) }
    return polyhedron._withUnsafeGuaranteedRef { hull in
      let normals = hull.faceNormals.pointer
      var best = 0
      var cosine = -Double.infinity
      for k in 0..<hull.faceNormals.count {
        let along = d.dot(normals[k])
        if along > cosine {
          cosine = along
          best = k
        }
      }
      if hull.faceStarts.count < best + 2 { return Self.point(support(d), corners) }
      let start = Int(hull.faceStarts[best])
      let whole = Int(hull.faceStarts[best + 1]) - start
      let count = min(whole, PolygonClipping.maximumCorners)
      var last = hull.faceVertices[start + (count - 1) * whole / count]
      for k in 0..<count {
        let corner = hull.faceVertices[start + k * whole / count]
        corners[k] = ClipVertex(
          hull.vertices[Int(corner)], incoming: UInt32(last & 127), outgoing: UInt32(corner & 127))
        last = corner
      }
      return SupportingFeature(count: count, normal: normals[best], name: UInt32(truncatingIfNeeded: best))
    }
  }

  private func cap(_ d: Vector3, _ corners: UnsafeMutablePointer<ClipVertex>) -> SupportingFeature {
    let side: Double = d.y < 0 ? -1 : 1
    let r = size.x
    let y = side * size.y
    // sin and cos of 0°, 30°, 60° times r; the turn goes around the outward normal.
    let half = 0.5 * r
    let long = 0.75.squareRoot() * r
    for quarter in 0..<4 {
      for third in 0..<3 {
        let across = third == 0 ? 0 : (third == 1 ? half : long)
        let along = third == 0 ? r : (third == 1 ? long : half)
        let x = quarter == 0 ? across : (quarter == 1 ? along : (quarter == 2 ? -across : -along))
        let z = quarter == 0 ? along : (quarter == 1 ? -across : (quarter == 2 ? -along : across))
        let k = 3 * quarter + third
        corners[k] = ClipVertex(
          Vector3(side * x, y, z), incoming: UInt32(k == 0 ? 11 : k - 1), outgoing: UInt32(k))
      }
    }
    let lean = (d.x * d.x + d.z * d.z).squareRoot()
    if lean > 1e-3 {
      let extreme = Vector3(r * d.x / lean, y, r * d.z / lean)
      var nearest = 0
      for k in 1..<12 where extreme.dot(corners[k].position) > extreme.dot(corners[nearest].position) { nearest = k }
      corners[nearest].position = extreme
    }
    return SupportingFeature(count: 12, normal: Vector3(0, side, 0), name: side < 0 ? 1 : 2)
  }

  private func sideLine(_ d: Vector3, _ corners: UnsafeMutablePointer<ClipVertex>) -> SupportingFeature {
    let s = size.x / (d.x * d.x + d.z * d.z).squareRoot()
    return Self.segment(Vector3(s * d.x, -size.y, s * d.z), Vector3(s * d.x, size.y, s * d.z), corners)
  }

  private func triangleFace(_ d: Vector3, _ corners: UnsafeMutablePointer<ClipVertex>) -> SupportingFeature {
    let (a, b, c) = triangle
    let normal = Triangle(triangle).unitNormal
    if normal == .zero {
      let ab = (b - a).lengthSquared
      let bc = (c - b).lengthSquared
      let ca = (a - c).lengthSquared
      return ab >= bc && ab >= ca
        ? Self.segment(a, b, corners) : (bc >= ca ? Self.segment(b, c, corners) : Self.segment(c, a, corners))
    }
    let isBack = d.dot(normal) < 0
    corners[0] = ClipVertex(a, incoming: isBack ? 1 : 2, outgoing: 0)
    corners[1] = isBack ? ClipVertex(c, incoming: 0, outgoing: 2) : ClipVertex(b, incoming: 0, outgoing: 1)
    corners[2] = isBack ? ClipVertex(b, incoming: 2, outgoing: 1) : ClipVertex(c, incoming: 1, outgoing: 2)
    return SupportingFeature(count: 3, normal: isBack ? -normal : normal, name: isBack ? 1 : 0)
  }
}

extension PairFrame {
  /// Takes a feature of b and its corners to a's frame.
  @inline(__always)
  func toA(_ feature: SupportingFeature, _ corners: UnsafeMutablePointer<ClipVertex>) -> SupportingFeature {
    for k in 0..<feature.count { corners[k].position = toA(corners[k].position) }
    var turned = feature
    turned.normal = rotation * feature.normal
    return turned
  }
}
