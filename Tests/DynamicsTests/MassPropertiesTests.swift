import Dynamics
import LinearAlgebra
import Testing

/// Largest difference of two tensors relative to the largest entry of the second.
private func difference(_ a: Matrix3, _ b: Matrix3) -> Double {
  let d = a - b
  let largest = max(d.row0.magnitudes.maximum, d.row1.magnitudes.maximum, d.row2.magnitudes.maximum)
  return largest / max(b.row0.magnitudes.maximum, b.row1.magnitudes.maximum, b.row2.magnitudes.maximum)
}

private func expectEqual(_ a: MassProperties, _ b: MassProperties, _ tolerance: Double, size: Double = 1) {
  #expect((a.mass / b.mass - 1).magnitude < tolerance)
  #expect((a.centerOfMass - b.centerOfMass).length < tolerance * size)
  #expect(difference(a.inertia, b.inertia) < tolerance)
}

/// Mass, centre and inertia. Where both sides are closed forms the tolerance is 1e-12: some hundred roundings of 1e-16
/// with room to spare.
@Suite struct MassPropertiesTests {
  @Test func textbookValues() throws {
    // NASA's and every textbook's table of moments of inertia, by numbers.
    let ball = try #require(Sphere(radius: 0.5).massProperties(density: 1000))
    #expect((ball.mass - 523.5987755982989).magnitude < 1e-9)
    #expect((ball.inertia.row0.x - 52.35987755982989).magnitude < 1e-9)
    let shell = try #require(Sphere(radius: 0.5, hollow: true).massProperties(density: 1000))
    #expect(shell.mass == ball.mass)
    #expect((shell.inertia.row1.y / ball.inertia.row1.y - 5.0 / 3).magnitude < 1e-15)
    let brick = try #require(Box(halfExtents: Vector3(0.5, 1, 1.5)).massProperties(density: 2))
    // 1 × 2 × 3 m, 12 kg: m/12 (b² + c²) = 13, 10, 5.
    #expect(brick.mass == 12)
    #expect((brick.inertia.diagonal - Vector3(13, 10, 5)).length < 1e-13)
    let rod = try #require(Cylinder(radius: 0.1, halfHeight: 1).massProperties(density: 1 / (0.02 * Double.pi)))
    // 1 kg, 2 m: m r²/2 and m (3 r² + H²)/12.
    #expect((rod.inertia.diagonal - Vector3(4.03 / 12, 0.005, 4.03 / 12)).length < 1e-13)
  }

