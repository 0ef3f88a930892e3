import LinearAlgebra

/// A convex polyhedron: vertices, faces and edges. Coordinates in the shape's frame (m).
///
/// V − E + F = 2 (Euler), and every edge has one face on either side. Filled in once, never changed afterwards.
public final class ConvexPolyhedron: @unchecked Sendable {
  /// Corners.
  public let vertices = Buffer<Vector3>()
  /// Corners of every face, counter-clockwise seen from outside, one face after the other.
  public let faceVertices = Buffer<Int32>()
  /// Where every face's corners begin; one more entry than faces.
  public let faceStarts = Buffer<Int32>()
  /// Outward unit normal of every face.
  public let faceNormals = Buffer<Vector3>()
  /// Offset of every face: n · x = offset on it (m).
  public let faceOffsets = Buffer<Double>()
  /// Every edge once: its two corners and the faces on its left and right.
  public let edges = Buffer<SIMD4<Int32>>()

  /// A polyhedron without faces, to be filled in.
  public init() {}

  /// Number of faces.
  public var faceCount: Int { faceNormals.count }

  /// Fills in everything from corners and faces, each face counter-clockwise seen from outside. False where the faces
  /// are not a closed surface or one of them has no area: then the polyhedron is of no use.
  func fill(vertices corners: [Vector3], faces: [[Int32]]) -> Bool {
    for corner in corners { vertices.append(corner) }
    faceStarts.append(0)
    for face in faces {
      for vertex in face { faceVertices.append(vertex) }
      faceStarts.append(Int32(faceVertices.count))
      // Newell's normal: exact for a plane polygon and the best one for a polygon that is bent by round-off.
      var normal = Vector3.zero
      let origin = corners[Int(face[0])]
      for i in 0..<face.count {
        let a = corners[Int(face[i])] - origin
        let b = corners[Int(face[(i + 1) % face.count])] - origin
        normal += a.cross(b)
      }
      normal = normal.normalized()
      guard normal != .zero, normal.isFinite else { return false }
      faceNormals.append(normal)
      faceOffsets.append(face.map { normal.dot(corners[Int($0)]) }.max()!)
    }
    return findEdges(faces)
  }

  /// Pairs every directed side u → v of a face with the side v → u of its neighbour.
  private func findEdges(_ faces: [[Int32]]) -> Bool {
    struct Side {
      var from: Int32
      var to: Int32
      var face: Int32
    }
    var sides: [Side] = []
    for (index, face) in faces.enumerated() {
      for i in 0..<face.count {
        sides.append(Side(from: face[i], to: face[(i + 1) % face.count], face: Int32(index)))
      }
    }
    sides.sort { a, b in
      let (la, ha) = (min(a.from, a.to), max(a.from, a.to))
      let (lb, hb) = (min(b.from, b.to), max(b.from, b.to))
      return (la, ha, a.from) < (lb, hb, b.from)
    }
    guard sides.count % 2 == 0 else { return false }
    for i in stride(from: 0, to: sides.count, by: 2) {
      let left = sides[i]
      let right = sides[i + 1]
      guard left.from == right.to, left.to == right.from, left.from < left.to else { return false }
      edges.append(SIMD4(left.from, left.to, left.face, right.face))
    }
    return vertices.count - edges.count + faces.count == 2
  }

  /// The box of `halfExtents` (m) around the origin.
  public static func box(halfExtents e: Vector3) -> ConvexPolyhedron {
    let box = ConvexPolyhedron()
    let corners = (0..<8).map { i in
      Vector3(i & 1 == 0 ? -e.x : e.x, i & 2 == 0 ? -e.y : e.y, i & 4 == 0 ? -e.z : e.z)
    }
    let closed = box.fill(
      vertices: corners,
      faces: [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]])
    precondition(closed, "half extents of a box must be greater than 0")
    return box
  }

  /// Box around the polyhedron at `pose` (world axes, m).
  public func bounds(at pose: RigidTransform) -> BoundingBox {
    // The position is added last, so that the sum rounds once.
    let rotation = pose.orientation.matrix
    var box = BoundingBox.empty
    let corners = vertices.pointer
    for i in 0..<vertices.count { box = box.union(rotation * corners[i]) }
    return BoundingBox(lower: box.lower + pose.position, upper: box.upper + pose.position)
  }

  /// Mass (kg), centre of mass (m) and inertia (kg·m²) at `density` (kg/m³).
  ///
  /// The sum over tetrahedra (o, a, b, c) with o inside and (a, b, c) a triangle of the surface; with s = a + b + c
  ///
  ///     V = a · (b × c)/6,   ∫ x = V s/4,   ∫ x xᵀ = V/20 (a aᵀ + b bᵀ + c cᵀ + s sᵀ),
  ///
  /// (Blow and Binstock 2004; Eberly, "Polyhedral Mass Properties (Revisited)", 2002, gives the same integrals by
  /// Mirtich's reduction to the edges). With o inside all terms are positive and nothing cancels.
  public func massProperties(density: Double) -> MassProperties {
    let corners = vertices.pointer
    var origin = Vector3.zero
    for i in 0..<vertices.count { origin += corners[i] }
    origin = origin / Double(vertices.count)
    var volume = 0.0
    var first = Vector3.zero
    var second = Matrix3.zero
    for face in 0..<faceCount {
      let begin = Int(faceStarts[face])
      let end = Int(faceStarts[face + 1])
      let a = corners[Int(faceVertices[begin])] - origin
      for i in begin + 1..<end - 1 {
        let b = corners[Int(faceVertices[i])] - origin
        let c = corners[Int(faceVertices[i + 1])] - origin
        let v = a.dot(b.cross(c)) / 6
        let s = a + b + c
        volume += v
        first += v / 4 * s
        second = second + v / 20 * (Matrix3(outer: a, a) + Matrix3(outer: b, b) + Matrix3(outer: c, c))
        second = second + v / 20 * Matrix3(outer: s, s)
      }
    }
    let center = first / volume
    second = second - volume * Matrix3(outer: center, center)
    let t = second.trace
    return MassProperties(
      mass: density * volume, centerOfMass: origin + center,
      inertia: density * (Matrix3(diagonal: Vector3(t, t, t)) - second))
  }
}
