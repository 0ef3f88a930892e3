import LinearAlgebra

/// Contacts of one convex piece with the triangles of a mesh: without stumbling at inner edges, few, and each once.
///
/// Triangles are collided one by one, so that a body that slides over a flat floor meets the border of every triangle
/// as if it were a wall. After the idea of Jolt's `InternalEdgeRemovingCollector` (Rouwé 2024) and of Bullet's internal
/// edge utility, contacts are of three classes:
/// - *face*: the normal is the triangle's;
/// - *ridge*: a point lies on an edge or corner that sticks out (`RidgeFlags`);
/// - *covered*: the points lie on flat edges, in valleys or inside, and the normal leans. Such a contact is dropped
///   where face contacts of neighbours hold all of its edges and corners; otherwise the normal becomes the face's, n′,
///   and the gap is measured along it, g′ = g n · n′.
///
/// Faces of one plane polygon make one manifold of four points, so that a box on a tessellated floor has the contacts
/// that it has on an untessellated one: the piece's contacts with the polygon's plane as far as they lie on the triangles
/// (a triangle's own four may have lost a corner of the piece), then those of the triangles. Beyond `surfaceLimit` polygons those whose normals differ by less than 5° share
/// a manifold.
final class MeshContacts {
  /// A triangle's manifold on its way.
  private struct Candidate: BitwiseCopyable {
    var triangle: Int32
    /// Number of the manifold that it becomes a part of: twice the polygon, or twice the triangle and 1 for a ridge.
    var child: UInt32
    var isKept: Bool
    var isFace: Bool
    /// Whether it was dropped because neighbours hold it.
    var isHeld = false
    var deepest: Double
    var manifold: ContactManifold
  }

  private let candidates = Buffer<Candidate>()
  private let order = Buffer<UInt64>()
  private let groups = Buffer<Int32>()
  private let points = Buffer<ContactPoint>()
  private unowned(unsafe) var tree: TriangleTree
  private var pose = RigidTransform.identity
  private var meshIsA = true
  private var center = Vector3.zero
  private var other = Geometry(.sphere)
  private var otherPose = RigidTransform.identity
  private var reach = 0.0
  /// Distance (m) below which points are the same.
  private var tolerance = 0.0

  /// Cosine of 4e-5 rad: a normal that leans more is not the face's. The narrowphase's iterations end far below that.
  private static let faceCosine = 1 - 1e-9
  /// Normals of one manifold where there are too many.
  private static let clusterCosine = 0.9961946980917455
  private static let surfaceLimit = 8
  private static let none = TriangleTree(vertices: [], triangles: [])

  init() { tree = Self.none }

  /// A new pair of piece and mesh: the mesh's pose, whether it is body a, the piece and its pose, the gap up to which
  /// contacts are found (m) and the one up to which resting contacts are wanted (m).
  func begin(
    _ tree: TriangleTree, pose: RigidTransform, meshIsA: Bool, _ other: Geometry, _ otherPose: RigidTransform,
    reach: Double, margin: Double
  ) {
    self.tree = tree
    self.pose = pose
    self.meshIsA = meshIsA
    self.other = other
    self.otherPose = otherPose
    self.reach = reach
    center = pose.applyInverse(otherPose.position)
    tolerance = max(1e-3 * margin, 1e-9)
    candidates.removeAll()
  }

  /// Adds a triangle's manifold; in ascending order of triangles.
  func add(_ manifold: ContactManifold, triangle: Int) {
    let corners = tree.triangles.pointer[triangle]
    let face = tree.normals.pointer[triangle]
    let isFront = (center - tree.vertices.pointer[Int(corners.x)]).dot(face) >= 0
    let outward = isFront ? face : -face
    let normal = pose.orientation.inverseRotate(meshIsA ? manifold.normal : -manifold.normal)
    let isFace = normal.dot(outward) > Self.faceCosine
    let flags = tree.ridges.pointer[triangle]
    let isRidge = !isFace && touchesRidge(manifold, isFront ? flags.front : flags.back)
    var deepest = Double.infinity
    for index in 0..<Int(manifold.count) { deepest = min(deepest, manifold[index].separation) }
    candidates.append(
      Candidate(
        triangle: Int32(triangle), child: isRidge ? 2 * UInt32(triangle) + 1 : 2 * UInt32(corners.w),
        isKept: isFace || isRidge, isFace: !isRidge, deepest: deepest, manifold: manifold))
  }

