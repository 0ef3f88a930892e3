import Dynamics
import LinearAlgebra

/// How far a body's centre of mass is at the end of a span from where it was at its start (m): creep, sinking, drift.
final class DisplacementOracle: SceneOracle {
  static let typeName = "displacement"
  static let summary = "distance, or displacement along a direction, of a body's centre of mass over a span (m)"
  static let keys = [
    SceneKey.watchedBody, SceneKey("direction", .vector, "direction (world), default: the distance"), .from, .to,
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let direction: Vector3?
  private var start: (TimedSample, TimedSample, TimedSample)
  private var end: (TimedSample, TimedSample, TimedSample)

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    body = try node.watchedBody()
    direction = try node["direction"]?.direction()
    let span = try node.span()
    let first = TimedSample(at: span.lowerBound)
    let last = TimedSample(at: span.upperBound)
    start = (first, first, first)
    end = (last, last, last)
    take(node.context.world)
  }

  private func take(_ world: World) {
    let position = world.poses[body.index].position
    start.0.take(world.time, position.x)
    start.1.take(world.time, position.y)
    start.2.take(world.time, position.z)
    end.0.take(world.time, position.x)
    end.1.take(world.time, position.y)
    end.2.take(world.time, position.z)
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) { take(simulation.world) }

  var result: OracleResult {
    guard let x0 = start.0.value, let y0 = start.1.value, let z0 = start.2.value, let x1 = end.0.value,
      let y1 = end.1.value, let z1 = end.2.value
    else { return expectation.result(nil) }
    let moved = Vector3(x1 - x0, y1 - y0, z1 - z0)
    return expectation.result(direction.map { moved.dot($0) } ?? moved.length)
  }
}
