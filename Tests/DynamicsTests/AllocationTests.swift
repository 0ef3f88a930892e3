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

  @Test(arguments: JointWorld.all, solvers) func warmStepAllocatesNothing(_ scene: JointWorld, _ solver: String) throws
  {
    for stabilization in Stabilization.allCases {
      let simulation = try scene.make().simulation(
        "\(solver):iterations=50", timestep: 1.0 / 120, stabilization: stabilization)
      // Buffers grow to the largest problem; limits come and go within a swing of the workshop.
      for _ in 0..<60 { try simulation.step() }
      var steps: [UInt64] = Array(repeating: 0, count: 40)
      for index in steps.indices {
        let before = allocation_count()
        try simulation.step()
        steps[index] = allocation_count() - before
      }
      #expect(steps.allSatisfy { $0 == 0 }, "\(stabilization): \(steps)")
    }
  }
}
