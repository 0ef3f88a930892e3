import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// Every solver of the catalog on every problem of the library. A new solver is tested by being in the catalog.
@Suite struct ConformanceTests {
  /// Texts that are run beside the catalog's names: the slots in other fillings.
  static let variants = [
    "newton:linear=lu", "newton:linear=pcg,preconditioner=block-jacobi", "newton:guess=zero",
    "pcg:preconditioner=none", "pcg:preconditioner=jacobi", "pcg:preconditioner=ssor", "pcg:preconditioner=ic0",
    "pcg:preconditioner=chebyshev", "pcg:preconditioner=aggregation", "minres:preconditioner=ic0",
    "fcg:preconditioner=aggregation", "pgs:guess=zero", "pgs:guess=extrapolated",
    "neural-pcg", "pcg:preconditioner=deflation", "pgs:guess=learned", "newton:guess=network",
    "learned-update:policy=online", "learned-update:policy=fixed,arm=7",
  ]

  static var texts: [String] { SolverCatalog.complete.solvers.map(\.name) + variants }
  static let approximate = SolverCatalog.complete.solvers.filter { $0.isApproximate && !$0.groups.contains("learned") }
    .map(\.name)
  /// One evaluation of a network, whatever the residual.
  static let inferred = SolverCatalog.complete.solvers.filter { $0.isApproximate && $0.groups.contains("learned") }
    .map(\.name)
  /// Those that iterate until a tolerance is met.
  static var convergent: [String] { texts.filter { !approximate.contains($0) && !inferred.contains($0) } }

  static func solve(_ text: String, _ problem: ConstraintProblem) throws -> (SolveReport, [Double]) {
    let assembly = try SolverCatalog.complete.make(text)
    let lambda = Buffer<Double>()
    let report = assembly.solve(problem, into: lambda)
    return (report, lambda.array)
  }

  @Test func catalogHasAtLeastWhatItHad() {
    #expect(SolverCatalog.complete.solvers.count >= 15)
    #expect(SolverCatalog.complete.linearSolvers.count >= 13)
    #expect(SolverCatalog.complete.assemblies.count >= 1)
    #expect(SolverCatalog.complete.guesses.count >= 5)
    #expect(SolverCatalog.complete.preconditioners.count >= 9)
    #expect(ProblemLibrary.all.count >= 34)
  }

  @Test(arguments: convergent)
  func solvesWhatItSaysToItsTolerance(name: String) throws {
    for description in ProblemLibrary.all {
      try check(name, description, description.build())
    }
  }

  /// Elimination needs no symmetry; what needs it says so. Tolerance: round-off of a well-conditioned system.
  @Test func unsymmetricSystemsAreSolvedOrRefused() throws {
    let problem = ConstraintProblem()
    problem.removeAll(timestep: 1, law: .frictionless)
    for b in [[3.0, 1.0], [2.0]] { problem.addGivenBlock(.free, rightHandSide: b) }
    let a = [[4.0, 1.0, 0.0], [-2.0, 3.0, 1.0], [0.5, 0.0, 2.0]]
    var entries: [BlockRowMatrix.Entry] = []
    for row in 0..<3 {
      for column in 0..<3 { entries.append(.init(row: row, column: column, value: a[row][column])) }
    }
    problem.finish(matrix: BlockRowMatrix(blockSizes: [2, 1], entries: entries))
    for descriptor in SolverCatalog.complete.linearSolvers {
      let (report, x) = try Self.solve(descriptor.name, problem)
      guard ["gauss", "lu"].contains(descriptor.name) else {
        #expect(report.reason == .unsupported, "\(descriptor.name)")
        continue
      }
      #expect(report.reason == .converged)
      for row in 0..<3 {
        let product = a[row][0] * x[0] + a[row][1] * x[1] + a[row][2] * x[2]
        #expect((product - problem.rightHandSide[row]).magnitude < 1e-14, "\(descriptor.name)")
      }
    }
  }

  /// The same with A given as a matrix, by the solvers that need no bodies.
  @Test(arguments: convergent)
  func solvesGivenMatrices(name: String) throws {
    for description in ProblemLibrary.all where description.bodies.count < 40 {
      try check(name, description, description.buildGiven())
    }
  }

  private func check(_ name: String, _ description: ProblemDescription, _ problem: ConstraintProblem) throws {
    let (text, effort) = ConformanceEffort.of(name)
    let (report, lambda) = try Self.solve(text, problem)
    guard try SolverCatalog.complete.make(text).supports(problem) else {
      #expect(problem.rowCount == 0 || report.reason == .unsupported)
      #expect(lambda.allSatisfy { $0 == 0 })
      return
    }
    #expect(lambda.allSatisfy { $0.isFinite })
    let found = IndependentResidual.maximum(description, lambda)
    let judged = NaturalMap().residual(problem, lambda: lambda)
    // The judge and the test's own dense computation agree to round-off of λ · A.
    #expect((found - judged.maximum).magnitude <= 1e-9 + 1e-6 * found, "\(description.name)")
    if let weakness = effort.weaknesses[description.name], report.reason == weakness { return }
    #expect(report.reason == .converged, "\(name) on \(description.name): \(report.reason), \(found)")
    // The solver's word and the judge's differ by the round-off of two ways to compute w.
    #expect(found <= effort.tolerance * 1.01 + 1e-9, "\(name) on \(description.name): \(found)")
  }

