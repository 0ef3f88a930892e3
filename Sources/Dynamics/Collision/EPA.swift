import LinearAlgebra

// Depth of two overlapping convex sets: the expanding polytope algorithm (van den Bergen, "Proximity Queries and
// Penetration Depth Computation on 3D Game Objects", GDC 2001).
//
// A polytope of known points of A − B around the origin grows at its face nearest to the origin: with that face's unit
// normal n the support h(n) = max n·x over A − B is a depth along n, so at least the depth, and the face's distance is
// at most the depth. Polytopes end after finitely many points with h = distance; curved sets converge, the error
// falling by about four with every ring of points. Where the 64 points that there is room for do not reach 1e-10 of the
// size (some places on cylinders), a search over directions around the best n takes the depth to its least.
//
// The best n seen is the answer, so that whatever round-off does to the polytope, the depth along n is what it is said
// to be. Distances are signed: an origin that is outside by round-off (touching sets) is no special case.

/// Storage of one run: at most 64 points and the 2·64 − 4 faces that a closed polytope of them has.
private struct Polytope: ~Copyable {
  struct Face: BitwiseCopyable {
    var normal: Vector3
    var distance: Double
    var corners: SIMD4<Int32>
  }

  static let maximumPoints = 64
  var points = InlineArray<64, SupportPoint>(repeating: SupportPoint(difference: .zero, onA: .zero))
  var faces = InlineArray<132, Face>(repeating: Face(normal: .zero, distance: 0, corners: .zero))
  var horizon = InlineArray<132, SIMD2<Int32>>(repeating: .zero)
}

enum EPA {
  struct Result {
    /// Unit normal along which b leaves a by the shortest way.
    var normal: Vector3
    /// Gap along it (m); minus the depth.
    var gap: Double
    /// The point of a (a's frame, m) that is deepest in b.
    var onA: Vector3
  }

  /// Depth of the cores of `pair`, starting with `count` points in `simplex` that hold the origin.
  static func penetration(
    _ pair: ConvexPair, simplex: UnsafeMutablePointer<SupportPoint>, count: Int
  ) -> Result {
    var scale = 0.0
    var tetrahedron = count
    if let flat = complete(pair, simplex, &tetrahedron, &scale) {
      // A − B has no volume: its plane's normal, or any normal of its line.
      let reverse = pair.support(-flat)
      let forward = pair.support(flat)
      let depth = flat.dot(forward.difference)
      let other = -flat.dot(reverse.difference)
      return depth <= other
        ? Result(normal: flat, gap: -depth, onA: forward.onA)
        : Result(normal: -flat, gap: -other, onA: reverse.onA)
    }
    var polytope = Polytope()
    return withUnsafeMutableBytes(of: &polytope.points) { points in
      withUnsafeMutableBytes(of: &polytope.faces) { faces in
        withUnsafeMutableBytes(of: &polytope.horizon) { horizon in
          expand(
            pair, simplex, scale,
            points.baseAddress!.assumingMemoryBound(to: SupportPoint.self),
            faces.baseAddress!.assumingMemoryBound(to: Polytope.Face.self),
            horizon.baseAddress!.assumingMemoryBound(to: SIMD2<Int32>.self))
        }
      }
    }
  }

