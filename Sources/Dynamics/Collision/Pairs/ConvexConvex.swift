import LinearAlgebra

// Any two convex pieces: normal and depth of their cores, then contact points from what they turn to each other.
//
// 1. GJK gives the gap of the cores and its direction, EPA the depth where they overlap; radii are subtracted.
// 2. The direction is replaced by that of a face where that is as good to 2 % plus a thousandth of the thickness, so
//    that a resting hull, or a lying cylinder, has the normal of the face it rests on; or by the product of two edges
//    or axes where that is as good to round-off. A face that turns out not to hold the contact is taken back. Any direction n has an exact gap −max n·x over A − B, so that a
//    replacement never makes the gap something that it is not.
// 3. Where the normal is a face's, the other piece's feature is clipped against the sides of that face; where it is
//    not and both have an edge or line along each other, the lines are clipped against each other; else the nearest
//    points of the cores are the contact.
//
// Cost: a support point for each step of GJK and EPA; 1–3 µs for hulls of a few dozen corners.

/// Pair, normal and gap while the manifold is made; a's frame.
private struct ConvexContact {
  let pair: ConvexPair
  /// Unit normal from a to b.
  var normal: Vector3
  /// Gap of the cores along it (m).
  var gap: Double
  /// Core point of a that is nearest to b, or deepest in it.
  let onA: Vector3

  var radii: Double { pair.a.radius + pair.b.radius }
  var margin: Double { pair.frame.margin }
}

extension Narrowphase {
  static func convexConvex(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let pair = ConvexPair(a: ConvexCore(a), b: ConvexCore(b), frame: frame)
    withUnsafeTemporaryAllocation(of: SupportPoint.self, capacity: 4) { simplex in
      let start = hint.axis == .zero ? -frame.translation : hint.axis
      let found = GJK.distance(
        pair, start: start, limit: max(0, frame.margin) + pair.a.radius + pair.b.radius,
        simplex: simplex.baseAddress!)
      hint.axis = found.v
      if found.outcome == .beyond { return }
      var contact: ConvexContact
      if found.outcome == .apart {
        let distance = found.v.length
        contact = ConvexContact(pair: pair, normal: found.v / -distance, gap: distance, onA: found.onA)
      } else {
        let depth = EPA.penetration(pair, simplex: simplex.baseAddress!, count: found.count)
        contact = ConvexContact(pair: pair, normal: depth.normal, gap: depth.gap, onA: depth.onA)
      }
      // v points from b to a.
      hint.axis = -contact.normal
      if contact.gap - contact.radii > frame.margin { return }
      if b.kind == .triangle && contact.gap < contact.radii {
        var turned = contact
        if turnToSide(&turned) {
          makeManifold(turned, isNearest: false, &manifold)
          if manifold.count > 0 { return }
        }
      }
      makeManifold(contact, isNearest: true, &manifold)
    }
    if b.kind == .triangle { nameCorners(b, frame, &manifold) }
  }

  /// An overlapping triangle b pushes a to the side on which the middle of a lies; false where it does already.
  private static func turnToSide(_ contact: inout ConvexContact) -> Bool {
    let pair = contact.pair
    let face = pair.frame.rotation * Triangle(pair.b.triangle).unitNormal
    if face == .zero { return false }
    let height = 0.5 * face.dot(pair.a.support(face) + pair.a.support(-face))
    let side = height < face.dot(pair.frame.toA(pair.b.triangle.0)) ? -face : face
    // The normal points from a to b.
    if contact.normal.dot(side) <= 1e-6 { return false }
    contact.normal = -side
    contact.gap = pair.gap(along: -side)
    return true
  }

  /// Notes on which corners of triangle b the points are.
  private static func nameCorners(_ b: Geometry, _ frame: PairFrame, _ manifold: inout ContactManifold) {
    let triangle = Triangle(b.triangle)
    for k in 0..<Int(manifold.count) {
      let point = manifold[k]
      let onB = frame.toB(point.position + 0.5 * point.separation * manifold.normal)
      manifold[k].feature = point.feature & 0x1FFF_FFFF | triangle.corners(of: onB) << 29
    }
  }