  @inline(__always)
  private func touchesRidge(_ manifold: ContactManifold, _ ridges: UInt8) -> Bool {
    for index in 0..<Int(manifold.count) {
      switch Narrowphase.triangleCorners(of: manifold[index].feature) {
      case 0b011: if ridges & RidgeFlags.edge(0) != 0 { return true }
      case 0b110: if ridges & RidgeFlags.edge(1) != 0 { return true }
      case 0b101: if ridges & RidgeFlags.edge(2) != 0 { return true }
      case 0b001: if ridges & RidgeFlags.corner(0) != 0 { return true }
      case 0b010: if ridges & RidgeFlags.corner(1) != 0 { return true }
      case 0b100: if ridges & RidgeFlags.corner(2) != 0 { return true }
      default: break
      }
    }
    return false
  }

  /// Appends what is left of the triangles' manifolds, by ascending `childKey`: 2 · polygon, or 2 · triangle + 1.
  func resolve(into manifolds: Buffer<ContactManifold>) {
    guard candidates.count > 0 else { return }
    resolveCovered()
    limitSurfaces()
    order.removeAll()
    for index in 0..<candidates.count where candidates.pointer[index].isKept {
      order.append(UInt64(candidates.pointer[index].child) << 32 | UInt64(index))
    }
    KeySort.sort(order.pointer, count: order.count)
    let start = manifolds.count
    var begin = 0
    while begin < order.count {
      let child = order.pointer[begin] >> 32
      var end = begin + 1
      while end < order.count && order.pointer[end] >> 32 == child { end += 1 }
      let first = candidates.pointer[Int(order.pointer[begin] & 0xffff_ffff)]
      if first.isFace {
        merge(begin, end, UInt32(child), into: manifolds)
      } else {
        addRidge(first, since: start, into: manifolds)
      }
      begin = end
    }
  }

  /// Drops or straightens the covered contacts, the deepest first.
  private func resolveCovered() {
    let all = candidates.pointer
    while true {
      var next = -1
      for index in 0..<candidates.count where !all[index].isKept && all[index].manifold.count > 0 {
        if next < 0 || all[index].deepest < all[next].deepest { next = index }
      }
      if next < 0 { return }
      straighten(all + next)
      if isHeldByNeighbours(all[next]) {
        all[next].manifold.count = 0
        all[next].isHeld = true
      }
      all[next].isKept = all[next].manifold.count > 0
    }
  }

  /// Whether every point of a contact lies on an edge or corner of a triangle with a face contact, or of one that was
  /// dropped itself: around a corner a triangle may border on the holding face through others alone, and those are
  /// nearer to the piece, so that they have been looked at before.
  private func isHeldByNeighbours(_ candidate: Candidate) -> Bool {
    let corners = tree.triangles.pointer[Int(candidate.triangle)]
    for index in 0..<Int(candidate.manifold.count) {
      let used = Narrowphase.triangleCorners(of: candidate.manifold[index].feature)
      if used == 0 || used == 0b111 { return false }
      var isHeld = false
      for other in 0..<candidates.count where !isHeld {
        let neighbour = candidates.pointer + other
        guard neighbour.pointee.isKept && neighbour.pointee.isFace || neighbour.pointee.isHeld else { continue }
        let theirs = tree.triangles.pointer[Int(neighbour.pointee.triangle)]
        isHeld = (0..<3).allSatisfy { corner in
          used & 1 << UInt32(corner) == 0 || corners[corner] == theirs.x || corners[corner] == theirs.y
            || corners[corner] == theirs.z
        }
      }
      if !isHeld { return false }
    }
    return true
  }

