import Dynamics
import LinearAlgebra
import Testing

@Suite struct TriangleTreeTests {
  /// A square grid of 2n² triangles over [0, n]² with heights.
  static func grid(_ n: Int, height: (Int, Int) -> Double) throws -> TriangleMesh {
    var vertices: [Vector3] = []
    var triangles: [SIMD3<Int32>] = []
    for i in 0...n { for j in 0...n { vertices.append(Vector3(Double(i), height(i, j), Double(j))) } }
    for i in 0..<n {
      for j in 0..<n {
        let a = Int32(i * (n + 1) + j)
        let b = a + Int32(n + 1)
        triangles += [SIMD3(a, a + 1, b), SIMD3(b, a + 1, b + 1)]
      }
    }
    return try TriangleMesh(vertices: vertices, triangles: triangles)
  }

  @Test func queriesAgreeWithBruteForce() throws {
    var random = CollisionRandom(seed: 1)
    var vertices: [Vector3] = []
    var triangles: [SIMD3<Int32>] = []
    for i in 0..<3000 {
      let center = random.vector(10)
      let size = i % 100 == 0 ? 8.0 : 0.5
      for _ in 0..<3 { vertices.append(center + random.vector(size)) }
      triangles.append(SIMD3(Int32(3 * i), Int32(3 * i + 1), Int32(3 * i + 2)))
    }
    // Some without an area: they never appear.
    for i in 0..<20 { triangles.append(SIMD3(Int32(i), Int32(i), Int32(i + 1))) }
    let tree = try TriangleMesh(vertices: vertices, triangles: triangles).tree
    let found = Buffer<UInt64>()
    var total = 0
    for _ in 0..<500 {
      let box = BoundingBox(
        center: random.vector(12),
        halfExtents: Vector3(random.uniform(0, 3), random.uniform(0, 3), random.uniform(0, 3)))
      found.removeAll()
      tree.query(box, into: found)
      let expected = (0..<3000).filter { tree.bounds(of: $0).overlaps(box) }
      #expect(found.array.map { Int($0) } == expected)
      total += expected.count
    }
    #expect(total > 1000)
  }

  @Test func allCentresInOnePlaceAndExponentialSpacing() throws {
    // All bins equal; and coordinates for which every split takes one triangle off: neither may recurse without end.
    let stacked = Array(repeating: SIMD3<Int32>(0, 1, 2), count: 5000)
    let tree = try TriangleMesh(vertices: [.zero, .unitX, .unitY], triangles: stacked).tree
    let found = Buffer<UInt64>()
    tree.query(BoundingBox(lower: .zero, upper: .zero), into: found)
    #expect(found.count == 5000)
    var vertices: [Vector3] = []
    var scale = 1e-200
    for _ in 0..<690 {
      vertices += [Vector3(scale, 0, 0), Vector3(scale, 1, 0), Vector3(scale, 0, 1)]
      scale *= 2
    }
    let steps: [SIMD3<Int32>] = (0..<690).map { (i: Int) in
      let first = Int32(3 * i)
      return SIMD3(first, first + 1, first + 2)
    }
    let deep = try TriangleMesh(vertices: vertices, triangles: steps).tree
    found.removeAll()
    deep.query(BoundingBox(lower: .zero, upper: Vector3(1, 1, 1)), into: found)
    let expected = (0..<690).filter { (i: Int) in vertices[3 * i].x <= 1 }
    #expect(found.array.map { Int($0) } == expected)
  }

  @Test func flatFloorIsOneSurfaceWithoutRidges() throws {
    let tree = try Self.grid(6) { _, _ in 0 }.tree
    for triangle in 0..<tree.triangles.count {
      #expect(tree.triangles[triangle].w == 0)
      let t = tree.triangles[triangle]
      for edge in 0..<3 {
        let a = tree.vertices[Int(t[edge])]
        let b = tree.vertices[Int(t[(edge + 1) % 3])]
        let isBorder = a.x == b.x && (a.x == 0 || a.x == 6) || a.z == b.z && (a.z == 0 || a.z == 6)
        #expect(tree.isRidge(triangle: triangle, edge: edge, front: true) == isBorder)
        #expect(tree.isRidge(triangle: triangle, edge: edge, front: false) == isBorder)
      }
    }
  }

  @Test func roofIsARidgeFromAboveAndAValleyFromBelow() throws {
    // Two triangles over the edge from (0, 1, 0) to (0, 1, 2), both with their fronts up.
    let vertices = [Vector3(0, 1, 0), Vector3(0, 1, 2), Vector3(-1, 0, 1), Vector3(1, 0, 1)]
    for winding in [SIMD3<Int32>(0, 1, 3), SIMD3<Int32>(1, 0, 3)] {
      let tree = try TriangleMesh(vertices: vertices, triangles: [SIMD3(1, 0, 2), winding]).tree
      let isUp = tree.normals[0].y > 0
      #expect(tree.isRidge(triangle: 0, edge: 0, front: isUp))
      #expect(!tree.isRidge(triangle: 0, edge: 0, front: !isUp))
      let isUpToo = tree.normals[1].y > 0
      #expect(tree.isRidge(triangle: 1, edge: 0, front: isUpToo))
      #expect(!tree.isRidge(triangle: 1, edge: 0, front: !isUpToo))
      #expect(tree.triangles[0].w == 0 && tree.triangles[1].w == 1)
    }
  }

  @Test func unweldedTrianglesAreNeighbours() throws {
    let corners = [Vector3(0, 0, 0), .unitX, .unitZ, .unitX, Vector3(1, 0, 1), .unitZ]
    let tree = try TriangleMesh(vertices: corners, triangles: [SIMD3(0, 1, 2), SIMD3(3, 4, 5)]).tree
    #expect(!tree.isRidge(triangle: 0, edge: 1, front: true))
    #expect(tree.isRidge(triangle: 0, edge: 0, front: true))
    #expect(tree.triangles[1].w == 0)
  }

  @Test func hostileMeshesAreRefused() {
    let corners = [Vector3.zero, .unitX, .unitY]
    let lists: [([Vector3], [SIMD3<Int32>])] = [
      (corners, []), (corners, [SIMD3(0, 1, 3)]), (corners, [SIMD3(0, 1, -1)]), ([], [SIMD3(0, 0, 0)]),
      (corners, [SIMD3(0, 1, 1)]), ([.zero, .unitX, Vector3(2, 0, 0)], [SIMD3(0, 1, 2)]),
      ([.zero, .unitX, Vector3(.nan, 0, 0)], [SIMD3(0, 1, 2)]),
      ([.zero, .unitX, Vector3(0, 1e200, 0)], [SIMD3(0, 1, 2)]),
    ]
    for (vertices, triangles) in lists {
      #expect(throws: ShapeError.self) { try TriangleMesh(vertices: vertices, triangles: triangles) }
    }
  }
}
