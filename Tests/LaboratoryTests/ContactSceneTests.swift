import ConstraintSystem
import Dynamics
import Laboratory
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// Scenes of contacts whose outcome is known: what stands and what falls.
@Suite struct ContactSceneTests {
  private func run(_ name: String, _ values: [(name: String, value: Double)], seconds: Double) throws -> World {
    let scene = try SceneLibraryTests.library.find(name).build(setting: values)
    let simulation = Simulation(
      world: scene.world, solver: try SolverCatalog.complete.make("newton"), settings: scene.settings)
    simulation.settings.measures = false
    for _ in 0..<Int(seconds / simulation.settings.timestep) { try simulation.step() }
    return scene.world
  }

  /// A semicircular arch stands if its thickness exceeds 0.1075 of its mean radius (Milankovitch 1907) and friction
  /// holds; with μ = 0.3 it does not. The crown (10 m up) of a falling one is lower by metres after 5 s.
  @Test(arguments: [(0.13, 0.7, true), (0.11, 0.7, true), (0.095, 0.7, false), (0.13, 0.3, false)])
  func archStandsOrFalls(thickness: Double, friction: Double, stands: Bool) throws {
    let world = try run("arch", [("thicknessRatio", thickness), ("friction", friction)], seconds: 5)
    let crown = world.poses[try #require(world.body(named: "stone12")).index].position.y
    #expect(stands ? (crown - 10).magnitude < 0.05 : crown < 8, "crown at \(crown) m")
  }

  /// All dominoes fall: each leans on the next at asin(0.1/0.4) = 14° or lies flat.
  @Test func dominoesFall() throws {
    let world = try run("dominoes", [("count", 12)], seconds: 4)
    for index in 0..<12 {
      let body = try #require(world.body(named: "domino\(index)"))
      #expect(world.poses[body.index].orientation.rotate(.unitY).y < 0.4, "domino \(index)")
    }
  }
}
