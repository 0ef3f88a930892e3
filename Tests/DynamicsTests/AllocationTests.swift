import CAllocationCounter
import ConstraintSystem
import Dynamics
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// A step in steady state allocates nothing, whatever solves it.
@Suite struct AllocationTests {
  /// Ten iterations of a first-order method other than `pgs` do not bring a heap to rest, so its problems keep growing,
  /// and buffers with them: those are watched in `secondSolveAllocatesNothing`, on one problem.
  static let solvers = SolverCatalog.complete.solvers.map(\.name).filter {
    // Networks that are no solvers let bodies fall through each other.
    $0 == "pgs"
      || !SolverCatalog.complete.expand("first-order").contains($0) && !["network", "latent"].contains($0)
  }

  /// The law that a solver is run under: `convex` where it solves that, but `coulomb` for the two that are there for it.
  static func law(_ solver: String) -> FrictionLaw {
    if ["semismooth", "ppa"].contains(solver) { return .coulomb }
    let laws = SolverCatalog.complete.solvers.first { $0.name == solver }!.laws
    return laws.contains(.convex) ? .convex : (laws.contains(.pyramid) ? .pyramid : laws[0])
  }

  /// The gate can fail: an array is an allocation, and it is seen.
  @Test func counterCounts() {
    let before = allocation_count()
    let buffer = Buffer<Double>(capacity: 1000)
    let after = allocation_count()
    #expect(after > before)
    #expect(buffer.capacity == 1000)
  }

  /// A step whose blocks lie between other bodies than the last one's is analysed anew, and AMD takes its work space
  /// from the heap: those steps are left out, and must not be many. Growth is left out too: a heap may have its most
  /// contacts late, and then all buffers follow.
  @Test(arguments: TestWorld.all, solvers) func warmStepAllocatesNothing(_ scene: TestWorld, _ solver: String) throws {
    let descriptor = try #require(SolverCatalog.complete.solvers.first { $0.name == solver })
    // A solver that brings substeps of its own needs enough of them to keep the stack standing: bodies that fall over make
    // new contacts. A thousand sweeps in every Newton step would allocate no more than a hundred. Ten systems of
    // `active-set` do not bring the heap to rest.
    let isStationary = ["jacobi", "gauss-seidel", "sor", "ssor"].contains(solver)
    let effort = isStationary ? ",sweeps=100" : descriptor.isApproximate ? ",substeps=3" : ""
    let iterations = solver == "active-set" ? 200 : 10
    for stabilization in Self.stabilizations(of: descriptor) {
      let simulation = try scene.make().simulation(
        "\(solver):iterations=\(iterations)\(effort)", timestep: 1.0 / 120, stabilization: stabilization,
        law: Self.law(solver))
      // Buffers grow to the largest problem: limits come and go within a swing of the workshop, the heap falls for a
      // second, and a stack needs its first position solve after a while.
      var largest = 0
      for _ in 0..<300 { largest = max(largest, try simulation.step().rows) }
      var steps: [UInt64] = []
      for _ in 0..<40 {
        let before = allocation_count()
        let record = try simulation.step()
        let after = allocation_count()
        if record.report.analyses + record.positionReport.analyses == 0 && record.rows <= largest {
          steps.append(after - before)
        }
        largest = max(largest, record.rows)
      }
      #expect(steps.count >= 20)
      #expect(steps.allSatisfy { $0 == 0 }, "\(stabilization): \(steps)")
    }
  }

  /// Approximate solvers have a stabilisation of their own; linear solvers beyond the standard ones differ from those in
  /// the slot of `newton` alone. For both one is as good as all.
  private static func stabilizations(of solver: SolverDescriptor) -> [Stabilization] {
    let isLinear = SolverCatalog.complete.linearSolvers.contains { $0.name == solver.name }
    let isStandard = ["ldl", "lu", "cg"].contains(solver.name)
    return solver.isApproximate || (isLinear && !isStandard) ? [.projection] : Stabilization.allCases
  }

  /// A pile of balls under one another, pushed at the top, with a joint, a limit and a contact beside: every kind of
  /// block under a law.
  static func problem(_ law: FrictionLaw) -> ConstraintProblem {
    let problem = ConstraintProblem()
    problem.removeAll(timestep: 0.01, law: law)
    let inertia = Matrix3(diagonal: Vector3(0.4, 0.5, 0.6))
    for body in 0..<6 {
      problem.addBody(
        BodyInertia(mass: 1, inverseMass: 1, inertia: inertia, inverseInertia: inertia.inverse!),
        freeVelocity: Vector6(linear: Vector3(body == 5 ? 2 : 0.1, -0.1, 0), angular: Vector3(0, 0.2, 0.1)))
    }
    func row(_ d: Vector3, _ r: Double) -> JacobianRow {
      let arm = Vector3(0.1, r, 0)
      return JacobianRow(
        a: Vector6(linear: -d, angular: -arm.cross(d)), b: Vector6(linear: d, angular: Vector3(0.1, -r, 0).cross(d)))
    }
    for body in 0..<6 {
      if law == .frictionless {
        problem.beginBlock(bodyA: body - 1, bodyB: body, set: .box, key: UInt64(body + 1))
        problem.addRow(row(.unitY, 0.5), bias: 0, lower: 0)
      } else {
        problem.beginBlock(bodyA: body - 1, bodyB: body, set: .cone, friction: 0.4, key: UInt64(body + 1))
        for d in [Vector3.unitY, .unitX, .unitZ] { problem.addRow(row(d, 0.5), bias: 0) }
      }
    }
    problem.beginBlock(bodyA: -1, bodyB: 2, set: .free, key: 10)
    for d in [Vector3.unitX, .unitZ] { problem.addRow(row(d, 0.2), bias: 0) }
    problem.beginBlock(bodyA: 3, bodyB: 4, set: .box, key: 11)
    problem.addRow(row(.unitX, 0.1), bias: 0.1, compliance: 0.01, lower: -0.1, upper: 0.1)
    problem.finish()
    return problem
  }

  /// What has been solved once is solved again from the heap that is there, under every law that a solver solves.
  @Test(arguments: SolverCatalog.complete.solvers.map(\.name)) func secondSolveAllocatesNothing(_ solver: String)
    throws
  {
    for law in SolverCatalog.complete.solvers.first(where: { $0.name == solver })!.laws {
      let problem = Self.problem(law)
      let assembly = try SolverCatalog.complete.make("\(solver):guess=zero,iterations=30")
      #expect(assembly.supports(problem))
      let lambda = Buffer<Double>()
      for _ in 0..<3 { _ = assembly.solve(problem, into: lambda) }
      let before = allocation_count()
      let report = assembly.solve(problem, into: lambda)
      let after = allocation_count()
      #expect(after == before, "\(law)")
      #expect(report.iterations > 0, "\(law)")
    }
  }
}
