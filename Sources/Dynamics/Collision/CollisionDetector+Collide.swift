import LinearAlgebra

/// The narrowphase's hint for one pair of pieces, or a piece and a triangle.
struct ChildHint: BitwiseCopyable {
  /// The pair of colliders.
  var pair: UInt64
  /// The pair of pieces and the triangle.
  var child: UInt64
  var hint: PairHint
}

// From pairs to manifolds.
extension CollisionDetector {
  /// Contact manifolds of all pairs, in an order that depends on nothing but the colliders' numbers.
  public func collide(into manifolds: Buffer<ContactManifold>) {
    manifolds.removeAll()
    nextHints.removeAll()
    var cursor = 0
    let colliders = self.colliders.pointer
    let pieces = self.pieces.pointer
    for index in 0..<pairs.count {
      let pair = pairs.pointer + index
      let a = pair.pointee.a
      let b = pair.pointee.b
      let first = Int(colliders[a].firstPiece)
      let second = Int(colliders[b].firstPiece)
      let isSimple =
        colliders[a].pieceCount == 1 && colliders[b].pieceCount == 1 && pieces[first].geometry.kind != .mesh
        && pieces[second].geometry.kind != .mesh
      if isSimple {
        guard touch(first, a, second, b) else { continue }
        collide(
          a, pieces[first].geometry, piecePoses.pointer[first], b, pieces[second].geometry, piecePoses.pointer[second],
          childKey: 0, hint: &pair.pointee.hint, into: manifolds)
      } else {
        collideChildren(a, b, pair.pointee.key, cursor: &cursor, into: manifolds)
      }
    }
    swap(&hints, &nextHints)
  }

  /// Whether the reaches of two pieces overlap.
  @inline(__always)
  private func touch(_ i: Int, _ colliderI: Int, _ j: Int, _ colliderJ: Int) -> Bool {
    if pieces.pointer[i].geometry.kind == .plane {
      return pieces.pointer[j].geometry.kind != .plane && reachesPlane(i, colliderI, reaches.pointer[j])
    }
    if pieces.pointer[j].geometry.kind == .plane { return reachesPlane(j, colliderJ, reaches.pointer[i]) }
    return reaches.pointer[i].overlaps(reaches.pointer[j])
  }

  /// The manifold of two geometries, appended where it has points.
  @inline(__always)
  private func collide(
    _ a: Int, _ geometryA: Geometry, _ poseA: RigidTransform, _ b: Int, _ geometryB: Geometry, _ poseB: RigidTransform,
    childKey: UInt32, hint: inout PairHint, into manifolds: Buffer<ContactManifold>
  ) {
    var manifold = ContactManifold()
    Narrowphase.collide(
      geometryA, poseA, geometryB, poseB, margin: margin + closing(a, b), hint: &hint, into: &manifold)
    guard manifold.count > 0 else { return }
    keepClosing(a, b, &manifold)
    guard manifold.count > 0 else { return }
    name(a, b, childKey, &manifold)
    manifolds.append(manifold)
  }

  @inline(__always)
  private func name(_ a: Int, _ b: Int, _ childKey: UInt32, _ manifold: inout ContactManifold) {
    manifold.bodyA = colliders.pointer[a].body
    manifold.bodyB = colliders.pointer[b].body
    manifold.colliderA = Int32(a)
    manifold.colliderB = Int32(b)
    manifold.childKey = childKey
  }

  /// Most that the gap between two colliders can close within the step (m).
  @inline(__always)
  private func closing(_ a: Int, _ b: Int) -> Double {
    let va = motions.pointer[a].velocity
    let vb = motions.pointer[b].velocity
    return timestep * (vb.linear - va.linear).length + turn(a, va) + turn(b, vb)
  }

  @inline(__always)
  private func turn(_ collider: Int, _ velocity: Vector6) -> Double {
    velocity.angular == .zero || colliders.pointer[collider].isUnbounded
      ? 0 : min(timestep * velocity.angular.length, 2) * colliders.pointer[collider].arm
  }

  /// Drops the points that neither lie within the margin nor close within the step.
  @inline(__always)
  private func keepClosing(_ a: Int, _ b: Int, _ manifold: inout ContactManifold) {
    let ma = motions.pointer[a]
    let mb = motions.pointer[b]
    var kept: Int32 = 0
    for index in 0..<Int(manifold.count) {
      let point = manifold[index]
      if point.separation > margin {
        let velocityA = ma.velocity.linear + ma.velocity.angular.cross(point.position - ma.pose.position)
        let velocityB = mb.velocity.linear + mb.velocity.angular.cross(point.position - mb.pose.position)
        let approach = manifold.normal.dot(velocityB - velocityA)
        if !(point.separation <= margin - timestep * approach) { continue }
      }
      manifold[Int(kept)] = point
      kept += 1
    }
    manifold.count = kept
  }

