import CQhull
import LinearAlgebra

// Convex hulls by Quickhull (Barber, Dobkin and Huhdanpaa, "The Quickhull Algorithm for Convex Hulls", ACM TOMS 22(4),
// 1996; libqhull_r). O(n log n) for n points.
//
// The points are moved to their middle and scaled to [−1, 1]³ first, so that what counts as coplanar (1e-9 of the
// size) depends neither on the unit nor on the place. Qhull merges facets that are coplanar within that, and the result
// is renumbered: vertices in the order of the points, faces from their smallest vertex, in lexicographic order. The
// same points give the same polyhedron.
extension ConvexPolyhedron {
  /// Most points that a hull is made of.
  public static let pointLimit = 65_536

  /// Thickness below which a set of points is flat, as a fraction of its size. Qhull finds flatness at round-off; a
  /// body that thin has an inertia that no step resolves.
  private static let flatness = 1e-7

  /// The convex hull of `points` (m). Throws `ShapeError.invalidPoints` for fewer than four points, more than
  /// `pointLimit`, coordinates that are not finite or beyond 1e9 m, and points that lie in a plane.
  public static func hull(of points: [Vector3]) throws -> ConvexPolyhedron {
    guard points.count >= 4 else {
      throw ShapeError.invalidPoints("at least 4 points that are not in a plane, found \(points.count)")
    }
    guard points.count <= pointLimit else {
      throw ShapeError.invalidPoints("at most \(pointLimit) points, found \(points.count)")
    }
    var box = BoundingBox.empty
    for (index, point) in points.enumerated() {
      guard point.isFinite, point.magnitudes.maximum <= 1e9 else {
        throw ShapeError.invalidPoints(
          "coordinates of at most 1e9 m; point \(index) is (\(point.x), \(point.y), \(point.z))")
      }
      box = box.union(point)
    }
    let center = box.center
    let size = box.halfExtents.maximum
    guard size >= 1e-9 else { throw ShapeError.invalidPoints("points that are not all in one place") }
    var coordinates: [Double] = []
    coordinates.reserveCapacity(3 * points.count)
    for point in points {
      let p = (point - center) / size
      coordinates += [p.x, p.y, p.z]
    }
    // Merged facets first. Where merging has torn the surface, joggled input (QJ, its random numbers seeded) gives
    // triangles whose surface is always closed; they carry the coordinates of the points themselves.
    for command in ["qhull C-1e-9 Pp", "qhull QJ QR-1 Pp"] {
      guard let faces = try facets(of: coordinates, command: command) else { continue }
      if let hull = assemble(points: points, around: center, faces: faces) {
        guard hull.isThick(size: size) else { throw flatError }
        return hull
      }
    }
    throw flatError
  }

  private static let flatError = ShapeError.invalidPoints("points that are not in a plane")

  /// Facets as lists of point numbers; nil where qhull failed otherwise than by flat input.
  private static func facets(of coordinates: [Double], command: String) throws -> [[Int32]]? {
    let count = coordinates.count / 3
    // A planar graph of V vertices has at most 3V − 6 edges and 2V − 4 faces.
    let corners = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 6 * count)
    let starts = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 2 * count)
    defer {
      corners.deallocate()
      starts.deallocate()
    }
    var facetCount: Int32 = 0
    var input = coordinates
    var text = Array(command.utf8CString)
    let status = qhull_facets(
      &input, Int32(count), &text, corners.baseAddress!, Int32(corners.count), starts.baseAddress!,
      Int32(starts.count), &facetCount)
    if status == qh_ERRsingular { throw flatError }
    guard status == 0 else { return nil }
    return (0..<Int(facetCount)).map { Array(corners[Int(starts[$0])..<Int(starts[$0 + 1])]) }
  }

  /// The polyhedron of some of the points; nil where its faces are no closed surface.
  private static func assemble(points: [Vector3], around center: Vector3, faces: [[Int32]]) -> ConvexPolyhedron? {
    var number = [Int32](repeating: -1, count: points.count)
    for face in faces {
      guard face.count >= 3 else { return nil }
      for vertex in face {
        guard points.indices.contains(Int(vertex)) else { return nil }
        number[Int(vertex)] = 0
      }
    }
    var vertices: [Vector3] = []
    var middle = Vector3.zero
    for index in points.indices where number[index] == 0 {
      number[index] = Int32(vertices.count)
      vertices.append(points[index])
      middle += points[index] - center
    }
    middle = center + middle / Double(max(vertices.count, 1))
    var ordered: [[Int32]] = []
    for face in faces {
      var cycle = face.map { number[Int($0)] }
      var normal = Vector3.zero
      let origin = vertices[Int(cycle[0])]
      for i in 1..<cycle.count - 1 {
        normal += (vertices[Int(cycle[i])] - origin).cross(vertices[Int(cycle[i + 1])] - origin)
      }
      if normal.dot(origin - middle) < 0 { cycle.reverse() }
      let smallest = cycle.indices.min { cycle[$0] < cycle[$1] }!
      ordered.append(Array(cycle[smallest...] + cycle[..<smallest]))
    }
    ordered.sort { $0.lexicographicallyPrecedes($1) }
    let hull = ConvexPolyhedron()
    return hull.fill(vertices: vertices, faces: ordered) ? hull : nil
  }

  /// Whether 6V/A, three times the radius of a ball inside a round body and twice the thickness of a thin plate, is
  /// resolved at this size (m).
  private func isThick(size: Double) -> Bool {
    var area = 0.0
    for face in 0..<faceCount {
      let begin = Int(faceStarts[face])
      let a = vertices[Int(faceVertices[begin])]
      for i in begin + 1..<Int(faceStarts[face + 1]) - 1 {
        area += 0.5 * (vertices[Int(faceVertices[i])] - a).cross(vertices[Int(faceVertices[i + 1])] - a).length
      }
    }
    return massProperties(density: 1).mass > Self.flatness * size * area
  }
}
