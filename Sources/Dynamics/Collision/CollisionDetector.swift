import LinearAlgebra

/// Which other bodies a body collides with.
///
/// Two bodies collide if neither's mask leaves out the other's group, unless they share a nonzero `family` (then they
/// never do) or are joined.
public struct CollisionFilter: Sendable, BitwiseCopyable, Hashable {
  /// Groups that the body belongs to, a bit each.
  public var group: UInt32
  /// Groups that the body collides with.
  public var mask: UInt32
  /// Bodies of the same nonzero family do not collide with each other.
  public var family: Int32

  /// A filter; the default collides with everything.
  public init(group: UInt32 = 1, mask: UInt32 = .max, family: Int32 = 0) {
    self.group = group
    self.mask = mask
    self.family = family
  }

  /// Whether bodies with these filters collide; the same both ways round.
  @inlinable
  public func accepts(_ other: CollisionFilter) -> Bool {
    mask & other.group != 0 && other.mask & group != 0 && (family == 0 || family != other.family)
  }
}

/// Collision detection: bounds in a dynamic tree, pairs, manifolds.
///
/// *Reach.* A collider's box holds all points that it may touch within the step: the shape's box, half of the margin
/// on every side, what a turn by h |ω| moves its farthest point, and its path h v. Where two reaches overlap the pair
/// goes to the narrowphase with the margin plus all that their motion may close; of the points that it gives, those
/// stay whose gap g obeys
///
///     g ≤ margin + h max(0, −u_n),   u_n = n · (v_b + ω_b × r_b − v_a − ω_a × r_a).
///
/// So bodies that approach fast do not pass each other within a step, and bodies at rest have no contacts beyond the
/// margin.
///
/// *Fat boxes.* The trees hold boxes that are larger by a tenth of the shape and its next path. A collider that stays
/// inside of its fat box costs the trees nothing. Pairs are those whose fat boxes overlap; they live as long as that,
/// in ascending order of their colliders, each with the narrowphase's hint.
///
/// Nothing depends on the order in which trees are built or pairs are found. A step in steady state allocates nothing.
public final class CollisionDetector {
  /// A shape on a body.
  struct Collider: BitwiseCopyable {
    var body: Int32
    var firstPiece: Int32
    var pieceCount: Int32
    /// Leaf of its tree, −1 before the first update and without bounds.
    var leaf: Int32
    var isStatic: Bool
    /// Whether it has a plane, whose box is infinite: it is in no tree.
    var isUnbounded: Bool
    /// Largest distance (m) of a point that a turn about the centre of mass moves.
    var arm: Double
    /// By how much its fat box is larger (m).
    var slack: Double
    var filter: CollisionFilter
  }

  /// A piece of a shape and where it is relative to the body's centre of mass.
  struct Piece: BitwiseCopyable {
    var geometry: Geometry
    var local: RigidTransform
  }

  /// What moves a collider in this step.
  struct Motion: BitwiseCopyable {
    var pose: RigidTransform
    var velocity: Vector6
  }

  /// Two colliders whose fat boxes overlap.
  struct Pair: BitwiseCopyable {
    /// Collider a in the upper, b > a in the lower half.
    var key: UInt64
    /// For colliders of one piece each; others have hints for every pair of pieces.
    var hint: PairHint

    @inline(__always) var a: Int { Int(key >> 32) }
    @inline(__always) var b: Int { Int(key & 0xffff_ffff) }
  }

  // Geometries point into the shapes.
  private var shapes: [any Shape] = []
  let colliders = Buffer<Collider>()
  let motions = Buffer<Motion>()
  let fat = Buffer<BoundingBox>()
  let pieces = Buffer<Piece>()
  let piecePoses = Buffer<RigidTransform>()
  let reaches = Buffer<BoundingBox>()
  /// Colliders that are in no tree.
  let unbounded = Buffer<Int32>()

  let movingTree = DynamicTree()
  let staticTree = DynamicTree()
  let joined = BodyPairCounts()
  /// Whether a collider has a new fat box since the last search for pairs, and the list of those that have.
  let isMoved = Buffer<Bool>()
  let moved = Buffer<Int32>()
  var filtersChanged = false

  var pairs = Buffer<Pair>()
  var nextPairs = Buffer<Pair>()
  let found = Buffer<UInt64>()
  let hits = Buffer<Int32>()
  var hints = Buffer<ChildHint>()
  var nextHints = Buffer<ChildHint>()
  let triangles = Buffer<UInt64>()
  let meshContacts = MeshContacts()

  var margin = 0.0
  var timestep = 0.0

  /// A detector without colliders.
  public init() {}

  /// Number of pairs whose fat boxes overlap.
  public var pairCount: Int { pairs.count }

  /// The two colliders of a pair, 0 ..< pairCount, in ascending order.
  public func pair(_ index: Int) -> (a: Int, b: Int) { (pairs[index].a, pairs[index].b) }

  /// Number of colliders.
  public var colliderCount: Int { colliders.count }