  /// Makes the simplex a tetrahedron; returns a normal of A − B where it is flat.
  private static func complete(
    _ pair: ConvexPair, _ simplex: UnsafeMutablePointer<SupportPoint>, _ count: inout Int, _ scale: inout Double
  ) -> Vector3? {
    var squared = 0.0
    for k in 0..<count { squared = max(squared, simplex[k].difference.lengthSquared) }
    for axis in 0..<3 {
      var d = Vector3.zero
      d[axis] = 1
      let high = pair.support(d)
      let low = pair.support(-d)
      squared = max(squared, max(high.difference.lengthSquared, low.difference.lengthSquared))
    }
    scale = squared.squareRoot()
    let tiny = 1e-11 * scale

    if count == 4 {
      let p = simplex[0].difference
      let n = (simplex[1].difference - p).cross(simplex[2].difference - p)
      if n.dot(simplex[3].difference - p).magnitude > tiny * n.length && n.length > tiny * tiny { return nil }
      count = 3
    }
    if count == 3 {
      let p = simplex[0].difference
      let ab = simplex[1].difference - p
      let ac = simplex[2].difference - p
      let longest = max(ab.length, ac.length)
      if ab.cross(ac).length <= tiny * longest {
        if ac.lengthSquared > ab.lengthSquared { simplex[1] = simplex[2] }
        count = 2
      }
    }
    if count == 2 && (simplex[1].difference - simplex[0].difference).length <= tiny { count = 1 }
    if count == 1 {
      var farthest = 0.0
      for k in 0..<6 {
        var d = Vector3.zero
        d[k >> 1] = k & 1 == 0 ? 1 : -1
        let candidate = pair.support(d)
        let distance = (candidate.difference - simplex[0].difference).length
        if distance > farthest {
          farthest = distance
          simplex[1] = candidate
        }
      }
      if !(farthest > tiny) { return .unitY }
      count = 2
    }
    if count == 2 {
      let p = simplex[0].difference
      let line = (simplex[1].difference - p).normalized()
      let (t1, t2) = line.tangents
      var farthest = 0.0
      for k in 0..<4 {
        let t = k < 2 ? t1 : t2
        let candidate = pair.support(k & 1 == 0 ? t : -t)
        let distance = line.cross(candidate.difference - p).length
        if distance > farthest {
          farthest = distance
          simplex[2] = candidate
        }
      }
      if !(farthest > tiny) { return t1 }
      count = 3
    }
    let p = simplex[0].difference
    let n = (simplex[1].difference - p).cross(simplex[2].difference - p).normalized()
    let above = pair.support(n)
    let below = pair.support(-n)
    let up = n.dot(above.difference - p)
    let down = -n.dot(below.difference - p)
    if !(max(up, down) > tiny) { return n }
    simplex[3] = up >= down ? above : below
    count = 4
    return nil
  }

  private static func face(
    _ points: UnsafeMutablePointer<SupportPoint>, _ i: Int32, _ j: Int32, _ k: Int32
  ) -> Polytope.Face {
    let a = points[Int(i)].difference
    let n = (points[Int(j)].difference - a).cross(points[Int(k)].difference - a)
    let length = n.length
    // A face without an area is never the nearest and never visible.
    if !(length > 0) { return Polytope.Face(normal: .zero, distance: .infinity, corners: SIMD4(i, j, k, 0)) }
    let normal = n / length
    return Polytope.Face(normal: normal, distance: normal.dot(a), corners: SIMD4(i, j, k, 0))
  }

  private static func expand(
    _ pair: ConvexPair, _ simplex: UnsafeMutablePointer<SupportPoint>, _ scale: Double,
    _ points: UnsafeMutablePointer<SupportPoint>, _ faces: UnsafeMutablePointer<Polytope.Face>,
    _ horizon: UnsafeMutablePointer<SIMD2<Int32>>
  ) -> Result {
    for k in 0..<4 { points[k] = simplex[k] }
    let a = points[0].difference
    let volume = (points[1].difference - a).cross(points[2].difference - a).dot(points[3].difference - a)
    if volume > 0 { (points[1], points[2]) = (points[2], points[1]) }
    faces[0] = face(points, 0, 1, 2)
    faces[1] = face(points, 0, 3, 1)
    faces[2] = face(points, 0, 2, 3)
    faces[3] = face(points, 1, 3, 2)
    var faceCount = 4
    var pointCount = 4
    var best = Result(normal: .unitY, gap: -.infinity, onA: .zero)
    var isConverged = false

    while true {
      var nearest = 0
      for k in 1..<faceCount where faces[k].distance < faces[nearest].distance { nearest = k }
      let front = faces[nearest]
      if !front.distance.isFinite { break }
      let w = pair.support(front.normal)
      let reach = front.normal.dot(w.difference)
      if -reach > best.gap { best = Result(normal: front.normal, gap: -reach, onA: w.onA) }
      // The nearest face bounds the depth from below.
      isConverged = -best.gap - front.distance <= 1e-10 * scale
      if isConverged || pointCount == Polytope.maximumPoints { break }

      // Drop the faces that see w, keeping the edges that only one of them has.
      points[pointCount] = w
      var edges = 0
      var kept = 0
      for k in 0..<faceCount {
        let f = faces[k]
        if f.normal.dot(w.difference) - f.distance > 1e-12 * scale {
          for e in 0..<3 {
            let start = f.corners[e]
            let end = f.corners[e == 2 ? 0 : e + 1]
            var found = -1
            for m in 0..<edges where horizon[m].x == end && horizon[m].y == start { found = m }
            if found >= 0 {
              edges -= 1
              horizon[found] = horizon[edges]
            } else if edges < 128 {
              horizon[edges] = SIMD2(start, end)
              edges += 1
            }
          }
        } else {
          faces[kept] = f
          kept += 1
        }
      }
      // The horizon must be one ring; round-off that tears it ends the search.
      var starts: UInt64 = 0
      var ends: UInt64 = 0
      for m in 0..<edges {
        starts |= 1 << UInt64(horizon[m].x)
        ends |= 1 << UInt64(horizon[m].y)
      }
      if edges < 3 || starts != ends || starts.nonzeroBitCount != edges || kept + edges > 132 { break }
      for m in 0..<edges { faces[kept + m] = face(points, horizon[m].x, horizon[m].y, Int32(pointCount)) }
      faceCount = kept + edges
      pointCount += 1
    }
    best.onA = onA(points, faces, faceCount, best.normal, fallback: best.onA)
    if !isConverged { refine(pair, &best) }
    return best
  }

