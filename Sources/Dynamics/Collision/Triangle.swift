import LinearAlgebra

// Nearest point of a triangle by its Voronoi regions: Ericson, "Real-Time Collision Detection", 2005, section 5.1.5.

/// Three corners (m).
struct Triangle {
  let a: Vector3
  let b: Vector3
  let c: Vector3

  @inline(__always)
  init(_ corners: (Vector3, Vector3, Vector3)) { (a, b, c) = corners }

  /// (b − a) × (c − a), made unit; zero for a triangle without an area.
  @inline(__always) var unitNormal: Vector3 {
    let cross = (b - a).cross(c - a)
    let longest = max((b - a).lengthSquared, max((c - a).lengthSquared, (c - b).lengthSquared))
    // Heights below 1e-10 of the longest side are round-off.
    return cross.lengthSquared > 1e-20 * longest * longest ? cross.normalized() : .zero
  }

  /// The point of the triangle nearest to `p`, and which corners span it (a bit each: 1, 2, 4).
  func closestPoint(to p: Vector3) -> (point: Vector3, corners: UInt32) {
    let ab = b - a
    let ac = c - a
    if unitNormal == .zero { return closestPointOnSides(to: p) }
    let d1 = ab.dot(p - a)
    let d2 = ac.dot(p - a)
    if d1 <= 0 && d2 <= 0 { return (a, 1) }
    let d3 = ab.dot(p - b)
    let d4 = ac.dot(p - b)
    if d3 >= 0 && d4 <= d3 { return (b, 2) }
    let vc = d1 * d4 - d3 * d2
    if vc <= 0 && d1 >= 0 && d3 <= 0 { return (a + (d1 / (d1 - d3)) * ab, 3) }
    let d5 = ab.dot(p - c)
    let d6 = ac.dot(p - c)
    if d6 >= 0 && d5 <= d6 { return (c, 4) }
    let vb = d5 * d2 - d1 * d6
    if vb <= 0 && d2 >= 0 && d6 <= 0 { return (a + (d2 / (d2 - d6)) * ac, 5) }
    let va = d3 * d6 - d5 * d4
    if va <= 0 && d4 >= d3 && d5 >= d6 { return (b + ((d4 - d3) / ((d4 - d3) + (d5 - d6))) * (c - b), 6) }
    let n = unitNormal
    return (p - n.dot(p - a) * n, 7)
  }

  /// A triangle without an area is three segments.
  private func closestPointOnSides(to p: Vector3) -> (point: Vector3, corners: UInt32) {
    var best = a
    var corners: UInt32 = 1
    var smallest = Double.infinity
    for side in 0..<3 {
      let start = side == 0 ? a : (side == 1 ? b : c)
      let direction = (side == 0 ? b : (side == 1 ? c : a)) - start
      let length = direction.lengthSquared
      let t = length > 0 ? min(max(direction.dot(p - start) / length, 0), 1) : 0
      let point = start + t * direction
      let distance = (p - point).lengthSquared
      if distance < smallest {
        smallest = distance
        best = point
        corners = side == 0 ? 3 : (side == 1 ? 6 : 5)
      }
    }
    return (best, corners)
  }

  /// Which corners span a point of the triangle's plane; weights below 1e-4 count as none.
  func corners(of p: Vector3) -> UInt32 {
    let n = (b - a).cross(c - a)
    let whole = n.lengthSquared
    if !(whole > 0) { return closestPointOnSides(to: p).corners }
    let weightA = n.dot((c - b).cross(p - b)) / whole
    let weightB = n.dot((a - c).cross(p - c)) / whole
    let weightC = n.dot((b - a).cross(p - a)) / whole
    let corners: UInt32 = (weightA > 1e-4 ? 1 : 0) | (weightB > 1e-4 ? 2 : 0) | (weightC > 1e-4 ? 4 : 0)
    return corners == 0 ? 7 : corners
  }
}
