import Dynamics
import LinearAlgebra

/// When a body's velocity along a direction turns from against it to along it for the n-th time (s).
///
/// An impact happens somewhere within the step whose end shows it, so the middle of that step is its time.
final class ImpactTimeOracle: SceneOracle {
  static let typeName = "impactTime"
  static let summary = "time of the n-th impact: the velocity along a direction turns from negative to positive (s)"
  static let keys = [
    SceneKey.watchedBody, SceneKey("direction", .vector, "direction (world), away from what is hit", required: true),
    SceneKey("number", .integer, "which impact, from 1 (default)"),
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let direction: Vector3
  private var remaining: Int
  private var last: (time: Double, speed: Double)
  private var time: Double?

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    body = try node.watchedBody()
    direction = try node.required("direction").direction()
    remaining = try node["number"]?.integer(in: 1...1_000_000) ?? 1
    let world = node.context.world
    last = (world.time, world.velocities[body.index].linear.dot(direction))
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    let world = simulation.world
    let speed = world.velocities[body.index].linear.dot(direction)
    if speed > 0 && last.speed < 0 {
      remaining -= 1
      if remaining == 0 { time = 0.5 * (last.time + world.time) }
    }
    last = (world.time, speed)
  }

  var result: OracleResult { expectation.result(time) }
}
