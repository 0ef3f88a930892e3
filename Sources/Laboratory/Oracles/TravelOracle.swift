import Dynamics
import LinearAlgebra

/// How far a body has come along a direction when it first rests (m): the stopping distance of a slide.
final class TravelOracle: SceneOracle {
  static let typeName = "travel"
  static let summary = "way of a body along a direction until it first rests (m)"
  static let keys = [
    SceneKey.watchedBody, SceneKey("direction", .vector, "direction (world)", required: true),
    SceneKey("restSpeed", .number, "speed (m/s) below which it rests, default 1e-4"),
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let direction: Vector3
  private let restSpeed: Double
  private let start: Vector3
  private var way: Double?

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    body = try node.watchedBody()
    direction = try node.required("direction").direction()
    restSpeed = try node["restSpeed"]?.positive() ?? 1e-4
    start = node.context.world.poses[body.index].position
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    let world = simulation.world
    guard way == nil, world.velocities[body.index].linear.length < restSpeed else { return }
    way = (world.poses[body.index].position - start).dot(direction)
  }

  var result: OracleResult { expectation.result(way) }
}
