import LinearAlgebra

// Which colliders are near each other. Only colliders with a new fat box look for partners, and only their pairs are
// looked at again; the list stays sorted by merging.
extension CollisionDetector {
  /// Finds the pairs of colliders whose bounds overlap.
  public func findPairs() {
    guard moved.count > 0 || filtersChanged else { return }
    findCandidates()
    KeySort.sort(found.pointer, count: found.count)
    mergePairs()
    let flags = isMoved.pointer
    for index in 0..<moved.count { flags[Int(moved.pointer[index])] = false }
    moved.removeAll()
    filtersChanged = false
  }

  private func findCandidates() {
    found.removeAll()
    let colliders = self.colliders.pointer
    for position in 0..<moved.count {
      let index = Int(moved.pointer[position])
      if colliders[index].isUnbounded {
        for other in 0..<self.colliders.count { addCandidate(index, other) }
        continue
      }
      hits.removeAll()
      movingTree.query(fat.pointer[index], into: hits)
      if !colliders[index].isStatic { staticTree.query(fat.pointer[index], into: hits) }
      for hit in 0..<hits.count {
        let other = Int(hits.pointer[hit])
        // Two that both moved find each other twice: the lower one keeps the pair.
        if isMoved.pointer[other] && other < index { continue }
        addCandidate(index, other)
      }
      for plane in 0..<unbounded.count { addCandidate(index, Int(unbounded.pointer[plane])) }
    }
  }

  @inline(__always)
  private func addCandidate(_ i: Int, _ j: Int) {
    guard collide(i, j), isNear(i, j) else { return }
    found.append(UInt64(min(i, j)) << 32 | UInt64(max(i, j)))
  }

  /// Whether filters and joints let two colliders touch.
  @inline(__always)
  private func collide(_ i: Int, _ j: Int) -> Bool {
    let a = colliders.pointer + i
    let b = colliders.pointer + j
    return a.pointee.body != b.pointee.body && !(a.pointee.isStatic && b.pointee.isStatic)
      && a.pointee.filter.accepts(b.pointee.filter) && !joined.contains(Int(a.pointee.body), Int(b.pointee.body))
  }

  /// Whether fat boxes overlap; a plane's is its half-space.
  @inline(__always)
  private func isNear(_ i: Int, _ j: Int) -> Bool {
    let a = colliders.pointer + i
    let b = colliders.pointer + j
    if a.pointee.isUnbounded && a.pointee.pieceCount == 1 {
      return !b.pointee.isUnbounded && reachesPlane(Int(a.pointee.firstPiece), i, fat.pointer[j])
    }
    if b.pointee.isUnbounded && b.pointee.pieceCount == 1 {
      return !a.pointee.isUnbounded && reachesPlane(Int(b.pointee.firstPiece), j, fat.pointer[i])
    }
    return fat.pointer[i].overlaps(fat.pointer[j])
  }

  /// Whether a box comes to the half-space of a plane piece, or to where the plane may move within the step.
  @inline(__always)
  func reachesPlane(_ piece: Int, _ collider: Int, _ box: BoundingBox) -> Bool {
    let pose = piecePoses.pointer[piece]
    let normal = pose.orientation.rotate(.unitY)
    let velocity = motions.pointer[collider].velocity
    // A turning plane sweeps over everything.
    if velocity.angular != .zero { return true }
    let path = max(0, timestep * normal.dot(velocity.linear))
    let height = normal.dot(box.center - pose.position) - normal.magnitudes.dot(box.halfExtents)
    return height <= 0.5 * margin + path
  }

  /// The old pairs that are still near, and the new ones, in ascending order.
  private func mergePairs() {
    nextPairs.removeAll()
    let flags = isMoved.pointer
    let old = pairs.pointer
    let oldCount = pairs.count
    let new = found.pointer
    let newCount = found.count
    var i = 0
    var j = 0
    while i < oldCount || j < newCount {
      if i < oldCount && (j >= newCount || old[i].key <= new[j]) {
        let pair = old[i]
        i += 1
        let isFound = j < newCount && new[j] == pair.key
        if isFound || !(flags[pair.a] || flags[pair.b]) || isNear(pair.a, pair.b) {
          if !filtersChanged || collide(pair.a, pair.b) { nextPairs.append(pair) }
        }
        while j < newCount && new[j] == pair.key { j += 1 }
      } else {
        let key = new[j]
        nextPairs.append(Pair(key: key, hint: PairHint()))
        while j < newCount && new[j] == key { j += 1 }
      }
    }
    swap(&pairs, &nextPairs)
  }
}
