import Dynamics
import LinearAlgebra
import Solvers

/// Bodies of a scene file.
enum BodyReader {
  /// The keys of a body, beside a generator's.
  static let keys =
    SceneGenerator.keys + [
      SceneKey("name", .name, "unique name; joints, forces and oracles refer to it"),
      SceneKey("kind", .choice(BodyKind.allCases.map(\.rawValue)), "what moves the body, default dynamic"),
      SceneKey("position", .vector, "position of the body's frame (m, world), default [0, 0, 0]"),
      SceneKey("orientation", .numbers(count: 4), "unit quaternion [w, x, y, z], default [1, 0, 0, 0]"),
      SceneKey("rotation", .object("rotation"), "orientation as axis and angle, in place of \"orientation\""),
      SceneKey("velocity", .vector, "velocity of the centre of mass (m/s, world), default 0"),
      SceneKey("angularVelocity", .vector, "angular velocity (rad/s, world), default 0"),
      SceneKey("shape", .object("shape"), "what collides and gives the mass; without it the body never collides"),
      SceneKey("density", .number, "density (kg/m³), default 1000"),
      SceneKey("mass", .number, "mass (kg), in place of the density; the inertia is the shape's at that mass"),
      SceneKey(
        "inertia", .any([.numbers(count: 3), .numbers(count: 6)]),
        "with \"mass\": inertia about the centre of mass, body axes (kg·m²): [xx, yy, zz] or [xx, yy, zz, xy, xz, yz]"),
      SceneKey("centerOfMass", .vector, "with \"inertia\": centre of mass in the body's frame (m), default [0, 0, 0]"),
      SceneKey("friction", .number, "Coulomb coefficient μ, default 0.6; pairs combine as √(μ₁μ₂)"),
      SceneKey("restitution", .number, "restitution e, 0 … 1, default 0; pairs take the larger"),
      SceneKey("rollingFriction", .number, "rolling friction (m), default 0"),
      SceneKey("torsionalFriction", .number, "torsional friction (m), default 0"),
      SceneKey("group", .integer, "collision groups that the body belongs to, a bit each, default 1"),
      SceneKey("mask", .integer, "collision groups that the body collides with, default all; 0: never collides"),
      SceneKey("family", .integer, "bodies of the same nonzero family do not collide with each other, default 0"),
      SceneKey("gravityScale", .number, "factor on gravity, default 1"),
    ]

  static let rotationKeys = [
    SceneKey("axis", .vector, "axis (world); its length does not matter", required: true),
    SceneKey("angle", .number, "angle (rad)", required: true),
  ]

  /// The keys of a shape within another one.
  static let childKeys = [
    SceneKey("shape", .object("shape"), "what it is", required: true),
    SceneKey("position", .vector, "position in the frame of the shape around it (m), default [0, 0, 0]"),
    SceneKey("orientation", .numbers(count: 4), "unit quaternion [w, x, y, z], default [1, 0, 0, 0]"),
    SceneKey("rotation", .object("rotation"), "orientation as axis and angle, in place of \"orientation\""),
  ]

  /// Adds the body of `node` to the world.
  static func add(_ node: SceneNode) throws {
    try node.check(keys)
    let context = node.context
    var body = Body()
    if let name = node["name"] {
      let text = try name.name()
      guard !text.isEmpty, text != "world" else { throw name.error("a body cannot have the name \"\(text)\"") }
      body.name = context.prefix + text
    } else if !context.prefix.isEmpty {
      body.name = "\(context.prefix)body\(context.world.bodyCount)"
    }
    if let kind = node["kind"] {
      body.kind = BodyKind(rawValue: try kind.choice(BodyKind.allCases.map(\.rawValue), "kind of body"))!
    }
    body.pose = try pose(node)
    body.velocity = Vector6(
      linear: try node["velocity"]?.vector() ?? .zero, angular: try node["angularVelocity"]?.vector() ?? .zero)
    body.shape = try node["shape"].map(shape)
    if let density = node["density"] {
      guard node["mass"] == nil else { throw density.error("a body has a density or a mass, not both") }
      body.density = try density.positive()
    }
    body.mass = try mass(node, shape: body.shape)
    body.surface = try surface(node)
    body.filter = try filter(node)
    body.gravityScale = try node["gravityScale"]?.number() ?? 1
    do {
      try context.world.add(body)
    } catch let error as WorldError {
      throw node.error(error.description)
    }
  }

