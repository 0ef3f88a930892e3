import Dynamics
import LinearAlgebra

/// How fast a body moves or turns at a time: along a direction, or the magnitude where there is none.
final class VelocityOracle: SceneOracle {
  static let typeName = "velocity"
  static let summary =
    "velocity (m/s) or angular velocity (rad/s) of a body at a time, along a direction or its magnitude"
  static let keys = [
    SceneKey.watchedBody,
    SceneKey("direction", .vector, "direction (world), default: the magnitude"),
    SceneKey("angular", .flag, "whether the angular velocity is meant, default false"),
    SceneKey("time", .number, "when (s)", required: true),
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let direction: Vector3?
  private let isAngular: Bool
  private var sample: TimedSample

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    body = try node.watchedBody()
    direction = try node["direction"]?.direction()
    isAngular = try node["angular"]?.flag() ?? false
    sample = TimedSample(at: try node.time("time"))
    sample.take(0, value(in: node.context.world))
  }

  private func value(in world: World) -> Double {
    let twist = world.velocities[body.index]
    let velocity = isAngular ? twist.angular : twist.linear
    return direction.map { velocity.dot($0) } ?? velocity.length
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    sample.take(simulation.world.time, value(in: simulation.world))
  }

  var result: OracleResult { expectation.result(sample.value) }
}
