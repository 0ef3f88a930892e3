import LinearAlgebra

// What collision detection carries from step to step: the fat boxes, which decide how long a pair lives, the pairs with
// their hints, which prefer the normal of the step before, and who has to look for partners. Trees come out of the boxes;
// their shape changes no result.
extension CollisionDetector {
  func save(to archive: inout StateArchive) {
    archive.add("bounds", fat)
    archive.add("placed", words: (0..<colliders.count).map { colliders[$0].leaf >= 0 ? 1 : 0 })
    archive.add("moved", words: (0..<moved.count).map { UInt64(UInt32(bitPattern: moved[$0])) })
    archive.add("filters", words: [filtersChanged ? 1 : 0])
    archive.add("pairs", pairs)
    archive.add("child hints", hints)
  }

  func restore(_ archive: StateArchive) throws {
    let count = colliders.count
    let boxes = Buffer<BoundingBox>()
    try archive.read("bounds", into: boxes, count: count, filling: .empty, isFinite: false)
    let placed = try archive.words("placed", count: count)
    for index in 0..<count { try place(index, boxes[index], isPlaced: placed[index] != 0) }
    // All colliders are looked at again in the next step, which changes nothing where nothing moved.
    timestep = -1
    isMoved.fill(false)
    moved.removeAll()
    for word in try archive.words("moved") {
      guard word < UInt64(count) else { throw StateArchiveError("moved", "there is no collider \(word)") }
      noteMoved(Int(word))
    }
    filtersChanged = try archive.words("filters", count: 1)[0] != 0
    try archive.read("pairs", into: pairs, filling: Pair(key: 0, hint: PairHint()), isFinite: false)
    for index in 0..<pairs.count {
      let pair = pairs[index]
      guard pair.a < pair.b, pair.b < count, index == 0 || pairs[index - 1].key < pair.key, pair.hint.axis.isFinite
      else { throw StateArchiveError("pairs", "pair \(index) is none") }
    }
    let noHint = ChildHint(pair: 0, child: 0, hint: PairHint())
    try archive.read("child hints", into: hints, filling: noHint, isFinite: false)
    for index in 0..<hints.count where !hints[index].hint.axis.isFinite {
      throw StateArchiveError("child hints", "hint \(index) is none")
    }
  }

  private func place(_ index: Int, _ box: BoundingBox, isPlaced: Bool) throws {
    let collider = colliders.pointer + index
    fat[index] = box
    if collider.pointee.isUnbounded { return }
    let tree = collider.pointee.isStatic ? staticTree : movingTree
    guard isPlaced else {
      if collider.pointee.leaf >= 0 { tree.remove(Int(collider.pointee.leaf)) }
      collider.pointee.leaf = -1
      return
    }
    guard box.isFinite, box.lower.x <= box.upper.x, box.lower.y <= box.upper.y, box.lower.z <= box.upper.z else {
      throw StateArchiveError("bounds", "collider \(index) has no box")
    }
    if collider.pointee.leaf < 0 {
      collider.pointee.leaf = Int32(tree.insert(index, box))
    } else {
      tree.move(Int(collider.pointee.leaf), to: box)
    }
  }
}
