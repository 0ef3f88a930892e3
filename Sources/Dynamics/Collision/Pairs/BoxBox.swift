import LinearAlgebra

// Two boxes: separating axes (Gottschalk, Lin, Manocha 1996), then a clipped face or a pair of edges.
//
// With half extents hA, hB, b's axes r_j in a's frame, R = [r₀ r₁ r₂] and centre t, the gap along a unit axis l is
//
//   s(l) = |t·l| − Σ hA_i |l_i| − Σ hB_j |l·r_j|
//
// and the gap of the boxes is at least its maximum over 3 + 3 face normals and 9 products e_i × r_j; for overlapping
// boxes the maximum is exactly minus the depth. Faces win over edges, and the axis of the step before over the others,
// unless they lose by more than `tolerance`: 2 % of the gap or depth plus a thousandth of the thinnest half extent.
// That keeps the reference face of a resting stack, and tilts its normals by nothing.
//
// Boxes that are apart with two corners, or a corner and an edge, nearest to each other have no such axis; they take
// the general way (`convexConvex`).

/// Gaps along the fifteen axes; axis numbers are 0–2 faces of a, 3–5 faces of b, 6 + 3i + j edges i of a, j of b.
private struct BoxAxes {
  let hA: Vector3
  let hB: Vector3
  /// Columns of R.
  let r0: Vector3
  let r1: Vector3
  let r2: Vector3
  let t: Vector3

  @inline(__always)
  init(_ a: Geometry, _ b: Geometry, _ frame: PairFrame) {
    hA = a.size
    hB = b.size
    r0 = frame.rotation.column(0)
    r1 = frame.rotation.column(1)
    r2 = frame.rotation.column(2)
    t = frame.translation
  }

  /// Gaps along a's face normals.
  @inline(__always) var facesOfA: Vector3 {
    t.magnitudes - hA - (hB.x * r0.magnitudes + hB.y * r1.magnitudes + hB.z * r2.magnitudes)
  }

  /// Gaps along b's face normals.
  @inline(__always) var facesOfB: Vector3 {
    let center = Vector3(t.dot(r0), t.dot(r1), t.dot(r2)).magnitudes
    return center - hB - Vector3(hA.dot(r0.magnitudes), hA.dot(r1.magnitudes), hA.dot(r2.magnitudes))
  }

  /// Gaps along e_i × r for i = 0, 1, 2, where r is b's axis, `p` and `q` the next two and `hp`, `hq` the half extents
  /// along those. Minus infinity for edges that are parallel (to 1e-4): their directions are among the others.
  @inline(__always)
  func edges(_ r: Vector3, _ p: Vector3, _ q: Vector3, _ hp: Double, _ hq: Double) -> Vector3 {
    let m = r.magnitudes
    // |e_i × r · p| = |e_i · q| and the other way round.
    let extent = hp * q.magnitudes + hq * p.magnitudes
    let x = (t.z * r.y - t.y * r.z).magnitude - hA.y * m.z - hA.z * m.y - extent.x
    let y = (t.x * r.z - t.z * r.x).magnitude - hA.z * m.x - hA.x * m.z - extent.y
    let z = (t.y * r.x - t.x * r.y).magnitude - hA.x * m.y - hA.y * m.x - extent.z
    let lx = r.y * r.y + r.z * r.z
    let ly = r.z * r.z + r.x * r.x
    let lz = r.x * r.x + r.y * r.y
    return Vector3(
      lx > 1e-8 ? x / lx.squareRoot() : -.infinity, ly > 1e-8 ? y / ly.squareRoot() : -.infinity,
      lz > 1e-8 ? z / lz.squareRoot() : -.infinity)
  }

  /// Gap along one axis.
  func gap(axis: Int) -> Double {
    switch axis {
    case 0..<3: facesOfA[axis]
    case 3..<6: facesOfB[axis - 3]
    default:
      switch axis % 3 {
      case 0: edges(r0, r1, r2, hB.y, hB.z)[(axis - 6) / 3]
      case 1: edges(r1, r2, r0, hB.z, hB.x)[(axis - 6) / 3]
      default: edges(r2, r0, r1, hB.x, hB.y)[(axis - 6) / 3]
      }
    }
  }
}