  /// Approximate solvers do their iterations and end in the set, on whatever they say that they solve.
  @Test(arguments: approximate)
  func approximateSolversEndInTheSet(name: String) throws {
    #expect(try Self.solve(name, ProblemLibrary.chain(2).buildGiven()).0.reason == .unsupported)
    for description in ProblemLibrary.all {
      let problem = description.build()
      let (report, lambda) = try Self.solve(name + ":iterations=7", problem)
      guard try SolverCatalog.complete.make(name).supports(problem) else {
        #expect(report.reason == .unsupported && description.law != .coulomb, "\(name) on \(description.name)")
        continue
      }
      guard problem.rowCount > 0 else { continue }
      #expect(report.reason == .iterationLimit, "\(name) on \(description.name): \(report.reason)")
      #expect(report.iterations >= 7 && report.constraintPasses >= 7)
      #expect(lambda.allSatisfy { $0.isFinite }, "\(name) on \(description.name)")
      #expect(Self.isInSet(problem, lambda), "\(name) on \(description.name)")
    }
  }

  /// A network's answer is finite and in the set, and never called converged above the tolerance.
  @Test(arguments: inferred)
  func inferredAnswersAreInTheSet(name: String) throws {
    for description in ProblemLibrary.all {
      let problem = description.build()
      guard try SolverCatalog.complete.make(name).supports(problem), problem.rowCount > 0 else { continue }
      let (report, lambda) = try Self.solve(name, problem)
      #expect(lambda.allSatisfy { $0.isFinite } && Self.isInSet(problem, lambda), "\(name) on \(description.name)")
      let found = NaturalMap().residual(problem, lambda: lambda).maximum
      #expect(report.reason != .converged || found <= 1.01e-6, "\(name) on \(description.name): \(found)")
    }
  }

  /// More iterations bring the velocities of a chain of ten and of a box that is pushed nearer to the solution: the error
  /// after 2000 is at most a tenth of that after 3. avbd ramps its penalties in the meantime.
  @Test(arguments: approximate)
  func approximateSolversConverge(name: String) throws {
    var pushed = ProblemLibrary.single(velocity: Vector3(2, -1, 0.5), friction: 0.5, law: .coulomb)
    pushed.bodies[0].mass = 2
    for description in [ProblemLibrary.chain(10), pushed] {
      let problem = description.build()
      let few = try Self.solve(name + ":iterations=3", problem).1
      let many = try Self.solve(name + ":iterations=2000", problem).1
      let first = NaturalMap().residual(problem, lambda: few).maximum
      let last = NaturalMap().residual(problem, lambda: many).maximum
      #expect(last <= 0.1 * first + 1e-9, "\(name) on \(description.name): \(first), \(last)")
    }
  }

