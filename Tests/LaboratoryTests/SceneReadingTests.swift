import Dynamics
import Laboratory
import LinearAlgebra
import Testing

/// What a scene file's entries become.
@Suite struct SceneReadingTests {
  static let box = "\"shape\": { \"type\": \"box\", \"halfExtents\": [0.5, 1, 1.5] }"

  @Test func settings() throws {
    let scene = try SceneText.build(
      """
      "gravity": [0, 0, "-1.5 * 2"], "timestep": "1/120", "substeps": 3, "steps": 42, "law": "coulomb",
      "stabilization": "baumgarte", "contactMargin": 0.02, "geometricStiffness": true, "solver": "pgs:iterations=50"
      """)
    #expect(scene.name == "test")
    #expect(scene.summary == "a test")
    #expect(scene.world.gravity == Vector3(0, 0, -3))
    #expect(scene.settings.timestep == 1.0 / 120)
    #expect(scene.settings.substeps == 3)
    #expect(scene.settings.law == .coulomb)
    #expect(scene.settings.stabilization == .baumgarte)
    #expect(scene.settings.contactMargin == 0.02 && scene.settings.geometricStiffness)
    #expect(scene.steps == 42)
    #expect(scene.solver == "pgs:iterations=50")
    let defaults = try SceneText.build("\"bodies\": []")
    #expect(defaults.settings.timestep == 1.0 / 60 && defaults.steps == 600 && defaults.solver == nil)
    #expect(!defaults.settings.geometricStiffness)
    #expect(defaults.settings.law == .convex && defaults.world.gravity == Vector3(0, -9.81, 0))
  }

  @Test func bodyStateAndSurface() throws {
    let world = try SceneText.bodies(
      """
      { "name": "a", "position": [1, 2, 3], "rotation": { "axis": [0, 0, 5], "angle": "pi / 2" }, "velocity": [4, 5, 6],
        "angularVelocity": [7, 8, 9], \(Self.box), "density": 2, "friction": 0.3, "restitution": 0.4,
        "rollingFriction": 0.01, "torsionalFriction": 0.02, "gravityScale": 0.5 },
      { "name": "b", "kind": "static", "orientation": [0.6, 0, 0.8, 0], \(Self.box) },
      { "kind": "kinematic", \(Self.box) }
      """
    ).world
    #expect(world.names == ["a", "b", "body2"])
    #expect(world.kinds == [.dynamic, .static, .kinematic])
    #expect(world.poses[0].position == Vector3(1, 2, 3))
    // A quarter turn about z takes x to y; the quaternion's rounding is a few units of 1e-16.
    #expect((world.poses[0].orientation.rotate(.unitX) - .unitY).length < 1e-15)
    #expect(world.poses[1].orientation == Quaternion(0.6, 0, 0.8, 0).normalized)
    #expect(world.velocities[0] == Vector6(linear: Vector3(4, 5, 6), angular: Vector3(7, 8, 9)))
    // 8 · ½ · 1 · 3/2 m³ at 2 kg/m³.
    #expect(world.masses[0].mass == 12)
    #expect(world.masses[0].gravityScale == 0.5)
    #expect(world.surfaces[0].friction == 0.3 && world.surfaces[0].restitution == 0.4)
    #expect(world.surfaces[0].rollingFriction == 0.01 && world.surfaces[0].torsionalFriction == 0.02)
    #expect(world.surfaces[1].friction == 0.6)
  }

