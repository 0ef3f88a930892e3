import Dynamics
import Solvers
import Testing

/// The same bits on every run, processor and build: hashes of all states of 200 steps.
///
/// A hash changes with every change of a step's arithmetic, on purpose or not. Where it is on purpose, the test prints
/// the new one. `lu` is left out: BLAS picks its kernels by processor.
/// The workshop has limits and the others contacts, so there `ldl` is the linear slot of `newton`, and both are the same.
@Suite struct GoldenTests {
  static let hashes: [(world: String, solver: String, hash: UInt64)] = [
    ("chain", "pgs", 0x777e_7fd6_8907_f974),
    ("chain", "newton", 0xab08_71fa_abb0_976c),
    ("chain", "ldl", 0xf730_29d4_ebea_4fb7),
    ("workshop", "pgs", 0x655c_648b_bcad_871f),
    ("workshop", "newton", 0xae7d_5798_9797_1f9f),
    ("workshop", "ldl", 0xae7d_5798_9797_1f9f),
    ("closed loop", "pgs", 0x5273_ed44_65ee_6a06),
    ("closed loop", "newton", 0xe373_5345_c5f2_0de5),
    ("closed loop", "ldl", 0x4f41_43e5_3b28_c8f5),
    ("stack", "pgs", 0xfd3a_191f_6d44_a561),
    ("stack", "newton", 0x08b2_b64b_3ea6_a9a4),
    ("stack", "ldl", 0x08b2_b64b_3ea6_a9a4),
    ("heap", "pgs", 0xfc35_11ac_00f1_c4c9),
    ("heap", "newton", 0x3785_a7f2_0e9e_31e4),
    ("heap", "ldl", 0x3785_a7f2_0e9e_31e4),
    ("chain", "xpbd", 0xb983_4bf4_b58b_d9be),
    ("workshop", "xpbd", 0xf9c2_43bd_d191_4f02),
    ("closed loop", "xpbd", 0x878c_6bf4_4baf_2713),
    ("stack", "xpbd", 0x34c7_07ac_c7f0_ff8d),
    ("heap", "xpbd", 0xe34d_c550_5c9c_39ba),
    ("workshop", "avbd", 0x7462_b72d_9ae6_7b91),
    ("heap", "tgs", 0xb220_5cdc_9731_e203),
  ]

  static func hash(_ world: String, _ solver: String) throws -> UInt64 {
    let scene = try #require(TestWorld.all.first { $0.name == world })
    let simulation = try scene.make().simulation(solver, timestep: 1.0 / 120, law: TestWorld.law(of: solver))
    for _ in 0..<200 { try simulation.step() }
    return simulation.stateHash
  }

  @Test(arguments: hashes) func statesAreTheRecordedOnes(_ world: String, _ solver: String, _ recorded: UInt64) throws {
    let first = try Self.hash(world, solver)
    #expect(try Self.hash(world, solver) == first)
    #expect(first == recorded, "\(world), \(solver): 0x\(String(first, radix: 16))")
  }

  @Test func everyWorldIsRecorded() {
    for world in TestWorld.all {
      for solver in ["pgs", "newton", "ldl", "xpbd"] {
        #expect(Self.hashes.contains { $0.world == world.name && $0.solver == solver }, "\(world), \(solver)")
      }
    }
  }
}
