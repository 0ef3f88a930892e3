import CAllocationCounter
import Dynamics
import LinearAlgebra
import Solvers
import Testing

/// A step in steady state allocates nothing, whatever solves it.
@Suite struct AllocationTests {
  static let solvers = SolverCatalog.solvers.map(\.name)

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
    let descriptor = try #require(SolverCatalog.solvers.first { $0.name == solver })
    // A solver that brings substeps of its own needs enough of them to keep the stack standing: bodies that fall over make
    // new contacts. A thousand sweeps in every Newton step would allocate no more than a hundred.
    let isStationary = ["jacobi", "gauss-seidel", "sor", "ssor"].contains(solver)
    let effort = isStationary ? ",sweeps=100" : descriptor.isApproximate ? ",substeps=3" : ""
    for stabilization in Self.stabilizations(of: descriptor) {
      let simulation = try scene.make().simulation(
        "\(solver):iterations=10\(effort)", timestep: 1.0 / 120, stabilization: stabilization,
        law: TestWorld.law(of: solver))
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
    let isLinear = SolverCatalog.linearSolvers.contains { $0.name == solver.name }
    let isStandard = ["ldl", "lu", "cg"].contains(solver.name)
    return solver.isApproximate || (isLinear && !isStandard) ? [.projection] : Stabilization.allCases
  }
}
