import Dynamics
import LinearAlgebra

/// When a round body stops slipping (s): its surface's velocity at the contact, v + ω × (−r n) without the part along
/// n, first falls below a threshold.
final class RollingTimeOracle: SceneOracle {
  static let typeName = "rollingTime"
  static let summary = "time from which a round body rolls: its slip first falls below a threshold (s)"
  static let keys = [
    SceneKey.watchedBody, SceneKey("radius", .number, "radius (m)", required: true),
    SceneKey("normal", .vector, "normal of the ground (world), default [0, 1, 0]"),
    SceneKey("slip", .number, "threshold of the slip (m/s), default 1e-4"),
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let arm: Vector3
  private let normal: Vector3
  private let threshold: Double
  private var time: Double?

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    body = try node.watchedBody()
    normal = try node["normal"]?.direction() ?? .unitY
    arm = -(try node.required("radius").positive()) * normal
    threshold = try node["slip"]?.positive() ?? 1e-4
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    guard time == nil else { return }
    let velocity = simulation.world.velocities[body.index]
    let surface = velocity.linear + velocity.angular.cross(arm)
    if (surface - surface.dot(normal) * normal).length < threshold { time = simulation.world.time }
  }

  var result: OracleResult { expectation.result(time) }
}
