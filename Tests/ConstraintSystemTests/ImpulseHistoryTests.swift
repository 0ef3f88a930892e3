import ConstraintSystem
import LinearAlgebra
import Testing

@Suite struct ImpulseHistoryTests {
  static func problem(keys: [UInt64], timestep: Double = 1) -> ConstraintProblem {
    let problem = ConstraintProblem()
    problem.removeAll(timestep: timestep, law: .convex)
    problem.addBody(
      BodyInertia(mass: 1, inverseMass: 1, inertia: .identity, inverseInertia: .identity), freeVelocity: .zero)
    for key in keys {
      problem.beginBlock(bodyA: -1, bodyB: 0, set: .free, key: key)
      problem.addRow(
        JacobianRow(a: .zero, b: Vector6(linear: .unitX, angular: .zero)), bias: 0)
    }
    problem.finish()
    return problem
  }

  static func filled(_ history: ImpulseHistory, _ problem: ConstraintProblem) -> [Double] {
    var lambda = [Double](repeating: -1, count: problem.rowCount)
    history.fillLatest(&lambda, for: problem)
    return lambda
  }

  @Test func findsImpulsesByKeyInAnyOrder() {
    let history = ImpulseHistory()
    history.record(Self.problem(keys: [10, 20, 30]), lambda: [1, 2, 3])
    #expect(Self.filled(history, Self.problem(keys: [30, 99, 10, 20])) == [3, 0, 1, 2])
    #expect(Self.filled(history, Self.problem(keys: [10, 20, 30])) == [1, 2, 3])
  }

  @Test func scalesWithTheTimestep() {
    let history = ImpulseHistory()
    history.record(Self.problem(keys: [5], timestep: 1), lambda: [4])
    #expect(Self.filled(history, Self.problem(keys: [5], timestep: 0.25)) == [1])
  }

  @Test func isEmptyAtFirst() {
    #expect(Self.filled(ImpulseHistory(), Self.problem(keys: [5, 6])) == [0, 0])
  }
}