  /// Turns a leaning normal into the face's. A contact that points to the face's other side holds nothing.
  private func straighten(_ candidate: UnsafeMutablePointer<Candidate>) {
    let triangle = Int(candidate.pointee.triangle)
    let face = tree.normals.pointer[triangle]
    let isFront = (center - tree.vertices.pointer[Int(tree.triangles.pointer[triangle].x)]).dot(face) >= 0
    let outward = pose.orientation.rotate(isFront == meshIsA ? face : -face)
    let cosine = outward.dot(candidate.pointee.manifold.normal)
    guard cosine > 0.01 else {
      candidate.pointee.manifold.count = 0
      return
    }
    candidate.pointee.manifold.normal = outward
    for index in 0..<Int(candidate.pointee.manifold.count) {
      candidate.pointee.manifold[index].separation *= cosine
    }
  }

  /// Lets polygons with nearly one normal share a manifold where there are too many.
  private func limitSurfaces() {
    let all = candidates.pointer
    groups.removeAll()
    func group(_ index: Int, _ isSame: (Candidate) -> Bool) -> Bool {
      for g in 0..<groups.count where isSame(all[Int(groups.pointer[g])]) { return true }
      groups.append(Int32(index))
      return false
    }
    for index in 0..<candidates.count where all[index].isKept && all[index].isFace {
      _ = group(index) { $0.child == all[index].child }
      if groups.count > Self.surfaceLimit { break }
    }
    guard groups.count > Self.surfaceLimit else { return }
    groups.removeAll()
    for index in 0..<candidates.count where all[index].isKept && all[index].isFace {
      let normal = all[index].manifold.normal
      var child = all[index].child
      if group(
        index,
        { candidate in
          guard candidate.manifold.normal.dot(normal) > Self.clusterCosine else { return false }
          child = candidate.child
          return true
        })
      {
        all[index].child = child
      }
    }
  }

  /// One manifold of at most four points from those of the candidates order[begin ..< end].
  private func merge(_ begin: Int, _ end: Int, _ child: UInt32, into manifolds: Buffer<ContactManifold>) {
    points.removeAll()
    var manifold = candidates.pointer[Int(order.pointer[begin] & 0xffff_ffff)].manifold
    manifold.childKey = child
    if end - begin > 1 { addPlanePoints(begin, end, manifold.normal, child) }
    let planePoints = points.count
    for position in begin..<end {
      let candidate = candidates.pointer + Int(order.pointer[position] & 0xffff_ffff)
      for index in 0..<Int(candidate.pointee.manifold.count) {
        var point = candidate.pointee.manifold[index]
        // The plane's points come again with the triangle's round-off; one of the two must win in every step.
        var isNew = true
        for k in 0..<planePoints
        where (points.pointer[k].position - point.position).lengthSquared < tolerance * tolerance {
          isNew = false
        }
        if !isNew { continue }
        point.feature = Self.feature(point.feature, candidate.pointee.triangle)
        points.append(point)
      }
    }
    if end - begin == 1 {
      for index in 0..<points.count { manifold[index] = points.pointer[index] }
    } else {
      reduce(into: &manifold)
    }
    manifolds.append(manifold)
  }

  /// Contacts of the piece with the plane of a polygon, those that lie on the triangles order[begin ..< end].
  private func addPlanePoints(_ begin: Int, _ end: Int, _ normal: Vector3, _ child: UInt32) {
    let first = Int(candidates.pointer[Int(order.pointer[begin] & 0xffff_ffff)].triangle)
    let surface = tree.triangles.pointer[first].w
    let corner = tree.vertices.pointer[Int(tree.triangles.pointer[first].x)]
    let outward = meshIsA ? normal : -normal
    let planePose = RigidTransform(
      position: pose.apply(corner), orientation: Quaternion(from: .unitY, to: outward))
    var hint = PairHint()
    var flat = ContactManifold()
    Narrowphase.collide(Geometry(.plane), planePose, other, otherPose, margin: reach, hint: &hint, into: &flat)
    for index in 0..<Int(flat.count) {
      var point = flat[index]
      let local = pose.applyInverse(point.position)
      var isOn = false
      for position in begin..<end where !isOn {
        let triangle = Int(candidates.pointer[Int(order.pointer[position] & 0xffff_ffff)].triangle)
        // Polygons that share a manifold for want of room have no common plane.
        if tree.triangles.pointer[triangle].w != surface { return }
        isOn = isInside(local, triangle)
      }
      if !isOn { continue }
      point.feature = Self.feature(point.feature, ~Int32(bitPattern: child))
      points.append(point)
    }
  }

