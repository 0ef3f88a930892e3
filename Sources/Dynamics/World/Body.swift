import LinearAlgebra

/// Names a body of a world; valid as long as the world.
public struct BodyID: Hashable, Sendable, BitwiseCopyable {
  /// Index into the world's buffers.
  public let index: Int

  /// The body at `index`.
  public init(_ index: Int) { self.index = index }
}

/// What moves a body.
public enum BodyKind: String, Sendable, CaseIterable {
  /// Forces and constraints.
  case dynamic
  /// Nothing; infinite mass.
  case `static`
  /// Its prescribed velocity; infinite mass.
  case kinematic
}

/// Contact properties of a body's surface. Pairs combine as √(μ₁μ₂), restitution as the larger.
public struct Surface: Sendable, BitwiseCopyable {
  /// Coulomb coefficient μ (dimensionless).
  public var friction: Double
  /// Newton's restitution e, 0 … 1.
  public var restitution: Double
  /// Rolling friction μ_r (m); combines as √(μ₁μ₂).
  public var rollingFriction: Double
  /// Torsional friction μ_τ (m); combines as √(μ₁μ₂).
  public var torsionalFriction: Double

  /// A surface from its coefficients.
  public init(
    friction: Double = 0.6, restitution: Double = 0, rollingFriction: Double = 0, torsionalFriction: Double = 0
  ) {
    self.friction = friction
    self.restitution = restitution
    self.rollingFriction = rollingFriction
    self.torsionalFriction = torsionalFriction
  }
}

/// What a body is made of; `World.add` turns it into state.
public struct Body: Sendable {
  /// Name, unique in its world; empty for one that is given.
  public var name: String
  /// What moves it.
  public var kind: BodyKind
  /// Pose of its frame (the shape's), world coordinates. The world keeps the centre of mass.
  public var pose: RigidTransform
  /// Velocity of the centre of mass (m/s) and angular velocity (rad/s), world frame.
  public var velocity: Vector6
  /// Shape, or nil for a body that never collides (then `mass` must be given if it is dynamic).
  public var shape: (any Shape)?
  /// Density (kg/m³), read where `mass` is nil.
  public var density: Double
  /// Mass, centre of mass in the body's frame and inertia about it, body axes; nil: from shape and density.
  public var mass: MassProperties?
  /// Contact properties.
  public var surface: Surface
  /// Which others it collides with.
  public var filter: CollisionFilter
  /// Factor on gravity (dimensionless).
  public var gravityScale: Double

  /// A body; the arguments are the properties of the same names.
  public init(
    name: String = "", kind: BodyKind = .dynamic, pose: RigidTransform = .identity, velocity: Vector6 = .zero,
    shape: (any Shape)? = nil, density: Double = 1000, mass: MassProperties? = nil, surface: Surface = Surface(),
    filter: CollisionFilter = CollisionFilter(), gravityScale: Double = 1
  ) {
    self.name = name
    self.kind = kind
    self.pose = pose
    self.velocity = velocity
    self.shape = shape
    self.density = density
    self.mass = mass
    self.surface = surface
    self.filter = filter
    self.gravityScale = gravityScale
  }
}

/// Mass data of a body in the world's buffers; inertia about the centre of mass, body axes.
public struct BodyMass: Sendable, BitwiseCopyable {
  /// m (kg), 0 for a body of infinite mass.
  public var mass: Double
  /// 1/m, 0 for a body of infinite mass.
  public var inverseMass: Double
  /// I (kg·m²).
  public var inertia: Matrix3
  /// I⁻¹, 0 for a body of infinite mass and for a point mass.
  public var inverseInertia: Matrix3
  /// The centre of mass in the body's frame (m).
  public var centerOfMass: Vector3
  /// Factor on gravity.
  public var gravityScale: Double
}
