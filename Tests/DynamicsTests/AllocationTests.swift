import CAllocationCounter
import ConstraintSystem
import Dynamics
import LinearAlgebra
import Solvers
import Testing

/// A step in steady state allocates nothing, whatever solves it.
@Suite struct AllocationTests {
  static let solvers = SolverCatalog.solvers.map(\.name)

  /// The law that a solver is run under: `convex` where it solves that, but `coulomb` for the two that are there for it.
  static func law(_ solver: String) -> FrictionLaw {
    if ["semismooth", "ppa"].contains(solver) { return .coulomb }
    let laws = SolverCatalog.solvers.first { $0.name == solver }!.laws
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
  /// from the heap: those steps are left out, and must not be many.
  @Test(arguments: TestWorld.all, solvers) func warmStepAllocatesNothing(_ scene: TestWorld, _ solver: String) throws {
    for stabilization in Stabilization.allCases {
      // Ten systems of `active-set` do not bring the heap to rest, and its contacts go on growing in number.
      let simulation = try scene.make().simulation(
        "\(solver):iterations=\(solver == "active-set" ? 200 : 10)", timestep: 1.0 / 120, stabilization: stabilization,
        law: Self.law(solver))
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