  /// Position and orientation; the keys "position", "orientation", "rotation" of `node`.
  static func pose(_ node: SceneNode) throws -> RigidTransform {
    var pose = RigidTransform(position: try node["position"]?.vector() ?? .zero)
    if let rotation = node["rotation"] {
      guard node["orientation"] == nil else {
        throw rotation.error("a body has an orientation or a rotation, not both")
      }
      try rotation.check(rotationKeys)
      pose.orientation = Quaternion(
        angle: try rotation.required("angle").number(in: -1e6...1e6, "an angle (rad) up to 1e6"),
        axis: try rotation.required("axis").direction())
    } else if let orientation = node["orientation"] {
      let q = try orientation.items(count: 4, of: "a quaternion [w, x, y, z]").map { try $0.number() }
      let quaternion = Quaternion(q[0], q[1], q[2], q[3])
      guard (quaternion.norm - 1).magnitude < 1e-6 else {
        throw orientation.error("expected a unit quaternion [w, x, y, z], found one of norm \(quaternion.norm)")
      }
      pose.orientation = quaternion.normalized
    }
    return pose
  }

  /// The shape of `node`, by its "type".
  static func shape(_ node: SceneNode) throws -> any Shape {
    let names = ShapeCatalog.all.map { $0.typeName }
    guard case .object = node.value else { throw node.mismatch("an object with the key \"type\"") }
    let type = try node.required("type")
    let name = try type.choice(names, "shape")
    let shape = ShapeCatalog.all.first { $0.typeName == name }!
    try node.check(shapeKeys(shape))
    return try shape.init(reading: SceneProperties(node: node))
  }

  /// The keys of a shape of a type.
  static func shapeKeys(_ type: any Shape.Type) -> [SceneKey] {
    [SceneKey("type", .choice(ShapeCatalog.all.map { $0.typeName }), "which shape", required: true)]
      + type.properties.map { SceneKey($0) }
  }

  private static func mass(_ node: SceneNode, shape: (any Shape)?) throws -> MassProperties? {
    guard let massNode = node["mass"] else {
      for key in ["inertia", "centerOfMass"] {
        if let other = node[key] { throw other.error("\"\(key)\" is read together with \"mass\", which is missing") }
      }
      return nil
    }
    let mass = try massNode.positive()
    if let inertia = node["inertia"] {
      return MassProperties(
        mass: mass, centerOfMass: try node["centerOfMass"]?.vector() ?? .zero, inertia: try self.inertia(inertia))
    }
    if let center = node["centerOfMass"] {
      throw center.error("\"centerOfMass\" is read together with \"inertia\", which is missing")
    }
    guard let shape else { return MassProperties(mass: mass, centerOfMass: .zero, inertia: .zero) }
    guard let unit = shape.massProperties(density: 1), unit.mass > 0 else {
      throw massNode.error("a shape without a volume has no inertia: expected \"inertia\" beside \"mass\"")
    }
    return MassProperties(mass: mass, centerOfMass: unit.centerOfMass, inertia: (mass / unit.mass) * unit.inertia)
  }

  private static func inertia(_ node: SceneNode) throws -> Matrix3 {
    let expected = "[xx, yy, zz] or [xx, yy, zz, xy, xz, yz]"
    let values = try node.items(of: expected).map { try $0.number() }
    guard values.count == 3 || values.count == 6 else { throw node.mismatch(expected) }
    let off = values.count == 6 ? Array(values[3...]) : [0, 0, 0]
    return Matrix3(
      rows: Vector3(values[0], off[0], off[1]), Vector3(off[0], values[1], off[2]), Vector3(off[1], off[2], values[2]))
  }

  private static func surface(_ node: SceneNode) throws -> Surface {
    func coefficient(_ key: String, _ fallback: Double) throws -> Double {
      try node[key]?.number(in: 0...1e6, "a coefficient from 0 to 1e6") ?? fallback
    }
    return Surface(
      friction: try coefficient("friction", 0.6),
      restitution: try node["restitution"]?.number(in: 0...1, "a restitution from 0 to 1") ?? 0,
      rollingFriction: try coefficient("rollingFriction", 0),
      torsionalFriction: try coefficient("torsionalFriction", 0))
  }

  private static func filter(_ node: SceneNode) throws -> CollisionFilter {
    var filter = CollisionFilter()
    if let group = node["group"] { filter.group = UInt32(try group.integer(in: 0...Int(UInt32.max))) }
    if let mask = node["mask"] { filter.mask = UInt32(try mask.integer(in: 0...Int(UInt32.max))) }
    if let family = node["family"] { filter.family = Int32(try family.integer(in: 0...Int(Int32.max))) }
    return filter
  }
}
