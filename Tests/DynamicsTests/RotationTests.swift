import Dynamics
import LinearAlgebra
import Solvers
import Testing

@Suite struct RotationTests {
  static func tumbler(_ inertia: Vector3, _ omega: Vector3, timestep: Double) throws -> Simulation {
    let world = World()
    world.gravity = .zero
    try world.add(
      Body(
        velocity: Vector6(linear: .zero, angular: omega),
        mass: MassProperties(mass: 1, centerOfMass: .zero, inertia: Matrix3(diagonal: inertia))))
    var settings = StepSettings()
    settings.timestep = timestep
    return Simulation(world: world, solver: try SolverCatalog.classical.make("newton"), settings: settings)
  }

  static func spin(_ world: World) -> (energy: Double, momentum: Double) {
    let body = world.poses[0].orientation.inverseRotate(world.velocities[0].angular)
    let momentum = world.masses[0].inertia * body
    return (0.5 * body.dot(momentum), momentum.length)
  }

  /// The midpoint rule keeps both invariants of Euler's equations up to Newton's stop at 1e-15 a step: 1e-10 after
  /// 20 000 steps even if all errors add up; round-off of the rotations is smaller.
  @Test(arguments: [1.0 / 60, 1e-2, 1e-3])
  func torqueFreeRotationKeepsEnergyAndMomentum(timestep: Double) throws {
    let simulation = try Self.tumbler(Vector3(1, 2, 3), Vector3(0.3, 5, -0.2), timestep: timestep)
    let start = Self.spin(simulation.world)
    for _ in 0..<20_000 { try simulation.step() }
    let end = Self.spin(simulation.world)
    #expect((end.energy / start.energy - 1).magnitude < 1e-10)
    #expect((end.momentum / start.momentum - 1).magnitude < 1e-10)
  }

  /// Far beyond the step's resolution nothing may blow up.
  @Test func absurdlyFastRotationStaysBounded() throws {
    let simulation = try Self.tumbler(Vector3(0.01, 1, 3), Vector3(900, 2000, -700), timestep: 1.0 / 60)
    let start = Self.spin(simulation.world)
    for _ in 0..<2_000 { try simulation.step() }
    let end = Self.spin(simulation.world)
    #expect(end.energy.isFinite)
    #expect(end.energy <= start.energy * (1 + 1e-9))
  }

  /// Rotation about a principal axis is exact: the angle is ω t up to round-off.
  @Test func principalAxisRotationIsExact() throws {
    let simulation = try Self.tumbler(Vector3(1, 2, 3), Vector3(0, 0, 0.5), timestep: 0.01)
    for _ in 0..<200 { try simulation.step() }
    let angle = simulation.world.poses[0].orientation.twist(about: .unitZ)
    #expect((angle - 1.0).magnitude < 1e-12)
  }
}
