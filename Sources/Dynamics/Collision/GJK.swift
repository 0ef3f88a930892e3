import LinearAlgebra

// Distance of two convex sets: Gilbert, Johnson, Keerthi, "A fast procedure for computing the distance between complex
// objects in three-dimensional space", IEEE J. Robotics and Automation 4(2), 1988.
//
// v is the point of the simplex spanned by known points of A − B that is nearest to the origin; the support point w
// of A − B along −v joins the simplex, which then drops what does not span its new nearest point. |v| falls to the
// distance; v·w/|v| is a lower bound of it at any time, which ends the search early for pairs beyond the margin. It
// ends when v·v − v·w ≤ 1e-13 v·v or nothing improves. On polytopes that takes a handful of support points.
//
// The nearest point of a triangle's inside is computed from the plane, v = n (n·a)/(n·n), not from barycentric
// coordinates: v is then as parallel to the face normal as round-off allows even for small gaps.

enum GJK {
  enum Outcome {
    /// Farther apart than asked for.
    case beyond
    /// Apart, the nearest points are known.
    case apart
    /// Overlapping, or so close that v is round-off: the simplex holds the origin.
    case touching
  }

  struct Result {
    var outcome: Outcome
    /// v, from b's nearest point to a's (m).
    var v: Vector3
    /// a's nearest point (a's frame, m).
    var onA: Vector3
    /// Points in the simplex.
    var count: Int
  }

  /// Distance of the cores of `pair` if it is not above `limit` (m); `start` is where the search for v begins, and
  /// `simplex` has room for four points.
  static func distance(
    _ pair: ConvexPair, start: Vector3, limit: Double, simplex: UnsafeMutablePointer<SupportPoint>
  ) -> Result {
    var v = start.lengthSquared > 0 ? start : .unitX
    simplex[0] = pair.support(-v)
    var count = 1
    v = simplex[0].difference
    var onA = simplex[0].onA
    var squared = v.lengthSquared
    var largest = squared
    var bound = -Double.infinity
    for _ in 0..<100 {
      // Below 1e-9 of the shapes' size the direction of v is lost.
      if squared <= 1e-18 * largest { return Result(outcome: .touching, v: v, onA: onA, count: count) }
      let w = pair.support(-v)
      bound = v.dot(w.difference)
      if bound > 0 && bound * bound > limit * limit * squared {
        return Result(outcome: .beyond, v: v, onA: onA, count: count)
      }
      if squared - bound <= 1e-13 * squared { break }
      largest = max(largest, w.difference.lengthSquared)
      simplex[count] = w
      let nearest = Simplex.nearest(simplex, count + 1)
      if nearest.count == 4 { return Result(outcome: .touching, v: .zero, onA: onA, count: 4) }
      let next = nearest.point.lengthSquared
      if !(next < squared) { break }
      let previous = squared
      count = nearest.count
      (v, squared) = (nearest.point, next)
      onA = nearest.compact(simplex)
      if previous - next <= 1e-15 * previous { break }
    }
    // Stuck in round-off before the bound has met the distance: let the penetration decide.
    let isConverged = squared - bound <= 1e-6 * squared
    return Result(outcome: isConverged ? .apart : .touching, v: v, onA: onA, count: count)
  }
}

/// The nearest point to the origin of a simplex: which points span it and their weights.
struct Simplex {
  var point: Vector3
  /// 1 … 3, or 4 where the origin is inside.
  var count: Int
  var indices: SIMD4<Int>
  var weights: Vector3

  @inline(__always)
  private init(_ point: Vector3, _ count: Int, _ i: Int, _ j: Int, _ k: Int, _ weights: Vector3) {
    self.point = point
    self.count = count
    indices = SIMD4(i, j, k, 0)
    self.weights = weights
  }

  /// Moves the points that count to the front of `simplex`; returns the point of A.
  @inline(__always)
  func compact(_ simplex: UnsafeMutablePointer<SupportPoint>) -> Vector3 {
    let p = simplex[indices[0]]
    let q = simplex[indices[1]]
    let r = simplex[indices[2]]
    simplex[0] = p
    if count == 1 { return p.onA }
    simplex[1] = q
    if count == 2 { return weights.x * p.onA + weights.y * q.onA }
    simplex[2] = r
    return weights.x * p.onA + weights.y * q.onA + weights.z * r.onA
  }

