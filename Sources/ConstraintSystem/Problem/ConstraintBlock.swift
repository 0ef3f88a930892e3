import LinearAlgebra

/// The rows that one constraint contributes between body a and body b.
public struct ConstraintBlock: BitwiseCopyable, Sendable {
  /// Index of the first row in the problem.
  public var firstRow: Int32
  /// Number of rows, 1 … 6.
  public var rowCount: Int32
  /// Column of body a in the problem, −1 for a body that does not move (static, kinematic, the world).
  public var bodyA: Int32
  /// Column of body b, −1 likewise. a ≠ b unless both are −1.
  public var bodyB: Int32
  /// Set of the impulses; a block has one kind.
  public var set: ConstraintSet
  /// Friction coefficient μ of a cone (dimensionless).
  public var friction: Double
  /// Torsional friction μ_τ of a cone (m): |λ_τ| ≤ μ_τ λ_n.
  public var torsionalFriction: Double
  /// Rolling friction μ_r of a cone (m): ‖λ_r‖ ≤ μ_r λ_n.
  public var rollingFriction: Double
  /// Identity of the constraint from step to step (joint and part, or contact feature): warm starts match by it.
  public var key: UInt64

  /// Whether a cone has a torsional row (then row 3).
  @inlinable public var hasTorsionalRow: Bool { self.set == .cone && (rowCount == 4 || rowCount == 6) }
  /// Whether a cone has rolling rows (then its last two).
  @inlinable public var hasRollingRows: Bool { self.set == .cone && rowCount >= 5 }

  /// A block; coefficients are read for cones only.
  public init(
    firstRow: Int, rowCount: Int, bodyA: Int, bodyB: Int, set: ConstraintSet, friction: Double = 0,
    torsionalFriction: Double = 0, rollingFriction: Double = 0, key: UInt64 = 0
  ) {
    self.firstRow = Int32(firstRow)
    self.rowCount = Int32(rowCount)
    self.bodyA = Int32(bodyA)
    self.bodyB = Int32(bodyB)
    self.set = set
    self.friction = friction
    self.torsionalFriction = torsionalFriction
    self.rollingFriction = rollingFriction
    self.key = key
  }
}

/// One row of the Jacobian: u = a · twist of body a + b · twist of body b.
public struct JacobianRow: BitwiseCopyable, Sendable {
  /// Part on body a.
  public var a: Vector6
  /// Part on body b.
  public var b: Vector6

  /// A row from its halves.
  @inlinable
  public init(a: Vector6, b: Vector6) {
    self.a = a
    self.b = b
  }
}

/// Mass of one body of a problem: M = diag(m 1, I), I in world coordinates.
public struct BodyInertia: BitwiseCopyable, Sendable {
  /// m (kg).
  public var mass: Double
  /// 1/m (1/kg).
  public var inverseMass: Double
  /// I (kg·m²), world frame, about the centre of mass.
  public var inertia: Matrix3
  /// I⁻¹ (1/(kg·m²)), world frame.
  public var inverseInertia: Matrix3

  /// The mass and its inverse; both are given because the caller has them.
  @inlinable
  public init(mass: Double, inverseMass: Double, inertia: Matrix3, inverseInertia: Matrix3) {
    self.mass = mass
    self.inverseMass = inverseMass
    self.inertia = inertia
    self.inverseInertia = inverseInertia
  }

  /// M⁻¹ f.
  @inlinable
  public func inverseTimes(_ f: Vector6) -> Vector6 {
    Vector6(linear: inverseMass * f.linear, angular: inverseInertia * f.angular)
  }

  /// M v.
  @inlinable
  public func times(_ v: Vector6) -> Vector6 {
    Vector6(linear: mass * v.linear, angular: inertia * v.angular)
  }
}
