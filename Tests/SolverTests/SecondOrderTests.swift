import ConstraintSystem
import LinearAlgebra
import Solvers
import Testing

/// `semismooth`, `ppa` and `ipm` beyond the conformance suite.
@Suite struct SecondOrderTests {
  static let coulomb = [
    "semismooth", "semismooth:function=jean-moreau", "semismooth:function=fischer-burmeister", "ppa",
    "ppa:function=alart-curnier",
  ]

  private func solve(_ text: String, _ problem: ConstraintProblem) throws -> (SolveReport, [Double]) {
    try ConformanceTests.solve(text, problem)
  }

  /// A point mass (no lever arm) that hits the ground at 1 m/s, sliding at 4 m/s, μ 0.5: λ_n = m, λ_t = −μ m along the
  /// slip. Tolerance 1e-9: that of the solve, times m.
  @Test(arguments: coulomb) func slidingPointUnderCoulomb(text: String) throws {
    let problem = Self.pointMass(velocity: Vector3(4, -1, 0), law: .coulomb)
    let (report, lambda) = try solve(text + (text.contains(":") ? "," : ":") + "tolerance=1e-10", problem)
    #expect(report.reason == .converged)
    let velocity = ConformanceTests.velocities(problem, lambda)[0].linear
    #expect((velocity - Vector3(3.5, 0, 0)).length < 1e-9)
    #expect((lambda[0] - 2).magnitude < 1e-8)
  }

  /// The same with slip 0.3 m/s, less than μ v_n: it sticks, and nothing moves.
  @Test(arguments: coulomb + ["ipm"]) func stickingPoint(text: String) throws {
    let problem = Self.pointMass(velocity: Vector3(0.3, -1, 0.1), law: text == "ipm" ? .convex : .coulomb)
    let (report, lambda) = try solve(text + (text.contains(":") ? "," : ":") + "tolerance=1e-10", problem)
    #expect(report.reason == .converged)
    #expect(ConformanceTests.velocities(problem, lambda)[0].linear.length < 1e-9)
  }

  /// Under the convex law the same point lifts off: λ = n (1, −μ), and g · w = 0 for g = (1, −μ) gives
  /// n = m (1 + μ 4)/(1 + μ²), v_n = n/m − 1.
  @Test(arguments: ["ipm", "ppa", "semismooth", "newton"]) func slidingPointUnderTheConvexLaw(text: String) throws {
    let problem = Self.pointMass(velocity: Vector3(4, -1, 0), law: .convex)
    let (report, lambda) = try solve(text + ":tolerance=1e-9", problem)
    #expect(report.reason == .converged)
    let normal = 3 / 1.25
    let velocity = ConformanceTests.velocities(problem, lambda)[0].linear
    // The tolerance of the solve.
    #expect((velocity - Vector3(4 - 0.5 * normal, normal - 1, 0)).length < 1e-8)
  }

  /// A stack whose top is a thousand times as heavy, four contacts an interface: every interface carries the weight
  /// above. Tolerance 1e-4 of the smallest weight (g/60 · 1000 N·s): the solve's 1e-6 m/s times the heaviest mass is
  /// 1 N·s of the 163 000.
  @Test(arguments: ["semismooth", "ppa", "ipm"]) func stackWithAHeavyTop(text: String) throws {
    var description = ProblemLibrary.stack(10, topRatio: 1000)
    if text != "ipm" { description.law = .coulomb }
    let (report, lambda) = try solve(text, description.build())
    #expect(report.reason == .converged)
    for interface in 0..<10 {
      let force = (0..<4).reduce(0.0) { $0 + lambda[12 * interface + 3 * $1] }
      let above = 1e6 + Double(9 - interface) * 1000
      #expect((force / (above * 9.81 / 60) - 1).magnitude < 1e-4)
    }
  }

  /// Every contact twice: A is singular, velocities are those of the single contacts.
  @Test(arguments: coulomb) func redundantContacts(text: String) throws {
    var description = ProblemLibrary.stack(3, push: 4)
    description.law = .coulomb
    let single = description.build()
    description.blocks += description.blocks
    let double = description.build()
    let tight = text + (text.contains(":") ? "," : ":") + "tolerance=1e-9"
    let (first, a) = try solve(tight, single)
    let (second, b) = try solve(tight, double)
    #expect(first.reason == .converged && second.reason == .converged)
    for (x, y) in zip(ConformanceTests.velocities(single, a), ConformanceTests.velocities(double, b)) {
      let difference = x - y
      // Both are within 1e-9 of the same velocity; the factor is the growth by the stack's condition.
      #expect(difference.dot(difference).squareRoot() < 1e-6)
    }
  }

  /// A made unsymmetric by a fifth of it: only the residual says what is right, and it is reached to 1e-12 of b.
  @Test(arguments: coulomb) func unsymmetricMatrix(text: String) throws {
    let problem = Self.unsymmetric()
    #expect(!problem.isSymmetric)
    let (report, lambda) = try solve(text + (text.contains(":") ? "," : ":") + "tolerance=1e-12", problem)
    #expect(report.reason == .converged)
    #expect(NaturalMap().residual(problem, lambda: lambda).maximum <= 1.01e-12)
    #expect(lambda.contains { $0 != 0 })
    // Methods that need a symmetric A say so.
    #expect(try !SolverCatalog.classical.make("ipm").supports(problem))
  }