  /// A mass alone scales the shape's inertia: box of half extents (½, 1, 3/2): I_x = m/3 (1 + 9/4).
  @Test func massProperties() throws {
    let world = try SceneText.bodies(
      """
      { \(Self.box), "mass": 6 },
      { "mass": 2 },
      { "mass": 3, "inertia": [4, 5, 6], "centerOfMass": [1, 0, 0], "position": [0, 1, 0] },
      { "mass": 3, "inertia": [4, 5, 6, 0.1, 0.2, 0.3] }
      """
    ).world
    #expect(abs(world.masses[0].inertia.row0.x - 6.5) < 1e-14)
    #expect(abs(world.masses[0].mass - 6) < 1e-14)
    #expect(world.masses[1].mass == 2 && world.masses[1].inverseInertia == .zero)
    #expect(world.poses[2].position == Vector3(1, 1, 0))
    #expect(world.framePose(of: BodyID(2)).position == Vector3(0, 1, 0))
    #expect(
      world.masses[3].inertia
        == Matrix3(rows: Vector3(4, 0.1, 0.2), Vector3(0.1, 5, 0.3), Vector3(0.2, 0.3, 6)))
  }

  @Test func jointsAndForces() throws {
    let scene = try SceneText.build(
      """
      "bodies": [{ "name": "a", "mass": 1, "inertia": [1, 1, 1], "centerOfMass": [0, 1, 0] }, { "name": "b", "mass": 1 }],
      "joints": [
        { "type": "ball", "name": "first", "a": "world", "b": "a", "anchor": [0, 0, 0], "breakingForce": 5 },
        { "type": "ball", "a": "a", "b": "b", "anchor": [0, 0, 0], "collide": true },
      ],
      "forces": [
        { "body": "a", "force": [1, 2, 3], "torque": { "direction": [0, 0, 9], "signal": 4 }, "point": [0, 3, 0] },
        { "body": "b", "force": { "direction": [2, 0, 0], "signal": { "table": [[0, 0], [1, 10], [3, 20]] } } },
        { "body": "b", "torque": { "direction": [0, 1, 0],
          "signal": { "sine": { "amplitude": 2, "frequency": 0.25, "offset": 1 } } } },
      ]
      """)
    let world = scene.world
    #expect(world.jointNames == ["first", "joint1"])
    #expect(world.joints[0].bodyA == nil && world.joints[0].bodyB == BodyID(0))
    #expect(world.breakingForces[0] == 5 && world.breakingForces[1] == .infinity)
    #expect(world.forces.count == 3)
    #expect(world.forces[0].force.value(at: 7) == Vector3(1, 2, 3))
    #expect(world.forces[0].torque.value(at: 7) == Vector3(0, 0, 4))
    // Points are given in the body's frame and kept relative to the centre of mass.
    #expect(world.forces[0].point == Vector3(0, 2, 0))
    #expect(world.forces[1].force.value(at: 2) == Vector3(15, 0, 0))
    // sin(2π · ¼ · 1) = 1.
    #expect((world.forces[2].torque.value(at: 1) - Vector3(0, 3, 0)).length < 1e-15)
  }

  @Test func shapesOfEveryType() throws {
    let world = try SceneText.bodies(
      """
      { "shape": { "type": "sphere", "radius": 1, "hollow": true } },
      { "shape": { "type": "capsule", "radius": 1, "halfLength": 2 } },
      { "shape": { "type": "cylinder", "radius": 1, "halfHeight": 2 } },
      { "shape": { "type": "hull", "points": [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, "2 - 1"]] } },
      { "kind": "static", "shape": { "type": "plane" } },
      { "kind": "static", "shape": { "type": "mesh", "vertices": [[0, 0, 0], [1, 0, 0], [0, 0, 1]], "triangles": [[0, 2, 1]] } },
      { "shape": { "type": "compound", "children": [
        { "shape": { "type": "sphere", "radius": 1 }, "position": [0, 1, 0] },
        { "shape": { "type": "compound", "children": [{ "shape": { "type": "sphere", "radius": 1 } }] }, "position": [0, -1, 0],
          "rotation": { "axis": [1, 0, 0], "angle": 1 } }] } }
      """
    ).world
    #expect(world.shapes.compactMap { $0 }.count == 7)
    // Tetrahedron of volume 1/6 at 1000 kg/m³; two balls of 4π/3 m³.
    #expect(abs(world.masses[3].mass - 1000 / 6.0) < 1e-9)
    #expect(abs(world.masses[6].mass - 2 * 4000 / 3 * Double.pi) < 1e-9)
    #expect(world.poses[6].position.length < 1e-12)
  }

  @Test func everyRunOfABuildIsFresh() throws {
    let file = try SceneFile(
      text:
        "{ \"summary\": \"s\", \"bodies\": [{ \"for\": { \"i\": 5 }, \"mass\": 1, \"position\": [\"random()\", 0, 0] }] }",
      path: "x.json")
    let first = try file.build().world
    let second = try file.build().world
    #expect(first !== second)
    #expect(first.stateHash(mixing: 1) == second.stateHash(mixing: 1))
    #expect(first.poses[0].position.x != first.poses[1].position.x)
  }

  @Test func theParameterSeedChoosesTheRandomNumbers() throws {
    let text = """
      "parameters": { "seed": { "default": 1, "minimum": 0, "maximum": 9, "integer": true, "summary": "seed" } },
      "bodies": [{ "mass": 1, "position": ["random()", 0, 0] }]
      """
    let places = try (0..<3).map {
      try SceneText.build(text, setting: [(name: "seed", value: Double($0))]).world.poses[0].position.x
    }
    #expect(Set(places).count == 3)
  }
}
