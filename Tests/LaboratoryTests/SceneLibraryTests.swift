import Dynamics
import Foundation
import Laboratory
import LearnedSolvers
import Solvers
import Testing

/// The scenes that the project comes with.
@Suite struct SceneLibraryTests {
  static let library = SceneLibrary(folders: [SceneSchemaTests.scenes.path])
  static let names = ((try? library.all()) ?? []).map(\.name)

  @Test func noneIsLost() throws {
    let all = try Self.library.all()
    #expect(all.count >= 20)
    #expect(Set(all.map(\.name)).count == all.count)
    for name in [
      "stack", "stack-heavy-top", "heavy-on-light", "pyramid", "wall", "arch", "chain", "ball-and-chain", "bridge",
      "net",
      "four-bar", "bricard", "dominoes", "pile", "friction-ramp", "slide-stop", "bounce", "slip-to-roll", "dzhanibekov",
      "pendulum", "slab-stack", "heavy-rope",
    ] { #expect(Self.names.contains(name), "\(name)") }
  }

  /// Every scene has something to sweep and a summary, says its schema, and runs.
  @Test(arguments: names)
  func everySceneRuns(name: String) throws {
    let file = try Self.library.find(name)
    #expect(!file.parameters.isEmpty)
    #expect(file.summary.count > 20 && file.parameters.allSatisfy { !$0.summary.isEmpty })
    #expect(!file.category.isEmpty)
    let scene = try file.build()
    let simulation = Simulation(
      world: scene.world, solver: try SolverCatalog.complete.make(scene.solver ?? "newton"), settings: scene.settings)
    for _ in 0..<3 {
      let record = try simulation.step()
      for oracle in scene.oracles { oracle.observe(simulation, record) }
    }
    #expect(scene.world.bodyCount > 0)
    #expect(scene.world.mechanicalEnergy.isFinite)
  }

  /// Every parameter at its ends still makes a scene, so that a sweep never meets a file's mistake. Large counts are
  /// left out: they take long to build and say nothing more.
  @Test(arguments: names)
  func parametersMayTakeTheirEnds(name: String) throws {
    let file = try Self.library.find(name)
    for parameter in file.parameters {
      for value in [parameter.range.lowerBound, parameter.isInteger ? 30 : parameter.range.upperBound]
      where parameter.range.contains(value) {
        let scene = try file.build(setting: [(name: parameter.name, value: value)])
        #expect(scene.parameters.contains { $0.name == parameter.name && $0.value == value })
      }
    }
  }

  /// Scenes whose oracles take a fraction of a second; the tolerances are those of the files.
  @Test(
    arguments: [
      ("pendulum", [:]), ("four-bar", [:]), ("friction-ramp", [:]), ("friction-ramp", ["friction": 0.51]),
      ("slide-stop", [:]),
      ("slip-to-roll", ["body": 0]), ("slip-to-roll", ["body": 1]), ("slip-to-roll", ["body": 2]), ("bounce", [:]),
      ("dzhanibekov", [:]), ("stack", ["count": 5]), ("heavy-on-light", [:]), ("stack-doubling", [:]),
      ("stack-heavy-top", ["count": 5]), ("bricard", [:]), ("slab-stack", [:]),
    ] as [(String, [String: Double])])
  func oraclesPass(name: String, values: [String: Double]) throws {
    let scene = try Self.library.find(name).build(setting: values.map { (name: $0.key, value: $0.value) })
    let simulation = Simulation(
      world: scene.world, solver: try SolverCatalog.complete.make(scene.solver ?? "newton"), settings: scene.settings)
    simulation.settings.measures = false
    for _ in 0..<scene.steps {
      let record = try simulation.step()
      for oracle in scene.oracles { oracle.observe(simulation, record) }
    }
    #expect(!scene.oracles.isEmpty)
    for oracle in scene.oracles {
      let result = oracle.result
      #expect(result.passed, "\(result.name): expected \(result.expected), found \(result.found ?? .nan)")
    }
  }
}