  /// `isNearest`: the normal is that of the least depth, and the nearest points belong to it.
  private static func makeManifold(
    _ found: ConvexContact, isNearest: Bool, _ manifold: inout ContactManifold
  ) {
    withUnsafeTemporaryAllocation(of: ClipVertex.self, capacity: PolygonClipping.capacity) { first in
      withUnsafeTemporaryAllocation(of: ClipVertex.self, capacity: PolygonClipping.capacity) { second in
        withUnsafeTemporaryAllocation(of: ClipVertex.self, capacity: PolygonClipping.capacity) { third in
          let cornersA = first.baseAddress!
          let cornersB = second.baseAddress!
          let pair = found.pair
          let frame = pair.frame
          var featureA = pair.a.supportingFeature(found.normal, into: cornersA)
          var featureB = frame.toA(
            pair.b.supportingFeature(frame.rotation.transposeTimes(-found.normal), into: cornersB), cornersB)

          var contact = found
          let tolerance = sharpen(&contact, featureA, cornersA, featureB, cornersB)
          manifold.normal = contact.normal
          // What a cylinder turns to the other, its line or its cap's extreme point, turns with the normal.
          if pair.a.kind == .cylinder {
            featureA = pair.a.supportingFeature(contact.normal, into: cornersA)
          }
          if pair.b.kind == .cylinder {
            featureB = frame.toA(
              pair.b.supportingFeature(frame.rotation.transposeTimes(-contact.normal), into: cornersB), cornersB)
          }
          let isFaceA = featureA.isFace && contact.normal.dot(featureA.normal) > 1 - 1e-9
          let isFaceB = featureB.isFace && contact.normal.dot(featureB.normal) < -1 + 1e-9
          let name = ((featureA.name &* 37 &+ featureB.name) & 0x3FF) << 16
          if isFaceA && !(isFaceB && pair.a.kind == .cylinder) {
            clip(
              contact, featureA, cornersA, featureB.count, cornersB, third.baseAddress!, pair.b.radius, name, &manifold)
          } else if isFaceB {
            clip(
              contact, featureB, cornersB, featureA.count, cornersA, third.baseAddress!, pair.a.radius,
              name | 1 << 26, &manifold)
          } else {
            alongLines(contact, featureA, cornersA, featureB, cornersB, &manifold)
          }
          if isNearest { addDeepest(found, contact, tolerance, &manifold) }
        }
      }
    }
  }

  /// Replaces the normal by a better founded one (2. above); returns how much gap that may have cost.
  private static func sharpen(
    _ contact: inout ConvexContact, _ featureA: SupportingFeature, _ cornersA: UnsafeMutablePointer<ClipVertex>,
    _ featureB: SupportingFeature, _ cornersB: UnsafeMutablePointer<ClipVertex>
  ) -> Double {
    let pair = contact.pair
    let n = contact.normal
    let size = pair.a.size.maximum + pair.b.size.maximum + pair.frame.translation.length
    let roundOff = 1e-9 * size
    let isFlat = featureA.isFace && featureB.count > 1 || featureB.isFace && featureA.count > 1
    let relative = isFlat ? 0.02 * (contact.gap - contact.radii).magnitude : 0
    let gap = contact.gap
    var tolerance = roundOff
    var best = -Double.infinity
    var isFace = false
    if featureA.isFace && featureA.normal.dot(n) > 0.9 {
      let along = pair.gap(along: featureA.normal)
      let allowed = roundOff + relative + (isFlat ? 1e-3 * thickness(pair, featureA.normal) : 0)
      if along >= gap - allowed {
        contact.normal = featureA.normal
        contact.gap = along
        // Of two parallel faces it is always a's.
        best = along + 0.5 * allowed
        tolerance = allowed
        isFace = true
      }
    }
    if featureB.isFace && featureB.normal.dot(n) < -0.9 {
      let along = pair.gap(along: -featureB.normal)
      let allowed = roundOff + relative + (isFlat ? 1e-3 * thickness(pair, featureB.normal) : 0)
      if along >= gap - allowed && along >= best {
        contact.normal = -featureB.normal
        contact.gap = along
        tolerance = allowed
        isFace = true
      }
    }
    if !isFace {
      let (startA, endA) = edge(featureA, cornersA, n)
      let (startB, endB) = edge(featureB, cornersB, -n)
      let product = (endA - startA).cross(endB - startB)
      let size = (endA - startA).lengthSquared * (endB - startB).lengthSquared
      // Edges within half a degree of each other have no product to trust; axes have the direction across both.
      var candidate = Vector3.zero
      if product.lengthSquared > 1e-4 * size {
        candidate = product.normalized()
      } else if pair.a.isAxial && pair.b.isAxial {
        let across = pair.frame.translation
        candidate = Vector3(across.x, 0, across.z).normalized()
      }
      if candidate.dot(n) < 0 { candidate = -candidate }
      if candidate.dot(n) > 0.999 {
        let along = pair.gap(along: candidate)
        if along >= gap - roundOff {
          contact.normal = candidate
          contact.gap = along
        }
      }
    }
    return tolerance
  }

