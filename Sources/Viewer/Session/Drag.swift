import Dynamics
import LinearAlgebra

/// A pull at a point p of a body, by a critically damped spring to a point x of the world. The point would be accelerated by
///
///     a = (ω² (x − p − h v) − 2 ω v) / (1 + 2 ω h + ω² h²)
///
/// (backward Euler, so that no step is too long for it) if the body were free, F = K⁻¹ a with K = 1/m − [r] I⁻¹ [r]; besides
/// the body's weight is carried and its spin damped.
package struct Drag: Equatable {
  /// The body.
  package var body: Int
  /// The point that is held, in coordinates of the centre of mass (m).
  package var local: Vector3
  /// Where it is pulled to (m).
  package var target: Vector3

  /// A pull at a point of a body to a point of the world.
  package init(body: Int, local: Vector3, target: Vector3) {
    self.body = body
    self.local = local
    self.target = target
  }

  /// ω (rad/s), and the rate (1/s) at which the spin goes.
  private static let frequency = 18.0
  private static let spinDamping = 4.0

  /// The forces on the body in a world; none where it does not move.
  func forces(in simulation: Simulation) -> [AppliedForce] {
    let world = simulation.world
    guard body < world.bodyCount, world.kinds[body] == .dynamic else { return [] }
    let mass = world.masses[body]
    let (pose, twist) = (world.poses[body], world.velocities[body])
    let (h, omega) = (simulation.settings.timestep, Self.frequency)
    let velocity = twist.linear + twist.angular.cross(pose.orientation.rotate(local))
    let spring = omega * omega * (target - pose.apply(local) - h * velocity) - 2 * omega * velocity
    let acceleration = 1 / (1 + 2 * omega * h + omega * omega * h * h) * spring
    let columns = [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)].map { axis in
      mass.inverseMass * axis + (mass.inverseInertia * local.cross(axis)).cross(local)
    }
    let compliance = Matrix3(columns: columns[0], columns[1], columns[2])
    // 1/m > 0, so K has an inverse.
    guard let inverse = compliance.inverse else { return [] }
    let pull = pose.orientation.rotate(inverse * pose.orientation.inverseRotate(acceleration))
    let spin = mass.inertia * pose.orientation.inverseRotate(twist.angular)
    return [
      AppliedForce(body: BodyID(body), force: .constant(pull), point: local),
      AppliedForce(
        body: BodyID(body), force: .constant(-mass.mass * mass.gravityScale * world.gravity),
        torque: .constant(-Self.spinDamping * pose.orientation.rotate(spin))),
    ]
  }
}
