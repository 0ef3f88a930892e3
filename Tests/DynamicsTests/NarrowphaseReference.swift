import Dynamics
import LinearAlgebra

/// An independent view of the shapes: support heights and signed distances straight from their definitions, and the
/// gap of two shapes by search over directions.
enum NarrowphaseReference {
  /// Largest n · x over the shape in its own frame (m).
  static func height(_ g: Geometry, _ n: Vector3) -> Double {
    let radial = (n.x * n.x + n.z * n.z).squareRoot()
    switch g.kind {
    case .sphere: return g.size.x * n.length
    case .capsule: return g.size.y * n.y.magnitude + g.size.x * n.length
    case .cylinder: return g.size.y * n.y.magnitude + g.size.x * radial
    case .box: return g.size.dot(n.magnitudes)
    case .triangle: return max(n.dot(g.triangle.0), max(n.dot(g.triangle.1), n.dot(g.triangle.2)))
    default:
      let vertices = g.polyhedron!.takeUnretainedValue().vertices
      var highest = -Double.infinity
      for k in 0..<vertices.count { highest = max(highest, n.dot(vertices[k])) }
      return highest
    }
  }

  /// Distance to the surface (m), negative inside; for hulls only its zero and its sign are exact.
  static func distance(_ g: Geometry, _ p: Vector3) -> Double {
    func outside(_ x: Double, _ y: Double, _ z: Double) -> Double {
      let out = Vector3(max(x, 0), max(y, 0), max(z, 0)).length
      return out + min(0, max(x, max(y, z)))
    }
    let radial = (p.x * p.x + p.z * p.z).squareRoot()
    switch g.kind {
    case .sphere: return p.length - g.size.x
    case .capsule:
      return Vector3(p.x, p.y - min(max(p.y, -g.size.y), g.size.y), p.z).length - g.size.x
    case .cylinder: return outside(radial - g.size.x, p.y.magnitude - g.size.y, -.infinity)
    case .box: return outside(p.x.magnitude - g.size.x, p.y.magnitude - g.size.y, p.z.magnitude - g.size.z)
    case .plane: return p.y
    case .triangle: return triangleDistance(g.triangle, p)
    default:
      let hull = g.polyhedron!.takeUnretainedValue()
      return zip(hull.faceNormals.array, hull.faceOffsets.array).map { $0.dot(p) - $1 }.max()!
    }
  }

  static func triangleDistance(_ t: (Vector3, Vector3, Vector3), _ p: Vector3) -> Double {
    // The nearest of a fine net of barycentric points, refined around itself.
    var u = 1.0 / 3
    var v = 1.0 / 3
    var best = Double.infinity
    var step = 1.0 / 3
    while step > 1e-12 {
      var improved = false
      for (du, dv) in [(0.0, 0.0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1), (1, 1), (-1, -1)] {
        var x = max(0, u + du * step)
        var y = max(0, v + dv * step)
        let over = x + y
        if over > 1 { (x, y) = (x / over, y / over) }
        let distance = (t.0 + x * (t.1 - t.0) + y * (t.2 - t.0) - p).length
        if distance < best {
          (best, u, v, improved) = (distance, x, y, true)
        }
      }
      if !improved { step *= 0.5 }
    }
    return best
  }

  /// Gap along the unit normal `n` from a to b (m).
  static func gap(
    _ a: Geometry, _ poseA: RigidTransform, _ b: Geometry, _ poseB: RigidTransform, along n: Vector3
  ) -> Double {
    if b.kind == .plane {
      let up = poseB.orientation.rotate(.unitY)
      // Every other direction cuts the half-space infinitely deep.
      return up.dot(poseA.position - poseB.position) - height(a, poseA.orientation.inverseRotate(-up))
    }
    return n.dot(poseB.position - poseA.position) - height(a, poseA.orientation.inverseRotate(n))
      - height(b, poseB.orientation.inverseRotate(-n))
  }

  /// A spiral of directions over the sphere (Fibonacci lattice).
  static let directions: [Vector3] = (0..<600).map { k in
    let y = 1 - 2 * (Double(k) + 0.5) / 600
    let (sine, cosine) = Trigonometry.sineAndCosine(2.399_963_229_728_653 * Double(k))
    let r = (1 - y * y).squareRoot()
    return Vector3(r * cosine, y, r * sine)
  }

