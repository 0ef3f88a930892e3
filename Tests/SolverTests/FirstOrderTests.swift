import ConstraintSystem
import LinearAlgebra
import Solvers
import Testing

/// The first-order contact solvers beyond the conformance suite: closed forms, published rates, trends and limits.
@Suite struct FirstOrderTests {
  /// The solvers of the group "first-order".
  static let solvers = SolverCatalog.classical.expand("first-order")
  /// The same and the fillings of `pgs`.
  static let variants =
    solvers + ["pgs:block=row", "pgs:order=symmetric", "pgs:order=coloured", "pgs:order=top-down", "pgs:omega=1.3"]

  static func laws(_ text: String) -> [FrictionLaw] {
    let name = text.prefix { $0 != ":" }
    return SolverCatalog.classical.solvers.first { $0.name == name }!.laws
  }

  static func with(_ text: String, _ options: String) -> String { text + (text.contains(":") ? "," : ":") + options }

  /// The description under a law; under `frictionless` its cones become one-sided rows, as the assembler makes them.
  static func under(_ law: FrictionLaw, _ source: ProblemDescription) -> ProblemDescription {
    var result = source
    result.law = law
    if law == .frictionless {
      for index in result.blocks.indices where result.blocks[index].set == .cone {
        result.blocks[index].set = .box
        result.blocks[index].rows = [result.blocks[index].rows[0]]
        result.blocks[index].rows[0].lower = 0
      }
    }
    return result
  }

