import ConstraintSystem
import LinearAlgebra

/// A force or torque on a body, possibly varying with time.
public struct AppliedForce: Sendable {
  /// The body.
  public var body: BodyID
  /// Force (N), world frame.
  public var force: VectorSignal
  /// Torque (N·m), world frame.
  public var torque: VectorSignal
  /// Point of attack in body coordinates relative to the centre of mass (m); nil: the centre of mass.
  public var point: Vector3?

  /// A force from its parts.
  public init(
    body: BodyID, force: VectorSignal = .constant(.zero), torque: VectorSignal = .constant(.zero),
    point: Vector3? = nil
  ) {
    self.body = body
    self.force = force
    self.torque = torque
    self.point = point
  }
}

/// What a world cannot take.
public enum WorldError: Error, CustomStringConvertible {
  /// A body that cannot be added, and why.
  case invalidBody(name: String, reason: String)
  /// A joint that cannot be added, and why.
  case invalidJoint(name: String, reason: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .invalidBody(let name, let reason): "body \"\(name)\": \(reason)"
    case .invalidJoint(let name, let reason): "joint \"\(name)\": \(reason)"
    }
  }
}

/// Bodies, joints and forces: everything that a step reads and moves.
///
/// State lives in plain buffers, one entry a body, and poses are those of the centres of mass (world frame, SI).
public final class World {
  /// Gravity (m/s²).
  public var gravity = Vector3(0, -9.81, 0)
  /// Time (s).
  public internal(set) var time = 0.0
  /// How long forces have acted (s): the time, less h/2 where the simulation started halfway.
  public internal(set) var impulseTime = 0.0

  /// Pose of every body's centre of mass, body axes.
  public let poses = Buffer<RigidTransform>()
  /// Velocity of every body's centre of mass (m/s) and angular velocity (rad/s), world frame.
  public let velocities = Buffer<Vector6>()
  /// Mass of every body.
  public let masses = Buffer<BodyMass>()
  /// Contact properties of every body.
  public let surfaces = Buffer<Surface>()
  /// Column of every body in the problem, −1 for one that constraints do not move.
  public let columns = Buffer<Int32>()
  /// What moves every body.
  public private(set) var kinds: [BodyKind] = []
  /// Name of every body, unique.
  public private(set) var names: [String] = []
  /// Shape of every body, nil where it has none.
  public private(set) var shapes: [(any Shape)?] = []

  /// The joints.
  public private(set) var joints: [any Joint] = []
  /// Name of every joint, unique.
  public private(set) var jointNames: [String] = []
  /// Force (N) at which every joint breaks; infinite where it does not.
  public let breakingForces = Buffer<Double>()
  /// Whether every joint still holds.
  public let intact = Buffer<Bool>()
  /// Reaction of every joint in the last step.
  public let reactions = Buffer<Reaction>()

  /// The applied forces.
  public var forces: [AppliedForce] = []

  /// Collision detection of the bodies' shapes.
  public let detector = CollisionDetector()
  /// Contact manifolds of the last step.
  public let manifolds = Buffer<ContactManifold>()

  private var bodyByName: [String: BodyID] = [:]
  private var jointByName: [String: JointID] = [:]

  /// An empty world.
  public init() {}

  /// Number of bodies.
  public var bodyCount: Int { poses.count }

