import Dynamics
import LinearAlgebra

// Worlds of contacts for the tests that run over all of `TestWorld.all`.
extension TestWorld {
  /// Five boxes on the ground.
  static func stack() throws -> World {
    let world = World()
    try world.add(Body(kind: .static, shape: Plane()))
    for index in 0..<5 {
      try world.add(
        Body(
          pose: RigidTransform(position: Vector3(0, Double(index) + 0.5, 0)),
          shape: Box(halfExtents: Vector3(0.5, 0.5, 0.5))))
    }
    return world
  }

  /// Every shape of the catalog, falling on each other between walls on a floor of triangles.
  static func heap() throws -> World {
    let world = World()
    try world.add(
      Body(
        kind: .static,
        shape: try TriangleMesh(
          vertices: [Vector3(-2, 0, -2), Vector3(2, 0, -2), Vector3(2, 0, 2), Vector3(-2, 0, 2)],
          triangles: [SIMD3(0, 2, 1), SIMD3(0, 3, 2)])))
    for side in [-1.0, 1.0] {
      for turn in [0, 0.5 * Double.pi] {
        let wall = Quaternion(angle: turn, axis: .unitY)
        try world.add(
          Body(
            kind: .static,
            pose: RigidTransform(position: wall.rotate(Vector3(1.2 * side, 1, 0)), orientation: wall),
            shape: Box(halfExtents: Vector3(0.2, 1, 1.4))))
      }
    }
    let wedge = try ConvexHull(points: [
      Vector3(-0.2, -0.15, -0.2), Vector3(0.2, -0.15, -0.2), Vector3(0, -0.15, 0.25), Vector3(0, 0.2, 0),
    ])
    let dumbbell = try Compound(children: [
      PlacedShape(Sphere(radius: 0.15), pose: RigidTransform(position: Vector3(-0.2, 0, 0))),
      PlacedShape(Sphere(radius: 0.15), pose: RigidTransform(position: Vector3(0.2, 0, 0))),
    ])
    let shapes: [any Shape] = [
      Sphere(radius: 0.2), Box(halfExtents: Vector3(0.2, 0.15, 0.2)), Capsule(radius: 0.12, halfLength: 0.15),
      Cylinder(radius: 0.18, halfHeight: 0.15), wedge, dumbbell,
    ]
    for layer in 0..<4 {
      for (index, shape) in shapes.enumerated() {
        let position = Vector3(
          -0.5 + 0.5 * Double(index % 3) + 0.03 * Double(layer), 0.4 + 0.55 * Double(layer),
          -0.25 + 0.5 * Double(index / 3))
        let turn = Quaternion(rotationVector: Vector3(0.3 * Double(layer), 0.7 * Double(index), 0.2))
        try world.add(
          Body(
            pose: RigidTransform(position: position, orientation: turn), shape: shape,
            surface: Surface(friction: 0.5, restitution: 0.2, rollingFriction: 1e-3, torsionalFriction: 1e-3)))
      }
    }
    return world
  }
}