  /// Compass search for the least depth around the normal, from 0.02 to 1e-7 rad. The depth is a valley of flat sides
  /// where edges meet: the compass turns by the golden angle after every failure so as not to miss its direction.
  private static func refine(_ pair: ConvexPair, _ best: inout Result) {
    let sine = 0.675_490_294_261_523_8
    let cosine = -0.737_368_878_078_320_3
    var (x, y) = (1.0, 0.0)
    var step = 0.02
    var failures = 0
    // Every halving takes four failures; successes of small steps are bounded too.
    for _ in 0..<160 where step > 1e-7 {
      let (t1, t2) = best.normal.tangents
      let d = step * (x * t1 + y * t2)
      let e = step * (x * t2 - y * t1)
      let start = best.gap
      improve(pair, (best.normal + d).normalized(), &best)
      if best.gap == start { improve(pair, (best.normal - d).normalized(), &best) }
      if best.gap == start { improve(pair, (best.normal + e).normalized(), &best) }
      if best.gap == start { improve(pair, (best.normal - e).normalized(), &best) }
      if best.gap > start {
        failures = 0
        continue
      }
      (x, y) = (cosine * x - sine * y, sine * x + cosine * y)
      failures += 1
      if failures == 4 {
        step *= 0.5
        failures = 0
      }
    }
  }

  @inline(__always)
  private static func improve(_ pair: ConvexPair, _ n: Vector3, _ best: inout Result) {
    let gap = pair.gap(along: n)
    if gap > best.gap {
      best.gap = gap
      best.normal = n
    }
  }

  /// The point of A where the line from the origin along `n` leaves the polytope. Of coplanar faces at the least
  /// distance any may have been the last, so the one that the line meets is looked for.
  private static func onA(
    _ points: UnsafeMutablePointer<SupportPoint>, _ faces: UnsafeMutablePointer<Polytope.Face>, _ count: Int,
    _ n: Vector3, fallback: Vector3
  ) -> Vector3 {
    var place = fallback
    var innermost = -Double.infinity
    for k in 0..<count where faces[k].normal.dot(n) > 0.5 {
      let p = points[Int(faces[k].corners[0])]
      let q = points[Int(faces[k].corners[1])]
      let r = points[Int(faces[k].corners[2])]
      // Areas of the three parts into which the line divides the face, seen along it.
      let x = n.dot(q.difference.cross(r.difference))
      let y = n.dot(r.difference.cross(p.difference))
      let z = n.dot(p.difference.cross(q.difference))
      let sum = x + y + z
      if !(sum > 0) { continue }
      let least = min(x, min(y, z)) / sum
      if least > innermost {
        innermost = least
        let (u, v, w) = (max(x, 0), max(y, 0), max(z, 0))
        place = (u * p.onA + v * q.onA + w * r.onA) / (u + v + w)
      }
    }
    return place
  }
}
