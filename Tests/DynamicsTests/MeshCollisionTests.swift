import Dynamics
import LinearAlgebra
import Testing

private let ball = Sphere(radius: 0.5)

/// Meshes against the same surface without triangles.
@Suite struct MeshCollisionTests {
  /// A box on a tessellated floor has the contacts that it has on a plane: four, at its corners.
  @Test(arguments: [1, 4, 20]) func boxOnATessellatedFloor(cells: Int) throws {
    let n = 2 * cells
    let scale = 4.0 / Double(n)
    var vertices: [Vector3] = []
    var triangles: [SIMD3<Int32>] = []
    for i in 0...n { for j in 0...n { vertices.append(Vector3(scale * Double(i) - 2, 0, scale * Double(j) - 2)) } }
    for i in 0..<n {
      for j in 0..<n {
        let a = Int32(i * (n + 1) + j)
        let b = a + Int32(n + 1)
        triangles += [SIMD3(a, a + 1, b), SIMD3(b, a + 1, b + 1)]
      }
    }
    for meshFirst in [true, false] {
      let stage = CollisionStage()
      let mesh = try TriangleMesh(vertices: vertices, triangles: triangles)
      let box = Box(halfExtents: Vector3(0.5, 0.5, 0.5))
      let place = Vector3(0.137, 0.499, -0.211)
      let turn = Quaternion(angle: 0.3, axis: .unitY)
      if meshFirst { stage.add(mesh, at: .zero, isStatic: true) }
      stage.add(box, at: place, orientation: turn)
      if !meshFirst { stage.add(mesh, at: .zero, isStatic: true) }
      let manifolds = stage.collide()
      #expect(manifolds.count == 1)
      let manifold = try #require(manifolds.first)
      #expect(manifold.count == 4)
      #expect((manifold.normal - Vector3(0, meshFirst ? 1 : -1, 0)).length < 1e-12)
      for x in [-0.5, 0.5] {
        for z in [-0.5, 0.5] {
          let corner = place + turn.rotate(Vector3(x, -0.5, z))
          let nearest = (0..<4).map { (manifold[$0].position - corner).length }.min()!
          // The middle of the surfaces lies half of 1 mm above the corner.
          #expect((nearest - 0.0005).magnitude < 1e-9)
        }
      }
      for k in 0..<4 { #expect((manifold[k].separation + 0.001).magnitude < 1e-12) }
      #expect(Set((0..<4).map { manifold[$0].feature }).count == 4)
    }
  }

  /// Wherever a ball or a box lies on a flat floor of small triangles, no normal leans and a ball has one contact.
  @Test func nothingLeansOnAFlatFloor() throws {
    var random = CollisionRandom(seed: 31)
    let mesh = try TriangleTreeTests.grid(12) { _, _ in 0 }
    for round in 0..<300 {
      let stage = CollisionStage()
      stage.add(mesh, at: .zero, isStatic: true)
      let x = random.uniform(2, 10)
      let z = round % 4 == 0 ? x.rounded() : random.uniform(2, 10)
      let depth = random.uniform(-0.005, 0.02)
      if round % 2 == 0 {
        stage.add(ball, at: Vector3(x, 0.5 - depth, z))
      } else {
        let turn = Quaternion(angle: random.uniform(0, 6), axis: .unitY)
        stage.add(Box(halfExtents: Vector3(0.7, 0.5, 1.1)), at: Vector3(x, 0.5 - depth, z), orientation: turn)
      }
      let manifolds = stage.collide()
      #expect(manifolds.count == 1)
      for manifold in manifolds {
        #expect((manifold.normal - .unitY).length < 1e-9)
        #expect(manifold.count == (round % 2 == 0 ? 1 : 4))
        for k in 0..<Int(manifold.count) { #expect((manifold[k].separation + depth).magnitude < 1e-6) }
      }
    }
  }

  /// A box that slides over a flat floor of triangles, slightly sunk in and tilted by a little, is never pushed
  /// sideways by an edge: all normals stay within 3° of the floor's.
  @Test func slidingBoxMeetsNoWalls() throws {
    let mesh = try TriangleTreeTests.grid(12) { _, _ in 0 }
    let stage = CollisionStage()
    stage.add(mesh, at: .zero, isStatic: true)
    let tilt = Quaternion(angle: 0.01, axis: .unitZ)
    let box = stage.add(
      Box(halfExtents: Vector3(0.4, 0.3, 0.4)), at: Vector3(2, 0.295, 6.03), orientation: tilt,
      velocity: Vector6(linear: Vector3(3, 0, 0), angular: .zero))
    for _ in 0..<140 {
      stage.poses[box].position.x += 3.0 / 60
      let manifolds = stage.collide()
      #expect(!manifolds.isEmpty)
      for manifold in manifolds { #expect(manifold.normal.y > 0.9986) }
    }
  }

  /// A ball in a valley touches both sides, over a ridge it touches the ridge once.
  @Test func valleysAndRidges() throws {
    for sign in [1.0, -1] {
      let mesh = try TriangleTreeTests.grid(4) { i, _ in sign * 0.5 * Double(abs(i - 2)) }
      let stage = CollisionStage()
      stage.add(mesh, at: .zero, isStatic: true)
      // Touching: in the valley the centre is r √(1 + s²) above the bottom, over the ridge r.
      let height = sign > 0 ? 0.5 * 1.25.squareRoot() : 0.5
      stage.add(ball, at: Vector3(2, height - 0.001, 1.7))
      let manifolds = stage.collide()
      #expect(manifolds.count == (sign > 0 ? 2 : 1))
      for manifold in manifolds {
        #expect(manifold.count == 1)
        #expect((manifold.normal.y - (sign > 0 ? 1 / 1.25.squareRoot() : 1)).magnitude < 1e-9)
      }
    }
  }

  /// Seen from below a mesh is as solid as from above.
  @Test func meshesAreTwoSided() throws {
    let stage = CollisionStage()
    stage.add(try TriangleTreeTests.grid(4) { _, _ in 0 }, at: .zero, isStatic: true)
    stage.add(ball, at: Vector3(2.3, -0.49, 2.2))
    let manifold = try #require(stage.collide().first)
    #expect((manifold.normal + .unitY).length < 1e-12)
    #expect((manifold[0].separation + 0.01).magnitude < 1e-12)
  }
}