  /// The largest gap over all directions: the distance, or minus the depth. Compass search from the best five of the
  /// spiral (its neighbours are 0.15 rad apart) down to 1e-8 rad: a lower bound, tight but for what a sharp ridge
  /// keeps it from.
  static func gap(
    _ a: Geometry, _ poseA: RigidTransform, _ b: Geometry, _ poseB: RigidTransform
  ) -> Double {
    let samples = directions.map { (n: $0, gap: gap(a, poseA, b, poseB, along: $0)) }
    var best = -Double.infinity
    for start in samples.sorted(by: { $0.gap > $1.gap }).prefix(5) {
      var (n, value) = start
      var step = 0.15
      var turn = 0.0
      var failures = 0
      // Edges of the shapes make the gap a roof whose ridge a fixed compass cannot follow: it turns all the time.
      while step > 1e-8 {
        let (t1, t2) = n.tangents
        let (sine, cosine) = Trigonometry.sineAndCosine(turn)
        turn += 2.399_963_229_728_653
        var improved = false
        for (x, y) in [(cosine, sine), (-cosine, -sine), (-sine, cosine), (sine, -cosine)] {
          let next = (n + step * (x * t1 + y * t2)).normalized()
          let candidate = gap(a, poseA, b, poseB, along: next)
          if candidate > value { (n, value, improved) = (next, candidate, true) }
        }
        failures = improved ? 0 : failures + 1
        if failures == 4 {
          step *= 0.5
          failures = 0
        }
      }
      best = max(best, value)
    }
    return best
  }
}

/// Polyhedra built face by face; they live as long as the tests run.
enum HullLibrary {
  static func hull(_ vertices: [Vector3], _ faces: [[Int32]]) -> Geometry {
    let hull = ConvexPolyhedron()
    for v in vertices { hull.vertices.append(v) }
    hull.faceStarts.append(0)
    var sides: [(Int32, Int32, Int32)] = []
    for (index, face) in faces.enumerated() {
      for k in face.indices { sides.append((face[k], face[(k + 1) % face.count], Int32(index))) }
      for v in face { hull.faceVertices.append(v) }
      hull.faceStarts.append(Int32(hull.faceVertices.count))
      let a = vertices[Int(face[0])]
      let normal = (vertices[Int(face[1])] - a).cross(vertices[Int(face[2])] - a).normalized()
      hull.faceNormals.append(normal)
      hull.faceOffsets.append(normal.dot(a))
    }
    for (start, end, face) in sides where start < end {
      let other = sides.first { $0.0 == end && $0.1 == start }!
      hull.edges.append(SIMD4(start, end, face, other.2))
    }
    var geometry = Geometry(.hull)
    geometry.polyhedron = Unmanaged.passRetained(hull)
    return geometry
  }

  /// A box as a hull.
  static func box(_ x: Double, _ y: Double, _ z: Double) -> Geometry {
    let vertices = (0..<8).map { Vector3($0 & 1 == 0 ? -x : x, $0 & 2 == 0 ? -y : y, $0 & 4 == 0 ? -z : z) }
    return hull(
      vertices,
      [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]])
  }

  /// A prism along y on a regular polygon.
  static func prism(sides: Int, radius: Double, halfHeight: Double) -> Geometry {
    var vertices: [Vector3] = []
    for y in [-halfHeight, halfHeight] {
      for k in 0..<sides {
        let (sine, cosine) = Trigonometry.sineAndCosine(2 * .pi * Double(k) / Double(sides))
        vertices.append(Vector3(radius * sine, y, radius * cosine))
      }
    }
    let n = Int32(sides)
    var faces: [[Int32]] = [Array((0..<n).reversed()), Array(n..<2 * n)]
    for k in 0..<n { faces.append([k, (k + 1) % n, n + (k + 1) % n, n + k]) }
    return hull(vertices, faces)
  }

  /// Hull of points in general position, its triangles by trying all triples.
  static func simplicial(_ points: [Vector3]) -> Geometry {
    var faces: [[Int32]] = []
    for i in points.indices {
      for j in points.indices where j > i {
        for k in points.indices where k > j {
          let n = (points[j] - points[i]).cross(points[k] - points[i])
          let sides = points.indices.filter { $0 != i && $0 != j && $0 != k }.map { n.dot(points[$0] - points[i]) }
          if sides.allSatisfy({ $0 < 0 }) { faces.append([Int32(i), Int32(j), Int32(k)]) }
          if sides.allSatisfy({ $0 > 0 }) { faces.append([Int32(i), Int32(k), Int32(j)]) }
        }
      }
    }
    return hull(points, faces)
  }

  /// Points on an ellipsoid, all of them corners.
  static func pebble(corners: Int, size: Vector3, seed: UInt64) -> Geometry {
    var random = SplitMix(seed)
    return simplicial((0..<corners).map { _ in random.direction().scaled(by: size) })
  }
}