  /// All pairs of pieces of two colliders, triangles of meshes one by one.
  private func collideChildren(
    _ a: Int, _ b: Int, _ key: UInt64, cursor: inout Int, into manifolds: Buffer<ContactManifold>
  ) {
    let colliderA = colliders.pointer[a]
    let colliderB = colliders.pointer[b]
    let countB = Int(colliderB.pieceCount)
    for i in 0..<Int(colliderA.pieceCount) {
      let pieceA = Int(colliderA.firstPiece) + i
      for j in 0..<countB {
        let pieceB = Int(colliderB.firstPiece) + j
        guard touch(pieceA, a, pieceB, b) else { continue }
        let child = UInt64(i * countB + j)
        let kindA = pieces.pointer[pieceA].geometry.kind
        let kindB = pieces.pointer[pieceB].geometry.kind
        if kindA == .mesh || kindB == .mesh {
          if kindA == .mesh && (kindB == .mesh || kindB == .plane) || kindA == .plane { continue }
          collideMesh(a, pieceA, b, pieceB, key, child, cursor: &cursor, into: manifolds)
          continue
        }
        var hint = takeHint(key, child << 32, &cursor)
        collide(
          a, pieces.pointer[pieceA].geometry, piecePoses.pointer[pieceA], b, pieces.pointer[pieceB].geometry,
          piecePoses.pointer[pieceB], childKey: UInt32(truncatingIfNeeded: child), hint: &hint, into: manifolds)
        nextHints.append(ChildHint(pair: key, child: child << 32, hint: hint))
      }
    }
  }

  /// The hint that the last step left for a pair of pieces. Both steps go through pairs and children in ascending
  /// order, so that one pass over the old hints finds them all.
  @inline(__always)
  private func takeHint(_ pair: UInt64, _ child: UInt64, _ cursor: inout Int) -> PairHint {
    let old = hints.pointer
    let count = hints.count
    while cursor < count && (old[cursor].pair, old[cursor].child) < (pair, child) { cursor += 1 }
    guard cursor < count, old[cursor].pair == pair, old[cursor].child == child else { return PairHint() }
    return old[cursor].hint
  }

  /// A piece against the triangles of a mesh that it reaches.
  private func collideMesh(
    _ a: Int, _ pieceA: Int, _ b: Int, _ pieceB: Int, _ key: UInt64, _ child: UInt64, cursor: inout Int,
    into manifolds: Buffer<ContactManifold>
  ) {
    let meshIsA = pieces.pointer[pieceA].geometry.kind == .mesh
    let (meshPiece, otherPiece) = meshIsA ? (pieceA, pieceB) : (pieceB, pieceA)
    let meshPose = piecePoses.pointer[meshPiece]
    let otherPose = piecePoses.pointer[otherPiece]
    let other = pieces.pointer[otherPiece].geometry
    guard let reference = pieces.pointer[meshPiece].geometry.mesh else { return }
    reference._withUnsafeGuaranteedRef { tree in
      let velocityA = motions.pointer[a].velocity
      let velocityB = motions.pointer[b].velocity
      let path = (meshIsA ? timestep : -timestep) * (velocityB.linear - velocityA.linear)
      let box = other.bounds(at: meshPose.inverse * otherPose)
        .expanded(by: margin + turn(a, velocityA) + turn(b, velocityB))
        .swept(by: meshPose.orientation.inverseRotate(path))
      triangles.removeAll()
      tree.query(box, into: triangles)
      let reach = margin + closing(a, b)
      meshContacts.begin(
        tree, pose: meshPose, meshIsA: meshIsA, other, otherPose, reach: reach, margin: margin)
      for index in 0..<triangles.count {
        let triangle = triangles.pointer[index]
        var face = Geometry(.triangle)
        face.triangle = tree.corners(of: Int(triangle))
        var hint = takeHint(key, child << 32 | triangle, &cursor)
        var manifold = ContactManifold()
        if meshIsA {
          Narrowphase.collide(face, meshPose, other, otherPose, margin: reach, hint: &hint, into: &manifold)
        } else {
          Narrowphase.collide(other, otherPose, face, meshPose, margin: reach, hint: &hint, into: &manifold)
        }
        nextHints.append(ChildHint(pair: key, child: child << 32 | triangle, hint: hint))
        if manifold.count > 0 { meshContacts.add(manifold, triangle: Int(triangle)) }
      }
      let start = manifolds.count
      meshContacts.resolve(into: manifolds)
      let firstKey = child &* UInt64(2 * tree.triangles.count)
      var kept = start
      for index in start..<manifolds.count {
        var manifold = manifolds.pointer[index]
        keepClosing(a, b, &manifold)
        if manifold.count == 0 { continue }
        name(a, b, UInt32(truncatingIfNeeded: firstKey &+ UInt64(manifold.childKey)), &manifold)
        manifolds.pointer[kept] = manifold
        kept += 1
      }
      manifolds.resize(to: kept, filling: ContactManifold())
    }
  }
}
