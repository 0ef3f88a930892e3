import Dynamics
import LinearAlgebra

/// A pull at a point of a body, by a spring and damper to a point of the world:
///
///     F = m (ω² (x − p) − 2 ζ ω v_p) − m g,
///
/// critically damped, gravity carried. ω is cut to 0.4/h: the force is explicit.
package struct Drag: Equatable {
  /// The body.
  package var body: Int
  /// The point that is held, in coordinates of the centre of mass (m).
  package var local: Vector3
  /// Where it is pulled to (m).
  package var target: Vector3

  /// ω (rad/s) unless the step is too long for it.
  private static let frequency = 18.0
  private static let damping = 1.0

  /// The force on the body in a world; nil where it does not move.
  func force(in simulation: Simulation) -> AppliedForce? {
    let world = simulation.world
    guard body < world.bodyCount, world.kinds[body] == .dynamic else { return nil }
    let mass = world.masses[body]
    let arm = world.poses[body].orientation.rotate(local)
    let velocity = world.velocities[body].linear + world.velocities[body].angular.cross(arm)
    let omega = min(Self.frequency, 0.4 / simulation.settings.timestep)
    let offset = target - (world.poses[body].position + arm)
    let pull = omega * omega * offset - 2 * Self.damping * omega * velocity
    return AppliedForce(
      body: BodyID(body), force: .constant(mass.mass * (pull - mass.gravityScale * world.gravity)), point: local)
  }
}
