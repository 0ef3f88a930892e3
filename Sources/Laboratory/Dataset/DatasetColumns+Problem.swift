import ConstraintSystem
import LinearAlgebra

// From columns back to what solvers take.
extension DatasetColumns {
  /// Makes `problem` a system's. The bits are those of the problem that was appended.
  public func assign(system: Int, to problem: ConstraintProblem) {
    problem.removeAll(timestep: timestep[system], law: FrictionLaw.allCases[law[system]])
    for body in bodies(of: system) {
      problem.addBody(
        BodyInertia(
          mass: mass[body], inverseMass: inverseMass[body], inertia: Self.matrix(inertia, 9 * body),
          inverseInertia: Self.matrix(inverseInertia, 9 * body)),
        freeVelocity: Self.twist(freeVelocity, 6 * body))
    }
    let first = rowStart[system]
    for block in blocks(of: system) {
      problem.beginBlock(
        bodyA: bodyA[block], bodyB: bodyB[block], set: ConstraintSet(rawValue: UInt8(set[block]))!,
        friction: friction[block], torsionalFriction: torsional[block], rollingFriction: rolling[block],
        key: UInt64(bitPattern: key[block]))
      for row in first + firstRow[block]..<first + firstRow[block] + rowCount[block] {
        problem.addRow(
          JacobianRow(a: Self.twist(jacobian, 12 * row), b: Self.twist(jacobian, 12 * row + 6)), bias: bias[row],
          compliance: compliance[row], lower: lower[row], upper: upper[row])
      }
    }
    problem.contactCount = contacts[system]
    problem.finish()
  }

  /// Makes `history` that of a system, whose problem is `problem`.
  public func fill(_ history: ImpulseHistory, system: Int, problem: ConstraintProblem) {
    let rows = rows(of: system)
    let ages = age[blocks(of: system)].map { UInt8(clamping: $0) }
    lambdaPrevious.withUnsafeBufferPointer { latest in
      lambdaBefore.withUnsafeBufferPointer { before in
        guard let latest = latest.baseAddress, let before = before.baseAddress else { return history.removeAll() }
        history.replace(
          by: problem, latest: latest + rows.lowerBound, before: before + rows.lowerBound, age: ages,
          depth: event[system] == DatasetEvent.first.rawValue ? 0 : 2)
      }
    }
  }

  private static func twist(_ numbers: [Double], _ at: Int) -> Vector6 {
    Vector6(
      linear: Vector3(numbers[at], numbers[at + 1], numbers[at + 2]),
      angular: Vector3(numbers[at + 3], numbers[at + 4], numbers[at + 5]))
  }

  private static func matrix(_ numbers: [Double], _ at: Int) -> Matrix3 {
    Matrix3(
      rows: Vector3(numbers[at], numbers[at + 1], numbers[at + 2]),
      Vector3(numbers[at + 3], numbers[at + 4], numbers[at + 5]),
      Vector3(numbers[at + 6], numbers[at + 7], numbers[at + 8]))
  }
}