  static func nearest(_ s: UnsafeMutablePointer<SupportPoint>, _ count: Int) -> Simplex {
    switch count {
    case 2: ofSegment(s, 0, 1)
    case 3: ofTriangle(s, 0, 1, 2)
    default: ofTetrahedron(s)
    }
  }

  @inline(__always)
  private static func ofSegment(_ s: UnsafeMutablePointer<SupportPoint>, _ i: Int, _ j: Int) -> Simplex {
    let a = s[i].difference
    let ab = s[j].difference - a
    let along = -a.dot(ab)
    if along <= 0 { return Simplex(a, 1, i, i, i, Vector3(1, 0, 0)) }
    let length = ab.lengthSquared
    if along >= length { return Simplex(s[j].difference, 1, j, j, j, Vector3(1, 0, 0)) }
    let t = along / length
    return Simplex(a + t * ab, 2, i, j, j, Vector3(1 - t, t, 0))
  }

  /// Voronoi regions as in `Triangle.closestPoint(to:)`.
  private static func ofTriangle(_ s: UnsafeMutablePointer<SupportPoint>, _ i: Int, _ j: Int, _ k: Int) -> Simplex {
    let a = s[i].difference
    let b = s[j].difference
    let c = s[k].difference
    let ab = b - a
    let ac = c - a
    let d1 = -ab.dot(a)
    let d2 = -ac.dot(a)
    if d1 <= 0 && d2 <= 0 { return Simplex(a, 1, i, i, i, Vector3(1, 0, 0)) }
    let d3 = -ab.dot(b)
    let d4 = -ac.dot(b)
    if d3 >= 0 && d4 <= d3 { return Simplex(b, 1, j, j, j, Vector3(1, 0, 0)) }
    let d5 = -ab.dot(c)
    let d6 = -ac.dot(c)
    if d6 >= 0 && d5 <= d6 { return Simplex(c, 1, k, k, k, Vector3(1, 0, 0)) }
    let n = ab.cross(ac)
    let area = n.lengthSquared
    // Weights from the plane's normal lose fewer digits than products of the d's.
    let vc = n.dot(a.cross(b))
    let vb = n.dot(c.cross(a))
    let va = n.dot(b.cross(c))
    if !(area > 0) || va <= 0 || vb <= 0 || vc <= 0 {
      let onAB = ofSegment(s, i, j)
      let onAC = ofSegment(s, i, k)
      let onBC = ofSegment(s, j, k)
      let x = onAB.point.lengthSquared
      let y = onAC.point.lengthSquared
      let z = onBC.point.lengthSquared
      return x <= y ? (x <= z ? onAB : onBC) : (y <= z ? onAC : onBC)
    }
    let sum = va + vb + vc
    return Simplex((n.dot(a) / area) * n, 3, i, j, k, Vector3(va / sum, vb / sum, vc / sum))
  }

  /// The nearest of the faces that have the origin on their outer side; a flat tetrahedron has it on all.
  private static func ofTetrahedron(_ s: UnsafeMutablePointer<SupportPoint>) -> Simplex {
    var best = Simplex(.zero, 4, 0, 1, 2, .zero)
    var smallest = Double.infinity
    @inline(__always) func face(_ i: Int, _ j: Int, _ k: Int, _ l: Int) {
      let a = s[i].difference
      let n = (s[j].difference - a).cross(s[k].difference - a)
      let ofOrigin = -n.dot(a)
      let ofApex = n.dot(s[l].difference - a)
      if ofOrigin * ofApex > 0 && ofApex * ofApex > 1e-24 * n.lengthSquared * a.lengthSquared { return }
      let nearest = ofTriangle(s, i, j, k)
      let distance = nearest.point.lengthSquared
      if distance < smallest {
        smallest = distance
        best = nearest
      }
    }
    face(0, 1, 2, 3)
    face(0, 1, 3, 2)
    face(0, 2, 3, 1)
    face(1, 2, 3, 0)
    return best
  }
}
