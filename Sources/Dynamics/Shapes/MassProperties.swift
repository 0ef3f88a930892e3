import LinearAlgebra

/// Mass, centre of mass in the body's frame and inertia about it.
///
/// Parts add up by the parallel-axis theorem: I = Σ Rᵢ Iᵢ Rᵢᵀ + mᵢ (dᵢ² 1 − dᵢ dᵢᵀ), dᵢ from the common centre of mass.
public struct MassProperties: Sendable, BitwiseCopyable {
  /// m (kg).
  public var mass: Double
  /// Centre of mass in the body's frame (m).
  public var centerOfMass: Vector3
  /// Inertia about the centre of mass, body axes (kg·m²).
  public var inertia: Matrix3

  /// Mass properties from their parts.
  public init(mass: Double, centerOfMass: Vector3, inertia: Matrix3) {
    self.mass = mass
    self.centerOfMass = centerOfMass
    self.inertia = inertia
  }

  /// Nothing at all.
  public static let zero = MassProperties(mass: 0, centerOfMass: .zero, inertia: .zero)

  /// The same body after a rigid motion, in the frame that it moved in.
  public func transformed(by pose: RigidTransform) -> MassProperties {
    MassProperties(
      mass: mass, centerOfMass: pose.apply(centerOfMass), inertia: pose.orientation.matrix.congruence(inertia))
  }

  /// Both bodies as one.
  public static func + (a: MassProperties, b: MassProperties) -> MassProperties {
    let mass = a.mass + b.mass
    guard mass > 0 else { return .zero }
    let d = b.centerOfMass - a.centerOfMass
    let center = a.centerOfMass + (b.mass / mass) * d
    return MassProperties(
      mass: mass, centerOfMass: center,
      inertia: a.inertia + b.inertia + pointInertia(mass: a.mass * (b.mass / mass), at: d))
  }

  /// m (d² 1 − d dᵀ): inertia of a point mass at d (kg·m²).
  static func pointInertia(mass: Double, at d: Vector3) -> Matrix3 {
    let square = d.lengthSquared
    return mass * (Matrix3(diagonal: Vector3(square, square, square)) - Matrix3(outer: d, d))
  }
}
