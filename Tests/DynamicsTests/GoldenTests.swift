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
    ("chain", "pgs", 0x777e_7fd6_8907_f974),
    ("chain", "newton", 0xab08_71fa_abb0_976c),
    ("chain", "ldl", 0xf730_29d4_ebea_4fb7),
    ("workshop", "pgs", 0x5136_a9db_3180_f9b2),
    ("workshop", "newton", 0xd1d1_0c91_e152_37f8),
    ("workshop", "ldl", 0xd1d1_0c91_e152_37f8),
    ("closed loop", "pgs", 0x2bf0_91c3_760a_f293),
    ("closed loop", "newton", 0xfc45_bf1f_2a7b_114d),
    ("closed loop", "ldl", 0x9ad0_da52_82e5_c1b9),
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