extension Narrowphase {
  static func boxBox(
    _ a: Geometry, _ b: Geometry, _ frame: PairFrame, _ hint: inout PairHint, _ manifold: inout ContactManifold
  ) {
    let axes = BoxAxes(a, b, frame)
    // The hint is the number of the last axis plus one.
    let last = hint.data > 0 && hint.data <= 15 ? Int(hint.data) - 1 : -1
    if last >= 0 && axes.gap(axis: last) > frame.margin { return }

    let gapsA = axes.facesOfA
    let gapsB = axes.facesOfB
    let thinnest = min(-(-a.size).maximum, -(-b.size).maximum)
    var face = -1
    var faceGap = -Double.infinity
    if last >= 0 && last < 6 {
      face = last
      faceGap = last < 3 ? gapsA[last] : gapsB[last - 3]
    }
    var tolerance = face >= 0 ? 0.02 * faceGap.magnitude + 1e-3 * thinnest : 0
    for k in 0..<6 {
      let gap = k < 3 ? gapsA[k] : gapsB[k - 3]
      if gap > faceGap + tolerance {
        face = k
        faceGap = gap
        // Among the others only round-off is ignored.
        tolerance = 1e-9 * thinnest
      }
    }
    // Dimensions beyond all numbers have no axis.
    if face < 0 { return }
    if faceGap > frame.margin {
      hint.data = UInt64(face + 1)
      return
    }

    var edge = -1
    var edgeGap = -Double.infinity
    for j in 0..<3 {
      let gaps =
        j == 0
        ? axes.edges(axes.r0, axes.r1, axes.r2, b.size.y, b.size.z)
        : (j == 1
          ? axes.edges(axes.r1, axes.r2, axes.r0, b.size.z, b.size.x)
          : axes.edges(axes.r2, axes.r0, axes.r1, b.size.x, b.size.y))
      for i in 0..<3 where gaps[i] > edgeGap {
        edge = 6 + 3 * i + j
        edgeGap = gaps[i]
      }
    }
    tolerance = 0.02 * faceGap.magnitude + 1e-3 * thinnest
    if last >= 6 { tolerance *= 0.5 }
    if edgeGap > faceGap + tolerance {
      hint.data = UInt64(edge + 1)
      if edgeGap > frame.margin { return }
      if boxEdges(a.size, b.size, frame, (edge - 6) / 3, edge % 3, &manifold) { return }
    } else {
      hint.data = UInt64(face + 1)
      if face < 3 {
        let sign: Double = frame.translation[face] < 0 ? -1 : 1
        boxFaces(a.size, b.size, frame, axis: face, sign: sign, reference: UInt32(face), &manifold)
        manifold.normal = unit(face, sign)
      } else {
        let inverse = frame.inverse
        let sign: Double = inverse.translation[face - 3] < 0 ? -1 : 1
        boxFaces(b.size, a.size, inverse, axis: face - 3, sign: sign, reference: UInt32(face), &manifold)
        manifold.normal = -(frame.rotation * unit(face - 3, sign))
        for k in 0..<Int(manifold.count) { manifold[k].position = frame.toA(manifold[k].position) }
      }
      var deepest = Double.infinity
      for k in 0..<Int(manifold.count) { deepest = min(deepest, manifold[k].separation) }
      if deepest <= faceGap + tolerance { return }
      // The deepest corners are beyond the face's sides: it was the wrong choice, or is none for boxes that are apart.
      manifold.count = 0
      if edgeGap > faceGap && boxEdges(a.size, b.size, frame, (edge - 6) / 3, edge % 3, &manifold) { return }
    }
    var general = PairHint()
    convexConvex(a, b, frame, &general, &manifold)
  }

  @inline(__always)
  private static func unit(_ axis: Int, _ sign: Double) -> Vector3 {
    Vector3(axis == 0 ? sign : 0, axis == 1 ? sign : 0, axis == 2 ? sign : 0)
  }