  /// Adds the shape of a body; `local` is the shape's frame relative to the body's centre of mass.
  public func addCollider(
    shape: any Shape, body: Int, local: RigidTransform, filter: CollisionFilter, isStatic: Bool
  ) {
    // What collides with nothing is nowhere in the trees either.
    guard filter.mask != 0 && filter.group != 0 else { return }
    var collider = Collider(
      body: Int32(body), firstPiece: Int32(pieces.count), pieceCount: 0, leaf: -1, isStatic: isStatic,
      isUnbounded: false, arm: 0, slack: 0, filter: filter)
    var box = BoundingBox.empty
    for piece in shape.pieces {
      let frame = local * piece.local
      let bounds = piece.geometry.bounds(at: frame)
      pieces.append(Piece(geometry: piece.geometry, local: frame))
      piecePoses.append(frame)
      reaches.append(bounds)
      collider.pieceCount += 1
      box = box.union(bounds)
      // A turn moves a ball's centre and nothing else of it.
      let isBall = piece.geometry.kind == .sphere
      let farthest = isBall ? frame.position.length : bounds.lower.magnitudes.maximum(bounds.upper.magnitudes).length
      collider.arm = max(collider.arm, farthest)
    }
    collider.isUnbounded = !box.isFinite
    collider.slack = collider.isUnbounded ? 0 : 0.1 * box.halfExtents.maximum
    if collider.isUnbounded { unbounded.append(Int32(colliders.count)) }
    shapes.append(shape)
    colliders.append(collider)
    motions.append(Motion(pose: .identity, velocity: .zero))
    fat.append(.empty)
    isMoved.append(false)
  }

  /// Notes that a joint connects two bodies (they stop colliding), or that one less does. Joints are counted: the
  /// bodies collide again when the last one is gone.
  public func setJoined(_ a: Int, _ b: Int, _ isJoined: Bool) {
    if isJoined {
      if joined.add(a, b) { filtersChanged = true }
    } else if joined.remove(a, b) {
      for index in 0..<colliders.count where colliders[index].body == a || colliders[index].body == b {
        noteMoved(index)
      }
    }
  }

  func noteMoved(_ index: Int) {
    if isMoved.pointer[index] { return }
    isMoved.pointer[index] = true
    moved.append(Int32(index))
  }

  /// Moves the bounds to the bodies' poses; `margin` (m) is the gap up to which contacts are wanted.
  public func updateBounds(
    poses: UnsafePointer<RigidTransform>, velocities: UnsafePointer<Vector6>, timestep: Double, margin: Double
  ) {
    let isSame = timestep == self.timestep && margin == self.margin
    self.timestep = timestep
    self.margin = margin
    let colliders = self.colliders.pointer
    for index in 0..<self.colliders.count {
      let body = Int(colliders[index].body)
      let motion = Motion(pose: poses[body], velocity: velocities[body])
      let isPlaced = colliders[index].leaf >= 0 || fat.pointer[index].lower.x == -.infinity
      if colliders[index].isStatic && isPlaced && isSame && motion.pose == motions.pointer[index].pose
        && motion.velocity == motions.pointer[index].velocity
      {
        continue
      }
      motions.pointer[index] = motion
      let reach = updateReach(colliders[index], motion)
      if colliders[index].isUnbounded {
        fat.pointer[index] = .infinite
        noteMoved(index)
      } else {
        updateFat(index, reach, path: timestep * motion.velocity.linear)
      }
    }
  }

  /// Poses and reaches of a collider's pieces; the box around the reaches.
  @inline(__always)
  private func updateReach(_ collider: Collider, _ motion: Motion) -> BoundingBox {
    let turn = min(timestep * motion.velocity.angular.length, 2) * collider.arm
    let path = timestep * motion.velocity.linear
    var box = BoundingBox.empty
    for piece in Int(collider.firstPiece)..<Int(collider.firstPiece + collider.pieceCount) {
      let pose = motion.pose * pieces.pointer[piece].local
      let bounds = pieces.pointer[piece].geometry.bounds(at: pose)
      let reach = bounds.expanded(by: 0.5 * margin + turn).swept(by: path)
      piecePoses.pointer[piece] = pose
      reaches.pointer[piece] = reach
      box = box.union(reach)
    }
    return box
  }

  /// Gives a collider a new fat box where it has left its own, or where its own is far too large because it was fast.
  @inline(__always)
  private func updateFat(_ index: Int, _ reach: BoundingBox, path: Vector3) {
    let collider = colliders.pointer + index
    let slack = collider.pointee.slack + margin
    if collider.pointee.leaf >= 0 && fat.pointer[index].contains(reach)
      && reach.expanded(by: 4 * slack).swept(by: 4 * path).contains(fat.pointer[index])
    {
      return
    }
    let box = collider.pointee.isStatic && path == .zero ? reach : reach.expanded(by: slack).swept(by: path)
    fat.pointer[index] = box
    let tree = collider.pointee.isStatic ? staticTree : movingTree
    if collider.pointee.leaf < 0 {
      collider.pointee.leaf = Int32(tree.insert(index, box))
    } else {
      tree.move(Int(collider.pointee.leaf), to: box)
    }
    noteMoved(index)
  }
}