  /// Whether a point lies above or below a triangle.
  @inline(__always)
  private func isInside(_ point: Vector3, _ triangle: Int) -> Bool {
    let (a, b, c) = tree.corners(of: triangle)
    let normal = tree.normals.pointer[triangle]
    return isLeft(point, a, b, normal) && isLeft(point, b, c, normal) && isLeft(point, c, a, normal)
  }

  @inline(__always)
  private func isLeft(_ point: Vector3, _ a: Vector3, _ b: Vector3, _ normal: Vector3) -> Bool {
    let side = b - a
    return side.cross(point - a).dot(normal) >= -tolerance * side.length
  }

  private static func feature(_ feature: UInt32, _ triangle: Int32) -> UInt32 {
    (feature &* 0x9e37_79b1 ^ UInt32(bitPattern: triangle)) &* 0x85eb_ca6b
  }

  /// A ridge's manifold without the points that another triangle at the same edge or corner has given already.
  private func addRidge(_ candidate: Candidate, since start: Int, into manifolds: Buffer<ContactManifold>) {
    var manifold = candidate.manifold
    var kept: Int32 = 0
    for index in 0..<Int(manifold.count) {
      var point = manifold[index]
      var isNew = true
      for other in start..<manifolds.count where isNew {
        let earlier = manifolds.pointer + other
        guard earlier.pointee.normal.dot(manifold.normal) > 0.9999 else { continue }
        for k in 0..<Int(earlier.pointee.count)
        where (earlier.pointee[k].position - point.position).lengthSquared < tolerance * tolerance {
          isNew = false
        }
      }
      if !isNew { continue }
      point.feature = Self.feature(point.feature, candidate.triangle)
      manifold[Int(kept)] = point
      kept += 1
    }
    manifold.count = kept
    manifold.childKey = candidate.child
    if kept > 0 { manifolds.append(manifold) }
  }

  /// Four of the points: the deepest (of equally deep ones the outermost), the one farthest from it, and those farthest
  /// to either side of the line between them; on a line, the one farthest behind the first.
  private func reduce(into manifold: inout ContactManifold) {
    let all = points.pointer
    let count = points.count
    let normal = manifold.normal
    var middle = Vector3.zero
    var deepest = Double.infinity
    for index in 0..<count {
      middle += all[index].position
      deepest = min(deepest, all[index].separation)
    }
    middle = middle / Double(count)
    let first = farthest { index in
      all[index].separation <= deepest + tolerance ? (all[index].position - middle).lengthSquared : -1
    }
    let origin = all[first.index].position
    manifold.count = 0
    manifold.append(all[first.index])
    let second = farthest { (all[$0].position - origin).lengthSquared }
    guard second.value > tolerance * tolerance else { return }
    manifold.append(all[second.index])
    let line = (all[second.index].position - origin) / second.value.squareRoot()
    let across = normal.cross(line)
    let left = farthest { (all[$0].position - origin).dot(across) }
    if left.value > tolerance { manifold.append(all[left.index]) }
    let right = farthest { -(all[$0].position - origin).dot(across) }
    if right.value > tolerance { manifold.append(all[right.index]) }
    if manifold.count < 4 {
      let behind = farthest { -(all[$0].position - origin).dot(line) }
      if behind.value > tolerance { manifold.append(all[behind.index]) }
    }
  }

  /// The point with the largest value; the first of equal ones.
  @inline(__always)
  private func farthest(_ value: (Int) -> Double) -> (index: Int, value: Double) {
    var best = 0
    var largest = value(0)
    for index in 1..<max(points.count, 1) {
      let v = value(index)
      if v > largest { (best, largest) = (index, v) }
    }
    return (best, largest)
  }
}
