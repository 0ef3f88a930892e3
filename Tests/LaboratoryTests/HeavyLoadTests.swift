import ConstraintSystem
import Dynamics
import Foundation
import Laboratory
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// Which solvers hold loads of a thousandfold mass: every solver of the catalog on three scenes, printed as a table.
///
/// To hold is to keep penetration and joint error within 1 mm. Direct, pivoting and second-order methods have to; for
/// the others the table says what they do.
@Suite struct HeavyLoadTests {
  struct Load {
    var scene: String
    var values: [(name: String, value: Double)]
    var steps: Int
    var substeps: Int?
  }

  static let loads = [
    Load(scene: "stack-heavy-top", values: [("massRatio", 1000)], steps: 60),
    // Ten substeps: the fastest mode of the links under tension needs eight.
    Load(scene: "chain", values: [("count", 50), ("massRatio", 1000)], steps: 30, substeps: 10),
    Load(scene: "slab-stack", values: [("topMass", 20_000)], steps: 60),
  ]

  /// Those that must hold everything.
  static var firm: Set<String> {
    Set(
      ["newton", "ldl", "lu", "gauss", "cholesky", "dantzig", "lemke", "active-set"].filter { name in
        SolverCatalog.complete.solvers.contains { $0.name == name }
      })
  }

  @Test func loadsAreHeld() throws {
    var table: [String] = []
    for load in Self.loads {
      table.append("\(load.scene) \(load.values.map { "\($0.name) \($0.value)" }.joined(separator: ", "))")
      for descriptor in SolverCatalog.complete.solvers {
        let scene = try SceneLibraryTests.library.find(load.scene).build(setting: load.values)
        let hasContacts = scene.world.joints.isEmpty
        var options = RunOptions()
        options.steps = load.steps
        options.substeps = load.substeps
        // The first law that the solver solves; a chain has no contacts.
        let laws: [FrictionLaw] = [.convex, .coulomb, .pyramid, .frictionless]
        options.law = hasContacts ? laws.first(where: descriptor.laws.contains) : nil
        let result = try Runner(scene: scene, solver: descriptor.name, options: options).run()
        let penetration = result.quality.penetration.max ?? 0
        let jointError = result.quality.jointError.max ?? 0
        let holds = result.error == nil && max(penetration, jointError) <= 1e-3
        let name = descriptor.name.padding(toLength: 14, withPad: " ", startingAt: 0)
        let error = hasContacts ? penetration : jointError
        table.append(
          "  \(name)\(holds ? "holds  " : "fails  ")" + String(format: "%9.1e m", error)
            + String(format: "%10.0f us a step", result.cost.step.median ?? 0)
            + (hasContacts ? "  \(result.law)" : ""))
        if Self.firm.contains(descriptor.name) {
          #expect(holds, "\(descriptor.name) on \(load.scene): \(penetration) m, \(jointError) m")
        }
      }
    }
    // The runner writes here itself; it drops pieces that end within a character, so all is ASCII.
    FileHandle.standardError.write(Data((table.joined(separator: "\n") + "\n").utf8))
  }
}
