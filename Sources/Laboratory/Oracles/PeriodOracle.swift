import Dynamics
import LinearAlgebra

/// Period of an oscillation (s): mean time between the moments at which a quantity passes zero upwards.
///
/// The quantity is the velocity along a world direction, or the angular velocity about a direction fixed in the body.
/// The moment of a passage is linear between the steps around it.
final class PeriodOracle: SceneOracle {
  static let typeName = "period"
  static let summary =
    "mean time between upward passages through zero of a velocity or of a spin about a body's axis (s)"
  static let keys = [
    SceneKey.watchedBody,
    SceneKey("direction", .vector, "velocity along this direction (world), or:"),
    SceneKey("axis", .vector, "angular velocity about this direction (body)"),
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let direction: Vector3
  private let isSpin: Bool
  private var last: (time: Double, value: Double)?
  private var firstPassage: Double?
  private var lastPassage = 0.0
  private var periods = 0

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    body = try node.watchedBody()
    switch (node["direction"], node["axis"]) {
    case (let direction?, nil): (self.direction, isSpin) = (try direction.direction(), false)
    case (nil, let axis?): (self.direction, isSpin) = (try axis.direction(), true)
    default: throw node.error("expected \"direction\" or \"axis\"")
    }
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    let world = simulation.world
    let velocity = world.velocities[body.index]
    let value =
      isSpin
      ? world.poses[body.index].orientation.inverseRotate(velocity.angular).dot(direction)
      : velocity.linear.dot(direction)
    if let last, last.value < 0, value >= 0 {
      let passage = last.time + (world.time - last.time) * last.value / (last.value - value)
      if firstPassage == nil { firstPassage = passage } else { periods += 1 }
      lastPassage = passage
    }
    last = (world.time, value)
  }

  var result: OracleResult {
    guard let firstPassage, periods > 0 else { return expectation.result(nil) }
    return expectation.result((lastPassage - firstPassage) / Double(periods))
  }
}
