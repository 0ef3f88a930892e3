import ConstraintSystem
import Dynamics
import LinearAlgebra
import Solvers
import Testing

/// A simulation that starts from a checkpoint gives the same bits as one that never stopped.
@Suite struct CheckpointTests {
  static let solvers = SolverCatalog.classical.solvers.map(\.name)

  static func simulation(_ world: TestWorld, _ solver: String, substeps: Int = 1) throws -> Simulation {
    let simulation = try world.make().simulation(solver, timestep: 1.0 / 120, law: TestWorld.law(of: solver))
    simulation.settings.substeps = substeps
    return simulation
  }

  /// Every solver of the catalog on every world: what a solver keeps from step to step beside impulses shows here.
  @Test(arguments: solvers) func everySolverContinues(_ solver: String) throws {
    for world in TestWorld.all {
      let whole = try Self.simulation(world, solver)
      for _ in 0..<13 { try whole.step() }
      let checkpoint = whole.checkpoint()
      for _ in 0..<11 { try whole.step() }

      let resumed = try Self.simulation(world, solver)
      try resumed.restore(StateArchive(bytes: checkpoint.bytes))
      let isSame = resumed.checkpoint() == checkpoint
      #expect(isSame, "\(world.name)")
      for _ in 0..<11 { try resumed.step() }
      #expect(resumed.stateHash == whole.stateHash, "\(world.name)")
      let endsSame = resumed.checkpoint() == whole.checkpoint()
      #expect(endsSame, "\(world.name)")
    }
  }

  /// Geometric stiffness reads the reactions of the last substep, which a checkpoint must keep.
  @Test(arguments: TestWorld.all) func stiffenedStepsContinue(_ world: TestWorld) throws {
    func make() throws -> Simulation {
      let simulation = try Self.simulation(world, "newton", substeps: 3)
      simulation.settings.geometricStiffness = true
      return simulation
    }
    let whole = try make()
    for _ in 0..<7 { try whole.step() }
    let checkpoint = whole.checkpoint()
    for _ in 0..<7 { try whole.step() }
    let resumed = try make()
    try resumed.restore(checkpoint)
    for _ in 0..<7 { try resumed.step() }
    #expect(resumed.stateHash == whole.stateHash)
  }

  /// Back and forth in one simulation, as a viewer does, across a joint that breaks.
  @Test func timeRunsBackwards() throws {
    let world = World()
    let box = try world.addBox(at: Vector3(0, 3, 0))
    try world.add(Body(name: "ground", kind: .static, shape: Plane()))
    // Half of the weight of the box of 1 kg: the joint breaks in the first step.
    try world.add(BallJoint(nil, box, at: Vector3(0, 4, 0), in: world), breakingForce: 4.9)
    let simulation = try world.simulation("newton", timestep: 1.0 / 60)
    let start = simulation.checkpoint()
    try simulation.step()
    #expect(!world.intact[0])
    let broken = simulation.checkpoint()
    for _ in 0..<60 { try simulation.step() }
    let hash = simulation.stateHash

    try simulation.restore(broken)
    #expect(!world.intact[0])
    for _ in 0..<60 { try simulation.step() }
    #expect(simulation.stateHash == hash)

    try simulation.restore(start)
    #expect(world.intact[0])
    for _ in 0..<61 { try simulation.step() }
    #expect(simulation.stateHash == hash)
  }

  @Test func makingOneChangesNothing() throws {
    let world = try #require(TestWorld.all.first { $0.name == "heap" })
    let watched = try Self.simulation(world, "pgs")
    let alone = try Self.simulation(world, "pgs")
    for _ in 0..<30 {
      try watched.step()
      _ = watched.checkpoint()
      try alone.step()
    }
    #expect(watched.stateHash == alone.stateHash)
  }

  @Test func anotherScenesStateIsRefused() throws {
    let chain = try Self.simulation(TestWorld.all[0], "newton")
    try chain.step()
    let heap = try Self.simulation(try #require(TestWorld.all.first { $0.name == "heap" }), "newton")
    #expect(throws: StateArchiveError.self) { try heap.restore(chain.checkpoint()) }
  }

  /// Cut and changed bytes are an error, or a state that the next steps survive: never a crash.
  @Test func damagedBytesNeverCrash() throws {
    let world = try #require(TestWorld.all.first { $0.name == "heap" })
    let simulation = try Self.simulation(world, "newton")
    for _ in 0..<20 { try simulation.step() }
    let bytes = simulation.checkpoint().bytes
    var refused = 0
    for trial in 0..<400 {
      var damaged = bytes
      // A low-discrepancy walk over the bytes; every fourth trial cuts.
      let place = Int(Double(bytes.count) * (0.618_033_988_75 * Double(trial)).truncatingRemainder(dividingBy: 1))
      if trial % 4 == 0 { damaged.removeLast(bytes.count - place) } else { damaged[place] ^= UInt8(1 << (trial % 8)) }
      let resumed = try Self.simulation(world, "newton")
      do {
        try resumed.restore(StateArchive(bytes: damaged))
        _ = try? resumed.step()
      } catch is StateArchiveError {
        refused += 1
      }
    }
    #expect(refused >= 100, "every cut archive is refused")
  }
}
