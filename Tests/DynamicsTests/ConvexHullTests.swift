import Dynamics
import LinearAlgebra
import Testing

@Suite struct ConvexHullTests {
  /// V − E + F = 2, every corner behind every face, every edge between the faces that it names.
  private func check(_ hull: ConvexPolyhedron, contains points: [Vector3], size: Double) {
    #expect(hull.vertices.count - hull.edges.count + hull.faceCount == 2)
    for face in 0..<hull.faceCount {
      let normal = hull.faceNormals[face]
      #expect((normal.length - 1).magnitude < 1e-14)
      // Qhull merges facets within 1e-9 of the size; nothing sticks out farther than a few times that.
      let highest = points.map { normal.dot($0) }.max()! - hull.faceOffsets[face]
      #expect(highest <= 5e-9 * size)
      let corners = (hull.faceStarts[face]..<hull.faceStarts[face + 1]).map { Int(hull.faceVertices[Int($0)]) }
      for corner in corners {
        #expect((normal.dot(hull.vertices[corner]) - hull.faceOffsets[face]).magnitude <= 5e-9 * size)
      }
      // Counter-clockwise seen from outside.
      for i in corners.indices {
        let a = hull.vertices[corners[i]]
        let b = hull.vertices[corners[(i + 1) % corners.count]]
        let c = hull.vertices[corners[(i + 2) % corners.count]]
        #expect((b - a).cross(c - b).dot(normal) > 0)
      }
    }
    for index in 0..<hull.edges.count {
      let edge = hull.edges[index]
      #expect(edge.x < edge.y && edge.z != edge.w)
      let direction = hull.vertices[Int(edge.y)] - hull.vertices[Int(edge.x)]
      // The left face lies to the left of x → y: n_left × direction points into it, away from the right face's side.
      let inward = hull.faceNormals[Int(edge.z)].cross(direction)
      #expect(inward.dot(hull.faceNormals[Int(edge.w)]) < 0)
    }
  }

  private static let cube: [Vector3] = (0..<8).map {
    Vector3($0 & 1 == 0 ? -1 : 1, $0 & 2 == 0 ? -1 : 1, $0 & 4 == 0 ? -1 : 1)
  }

  @Test func cubeHasSixQuadrilaterals() throws {
    let hull = try ConvexPolyhedron.hull(of: Self.cube)
    #expect(hull.vertices.count == 8 && hull.faceCount == 6 && hull.edges.count == 12)
    check(hull, contains: Self.cube, size: 1)
    check(ConvexPolyhedron.box(halfExtents: Vector3(1, 1, 1)), contains: Self.cube, size: 1)
  }

  @Test func pointsInsideOnFacesAndTwiceAddNothing() throws {
    var random = CollisionRandom(seed: 3)
    var points = Self.cube + Self.cube
    for _ in 0..<200 { points.append(random.vector(1)) }
    for _ in 0..<50 {
      var p = random.vector(1)
      p[random.index(below: 3)] = 1
      points.append(p)
    }
    points.append(Vector3(1, 1, 0))
    let hull = try ConvexPolyhedron.hull(of: points)
    #expect(hull.vertices.count == 8 && hull.faceCount == 6)
    check(hull, contains: points, size: 1)
  }

  /// Rounded coordinates of a turned, far-away prism still give its two polygons: planes within 1e-9 of the size.
  @Test(arguments: [3, 8, 32, 100]) func turnedPrismKeepsItsPolygons(sides: Int) throws {
    let pose = RigidTransform(
      position: Vector3(50, 20, -70), orientation: Quaternion(angle: 0.9, axis: Vector3(2, -1, 2).normalized()))
    var points: [Vector3] = []
    for i in 0..<sides {
      let (sine, cosine) = Trigonometry.sineAndCosine(2 * Double.pi * Double(i) / Double(sides))
      points.append(pose.apply(Vector3(cosine, 0.01, sine)))
      points.append(pose.apply(Vector3(cosine, -0.01, sine)))
    }
    let hull = try ConvexPolyhedron.hull(of: points)
    #expect(hull.faceCount == sides + 2 && hull.vertices.count == 2 * sides)
    check(hull, contains: points, size: 1)
  }