  /// Half the width of the thinner piece along n (m); triangles have none and do not count beside another piece.
  private static func thickness(_ pair: ConvexPair, _ n: Vector3) -> Double {
    if pair.a.kind == .triangle { return 0 }
    let a = 0.5 * n.dot(pair.a.support(n) - pair.a.support(-n)) + pair.a.radius
    if pair.b.kind == .triangle { return a }
    let m = pair.frame.rotation.transposeTimes(n)
    let b = 0.5 * m.dot(pair.b.support(m) - pair.b.support(-m)) + pair.b.radius
    return min(a, b)
  }

  /// The feature's edge that is farthest along n.
  private static func edge(
    _ feature: SupportingFeature, _ corners: UnsafeMutablePointer<ClipVertex>, _ n: Vector3
  ) -> (Vector3, Vector3) {
    if feature.count < 3 { return (corners[0].position, corners[feature.count - 1].position) }
    var best = feature.count - 1
    var farthest = -Double.infinity
    for k in 0..<feature.count {
      let next = k + 1 == feature.count ? 0 : k + 1
      let along = n.dot(corners[k].position + corners[next].position)
      if along > farthest {
        farthest = along
        best = k
      }
    }
    return (corners[best].position, corners[best + 1 == feature.count ? 0 : best + 1].position)
  }

  /// The incident feature within the sides of the reference face.
  private static func clip(
    _ contact: ConvexContact, _ reference: SupportingFeature, _ sides: UnsafeMutablePointer<ClipVertex>,
    _ incidentCount: Int, _ incident: UnsafeMutablePointer<ClipVertex>, _ third: UnsafeMutablePointer<ClipVertex>,
    _ radius: Double, _ name: UInt32, _ manifold: inout ContactManifold
  ) {
    var polygon = incident
    var spare = third
    var count = incidentCount
    let up = reference.normal
    // A capsule that stands touches with one end: the ball at the other is not its surface there.
    if radius > 0 && count == 2 {
      let rise = up.dot(polygon[1].position - polygon[0].position)
      if rise.magnitude > 0.2 * (polygon[1].position - polygon[0].position).length {
        if rise < 0 { polygon[0] = polygon[1] }
        count = 1
      }
    }
    var shortest = Double.infinity
    for k in 0..<reference.count {
      let next = sides[k + 1 == reference.count ? 0 : k + 1].position
      shortest = min(shortest, (next - sides[k].position).lengthSquared)
    }
    let tolerance = 2.5e-4 * shortest.squareRoot()
    for k in 0..<reference.count {
      let corner = sides[k].position
      let side = sides[k + 1 == reference.count ? 0 : k + 1].position - corner
      let outward = side.cross(up).normalized()
      let offset = outward.dot(corner)
      if count > 2 {
        let cut = PolygonClipping.clip(
          polygon, count, normal: outward, offset: offset, tolerance: tolerance, edge: UInt32(128 + k), into: spare)
        count = cut.count
        if cut.moved { swap(&polygon, &spare) }
        // What is left of a polygon in a corner.
        if count < 3 { break }
      } else {
        count = PolygonClipping.clipSegment(
          polygon, count, normal: outward, offset: offset, tolerance: tolerance, edge: UInt32(128 + k))
      }
    }
    let level = up.dot(sides[0].position)
    var kept = 0
    for k in 0..<count {
      let height = up.dot(polygon[k].position) - level
      if height - radius > contact.margin { continue }
      polygon[kept] = polygon[k]
      polygon[kept].separation = height - radius
      kept += 1
    }
    kept = ManifoldReduction.reduce(polygon, kept, normal: up)
    for k in 0..<kept {
      let vertex = polygon[k]
      manifold.append(
        ContactPoint(
          position: vertex.position - (radius + 0.5 * vertex.separation) * up, separation: vertex.separation,
          feature: name | vertex.edges))
    }
  }

