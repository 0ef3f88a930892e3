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
  /// from the heap: those steps are left out, and must not be many.
  @Test(arguments: TestWorld.all, solvers) func warmStepAllocatesNothing(_ scene: TestWorld, _ solver: String) throws {
    let descriptor = try #require(SolverCatalog.solvers.first { $0.name == solver })
    // A solver that brings substeps of its own needs enough of them to keep the stack standing: bodies that fall over make
    // new contacts. Under a stabilisation of its own, too, one is as good as all.
    let text = descriptor.isApproximate ? "\(solver):iterations=10,substeps=3" : "\(solver):iterations=10"
    for stabilization in Stabilization.allCases where !descriptor.isApproximate || stabilization == .projection {
      let simulation = try scene.make().simulation(
        text, timestep: 1.0 / 120, stabilization: stabilization, law: TestWorld.law(of: solver))
      // Buffers grow to the largest problem: limits come and go within a swing of the workshop, the heap falls for a
      // second, and a stack needs its first position solve after a while.
      for _ in 0..<300 { try simulation.step() }
      var steps: [UInt64] = []
      for _ in 0..<40 {
        let before = allocation_count()
        let record = try simulation.step()
        let after = allocation_count()
        if record.report.analyses + record.positionReport.analyses == 0 { steps.append(after - before) }
      }
      #expect(steps.count >= 20)
      #expect(steps.allSatisfy { $0 == 0 }, "\(stabilization): \(steps)")
    }
  }
}
