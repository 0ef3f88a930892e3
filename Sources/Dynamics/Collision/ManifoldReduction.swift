import LinearAlgebra

/// Choice of at most four contact points of many in a plane.
///
/// The deepest; the one farthest from it; the one that spans the largest triangle with both; the one that adds the
/// most area on the other side of one of the triangle's edges (Gregorius 2015). A later point must be better than an
/// earlier one by a thousandth (the deepest: by 2e-4 of the polygon's size) to be taken: points of equal worth, as in
/// symmetric polygons, must not change places with round-off.
enum ManifoldReduction {
  /// Moves the chosen points to the front and returns their number.
  static func reduce(_ points: UnsafeMutablePointer<ClipVertex>, _ count: Int, normal: Vector3) -> Int {
    if count <= 4 { return count }
    var deepest = 0
    var size = 0.0
    for k in 1..<count {
      if points[k].separation < points[deepest].separation { deepest = k }
      size = max(size, (points[k].position - points[0].position).lengthSquared)
    }
    let level = points[deepest].separation + 2e-4 * size.squareRoot()
    var first = 0
    while points[first].separation > level { first += 1 }
    exchange(points, 0, first < count ? first : deepest)
    let p0 = points[0].position

    var farthest = 0.0
    var second = 1
    for k in 1..<count {
      let d = (points[k].position - p0).lengthSquared
      if d > 1.001 * farthest {
        farthest = d
        second = k
      }
    }
    exchange(points, 1, second)
    let side = points[1].position - p0

    var area = 0.0
    var third = 2
    for k in 2..<count {
      let twice = side.cross(points[k].position - p0).dot(normal)
      if twice.magnitude > 1.001 * area.magnitude {
        area = twice
        third = k
      }
    }
    // Points on a line: its ends are enough.
    if area.magnitude <= 1e-6 * farthest { return 2 }
    exchange(points, 2, third)
    let p1 = points[1].position
    let p2 = points[2].position
    let sign: Double = area < 0 ? -1 : 1

    var gain = 1e-6 * area.magnitude
    var fourth = -1
    for k in 3..<count {
      let p = points[k].position
      let e0 = -sign * (p1 - p0).cross(p - p0).dot(normal)
      let e1 = -sign * (p2 - p1).cross(p - p1).dot(normal)
      let e2 = -sign * (p0 - p2).cross(p - p2).dot(normal)
      let outside = max(e0, max(e1, e2))
      if outside > 1.001 * gain {
        gain = outside
        fourth = k
      }
    }
    if fourth < 0 { return 3 }
    exchange(points, 3, fourth)
    return 4
  }

  @inline(__always)
  private static func exchange(_ points: UnsafeMutablePointer<ClipVertex>, _ i: Int, _ j: Int) {
    let kept = points[i]
    points[i] = points[j]
    points[j] = kept
  }
}
