import LinearAlgebra

// A sphere against everything: the point q of the other piece nearest to the centre c, in closed form.
//
//   outside: normal = (q − c)/|q − c|, separation = |q − c| − r
//   inside:  the nearest face decides; separation = −(distance to it) − r
//
// Centres that coincide with an axis or a centre leave the normal open: it is then a fixed axis of the other piece.

extension Narrowphase {
  static func sphereSphere(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    manifold.setRounded(
      .zero, a.size.x, frame.translation, b.size.x, fallback: .unitY, feature: 0, margin: frame.margin)
  }

  static func sphereCapsule(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let center = frame.toB(.zero)
    let y = min(max(center.y, -b.size.y), b.size.y)
    manifold.setRounded(
      .zero, a.size.x, frame.toA(Vector3(0, y, 0)), b.size.x, fallback: frame.rotation.column(0), feature: 0,
      margin: frame.margin)
  }

  static func sphereCylinder(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let c = frame.toB(.zero)
    let radius = b.size.x
    let halfHeight = b.size.y
    let radial = (c.x * c.x + c.z * c.z).squareRoot()
    let toCap = c.y.magnitude - halfHeight
    let toSide = radial - radius
    let cap: Double = c.y < 0 ? -1 : 1
    if toCap <= 0 && toSide <= 0 {
      let side = radial > 0 ? Vector3(c.x / radial, 0, c.z / radial) : .unitX
      let outward = toSide > toCap ? side : Vector3(0, cap, 0)
      setInside(a.size.x, outward, max(toSide, toCap), toSide > toCap ? 1 : (cap > 0 ? 2 : 3), frame, &manifold)
      return
    }
    let shrink = toSide > 0 ? radius / radial : 1
    let q = Vector3(shrink * c.x, toCap > 0 ? cap * halfHeight : c.y, shrink * c.z)
    setOutside(a.size.x, c, q, 0, frame, &manifold)
  }

  static func sphereBox(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let h = b.size
    let c = frame.toB(.zero)
    let q = c.minimum(h).maximum(-h)
    if q != c {
      setOutside(a.size.x, c, q, 0, frame, &manifold)
      return
    }
    let depth = h - c.magnitudes
    let axis = depth.x <= depth.y ? (depth.x <= depth.z ? 0 : 2) : (depth.y <= depth.z ? 1 : 2)
    var outward = Vector3.zero
    outward[axis] = c[axis] < 0 ? -1 : 1
    setInside(a.size.x, outward, -depth[axis], UInt32(1 + axis), frame, &manifold)
  }

  static func sphereTriangle(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let triangle = Triangle(b.triangle)
    let c = frame.toB(.zero)
    let (q, corners) = triangle.closestPoint(to: c)
    let face = triangle.unitNormal
    let distance = (c - q).length
    // Over the face its own normal is exact, however near the centre is; it is also what a centre on it gets.
    if face != .zero && (corners == 7 || !(distance > 0)) {
      let side = face.dot(c - triangle.a)
      setInside(a.size.x, side < 0 ? -face : face, distance, corners << 29, frame, &manifold)
    } else if distance > 0 {
      setOutside(a.size.x, c, q, corners << 29, frame, &manifold)
    } else {
      setInside(a.size.x, .unitY, 0, corners << 29, frame, &manifold)
    }
  }

  /// The centre `c` is outside b and `q` is b's nearest point (b's frame).
  @inline(__always)
  static func setOutside(
    _ radius: Double, _ c: Vector3, _ q: Vector3, _ feature: UInt32, _ frame: PairFrame,
    _ manifold: inout ContactManifold
  ) {
    let delta = q - c
    let distance = delta.length
    let separation = distance - radius
    if separation > frame.margin || !(distance > 0) { return }
    let normal = frame.rotation * (delta / distance)
    manifold.normal = normal
    manifold.append(
      ContactPoint(position: (radius + 0.5 * separation) * normal, separation: separation, feature: feature))
  }

  /// The centre is `distance` above the face with the normal `outward` (b's frame); negative inside b.
  @inline(__always)
  static func setInside(
    _ radius: Double, _ outward: Vector3, _ distance: Double, _ feature: UInt32, _ frame: PairFrame,
    _ manifold: inout ContactManifold
  ) {
    let separation = distance - radius
    if separation > frame.margin { return }
    let normal = -(frame.rotation * outward)
    manifold.normal = normal
    manifold.append(
      ContactPoint(position: (radius + 0.5 * separation) * normal, separation: separation, feature: feature))
  }
}