  /// Adds a body. Throws where its mass cannot be made or its state is not finite.
  @discardableResult
  public func add(_ body: Body) throws -> BodyID {
    let id = BodyID(bodyCount)
    let name = body.name.isEmpty ? "body\(id.index)" : body.name
    func reject(_ reason: String) -> WorldError { .invalidBody(name: name, reason: reason) }

    guard bodyByName[name] == nil else { throw reject("there is a body of this name already") }
    guard body.pose.position.isFinite, body.velocity.isFinite else {
      throw reject("position or velocity is not finite")
    }
    guard (body.pose.orientation.norm - 1).magnitude < 1e-6 else {
      throw reject("orientation has norm \(body.pose.orientation.norm), expected a unit quaternion")
    }
    var mass = BodyMass(
      mass: 0, inverseMass: 0, inertia: .zero, inverseInertia: .zero, centerOfMass: .zero,
      gravityScale: body.gravityScale)
    if body.kind == .dynamic {
      guard let properties = body.mass ?? body.shape?.massProperties(density: body.density) else {
        throw reject("a dynamic body needs a mass, or a shape that has one and a density")
      }
      guard properties.mass > 0, properties.mass.isFinite else {
        throw reject("mass is \(properties.mass) kg, expected a number greater than 0")
      }
      guard let inverse = Self.inverse(ofInertia: properties.inertia) else {
        throw reject("the inertia tensor is not positive definite")
      }
      mass.mass = properties.mass
      mass.inverseMass = 1 / properties.mass
      mass.inertia = properties.inertia
      mass.inverseInertia = inverse
      mass.centerOfMass = properties.centerOfMass
    }
    let orientation = body.pose.orientation.normalized
    let center = body.pose.position + orientation.rotate(mass.centerOfMass)
    poses.append(RigidTransform(position: center, orientation: orientation))
    velocities.append(body.velocity)
    masses.append(mass)
    surfaces.append(body.surface)
    columns.append(-1)
    kinds.append(body.kind)
    names.append(name)
    shapes.append(body.shape)
    bodyByName[name] = id
    if let shape = body.shape {
      detector.addCollider(
        shape: shape, body: id.index, local: RigidTransform(position: -mass.centerOfMass), filter: body.filter,
        isStatic: body.kind != .dynamic)
    }
    return id
  }

  /// I⁻¹; zero for a point mass (I = 0), nil where I is not positive definite.
  private static func inverse(ofInertia inertia: Matrix3) -> Matrix3? {
    if inertia == .zero { return .zero }
    let minor = inertia.row0.x * inertia.row1.y - inertia.row0.y * inertia.row1.x
    guard inertia.isFinite, inertia.row0.x > 0, minor > 0, inertia.determinant > 0 else { return nil }
    return inertia.inverse
  }

  /// Adds a joint that breaks when its reaction exceeds `breakingForce` (N). Joined bodies do not collide with each
  /// other unless `collide` says so.
  @discardableResult
  public func add(
    _ joint: any Joint, name: String = "", breakingForce: Double = .infinity, collide: Bool = false
  ) throws -> JointID {
    let id = JointID(joints.count)
    let name = name.isEmpty ? "joint\(id.index)" : name
    func reject(_ reason: String) -> WorldError { .invalidJoint(name: name, reason: reason) }

    guard jointByName[name] == nil else { throw reject("there is a joint of this name already") }
    guard joint.bodyA != joint.bodyB else { throw reject("both ends are the body \"\(self.name(of: joint.bodyB))\"") }
    for body in [joint.bodyA, joint.bodyB].compactMap({ $0 }) where body.index >= bodyCount || body.index < 0 {
      throw reject("there is no body \(body.index)")
    }
    guard breakingForce > 0 else { throw reject("breaking force is \(breakingForce) N, expected more than 0") }
    joints.append(joint)
    jointNames.append(name)
    jointByName[name] = id
    breakingForces.append(breakingForce)
    intact.append(true)
    reactions.append(Reaction())
    if let a = joint.bodyA, !collide { detector.setJoined(a.index, joint.bodyB.index, true) }
    return id
  }

  /// The body of a name.
  public func body(named name: String) -> BodyID? { bodyByName[name] }
  /// The joint of a name.
  public func joint(named name: String) -> JointID? { jointByName[name] }
  /// Name of a body.
  public func name(of body: BodyID) -> String { names[body.index] }

  /// A world point in coordinates of a body's centre of mass; the point itself for the world (nil).
  public func local(_ point: Vector3, in body: BodyID?) -> Vector3 {
    guard let body else { return point }
    return poses[body.index].applyInverse(point)
  }

  /// A world direction in a body's axes; the direction itself for the world (nil).
  public func localDirection(_ direction: Vector3, in body: BodyID?) -> Vector3 {
    guard let body else { return direction }
    return poses[body.index].orientation.inverseRotate(direction)
  }

  /// Orientation of body b seen from body a (a nil: the world).
  public func relativeOrientation(of b: BodyID, in a: BodyID?) -> Quaternion {
    guard let a else { return poses[b.index].orientation }
    return poses[a.index].orientation.conjugate * poses[b.index].orientation
  }

  /// Pose of a body's own frame, the one that `Body.pose` gave (world frame).
  public func framePose(of body: BodyID) -> RigidTransform {
    let pose = poses[body.index]
    return RigidTransform(position: pose.apply(-masses[body.index].centerOfMass), orientation: pose.orientation)
  }
}
