import LinearAlgebra

// Sutherland, Hodgman, "Reentrant Polygon Clipping", CACM 17(1), 1974, for convex polygons of contact points.
//
// Every corner carries the numbers of the two edges that meet in it, so that a corner has the same name from step to
// step wherever it is in the list: a corner of the incident face is (edge, edge), a crossing is (edge, clip plane), a
// corner of the reference face is (clip plane, clip plane).

/// A corner of a polygon that is being clipped.
struct ClipVertex: BitwiseCopyable {
  /// Place (m), in whatever frame the caller clips.
  var position: Vector3
  /// Gap along the contact normal (m).
  var separation: Double
  /// Number of the edge that ends here × 256 + number of the edge that begins here.
  var edges: UInt32

  @inline(__always)
  init(_ position: Vector3, incoming: UInt32, outgoing: UInt32) {
    self.position = position
    separation = 0
    edges = incoming << 8 | outgoing
  }

  @inline(__always) var outgoing: UInt32 { edges & 255 }
}

enum PolygonClipping {
  /// Corners of the largest polygon that is clipped or clips. Two of them make `capacity` corners, which is what fits
  /// in a kilobyte: larger scratch would come from the heap.
  static let maximumCorners = 12
  /// Room for the corners of a clipped polygon and one more point.
  static let capacity = 25

  /// Keeps what is on the inner side of a plane, normal · x ≤ offset; a corner that is outside by less than
  /// `tolerance` (m) stays, unmoved, so that aligned edges do not change names with every bit of noise.
  ///
  /// Returns the number of corners, which are in `target`, or still in `source` where nothing was cut (false).
  @inline(__always)
  static func clip(
    _ source: UnsafeMutablePointer<ClipVertex>, _ count: Int, normal: Vector3, offset: Double, tolerance: Double,
    edge: UInt32, into target: UnsafeMutablePointer<ClipVertex>
  ) -> (count: Int, moved: Bool) {
    var outside = 0
    for k in 0..<count where normal.dot(source[k].position) - offset > tolerance { outside += 1 }
    if outside == 0 { return (count, false) }
    if outside == count { return (0, true) }
    var used = 0
    var current = source[count - 1]
    var distance = normal.dot(current.position) - offset
    for k in 0..<count {
      let next = source[k]
      let nextDistance = normal.dot(next.position) - offset
      let isInside = distance <= tolerance
      let nextIsInside = nextDistance <= tolerance
      // A corner inside by tolerance only stands for the crossing beside it.
      if isInside != nextIsInside && (isInside ? distance : nextDistance) < 0 && used < capacity - 1 {
        let t = distance / (distance - nextDistance)
        let point = current.position + t * (next.position - current.position)
        target[used] =
          isInside
          ? ClipVertex(point, incoming: current.outgoing, outgoing: edge)
          : ClipVertex(point, incoming: edge, outgoing: current.outgoing)
        used += 1
      }
      if nextIsInside && used < capacity - 1 {
        target[used] = next
        used += 1
      }
      current = next
      distance = nextDistance
    }
    return (used, true)
  }

  /// Cuts a segment (two corners in `ends`) down to the inner side of a plane; 0, 1 or 2 corners remain.
  ///
  /// As `clip`, which would see the segment as a polygon with two coinciding edges and double its cuts.
  @inline(__always)
  static func clipSegment(
    _ ends: UnsafeMutablePointer<ClipVertex>, _ count: Int, normal: Vector3, offset: Double, tolerance: Double,
    edge: UInt32
  ) -> Int {
    let first = normal.dot(ends[0].position) - offset
    if count < 2 { return first <= tolerance ? count : 0 }
    let second = normal.dot(ends[1].position) - offset
    if first <= tolerance && second <= tolerance { return 2 }
    if first > tolerance && second > tolerance { return 0 }
    let cut = first > tolerance ? 0 : 1
    // The end that stays is outside itself, within the tolerance: it is all that remains.
    if (cut == 0 ? second : first) >= 0 {
      ends[0] = ends[1 - cut]
      return 1
    }
    let t = first / (first - second)
    ends[cut].position = ends[0].position + t * (ends[1].position - ends[0].position)
    ends[cut].edges = ends[cut].edges & 0xFF00 | edge
    return 2
  }
}