  @Test func groupHasAllMethods() {
    #expect(
      Set(Self.solvers).isSuperset(of: [
        "pgs", "impulse", "jacobi-split", "nncg", "apgd", "bb", "admm", "mprgp", "staggered", "shock",
      ]))
  }

  // MARK: Closed forms

  /// A body of 2 kg that hits the ground below its centre: D = diag(1/2, 4/3 along x, 5/4 along z), so every case has
  /// its impulse on paper. Tolerance: 1e-9 m/s over the smallest entry of D, with room for the moment arm.
  @Test(arguments: variants)
  func singleContactHasItsClosedForm(text: String) throws {
    let stick = (Vector3(0.5, -1, 0), Vector3(-0.375, 2, 0))
    let slide = Vector3(2, -1, 0)
    for law in Self.laws(text) {
      var cases: [(Vector3, Vector3)] = [(Vector3(0, 1, 0), .zero), (Vector3(0, -1, 0), Vector3(0, 2, 0))]
      switch law {
      case .frictionless: cases.append((slide, Vector3(0, 2, 0)))
      // n minimises ½ n² (D_n + μ² D_x) − n (1 + μ v): 2 / (1/2 + 1/3).
      case .convex: cases += [stick, (slide, Vector3(-1.2, 2.4, 0))]
      case .coulomb: cases += [stick, (slide, Vector3(-1, 2, 0))]
      // Each tangent by itself: x slides on its bound, z sticks.
      case .pyramid: cases += [stick, (slide, Vector3(-1, 2, 0)), (Vector3(2, -1, 0.5), Vector3(-1, 2, -0.4))]
      }
      for (velocity, impulse) in cases {
        let description = Self.under(law, ProblemLibrary.single(velocity: velocity, friction: 0.5))
        let problem = description.build()
        let (report, lambda) = try ConformanceTests.solve(
          Self.with(text, "tolerance=1e-9,iterations=10000"), problem)
        #expect(report.reason == .converged, "\(law) \(velocity)")
        let change = ConformanceTests.velocities(problem, lambda)[0].linear - velocity
        #expect((2 * change - impulse).length < 1e-7, "\(law) \(velocity): \(2 * change)")
      }
    }
  }

  /// Torsional and rolling friction under the exact law: a body that falls, spins about the normal and rolls. The
  /// normal impulse is 2; the spin keeps what |λ_τ| = μ_τ λ_n cannot stop, the roll is stopped if μ_r allows.
  @Test(arguments: ["pgs", "pgs:block=row", "impulse", "jacobi-split", "nncg", "shock", "staggered"])
  func momentsObeyTheirBounds(text: String) throws {
    var description = ProblemLibrary.single(velocity: Vector3(0, -1, 0), friction: 0.5, law: .coulomb)
    description.bodies[0].velocity.angular = Vector3(0, 3, 0)
    description.blocks[0].torsional = 0.1
    description.blocks[0].rows.append(.init(b: Vector6(linear: .zero, angular: .unitY)))
    let problem = description.build()
    let (report, lambda) = try ConformanceTests.solve(Self.with(text, "tolerance=1e-10,iterations=10000"), problem)
    #expect(report.reason == .converged)
    // I_y = 0.4: 3 − 0.1 · 2 / 0.4.
    let spin = ConformanceTests.velocities(problem, lambda)[0].angular.y
    #expect((spin - 2.5).magnitude < 1e-8)
  }

  // MARK: Published numbers

  /// A as given, one free row a block: `pgs` is Gauss–Seidel.
  static func tridiagonal(_ diagonal: [Double], _ below: [Double]) -> ConstraintProblem {
    let n = diagonal.count
    var entries: [BlockRowMatrix.Entry] = []
    for i in 0..<n {
      entries.append(.init(row: i, column: i, value: diagonal[i]))
      guard i > 0 else { continue }
      entries.append(.init(row: i, column: i - 1, value: below[i - 1]))
      entries.append(.init(row: i - 1, column: i, value: below[i - 1]))
    }
    let problem = ConstraintProblem()
    problem.removeAll(timestep: 1, law: .convex)
    for i in 0..<n {
      let b = diagonal[i] + (i > 0 ? below[i - 1] : 0) + (i < n - 1 ? below[i] : 0)
      problem.addGivenBlock(.free, rightHandSide: [b])
    }
    problem.finish(matrix: BlockRowMatrix(blockSizes: Array(repeating: 1, count: n), entries: entries))
    return problem
  }

  /// ‖λ − 1‖₂ / ‖1‖₂ after a number of sweeps from 0; the right-hand side makes 1 the solution.
  static func error(_ text: String, _ problem: ConstraintProblem, sweeps: Int) throws -> Double {
    let (_, lambda) = try ConformanceTests.solve(
      with(text, "guess=zero,tolerance=0,iterations=\(sweeps)"), problem)
    return (lambda.map { ($0 - 1) * ($0 - 1) }.reduce(0, +) / Double(lambda.count)).squareRoot()
  }

  /// Ten links in a line, the end `ratio` times as heavy: published sweeps to a relative error of 1e-6, within 1 %.
  @Test(arguments: [(1.0, 559), (10, 1638), (100, 12814), (1000, 124_717)])
  func sweepsOnTenLinks(ratio: Double, sweeps: Int) throws {
    let w = [0.0] + Array(repeating: 1.0, count: 9) + [1 / ratio]
    let problem = Self.tridiagonal((1...10).map { w[$0] + w[$0 - 1] }, (1...9).map { -w[$0] })
    #expect(try Self.error("pgs", problem, sweeps: Int(Double(sweeps) * 1.01)) <= 1e-6)
    #expect(try Self.error("pgs", problem, sweeps: Int(Double(sweeps) * 0.99)) > 1e-6)
  }

  /// tridiag(−1, 2, −1), n = 50: the error falls by 0.99621025 a sweep, and with the optimal ω by ω − 1. That is a
  /// defective eigenvalue, so the error goes like k ρᵏ: over 20 sweeps from the 400th the factor is ρ²⁰ (1 + 20/400).
  @Test func ratesOnTheModelMatrix() throws {
    let problem = Self.tridiagonal(Array(repeating: 2, count: 50), Array(repeating: -1, count: 49))
    let rate = try Self.error("pgs", problem, sweeps: 2001) / Self.error("pgs", problem, sweeps: 2000)
    #expect((rate - 0.99621025).magnitude < 1e-6)
    let over = "pgs:omega=1.88401814"
    let ratio = try Self.error(over, problem, sweeps: 220) / Self.error(over, problem, sweeps: 200)
    let expected = 0.88401814
    var power = 1.0
    for _ in 0..<20 { power *= expected }
    #expect(ratio < 1.3 * power && ratio > 0.7 * power, "\(ratio), \(power)")
  }

  // MARK: Variants

  /// All fillings of `pgs` end at the law's solution.
  @Test(arguments: variants)
  func everyVariantSolvesEveryLaw(text: String) throws {
    for law in Self.laws(text) {
      for source in [
        ProblemLibrary.mixed(), ProblemLibrary.stack(3, push: 2), ProblemLibrary.wall(3, 3), ProblemLibrary.doubled(4),
      ] {
        let description = Self.under(law, source)
        let (report, lambda) = try ConformanceTests.solve(
          Self.with(text, "tolerance=1e-6,iterations=100000"), description.build())
        #expect(report.reason == .converged, "\(law) \(description.name): \(report.believedResidual)")
        #expect(IndependentResidual.maximum(description, lambda) <= 1.01e-6, "\(law) \(description.name)")
      }
    }
  }

  /// A that is not symmetric, as in problem files: the sweeps need no symmetry. The methods that do say so.
  @Test func unsymmetricMatrices() throws {
    var description = ProblemLibrary.stack(3, push: 2)
    description.law = .coulomb
    let symmetric = description.buildGiven()
    var entries: [BlockRowMatrix.Entry] = []
    symmetric.givenMatrix!.forEachEntry { i, j, value in
      entries.append(.init(row: i, column: j, value: value * (1 + 1e-3 * Double((3 * i + j) % 5 - 2))))
    }
    let problem = ConstraintProblem()
    problem.removeAll(timestep: 1, law: .coulomb)
    for index in 0..<symmetric.blocks.count {
      let first = Int(symmetric.blocks[index].firstRow)
      problem.addGivenBlock(
        .cone, rightHandSide: (first..<first + 3).map { symmetric.rightHandSide[$0] },
        friction: symmetric.blocks[index].friction)
    }
    problem.finish(
      matrix: BlockRowMatrix(blockSizes: Array(repeating: 3, count: symmetric.blocks.count), entries: entries))
    #expect(!problem.isSymmetric)
    for text in ["pgs", "pgs:block=row", "pgs:order=symmetric", "pgs:order=coloured", "nncg"] {
      let (report, lambda) = try ConformanceTests.solve(
        Self.with(text, "tolerance=1e-8,iterations=100000"), problem)
      #expect(report.reason == .converged, "\(text)")
      #expect(NaturalMap().residual(problem, lambda: lambda).maximum <= 1e-8, "\(text)")
    }
    for text in ["staggered", "pgs:order=top-down", "impulse", "jacobi-split", "shock"] {
      #expect(try ConformanceTests.solve(text, problem).0.reason == .unsupported, "\(text)")
    }
  }

  /// Symmetric order is two passes an iteration.
  @Test func symmetricOrderPassesTwice() throws {
    let problem = ProblemLibrary.stack(3).build()
    let (report, _) = try ConformanceTests.solve("pgs:order=symmetric,tolerance=0,iterations=7", problem)
    #expect(report.iterations == 7)
    #expect(report.constraintPasses == 14)
  }

  /// A heavy load on a pile: one shock pass carries the weight to the ground, where plain sweeps take thousands.
  @Test func shockCarriesALoadInOnePass() throws {
    let problem = ProblemLibrary.stack(10, topRatio: 1000).build()
    let (report, _) = try ConformanceTests.solve("shock", problem)
    #expect(report.reason == .converged)
    #expect(report.iterations <= 5)
  }

  /// Every contact twice: λ is not unique, under the convex law the velocities are. Tolerance: both are within 1e-8
  /// m/s of a solution; the factor covers the growth from residual to velocity on this pile.
  @Test(arguments: solvers.filter { laws($0).contains(.convex) })
  func doubledContactsChangeNoVelocity(text: String) throws {
    let single = ProblemLibrary.stack(3, push: 2)
    var double = single
    double.blocks += double.blocks
    let options = "tolerance=1e-8,iterations=100000"
    let first = try ConformanceTests.velocities(
      single.build(), ConformanceTests.solve(Self.with(text, options), single.build()).1)
    let second = try ConformanceTests.velocities(
      double.build(), ConformanceTests.solve(Self.with(text, options), double.build()).1)
    for body in first.indices {
      let difference = first[body] - second[body]
      #expect(difference.dot(difference).squareRoot() < 1e-5)
    }
  }

  // MARK: Trends

  /// The residual at 5, 10, … 160 iterations falls in trend: after four times the iterations it is not above what it
  /// was (by 5 %, for methods whose residual is not monotone), and it has halved at least by the end. Round-off ends
  /// the fall at 1e-12 m/s.
  @Test(arguments: solvers)
  func residualFallsInTrend(text: String) throws {
    let counts = [5, 10, 20, 40, 80, 160]
    for law in Self.laws(text) {
      for source in [
        ProblemLibrary.stack(10), ProblemLibrary.wall(6, 6), ProblemLibrary.chain(10), ProblemLibrary.stack(5, push: 3),
      ] {
        let description = Self.under(law, source)
        let problem = description.build()
        let residuals = try counts.map { count in
          let (_, lambda) = try ConformanceTests.solve(
            Self.with(text, "guess=zero,tolerance=0,iterations=\(count)"), problem)
          return NaturalMap().residual(problem, lambda: lambda).maximum
        }
        // At 20 iterations `staggered` may still be in its first problems, whose solutions are not the whole's.
        for index in counts.indices.dropFirst(text == "staggered" ? 3 : 2) {
          #expect(
            residuals[index] <= max(1.05 * residuals[index - 2], 1e-12), "\(law) \(description.name): \(residuals)")
        }
        #expect(residuals[5] <= max(0.5 * residuals[0], 1e-12), "\(law) \(description.name): \(residuals)")
      }
    }
  }

  // MARK: Limits

  /// Whether λ is in the sets, to round-off.
  static func isInSets(_ problem: ConstraintProblem, _ lambda: [Double]) -> Bool {
    for index in 0..<problem.blocks.count {
      let block = problem.blocks[index]
      let first = Int(block.firstRow)
      for row in first..<first + Int(block.rowCount) where block.set == .box {
        if lambda[row] < problem.lower[row] - 1e-12 || lambda[row] > problem.upper[row] + 1e-12 { return false }
      }
      guard block.set == .cone else { continue }
      let n = lambda[first]
      let t = SIMD2(lambda[first + 1], lambda[first + 2])
      let bound = block.friction * n * (1 + 1e-12) + 1e-12
      if n < 0 { return false }
      if problem.law == .pyramid {
        if max(t.x.magnitude, t.y.magnitude) > bound { return false }
      } else if (t.x * t.x + t.y * t.y).squareRoot() > bound {
        return false
      }
    }
    return true
  }

  /// No iteration: the guess, which belongs to six times the friction, comes back in the sets and with a reason. After
  /// any number of iterations λ is in the sets too.
  @Test(arguments: variants)
  func stoppedAnywhereItGivesAPossibleImpulse(text: String) throws {
    for law in Self.laws(text) {
      let rough = Self.under(law, ProblemLibrary.stack(3, push: 3))
      var smooth = rough
      for index in smooth.blocks.indices { smooth.blocks[index].friction = 0.1 }
      let problem = smooth.build()
      for count in [0, 1, 2, 7, 23] {
        let assembly = try SolverCatalog.classical.make(Self.with(text, "tolerance=0,iterations=\(count)"))
        let lambda = Buffer<Double>()
        _ = assembly.solve(rough.build(), into: lambda)
        let rules = assembly.stop
        assembly.stop = StopRule(tolerance: 1e-4, iterations: 1000)
        _ = assembly.solve(rough.build(), into: lambda)
        assembly.stop = rules
        let report = assembly.solve(problem, into: lambda)
        #expect(Self.isInSets(problem, lambda.array), "\(law), \(count) iterations")
        if law == .frictionless || report.reason == .breakdown { continue }
        #expect(report.reason == .iterationLimit, "\(law), \(count) iterations: \(report.reason)")
        if count == 0 { #expect(report.iterations == 0) }
      }
    }
  }

  /// A time budget ends a solve that would not end otherwise. The bound on the time is for a machine that is busy.
  @Test(arguments: solvers)
  func timeBudgetIsKept(text: String) throws {
    let description = Self.under(Self.laws(text)[0], ProblemLibrary.wall(12, 12))
    let problem = description.build()
    let assembly = try SolverCatalog.classical.make(
      Self.with(text, "guess=zero,tolerance=0,time=2ms,iterations=1000000000"))
    let lambda = Buffer<Double>()
    let start = Clock.now()
    let report = assembly.solve(problem, into: lambda)
    let elapsed = Clock.now() - start
    #expect(report.reason == .timeLimit || report.reason == .breakdown || report.reason == .inconsistent)
    #expect(elapsed < 1)
    #expect(Self.isInSets(problem, lambda.array))
  }

  /// From its own solution a solver does nothing.
  @Test(arguments: variants)
  func warmStartFromTheSolutionIsFree(text: String) throws {
    for law in Self.laws(text) {
      let problem = Self.under(law, ProblemLibrary.stack(3, push: 2)).build()
      let assembly = try SolverCatalog.classical.make(Self.with(text, "tolerance=1e-6,iterations=100000"))
      let lambda = Buffer<Double>()
      _ = assembly.solve(problem, into: lambda)
      let before = lambda.array
      let warm = assembly.solve(problem, into: lambda)
      #expect(warm.reason == .converged && warm.iterations == 0, "\(law)")
      for (a, b) in zip(before, lambda.array) { #expect((a - b).magnitude <= 1e-9 * max(1, a.magnitude)) }
    }
  }
}
