import Dynamics
import LinearAlgebra

/// Whether a body ever gets farther than a distance from its start: 1 if it does, otherwise 0. An arch that stands.
final class MovesOracle: SceneOracle {
  static let typeName = "moves"
  static let summary = "1 where a body's centre of mass ever gets farther than a distance from its start, otherwise 0"
  static let keys = [
    SceneKey.watchedBody, SceneKey("beyond", .number, "the distance (m)", required: true),
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let start: Vector3
  private let distance: Double
  private var farthest = 0.0
  private var observed = false

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    body = try node.watchedBody()
    distance = try node.required("beyond").positive()
    start = node.context.world.poses[body.index].position
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    farthest = max(farthest, (simulation.world.poses[body.index].position - start).length)
    observed = true
  }

  var result: OracleResult { expectation.result(observed ? (farthest > distance ? 1 : 0) : nil) }
}
