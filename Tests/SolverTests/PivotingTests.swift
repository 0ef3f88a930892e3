import ConstraintSystem
import LinearAlgebra
import Solvers
import Testing

/// `active-set`, `dantzig` and `lemke` beyond the conformance suite.
@Suite struct PivotingTests {
  static let methods = ["active-set", "dantzig", "lemke"]
  static let laws = [FrictionLaw.frictionless, .pyramid]

  /// The law without friction as the assembler gives it: one box row a contact.
  static func withoutFriction(_ description: ProblemDescription) -> ProblemDescription {
    var result = description
    result.law = .frictionless
    for index in result.blocks.indices where result.blocks[index].set == .cone {
      result.blocks[index].set = .box
      result.blocks[index].rows = [result.blocks[index].rows[0]]
      result.blocks[index].rows[0].lower = 0
    }
    return result
  }

  static func under(_ law: FrictionLaw, _ description: ProblemDescription) -> ProblemDescription {
    if law == .frictionless { return withoutFriction(description) }
    var result = description
    result.law = law
    return result
  }

  /// Every interface carries the weight above. Tolerance as in `SecondOrderTests`: 1e-4 of a weight.
  @Test(arguments: methods, laws) func stackWithAHeavyTop(text: String, law: FrictionLaw) throws {
    let problem = Self.under(law, ProblemLibrary.stack(10, topRatio: 1000)).build()
    let (report, lambda) = try ConformanceTests.solve(text, problem)
    #expect(report.reason == .converged)
    let stride = law == .frictionless ? 1 : 3
    for interface in 0..<10 {
      let force = (0..<4).reduce(0.0) { $0 + lambda[stride * (4 * interface + $1)] }
      let above = 1e6 + Double(9 - interface) * 1000
      #expect((force / (above * 9.81 / 60) - 1).magnitude < 1e-4)
    }
  }

  /// A point of 2 kg, 1 m/s into the ground, sliding along a tangent: λ = (m, −μ m, 0), v_t = 4 − μ. Closed form of
  /// the pyramid law; tolerance that of the solve.
  @Test(arguments: methods) func slidingPoint(text: String) throws {
    let problem = SecondOrderTests.pointMass(velocity: Vector3(4, -1, 0), law: .pyramid)
    let (report, lambda) = try ConformanceTests.solve(text + ":tolerance=1e-9", problem)
    #expect(report.reason == .converged)
    let velocity = ConformanceTests.velocities(problem, lambda)[0].linear
    #expect((velocity - Vector3(3.5, 0, 0)).length < 1e-8)
  }

  /// Every contact twice: velocities are those of the single contacts, which are unique without friction.
  @Test(arguments: methods) func redundantContacts(text: String) throws {
    let single = Self.withoutFriction(ProblemLibrary.wall(3, 3))
    var double = single
    double.blocks += double.blocks
    let (first, a) = try ConformanceTests.solve(text, single.build())
    let (second, b) = try ConformanceTests.solve(text, double.build())
    #expect(first.reason == .converged && second.reason == .converged)
    for (x, y) in zip(
      ConformanceTests.velocities(single.build(), a), ConformanceTests.velocities(double.build(), b))
    {
      let difference = x - y
      // 1e-6 m/s of either solve, grown by the wall's three courses.
      #expect(difference.dot(difference).squareRoot() < 1e-4)
    }
  }

  /// Joints, a limit, a motor at its torque and a soft row together.
  @Test(arguments: methods, laws) func jointsLimitsAndMotors(text: String, law: FrictionLaw) throws {
    let problem = Self.under(law, ProblemLibrary.mixed()).build()
    let (report, lambda) = try ConformanceTests.solve(text, problem)
    #expect(report.reason == .converged)
    #expect(NaturalMap().residual(problem, lambda: lambda).maximum <= 1.01e-6)
  }

  /// Bounds on both sides, and not around zero: λ is cut to [1, 2] from whatever side the unbounded answer lies.
  @Test(arguments: methods) func boundsOnBothSides(text: String) throws {
    for (velocity, expected) in [(-10.0, 2.0), (10.0, 1.0), (-0.75, 1.5)] {
      var description = ProblemLibrary.oneRow
      description.law = .frictionless
      description.bodies[0].mass = 2
      description.bodies[0].velocity.linear = Vector3(0, velocity, 0)
      description.blocks[0].set = .box
      description.blocks[0].rows[0].lower = 1
      description.blocks[0].rows[0].upper = 2
      let (report, lambda) = try ConformanceTests.solve(text, description.build())
      #expect(report.reason == .converged)
      // The solve's 1e-6 m/s times 2 kg.
      #expect((lambda[0] - expected).magnitude < 3e-6)
    }
  }

  /// The three pivoting methods and `newton` give the same velocities without friction.
  @Test func agreeWithNewton() throws {
    let description = Self.withoutFriction(ProblemLibrary.wall(4, 4))
    let problem = description.build()
    let reference = ConformanceTests.velocities(
      problem, try ConformanceTests.solve("newton:tolerance=1e-9", problem).1)
    for text in Self.methods {
      let found = ConformanceTests.velocities(
        problem, try ConformanceTests.solve(text + ":tolerance=1e-8", problem).1)
      for (x, y) in zip(reference, found) {
        let difference = x - y
        // 1e-8 m/s, grown by the wall's four courses.
        #expect(difference.dot(difference).squareRoot() < 1e-6)
      }
    }
  }

  /// Without pivots λ is the guess in the sets; without time likewise.
  @Test(arguments: methods) func limitsAreHonoured(text: String) throws {
    let problem = Self.under(.pyramid, ProblemLibrary.stack(5, push: 4)).build()
    for (option, reason) in [("iterations=0", StopReason.iterationLimit), ("time=0.001us", .timeLimit)] {
      let (report, lambda) = try ConformanceTests.solve(text + ":" + option, problem)
      #expect(report.reason == reason)
      for contact in 0..<problem.blocks.count {
        for tangent in 1...2 {
          #expect(lambda[3 * contact + tangent].magnitude <= 0.6 * lambda[3 * contact] * (1 + 1e-12))
        }
      }
    }
  }

  /// A linear method named as solver finds its host by the law.
  @Test(arguments: FrictionLaw.allCases) func linearMethodsSolveEveryLaw(law: FrictionLaw) throws {
    let problem = Self.under(law, ProblemLibrary.stack(4, push: 2)).build()
    for text in ["ldl", "lu", "cg"] {
      let (report, lambda) = try ConformanceTests.solve(text, problem)
      #expect(report.reason == .converged, "\(text) under \(law)")
      #expect(NaturalMap().residual(problem, lambda: lambda).maximum <= 1.01e-6)
    }
  }
}