  @Test func capsuleBetweenItsLimits() throws {
    // A very short capsule is a ball; a very slender one is a rod. First-order differences: 3h/(2r) and r/h.
    let short = try #require(Capsule(radius: 1, halfLength: 1e-9).massProperties(density: 1))
    expectEqual(short, try #require(Sphere(radius: 1).massProperties(density: 1)), 1e-8)
    let slender = try #require(Capsule(radius: 1e-7, halfLength: 1).massProperties(density: 1))
    expectEqual(slender, try #require(Cylinder(radius: 1e-7, halfHeight: 1).massProperties(density: 1)), 1e-6)
  }

  /// The capsule's closed form against its parts: a surface of revolution in 4000 discs. Simpson's rule on a profile
  /// with square-root ends converges as n^-3/2: 1e-5.
  @Test func capsuleFromDiscs() throws {
    let (r, h) = (0.3, 0.7)
    let n = 4000
    let step = 2 * (h + r) / Double(n)
    var mass = 0.0
    var axial = 0.0
    var transverse = 0.0
    for i in 0...n {
      let y = -h - r + Double(i) * step
      let beyond = max(0, y.magnitude - h)
      let square = r * r - beyond * beyond
      let weight = (i == 0 || i == n ? 1.0 : i % 2 == 1 ? 4 : 2) * step / 3 * Double.pi * square
      mass += weight
      axial += weight * square / 2
      transverse += weight * (square / 4 + y * y)
    }
    let capsule = try #require(Capsule(radius: r, halfLength: h).massProperties(density: 1))
    #expect((capsule.mass / mass - 1).magnitude < 1e-5)
    #expect((capsule.inertia.row1.y / axial - 1).magnitude < 1e-5)
    #expect((capsule.inertia.row0.x / transverse - 1).magnitude < 1e-5)
  }

  @Test func hullOfCornersIsTheBox() throws {
    let e = Vector3(0.3, 0.02, 1.7)
    var points: [Vector3] = []
    for i in 0..<8 { points.append(Vector3(i & 1 == 0 ? -e.x : e.x, i & 2 == 0 ? -e.y : e.y, i & 4 == 0 ? -e.z : e.z)) }
    let hull = try ConvexHull(points: points)
    let box = try #require(Box(halfExtents: e).massProperties(density: 700))
    expectEqual(try #require(hull.massProperties(density: 700)), box, 1e-12)
    expectEqual(ConvexPolyhedron.box(halfExtents: e).massProperties(density: 700), box, 1e-12)
    // Turned and moved: the same as moving the box's own properties. The hull's centre comes out of coordinates of
    // 100 m, with 1e-14 m of round-off, against half extents of 0.02 m: squared, 1e-10 of the smallest moment.
    let pose = RigidTransform(
      position: Vector3(100, -40, 7), orientation: Quaternion(angle: 0.7, axis: Vector3(0.6, 0, 0.8)))
    let moved = try ConvexHull(points: points.map { pose.apply($0) })
    expectEqual(try #require(moved.massProperties(density: 700)), box.transformed(by: pose), 1e-10)
  }

  @Test func cornerTetrahedron() throws {
    // Corners at 0 and on the axes at a, b, c: V = abc/6, centre (a, b, c)/4, ∫ xy = abc ab/120 about the corner.
    let (a, b, c) = (1.0, 2.0, 3.0)
    let hull = try ConvexHull(points: [.zero, Vector3(a, 0, 0), Vector3(0, b, 0), Vector3(0, 0, c)])
    let found = try #require(hull.massProperties(density: 1))
    #expect((found.mass - 1).magnitude < 1e-14)
    #expect((found.centerOfMass - Vector3(0.25, 0.5, 0.75)).length < 1e-14)
    // Ixx about the centre = V (b² + c²)·3/80, Ixy = V ab/80 (negative product with both at one side: −(ab/20 − ab/16)).
    #expect((found.inertia.row0.x - 3.0 / 80 * (b * b + c * c)).magnitude < 1e-13)
    #expect((found.inertia.row0.y - a * b / 80).magnitude < 1e-13)
  }

  /// The hull of n points on a sphere approaches the ball; its volume is too small by O(1/n): 4π/(√3 n)·… ≈ 4.6/n.
  @Test func hullOfManyPointsOnASphere() throws {
    let n = 4000
    let golden = Double.pi * (3 - 5.0.squareRoot())
    let points = (0..<n).map { i in
      let y = 1 - 2 * (Double(i) + 0.5) / Double(n)
      let (sine, cosine) = Trigonometry.sineAndCosine(golden * Double(i))
      let r = (1 - y * y).squareRoot()
      return Vector3(2 * r * cosine, 2 * y, 2 * r * sine)
    }
    let hull = try #require(try ConvexHull(points: points).massProperties(density: 3))
    let ball = try #require(Sphere(radius: 2).massProperties(density: 3))
    #expect(hull.mass < ball.mass && hull.mass > ball.mass * (1 - 8 / Double(n)))
    #expect(difference(hull.inertia, ball.inertia) < 12 / Double(n))
    #expect(hull.centerOfMass.length < 1e-3)
  }

  @Test func compoundOfHalvesIsTheWhole() throws {
    let half = Box(halfExtents: Vector3(0.5, 1, 2))
    let whole = try #require(Box(halfExtents: Vector3(1, 1, 2)).massProperties(density: 5))
    let turn = Quaternion(angle: Double.pi, axis: .unitZ)
    let compound = try Compound(children: [
      PlacedShape(half, pose: RigidTransform(position: Vector3(-0.5, 0, 0))),
      PlacedShape(half, pose: RigidTransform(position: Vector3(0.5, 0, 0), orientation: turn)),
    ])
    expectEqual(try #require(compound.massProperties(density: 5)), whole, 1e-12)
    // A compound of compounds, off centre, is the same body somewhere else.
    let pose = RigidTransform(position: Vector3(3, 1, -2), orientation: Quaternion(angle: 1.1, axis: .unitY))
    let nested = try Compound(children: [PlacedShape(compound, pose: pose)])
    expectEqual(try #require(nested.massProperties(density: 5)), whole.transformed(by: pose), 1e-12, size: 4)
    #expect(nested.pieces.count == 2)
  }

  @Test func shapesWithoutVolumeHaveNoMass() throws {
    let plane = Plane()
    let mesh = try TriangleMesh(vertices: [.zero, .unitX, .unitY], triangles: [SIMD3(0, 1, 2)])
    #expect(plane.massProperties(density: 1) == nil)
    #expect(mesh.massProperties(density: 1) == nil)
    #expect(
      try Compound(children: [PlacedShape(Sphere(radius: 1)), PlacedShape(plane)]).massProperties(density: 1) == nil)
  }

  /// No solid's moments may violate the triangle inequality I₁ + I₂ ≥ I₃.
  @Test func momentsObeyTheTriangleInequality() throws {
    var random = CollisionRandom(seed: 7)
    for _ in 0..<200 {
      let points = (0..<12).map { _ in random.vector(1) }
      let hull = try #require(try ConvexHull(points: points).massProperties(density: 1))
      let t = hull.inertia.trace
      for _ in 0..<5 {
        let n = random.direction()
        let moment = n.dot(hull.inertia * n)
        #expect(moment > 0 && 2 * moment <= t * (1 + 1e-12))
      }
    }
  }
}
