import Dynamics
import Solvers
import Testing

/// The same bits on every run, processor and build: hashes of all states of 200 steps.
///
/// A hash changes with every change of a step's arithmetic, on purpose or not. Where it is on purpose, the test prints
/// the new one. `lu` is left out: BLAS picks its kernels by processor.
/// The workshop has limits, so there `ldl` is the linear slot of `newton`, and both are the same.
@Suite struct GoldenTests {
  static let hashes: [(world: String, solver: String, hash: UInt64)] = [
    ("chain", "pgs", 0xe216_25a7_a608_0135),
    ("chain", "newton", 0x0062_5f7d_7cca_20c1),
    ("chain", "ldl", 0xc848_78c4_76b0_d11e),
    ("workshop", "pgs", 0xe154_a7ea_19d0_83d1),
    ("workshop", "newton", 0xe542_9c38_332f_bbaa),
    ("workshop", "ldl", 0xe542_9c38_332f_bbaa),
    ("closed loop", "pgs", 0x4549_5654_de4a_cf80),
    ("closed loop", "newton", 0xed9f_325b_55a0_8cd8),
    ("closed loop", "ldl", 0x7835_b23a_843e_f40a),
  ]

  static func hash(_ world: String, _ solver: String) throws -> UInt64 {
    let scene = try #require(JointWorld.all.first { $0.name == world })
    let simulation = try scene.make().simulation(solver, timestep: 1.0 / 120)
    for _ in 0..<200 { try simulation.step() }
    return simulation.stateHash
  }

  @Test(arguments: hashes) func statesAreTheRecordedOnes(_ world: String, _ solver: String, _ recorded: UInt64) throws {
    let first = try Self.hash(world, solver)
    #expect(try Self.hash(world, solver) == first)
    #expect(first == recorded, "\(world), \(solver): 0x\(String(first, radix: 16))")
  }

  @Test func everyWorldIsRecorded() {
    for world in JointWorld.all { #expect(Self.hashes.filter { $0.world == world.name }.count == 3) }
  }
}
