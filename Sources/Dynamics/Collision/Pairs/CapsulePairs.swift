import LinearAlgebra

// Two capsules: the nearest points of two segments (Ericson, "Real-Time Collision Detection", 2005, section 5.1.9).
//
// With segments p + s d, s ∈ [−l, l], and q + t e, t ∈ [−m, m] around the centres, unit d and e, c = d·e, r = q − p:
//
//   (1 − c²) s = d·r − c e·r   clamped,   t = c s − e·r   clamped,   s again where t was.
//
// Segments that run along each other touch in two points.

extension Narrowphase {
  static func capsuleCapsule(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let l = a.size.y
    let m = b.size.y
    let e = frame.rotation.column(1)
    let r = frame.translation
    let along = r.y
    let alongB = e.dot(r)
    let c = e.y
    let denominator = 1 - c * c
    var s = 0.0
    if denominator > 1e-12 {
      s = (along - c * alongB) / denominator
    } else {
      // Parallel: the middle of the stretch that they share, or the ends that are nearest.
      s = 0.5 * (max(-l, along - m) + min(l, along + m))
    }
    s = min(max(s, -l), l)
    var t = c * s - alongB
    if t.magnitude > m {
      t = t < 0 ? -m : m
      s = min(max(along + c * t, -l), l)
    }
    let onA = Vector3(0, s, 0)
    let onB = r + t * e
    // Crossing segments leave by the way across both.
    let across = Vector3.unitY.cross(e).normalized(fallback: .unitX)
    manifold.setRounded(
      onA, a.size.x, onB, b.size.x, fallback: r.dot(across) < 0 ? -across : across, feature: 1 << 28,
      margin: frame.margin)
    if manifold.count == 0 || l == 0 || m == 0 { return }
    let single = manifold[0]
    manifold.count = 0
    setParallel(
      Vector3(0, -l, 0), Vector3(0, l, 0), a.size.x, r - m * e, r + m * e, b.size.x, frame.margin, &manifold)
    if manifold.count == 0 { manifold.append(single) }
  }
}