  /// λ ∈ K, bounds up to the round-off of a product or two.
  static func isInSet(_ problem: ConstraintProblem, _ lambda: [Double]) -> Bool {
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let first = Int(block.firstRow)
      switch block.set {
      case .free: break
      case .box:
        for row in first..<first + Int(block.rowCount) {
          let slack = 1e-12 * lambda[row].magnitude
          if lambda[row] < problem.lower.pointer[row] - slack { return false }
          if lambda[row] > problem.upper.pointer[row] + slack { return false }
        }
      case .cone:
        let normal = lambda[first]
        let slack = 1e-12 * normal
        let tangent = (lambda[first + 1] * lambda[first + 1] + lambda[first + 2] * lambda[first + 2]).squareRoot()
        if normal < 0 || tangent > block.friction * normal + slack { return false }
        if block.hasTorsionalRow && lambda[first + 3].magnitude > block.torsionalFriction * normal + slack {
          return false
        }
        if block.hasRollingRows {
          let row = first + Int(block.rowCount) - 2
          let roll = (lambda[row] * lambda[row] + lambda[row + 1] * lambda[row + 1]).squareRoot()
          if roll > block.rollingFriction * normal + slack { return false }
        }
      }
    }
    return true
  }

  @Test(arguments: texts)
  func givesTheSameBitsTwice(name: String) throws {
    let (text, _) = ConformanceEffort.of(name)
    for description in ProblemLibrary.all where description.bodies.count < 40 {
      let first = try Self.solve(text, description.build())
      let second = try Self.solve(text, description.build())
      #expect(first.1.map(\.bitPattern) == second.1.map(\.bitPattern), "\(name) on \(description.name)")
    }
  }

  /// The velocities do not depend on how bodies and constraints are numbered. Tolerance: both answers are within the
  /// solver's tolerance of a solution whose velocity is unique; the factor covers ‖A⁻¹‖-like growth on these scenes.
  @Test(arguments: ["newton", "ldl", "cg", "lu"])
  func isIndifferentToNumbering(name: String) throws {
    for description in [ProblemLibrary.chain(10), ProblemLibrary.stack(5), ProblemLibrary.mixed()] {
      var generator = TestGenerator(state: 7)
      let columns = Array(description.bodies.indices).shuffled(using: &generator)
      let order = Array(description.blocks.indices).shuffled(using: &generator)
      let plain = description.build()
      let mixed = description.build(columns: columns, order: order)
      let first = Self.velocities(plain, try Self.solve(name + ":tolerance=1e-10", plain).1)
      let second = Self.velocities(mixed, try Self.solve(name + ":tolerance=1e-10", mixed).1)
      for body in description.bodies.indices {
        let difference = first[body] - second[columns[body]]
        #expect(difference.dot(difference).squareRoot() < 1e-7, "\(name) on \(description.name)")
      }
    }
  }

  /// Turning the tangents of a circular cone changes λ_t's components and no velocity.
  @Test func isIndifferentToTangents() throws {
    for push in [0.0, 2.0] {
      let plain = ProblemLibrary.stack(4, push: push).build()
      let turned = ProblemLibrary.stack(4, push: push, turn: 0.7).build()
      let first = Self.velocities(plain, try Self.solve("newton:tolerance=1e-10", plain).1)
      let second = Self.velocities(turned, try Self.solve("newton:tolerance=1e-10", turned).1)
      for body in first.indices {
        let difference = first[body] - second[body]
        #expect(difference.dot(difference).squareRoot() < 1e-8)
      }
    }
  }

  /// Grams instead of kilograms: λ scales, velocities stay. Tolerance as above.
  @Test(arguments: ["newton", "pgs"])
  func isIndifferentToTheUnitOfMass(name: String) throws {
    let (text, effort) = ConformanceEffort.of(name)
    var heavy = ProblemLibrary.stack(4, push: 2)
    let light = heavy
    for index in heavy.bodies.indices {
      heavy.bodies[index].mass *= 1000
      heavy.bodies[index].inertia = 1000 * heavy.bodies[index].inertia
    }
    let first = Self.velocities(light.build(), try Self.solve(text, light.build()).1)
    let second = Self.velocities(heavy.build(), try Self.solve(text, heavy.build()).1)
    for body in first.indices {
      let difference = first[body] - second[body]
      #expect(difference.dot(difference).squareRoot() < 100 * effort.tolerance)
    }
  }

  /// A warm start from the solution needs no iteration.
  @Test(arguments: ["newton", "pgs"])
  func warmStartFromTheSolutionIsFree(name: String) throws {
    let (text, _) = ConformanceEffort.of(name)
    let problem = ProblemLibrary.stack(5).build()
    let assembly = try SolverCatalog.complete.make(text)
    let lambda = Buffer<Double>()
    let cold = assembly.solve(problem, into: lambda)
    let warm = assembly.solve(problem, into: lambda)
    #expect(cold.iterations > 0)
    #expect(warm.iterations == 0)
    #expect(warm.reason == .converged)
  }

  /// A solve that ends at its guess must not hide a new pattern from the next one.
  @Test(arguments: ["newton", "ldl", "cg", "lu"])
  func noticesANewPatternAfterASolveThatWasFree(name: String) throws {
    let assembly = try SolverCatalog.complete.make(name + ":guess=zero")
    let lambda = Buffer<Double>()
    _ = assembly.solve(ProblemLibrary.stack(3).build(), into: lambda)
    var weightless = ProblemLibrary.wall(4, 4)
    let heavy = weightless.build()
    for index in weightless.bodies.indices { weightless.bodies[index].velocity = .zero }
    let free = assembly.solve(weightless.build(), into: lambda)
    #expect(free.reason == .converged && free.iterations == 0)
    let report = assembly.solve(heavy, into: lambda)
    #expect(report.reason == .converged)
    #expect(NaturalMap().residual(heavy, lambda: lambda.pointer).maximum <= 1e-6)
  }

  @Test func inconsistentRowsAreSaidToBeSo() throws {
    // Two equal rows that ask for different velocities: 1 and 2 m/s. The best that λ can do is 1.5.
    var description = ProblemLibrary.oneRow
    description.blocks.append(description.blocks[0])
    description.blocks[0].rows[0].bias = -1
    description.blocks[1].rows[0].bias = -2
    for name in SolverCatalog.complete.linearSolvers.filter({ !$0.isApproximate }).map(\.name) {
      let (report, lambda) = try Self.solve(name, description.build())
      #expect(report.reason == .inconsistent, "\(name): \(report.reason)")
      #expect(report.inconsistency >= 0.4 && report.inconsistency <= 1.1, "\(name): \(report.inconsistency)")
      #expect(lambda.allSatisfy { $0.isFinite })
    }
  }

  static func velocities(_ problem: ConstraintProblem, _ lambda: [Double]) -> [Vector6] {
    let result = Buffer<Vector6>(repeating: .zero, count: problem.bodies.count)
    problem.velocity(of: lambda, into: result.pointer)
    return result.array
  }
}
