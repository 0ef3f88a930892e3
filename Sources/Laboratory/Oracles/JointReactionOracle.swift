import Dynamics
import LinearAlgebra
import Solvers

/// Mean reaction of a joint over a span: force (N) or torque (N·m) on body b, along a direction or its magnitude.
final class JointReactionOracle: SceneOracle {
  static let typeName = "jointReaction"
  static let summary =
    "mean force (N) or torque (N·m) of a joint on its body b over a span, along a direction or its magnitude"
  static let keys = [
    SceneKey("joint", .name, "the joint", required: true),
    SceneKey("direction", .vector, "direction (world), default: the magnitude"),
    SceneKey("torque", .flag, "whether the torque is meant, default false"), .from, .to,
  ]

  private let expectation: Expectation
  private let joint: JointID
  private let direction: Vector3?
  private let isTorque: Bool
  private let span: ClosedRange<Double>
  private var sum = 0.0
  private var count = 0

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    let jointNode = try node.required("joint")
    let name = try jointNode.name()
    let world = node.context.world
    guard let joint = world.joint(named: node.context.prefix + name) else {
      throw jointNode.error(
        "there is no joint \"\(name)\"" + NearestName.hint(name, among: Array(world.jointNames.prefix(20))))
    }
    self.joint = joint
    direction = try node["direction"]?.direction()
    isTorque = try node["torque"]?.flag() ?? false
    span = try node.span()
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    let time = simulation.world.time
    let slack = 1e-9 * max(1, span.upperBound)
    guard time > span.lowerBound + slack, time <= span.upperBound + slack else { return }
    let reaction = simulation.world.reactions[joint.index]
    let vector = isTorque ? reaction.torque : reaction.force
    sum += direction.map { vector.dot($0) } ?? vector.length
    count += 1
  }

  var result: OracleResult { expectation.result(count > 0 ? sum / Double(count) : nil) }
}
