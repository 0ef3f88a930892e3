import Dynamics
import LinearAlgebra
import Solvers

/// Joints and forces of a scene file.
enum JointReader {
  /// The keys that every joint has, beside a generator's.
  static let commonKeys =
    SceneGenerator.keys + [
      SceneKey("type", .choice(JointCatalog.all.map { $0.typeName }), "which joint", required: true),
      SceneKey("name", .name, "unique name"),
      SceneKey("a", .name, "first body, or \"world\" (default)"),
      SceneKey("b", .name, "second body", required: true),
      SceneKey("breakingForce", .number, "reaction (N) at which the joint breaks, default never"),
      SceneKey("collide", .flag, "whether the joined bodies collide with each other, default false"),
    ]

  /// The keys of a joint of a type: the common ones and its own.
  static func keys(_ type: any Joint.Type) -> [SceneKey] {
    let own = type.properties.filter { property in !commonKeys.contains { $0.name == property.name } }
    return commonKeys + own.map { SceneKey($0) }
  }

  /// Adds the joint of `node` to the world.
  static func add(_ node: SceneNode) throws {
    guard case .object = node.value else { throw node.mismatch("an object with the key \"type\"") }
    let name = try node.required("type").choice(JointCatalog.all.map { $0.typeName }, "joint")
    let type = JointCatalog.all.first { $0.typeName == name }!
    try node.check(keys(type))
    let context = node.context
    let joint = try type.init(reading: SceneProperties(node: node), in: context.world)
    var jointName = try node["name"]?.name() ?? ""
    if !jointName.isEmpty || !context.prefix.isEmpty {
      jointName = context.prefix + (jointName.isEmpty ? "joint\(context.world.joints.count)" : jointName)
    }
    do {
      try context.world.add(
        joint, name: jointName, breakingForce: try node["breakingForce"]?.positive() ?? .infinity,
        collide: try node["collide"]?.flag() ?? false)
    } catch let error as WorldError {
      throw node.error(error.description)
    }
  }
}

/// Forces of a scene file.
enum ForceReader {
  /// The keys of a force, beside a generator's.
  static let keys =
    SceneGenerator.keys + [
      SceneKey("body", .name, "the body that it acts on", required: true),
      SceneKey("force", .any([.vector, .object("vectorSignal")]), "force (N, world), default 0"),
      SceneKey("torque", .any([.vector, .object("vectorSignal")]), "torque (N·m, world), default 0"),
      SceneKey("point", .vector, "point of attack in the body's frame (m), default the centre of mass"),
    ]

  /// Adds the force of `node` to the world.
  static func add(_ node: SceneNode) throws {
    try node.check(keys)
    let world = node.context.world
    let target = try node.required("body")
    guard let body = try target.body() else { throw target.error("expected a body, the world does not move") }
    world.forces.append(
      AppliedForce(
        body: body, force: try node["force"]?.vectorSignal() ?? .constant(.zero),
        torque: try node["torque"]?.vectorSignal() ?? .constant(.zero),
        point: try node["point"].map { try $0.vector() - world.masses[body.index].centerOfMass }))
  }
}
