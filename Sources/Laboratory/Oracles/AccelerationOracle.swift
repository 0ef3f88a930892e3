import Dynamics
import LinearAlgebra

/// Mean acceleration of a body along a direction over a span: (v(to) − v(from)) / (to − from), in m/s².
final class AccelerationOracle: SceneOracle {
  static let typeName = "acceleration"
  static let summary = "mean acceleration of a body along a direction over a span (m/s²)"
  static let keys = [
    SceneKey.watchedBody, SceneKey("direction", .vector, "direction (world)", required: true), .from, .to,
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let direction: Vector3
  private var start: TimedSample
  private var end: TimedSample

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    body = try node.watchedBody()
    direction = try node.required("direction").direction()
    let span = try node.span()
    start = TimedSample(at: span.lowerBound)
    end = TimedSample(at: span.upperBound)
    take(node.context.world)
  }

  private func take(_ world: World) {
    let speed = world.velocities[body.index].linear.dot(direction)
    start.take(world.time, speed)
    end.take(world.time, speed)
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) { take(simulation.world) }

  var result: OracleResult {
    guard let from = start.value, let to = end.value else { return expectation.result(nil) }
    return expectation.result((to - from) / (end.time - start.time))
  }
}
