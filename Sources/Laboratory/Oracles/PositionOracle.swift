import Dynamics
import LinearAlgebra

/// Where a point of a body is along a direction at a time: x · d (m).
final class PositionOracle: SceneOracle {
  static let typeName = "position"
  static let summary = "coordinate of a point of a body along a direction at a time (m)"
  static let keys = [
    SceneKey.watchedBody,
    SceneKey("point", .vector, "point in the body's frame (m), default the centre of mass"),
    SceneKey("direction", .vector, "the coordinate's direction (world)", required: true),
    SceneKey("time", .number, "when (s)", required: true),
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let point: Vector3
  private let direction: Vector3
  private var sample: TimedSample

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    let world = node.context.world
    self.expectation = expectation
    body = try node.watchedBody()
    point = try node["point"].map { [body] in try $0.vector() - world.masses[body.index].centerOfMass } ?? .zero
    direction = try node.required("direction").direction()
    sample = TimedSample(at: try node.time("time"))
    sample.take(0, world.poses[body.index].apply(point).dot(direction))
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    let world = simulation.world
    sample.take(world.time, world.poses[body.index].apply(point).dot(direction))
  }

  var result: OracleResult { expectation.result(sample.value) }
}
