import ConstraintSystem
import Dynamics
import LinearAlgebra

/// Mean force (N) along a direction that a body gets from its contacts over a span: what a box of a stack carries.
///
/// Contact blocks stand in the problem in the order of the manifolds' points, those between bodies that do not move
/// left out; F = Σ λ J_b / h over a block's rows, the opposite on body a.
final class ContactForceOracle: SceneOracle {
  static let typeName = "contactForce"
  static let summary = "mean force on a body from its contacts, all or those with another body, along a direction (N)"
  static let keys = [
    SceneKey.watchedBody,
    SceneKey("other", .name, "the other body of the contacts, default any"),
    SceneKey("direction", .vector, "direction (world)", required: true), .from, .to,
  ]

  private let expectation: Expectation
  private let body: BodyID
  private let other: BodyID?
  private let direction: Vector3
  private let span: ClosedRange<Double>
  private var sum = 0.0
  private var count = 0

  init(reading node: SceneNode, _ expectation: Expectation) throws {
    self.expectation = expectation
    body = try node.watchedBody()
    if let otherNode = node["other"] {
      guard let body = try otherNode.body() else { throw otherNode.error("expected a body") }
      other = body
    } else {
      other = nil
    }
    direction = try node.required("direction").direction()
    span = try node.span()
  }

  func observe(_ simulation: Simulation, _ record: StepRecord) {
    // The span's ends are steps' ends up to rounding.
    let time = simulation.world.time
    let slack = 1e-9 * max(1, span.upperBound)
    guard time > span.lowerBound + slack, time <= span.upperBound + slack else { return }
    sum += force(simulation).dot(direction)
    count += 1
  }

  private func force(_ simulation: Simulation) -> Vector3 {
    let world = simulation.world
    let problem = simulation.problem
    var total = Vector3.zero
    var block = 0
    for index in 0..<world.manifolds.count {
      let manifold = world.manifolds.pointer[index]
      let a = Int(manifold.bodyA)
      let b = Int(manifold.bodyB)
      if world.columns.pointer[a] < 0 && world.columns.pointer[b] < 0 { continue }
      let onB = b == body.index && (other == nil || other!.index == a)
      let onA = a == body.index && (other == nil || other!.index == b)
      for _ in 0..<Int(manifold.count) {
        while block < problem.blocks.count && problem.blocks.pointer[block].key >> 63 == 0 { block += 1 }
        guard block < problem.blocks.count else { return total }
        let entry = problem.blocks.pointer[block]
        block += 1
        guard onA || onB else { continue }
        // A body that does not move has no Jacobian in the rows; the other one carries the opposite force.
        let useB = world.columns.pointer[b] >= 0
        let sign: Double = useB == onB ? 1 : -1
        for row in Int(entry.firstRow)..<Int(entry.firstRow + entry.rowCount) {
          let jacobian = problem.jacobian.pointer[row]
          let force = sign * simulation.lambda.pointer[row] / problem.timestep
          total += force * (useB ? jacobian.b.linear : jacobian.a.linear)
        }
      }
    }
    return total
  }

  var result: OracleResult { expectation.result(count > 0 ? sum / Double(count) : nil) }
}