  @Test func randomPointsGiveClosedSurfaces() throws {
    var random = CollisionRandom(seed: 11)
    for round in 0..<200 {
      let size = [1e-3, 1, 1e4][round % 3]
      let points = (0..<(4 + random.index(below: 60))).map { _ in random.vector(size) }
      check(try ConvexPolyhedron.hull(of: points), contains: points, size: size)
    }
  }

  @Test func sameFacesWhateverTheOrderOfQhullAndTwiceTheSameBits() throws {
    var random = CollisionRandom(seed: 5)
    let points = (0..<100).map { _ in random.vector(2) }
    let a = try ConvexPolyhedron.hull(of: points)
    let b = try ConvexPolyhedron.hull(of: points)
    #expect(a.vertices.array == b.vertices.array)
    #expect(a.faceVertices.array == b.faceVertices.array)
    #expect(a.faceNormals.array == b.faceNormals.array)
    #expect(a.edges.array == b.edges.array)
    // Another order of the points: the same corners and as many faces.
    let c = try ConvexPolyhedron.hull(of: points.reversed())
    #expect(a.vertices.array == c.vertices.array.reversed())
    #expect(a.faceCount == c.faceCount)
  }

  @Test func hostilePointsAreRefused() {
    let flat = (0..<30).map { Vector3(Double($0 % 6), Double($0 / 6), 0) }
    let tilted = flat.map { Quaternion(angle: 0.4, axis: Vector3(0.6, 0.8, 0)).rotate($0) + Vector3(1e3, 2, 3) }
    let line = (0..<9).map { Vector3(Double($0), 2 * Double($0), -Double($0)) }
    let lists: [[Vector3]] = [
      [], [.zero], [.zero, .unitX, .unitY], Array(repeating: Vector3(1, 2, 3), count: 10), line, flat, tilted,
      Self.cube + [Vector3(.nan, 0, 0)], Self.cube + [Vector3(0, .infinity, 0)], Self.cube + [Vector3(0, 0, 1e300)],
      Self.cube.map { Vector3($0.x, $0.y, 1e-12 * $0.z) }, Self.cube.map { 1e-200 * $0 },
      Array(repeating: .zero, count: 70_000),
    ]
    for points in lists {
      #expect(throws: ShapeError.self) { try ConvexHull(points: points) }
    }
  }

  /// Nearly flat, nearly doubled and cancelled coordinates: any outcome but a crash or an open surface.
  @Test func nearlyDegeneratePointsAreHullsOrErrors() {
    var random = CollisionRandom(seed: 23)
    var hulls = 0
    for round in 0..<400 {
      let scale = [1e-16, 1e-14, 1e-12, 1e-10, 1e-9, 1e-8, 1e-6, 1e-3][round % 8]
      let count = 4 + random.index(below: 40)
      var points: [Vector3] = []
      for _ in 0..<count {
        switch round % 3 {
        case 0: points.append(Vector3(random.uniform(-1, 1), random.uniform(-1, 1), scale * random.uniform(-1, 1)))
        case 1: points.append(Self.cube[random.index(below: 8)] + random.vector(scale))
        default: points.append(random.direction() + random.vector(scale) + Vector3(1e6, 0, 0))
        }
      }
      guard let hull = try? ConvexPolyhedron.hull(of: points) else { continue }
      hulls += 1
      #expect(hull.vertices.count - hull.edges.count + hull.faceCount == 2)
      #expect(hull.massProperties(density: 1).mass > 0)
      for face in 0..<hull.faceCount { #expect(hull.faceNormals[face].isFinite) }
    }
    #expect(hulls > 100)
  }
}