  /// b and A scaled by 1e-9 and 1e6: the path of the iterations is that of the unscaled problem.
  @Test(arguments: ["semismooth", "ppa"]) func isIndifferentToUnits(text: String) throws {
    let (plain, x) = try solve(text + ":tolerance=1e-8", Self.unsymmetric())
    let (scaled, y) = try solve(text + ":tolerance=1e-17", Self.unsymmetric(matrix: 1e6, rightHandSide: 1e-9))
    #expect(plain.reason == .converged && scaled.reason == .converged)
    #expect(plain.iterations == scaled.iterations)
    for (a, b) in zip(x, y) { #expect((a - 1e15 * b).magnitude <= 1e-6 * (1 + a.magnitude)) }
  }

  /// An impossible tolerance ends with the best λ, near round-off, and never with `converged`.
  @Test(arguments: ["semismooth", "ppa"]) func impossibleToleranceEndsNearRoundOff(text: String) throws {
    let (report, lambda) = try solve(text + ":tolerance=0,iterations=100", Self.unsymmetric())
    #expect(report.reason == .breakdown || report.reason == .iterationLimit || report.believedResidual == 0)
    #expect(NaturalMap().residual(Self.unsymmetric(), lambda: lambda).maximum < 1e-14)
  }

  /// Without iterations λ is the guess in the law's sets; without time likewise.
  @Test(arguments: coulomb + ["ipm"]) func limitsAreHonoured(text: String) throws {
    var description = ProblemLibrary.stack(5, push: 4)
    description.law = text == "ipm" ? .convex : .coulomb
    let problem = description.build()
    let join = text.contains(":") ? "," : ":"
    for (option, reason) in [("iterations=0", StopReason.iterationLimit), ("time=0.001us", .timeLimit)] {
      let (report, lambda) = try solve(text + join + option, problem)
      #expect(report.reason == reason)
      #expect(report.iterations <= 1)
      for contact in 0..<problem.blocks.count {
        let (n, t1, t2) = (lambda[3 * contact], lambda[3 * contact + 1], lambda[3 * contact + 2])
        #expect((t1 * t1 + t2 * t2).squareRoot() <= 0.6 * n * (1 + 1e-12))
      }
    }
  }

  /// The slot's solvers agree: the direction comes from another factorisation, the solution is the same.
  @Test(arguments: ["lu", "pcg,preconditioner=block-jacobi"]) func otherLinearSolvers(linear: String) throws {
    var description = ProblemLibrary.stack(4, push: 3)
    description.law = .coulomb
    let problem = description.build()
    for method in ["semismooth", "ppa"] {
      let (report, lambda) = try solve("\(method):linear=\(linear)", problem)
      #expect(report.reason == .converged)
      #expect(NaturalMap().residual(problem, lambda: lambda).maximum <= 1.01e-6)
    }
  }

  static func pointMass(velocity: Vector3, law: FrictionLaw) -> ConstraintProblem {
    var description = ProblemDescription(name: "point", law: law)
    description.bodies = [ProblemLibrary.body(2, velocity)]
    var block = ProblemLibrary.contact(-1, 0, .zero, .zero, friction: 0.5)
    // Tangents along x and z, so that the closed form can name them.
    block.rows = [Vector3.unitY, .unitX, .unitZ].map { ProblemLibrary.translation($0, .zero, .zero) }
    description.blocks = [block]
    return description.build()
  }

  /// Six contacts, A = B Bᵀ with 18 rows and rank 12, and a skew part.
  static func unsymmetric(matrix a: Double = 1, rightHandSide scale: Double = 1) -> ConstraintProblem {
    var generator = TestGenerator(state: 11)
    let problem = ConstraintProblem()
    problem.removeAll(timestep: 1, law: .coulomb)
    let n = 18
    let factor = (0..<n * 12).map { _ in generator.uniform(-1...1) }
    var entries: [BlockRowMatrix.Entry] = []
    for i in 0..<n {
      for j in 0..<n {
        let symmetric = (0..<12).reduce(0.0) { $0 + factor[12 * i + $1] * factor[12 * j + $1] }
        let skew = i == j ? 0 : 0.05 * (i < j ? 1.0 : -1.0)
        entries.append(.init(row: i, column: j, value: a * (symmetric + skew)))
      }
    }
    // b = A x + something that opens contacts keeps b near the range of A.
    let x = (0..<n).map { $0 % 3 == 0 ? generator.uniform(0...1) : generator.uniform(-1...1) }
    for contact in 0..<6 {
      let b = (0..<3).map { row in
        (0..<n).reduce(0.0) { $0 + entries[(3 * contact + row) * n + $1].value * x[$1] } / a * scale
      }
      problem.addGivenBlock(.cone, rightHandSide: b, friction: 0.4)
    }
    problem.finish(matrix: BlockRowMatrix(blockSizes: Array(repeating: 3, count: 6), entries: entries))
    return problem
  }
}
