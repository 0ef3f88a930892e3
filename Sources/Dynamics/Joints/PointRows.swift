import LinearAlgebra
import ConstraintSystem

/// Jacobian rows that many joints share. r is the arm from the centre of mass to the point (m, world axes).
extension JacobianRow {
  /// d/dt of `direction · (p_b − p_a)`, points fixed in their bodies; `direction` constant.
  public static func translation(_ direction: Vector3, armA: Vector3, armB: Vector3) -> JacobianRow {
    JacobianRow(
      a: Vector6(linear: -direction, angular: -armA.cross(direction)),
      b: Vector6(linear: direction, angular: armB.cross(direction)))
  }

  /// `direction · (ω_b − ω_a)`.
  public static func rotation(_ direction: Vector3) -> JacobianRow {
    JacobianRow(
      a: Vector6(linear: .zero, angular: -direction), b: Vector6(linear: .zero, angular: direction))
  }
}
