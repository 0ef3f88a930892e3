import Dynamics
import LinearAlgebra

/// How much momentum a run makes out of nothing.
///
/// Constraints between the bodies of a world change neither its linear momentum P = Σ m v nor its angular momentum
/// about the centre of mass, L = Σ (I ω + (x − x̄) × m v); uniform gravity changes P by M γ g t alone, t the time that it has acted. So
///
///     drift = max( ‖P − P₀ − M γ g t‖ / max Σ m‖v‖ , ‖L − L₀‖ / max Σ (‖I ω‖ + ‖x − x̄‖ m ‖v − v̄‖) ),
///
/// dimensionless, each scale the largest of the run. It does not apply where something outside takes momentum: a joint
/// to the world or to a body of infinite mass, such a body that can be touched, an applied force, or bodies with
/// different factors γ on gravity.
package struct MomentumBalance {
  private var start: (linear: Vector3, angular: Vector3)
  private let weight: Vector3
  private var linearScale = 0.0
  private var angularScale = 0.0
  private var latest: (linear: Vector3, angular: Vector3)
  private var elapsed = 0.0
  private let startTime: Double

  /// The balance from now on; nil where it does not apply.
  package init?(_ world: World) {
    guard Self.isIsolated(world) else { return nil }
    var weight = Vector3.zero
    for index in 0..<world.bodyCount {
      let mass = world.masses[index]
      weight += mass.mass * mass.gravityScale * world.gravity
    }
    self.weight = weight
    start = (.zero, .zero)
    latest = start
    startTime = world.impulseTime
    start = measure(world)
    latest = start
  }

  /// Takes the world's present state in.
  package mutating func observe(_ world: World) {
    latest = measure(world)
    elapsed = world.impulseTime - startTime
  }

  /// The drift; nil where nothing ever moved.
  package var drift: Double? {
    guard linearScale > 0 || angularScale > 0 else { return nil }
    let linear = (latest.linear - start.linear - elapsed * weight).length
    let angular = (latest.angular - start.angular).length
    return max(linearScale > 0 ? linear / linearScale : 0, angularScale > 0 ? angular / angularScale : 0)
  }

  private static func isIsolated(_ world: World) -> Bool {
    guard world.forces.isEmpty else { return false }
    func isFree(_ body: BodyID) -> Bool { world.masses[body.index].mass > 0 }
    for joint in world.joints {
      guard let a = joint.bodyA, isFree(a), isFree(joint.bodyB) else { return false }
    }
    var factor: Double?
    for index in 0..<world.bodyCount {
      guard isFree(BodyID(index)) else {
        if world.shapes[index] != nil { return false }
        continue
      }
      guard factor == nil || factor == world.masses[index].gravityScale else { return false }
      factor = world.masses[index].gravityScale
    }
    return factor != nil
  }

  private mutating func measure(_ world: World) -> (linear: Vector3, angular: Vector3) {
    var mass = 0.0
    var linear = Vector3.zero
    var moment = Vector3.zero
    var linearSum = 0.0
    for index in 0..<world.bodyCount {
      let m = world.masses[index].mass
      let v = world.velocities[index].linear
      mass += m
      linear += m * v
      moment += m * world.poses[index].position
      linearSum += m * v.length
    }
    let center = moment / mass
    let drift = linear / mass
    var angular = Vector3.zero
    var angularSum = 0.0
    for index in 0..<world.bodyCount where world.masses[index].mass > 0 {
      let m = world.masses[index].mass
      let spin = world.worldInertia(of: index) * world.velocities[index].angular
      let arm = world.poses[index].position - center
      let v = world.velocities[index].linear - drift
      angular += spin + arm.cross(m * v)
      angularSum += spin.length + arm.length * m * v.length
    }
    linearScale = max(linearScale, linearSum)
    angularScale = max(angularScale, angularSum)
    return (linear, angular)
  }
}
