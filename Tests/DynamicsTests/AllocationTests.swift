import CAllocationCounter
import Dynamics
import LinearAlgebra
import Solvers
import Testing

/// A step in steady state allocates nothing, whatever solves it.
@Suite struct AllocationTests {
  /// A linear solver beyond those of `make compare` differs from them in its linear slot alone, which has a test of its
  /// own on matrices; here it gets the shorter run.
  static let linear = Set(SolverCatalog.linearSolvers.map(\.name)).subtracting(["ldl", "lu", "cg"])
  static let solvers = SolverCatalog.solvers.map(\.name).filter { !linear.contains($0) }

  /// The gate can fail: an array is an allocation, and it is seen.
  @Test func counterCounts() {
    let before = allocation_count()
    let buffer = Buffer<Double>(capacity: 1000)
    let after = allocation_count()
    #expect(after > before)
    #expect(buffer.capacity == 1000)
  }

  /// A step whose blocks lie between other bodies than the last one's is analysed anew, and AMD takes its work space
  /// from the heap: those steps are left out, and must not be many.
  ///
  /// Buffers grow to the largest problem: limits come and go within a swing of the workshop, the heap falls for a
  /// second, and a stack needs its first position solve after a while.
  @Test(arguments: TestWorld.all, solvers) func warmStepAllocatesNothing(_ scene: TestWorld, _ solver: String) throws {
    let descriptor = try #require(SolverCatalog.solvers.first { $0.name == solver })
    // A solver that brings substeps of its own does its iterations in each; under a stabilisation of its own, too, one
    // is as good as all.
    let iterations = descriptor.isApproximate ? 2 : 10
    for stabilization in Stabilization.allCases where !descriptor.isApproximate || stabilization == .projection {
      try check(scene, solver, iterations: iterations, stabilization, warmUp: 300)
    }
  }

  @Test(arguments: TestWorld.all.filter { ["chain", "stack"].contains($0.name) }, linear.sorted())
  func warmStepWithALinearSolverAllocatesNothing(_ scene: TestWorld, _ solver: String) throws {
    try check(scene, solver, iterations: 10, .projection, warmUp: 300)
  }

  private func check(
    _ scene: TestWorld, _ solver: String, iterations: Int, _ stabilization: Stabilization, warmUp: Int
  ) throws {
    let simulation = try scene.make().simulation(
      "\(solver):iterations=\(iterations)", timestep: 1.0 / 120, stabilization: stabilization,
      law: TestWorld.law(of: solver))
    for _ in 0..<warmUp { try simulation.step() }
    var steps: [UInt64] = []
    for _ in 0..<40 {
      let before = allocation_count()
      let record = try simulation.step()
      let after = allocation_count()
      if record.report.analyses + record.positionReport.analyses == 0 { steps.append(after - before) }
    }
    #expect(steps.count >= 20)
    #expect(steps.allSatisfy { $0 == 0 }, "\(solver) \(stabilization): \(steps)")
  }
}