  /// Two points where edges or lines run along each other.
  private static func alongLines(
    _ contact: ConvexContact, _ featureA: SupportingFeature, _ cornersA: UnsafeMutablePointer<ClipVertex>,
    _ featureB: SupportingFeature, _ cornersB: UnsafeMutablePointer<ClipVertex>, _ manifold: inout ContactManifold
  ) {
    let (startA, endA) = edge(featureA, cornersA, contact.normal)
    let (startB, endB) = edge(featureB, cornersB, -contact.normal)
    setParallel(
      startA, endA, contact.pair.a.radius, startB, endB, contact.pair.b.radius, contact.margin, &manifold)
  }

  /// Contact points at the ends of the stretch in which two segments (a's frame) run along each other, to within a
  /// hundredth of a radian; `manifold` has the normal. None where they do not.
  static func setParallel(
    _ startA: Vector3, _ endA: Vector3, _ radiusA: Double, _ startB: Vector3, _ endB: Vector3, _ radiusB: Double,
    _ margin: Double, _ manifold: inout ContactManifold
  ) {
    let lengthA = (endA - startA).length
    let lengthB = (endB - startB).length
    let normal = manifold.normal
    guard lengthA > 0, lengthB > 0 else { return }
    let along = (endA - startA) / lengthA
    let alongB = (endB - startB) / lengthB
    if along.cross(alongB).lengthSquared > 1e-4 || along.dot(normal).magnitude > 0.05 { return }
    withUnsafeTemporaryAllocation(of: ClipVertex.self, capacity: 2) { ends in
      let points = ends.baseAddress!
      points[0] = ClipVertex(startB, incoming: 1, outgoing: 0)
      points[1] = ClipVertex(endB, incoming: 2, outgoing: 0)
      let low = along.dot(startA)
      let tolerance = 5e-4 * min(lengthA, lengthB)
      var count = PolygonClipping.clipSegment(
        points, 2, normal: along, offset: low + lengthA, tolerance: tolerance, edge: 128)
      count = PolygonClipping.clipSegment(
        points, count, normal: -along, offset: -low, tolerance: tolerance, edge: 129)
      // Lines that meet in less than a tolerance meet in a point.
      if count < 2 || (points[1].position - points[0].position).lengthSquared <= tolerance * tolerance { return }
      for k in 0..<2 {
        let onB = points[k].position
        let onA = startA + along.dot(onB - startA) * along
        let distance = normal.dot(onB - onA)
        let separation = distance - radiusA - radiusB
        // Lines beside each other are not what touches along this normal.
        let aside = onB - onA - distance * normal
        if separation > margin || aside.lengthSquared > 1e-4 * lengthA * lengthB { continue }
        manifold.append(
          ContactPoint(
            position: 0.5 * (onA + onB + (radiusA - radiusB) * normal), separation: separation,
            feature: 1 << 27 | points[k].edges))
      }
    }
  }

  /// The nearest points of the cores, where clipping has lost them (rims of cylinders, faces beyond the edge) or there
  /// was nothing to clip.
  private static func addDeepest(
    _ found: ConvexContact, _ contact: ConvexContact, _ tolerance: Double, _ manifold: inout ContactManifold
  ) {
    var deepest = Double.infinity
    var shallowest = 0
    for k in 0..<Int(manifold.count) {
      deepest = min(deepest, manifold[k].separation)
      if manifold[k].separation > manifold[shallowest].separation { shallowest = k }
    }
    let separation = contact.gap - contact.radii
    if deepest <= separation + max(tolerance, 1e-3 * separation.magnitude) { return }
    // A face that does not hold the deepest points was the wrong choice.
    if contact.normal.dot(found.normal) < 1 - 1e-9 { manifold.count = 0 }
    let used = manifold.count == 0 ? found : contact
    let point = ContactPoint(
      position: used.onA + (used.pair.a.radius + 0.5 * (used.gap - used.radii)) * used.normal,
      separation: used.gap - used.radii, feature: 1 << 28)
    if point.separation > used.margin { return }
    manifold.normal = used.normal
    if manifold.count == 4 { manifold[shallowest] = point } else { manifold.append(point) }
  }
}
