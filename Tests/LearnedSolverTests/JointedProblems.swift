import ConstraintSystem
import LinearAlgebra

/// Bodies of 1 kg on ball joints, released at rest under gravity for a step of 1/60 s: linear problems.
enum JointedProblems {
  /// A chain of links of 1 m, held at one end.
  static func chain(_ count: Int) -> ConstraintProblem {
    build(bodies: count, joints: (0..<count).map { ($0 - 1, $0, Vector3(0.5, 0, 0)) })
  }

  /// A square net, held at two corners: closed loops.
  static func net(_ side: Int) -> ConstraintProblem {
    var joints: [(Int, Int, Vector3)] = []
    for row in 0..<side {
      for column in 0..<side {
        let body = row * side + column
        if column > 0 { joints.append((body - 1, body, Vector3(0.5, 0, 0))) }
        if row > 0 { joints.append((body - side, body, Vector3(0, 0, 0.5))) }
      }
    }
    for corner in [0, side - 1] { joints.append((-1, corner, Vector3(0, -0.5, 0))) }
    return build(bodies: side * side, joints: joints)
  }

  /// Joints between A, by `arm` from its centre, and B, by −`arm` from its own.
  private static func build(bodies: Int, joints: [(a: Int, b: Int, arm: Vector3)]) -> ConstraintProblem {
    let problem = ConstraintProblem()
    problem.removeAll(timestep: 1.0 / 60, law: .convex)
    let inertia = 1.0 / 12 * Matrix3.identity
    for _ in 0..<bodies {
      _ = problem.addBody(
        BodyInertia(mass: 1, inverseMass: 1, inertia: inertia, inverseInertia: 12 * Matrix3.identity),
        freeVelocity: Vector6(linear: Vector3(0, -9.81 / 60, 0), angular: .zero))
    }
    for (index, joint) in joints.enumerated() {
      problem.beginBlock(bodyA: joint.a, bodyB: joint.b, set: .free, friction: 0, key: UInt64(index + 1))
      for axis in [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)] {
        // The velocity of A's point less that of B's, along the axis: v + ω × r.
        let a = Vector6(linear: axis, angular: joint.arm.cross(axis))
        let b = Vector6(linear: -axis, angular: joint.arm.cross(axis))
        problem.addRow(
          JacobianRow(a: joint.a < 0 ? .zero : a, b: b), bias: 0, compliance: 1e-6, lower: -.infinity, upper: .infinity)
      }
    }
    problem.finish()
    return problem
  }
}