  /// Clips the incident box's face that faces the reference box's face `sign` · `axis` against that one's sides, in
  /// coordinates (u, v, w) of the reference box with w along the normal. `frame` is the incident box in the reference
  /// box's frame, `reference` the number of the axis among the fifteen.
  private static func boxFaces(
    _ h: Vector3, _ incident: Vector3, _ frame: PairFrame, axis: Int, sign: Double, reference: UInt32,
    _ manifold: inout ContactManifold
  ) {
    let along = sign * frame.rotation[axis]
    let size = along.magnitudes
    let face = size.x >= size.y ? (size.x >= size.z ? 0 : 2) : (size.y >= size.z ? 1 : 2)
    let outward: Double = along[face] > 0 ? -1 : 1
    let u = axis == 2 ? 0 : axis + 1
    let v = axis == 0 ? 2 : axis - 1
    let hu = h[u]
    let hv = h[v]
    // The face's middle and half sides in (u, v, w).
    let i = face == 2 ? 0 : face + 1
    let j = face == 0 ? 2 : face - 1
    let rowU = frame.rotation[u]
    let rowV = frame.rotation[v]
    let middle = Vector3(
      frame.translation[u] + outward * incident[face] * rowU[face],
      frame.translation[v] + outward * incident[face] * rowV[face],
      sign * frame.translation[axis] - h[axis] + outward * incident[face] * along[face])
    let sideI = incident[i] * Vector3(rowU[i], rowV[i], along[i])
    let sideJ = incident[j] * Vector3(rowU[j], rowV[j], along[j])
    // Which incident face (6), which reference face (6, of either box).
    let name = (UInt32(2 * face) + (outward > 0 ? 1 : 0)) << 16 | reference << 20 | (sign > 0 ? 1 << 24 : 0)

    withUnsafeTemporaryAllocation(of: ClipVertex.self, capacity: PolygonClipping.capacity) { first in
      withUnsafeTemporaryAllocation(of: ClipVertex.self, capacity: PolygonClipping.capacity) { second in
        var polygon = first.baseAddress!
        var spare = second.baseAddress!
        polygon[0] = ClipVertex(middle + sideI + sideJ, incoming: 3, outgoing: 0)
        polygon[1] = ClipVertex(middle - sideI + sideJ, incoming: 0, outgoing: 1)
        polygon[2] = ClipVertex(middle - sideI - sideJ, incoming: 1, outgoing: 2)
        polygon[3] = ClipVertex(middle + sideI - sideJ, incoming: 2, outgoing: 3)
        var count = 4
        let tolerance = 5e-4 * min(hu, hv)
        @inline(__always) func cut(_ normal: Vector3, _ offset: Double, _ edge: UInt32) {
          let result = PolygonClipping.clip(
            polygon, count, normal: normal, offset: offset, tolerance: tolerance, edge: edge, into: spare)
          count = result.count
          if result.moved { swap(&polygon, &spare) }
        }
        cut(.unitX, hu, 4)
        cut(.unitY, hv, 5)
        cut(-.unitX, hu, 6)
        cut(-.unitY, hv, 7)

        var kept = 0
        for k in 0..<count where polygon[k].position.z <= frame.margin {
          polygon[kept] = polygon[k]
          polygon[kept].separation = polygon[k].position.z
          kept += 1
        }
        kept = ManifoldReduction.reduce(polygon, kept, normal: .unitZ)
        for k in 0..<kept {
          let vertex = polygon[k]
          let w = sign * (h[axis] + 0.5 * vertex.separation)
          let x = axis == 0 ? w : (axis == 1 ? vertex.position.y : vertex.position.x)
          let y = axis == 1 ? w : (axis == 2 ? vertex.position.y : vertex.position.x)
          let z = axis == 2 ? w : (axis == 0 ? vertex.position.y : vertex.position.x)
          manifold.append(
            ContactPoint(
              position: Vector3(x, y, z), separation: vertex.separation, feature: name | vertex.edges))
        }
      }
    }
  }

  /// The nearest points of a's edge along axis i and b's edge along axis j; false where they are apart and not within
  /// the edges, so that this is not the gap of the boxes.
  private static func boxEdges(
    _ hA: Vector3, _ hB: Vector3, _ frame: PairFrame, _ i: Int, _ j: Int, _ manifold: inout ContactManifold
  ) -> Bool {
    let directionA = unit(i, 1)
    let directionB = frame.rotation.column(j)
    var normal = directionA.cross(directionB).normalized()
    if normal.dot(frame.translation) < 0 { normal = -normal }
    var onA = Vector3.zero
    var onB = Vector3.zero
    let facing = frame.rotation.transposeTimes(normal)
    var name: UInt32 = 0
    for k in 0..<3 {
      if k != i { onA[k] = normal[k] < 0 ? -hA[k] : hA[k] }
      if k != j { onB[k] = facing[k] < 0 ? hB[k] : -hB[k] }
      name |= (onA[k] > 0 ? 1 : 0) << UInt32(k) | (onB[k] > 0 ? 8 : 0) << UInt32(k)
    }
    let startB = frame.toA(onB)
    // (onA + x dA − startB − y dB) ⟂ dA, dB, with unit directions.
    let delta = startB - onA
    let cosine = directionB[i]
    let denominator = 1 - cosine * cosine
    let alongA = delta[i]
    let alongB = delta.dot(directionB)
    let x = (alongA - cosine * alongB) / denominator
    let y = (cosine * alongA - alongB) / denominator
    let separation = normal.dot(delta)
    let isInside = x.magnitude <= hA[i] && y.magnitude <= hB[j]
    if !isInside && separation > 0 { return false }
    onA[i] = min(max(x, -hA[i]), hA[i])
    let pointB = startB + min(max(y, -hB[j]), hB[j]) * directionB
    manifold.normal = normal
    if separation <= frame.margin {
      manifold.append(
        ContactPoint(
          position: 0.5 * (onA + pointB), separation: separation,
          feature: 1 << 28 | UInt32(3 * i + j) << 16 | name))
    }
    return true
  }
}
