import ConstraintSystem
import Dynamics
import LinearAlgebra
import Testing

import Laboratory

@Suite struct RunWarningTests {
  /// Chains of 50 links at 1/60 s, measured: ω h = 2.2 hanging takes two substeps, 4.2 from horizontal four, 10 eight.
  @Test(arguments: [(2.2, 2), (4.2, 4), (10, 8)])
  func saysHowManySubstepsWouldDo(ratio: Double, substeps: Int) throws {
    let warning = try #require(RunWarnings.stiffness(ratio: ratio, substeps: 1))
    #expect(warning.contains("--substeps \(substeps) "))
  }

  @Test func staysSilentBelowTwo() { #expect(RunWarnings.stiffness(ratio: 1.99, substeps: 1) == nil) }

  @Test func aCappedSolverIsNamed() throws {
    let result = try Runner(scene: SceneInCode.chain(count: 20), solver: "pgs:iterations=2").run()
    #expect(result.solve.stopReasons["iterationLimit"] == 20)
    #expect(result.warnings.contains { $0.contains("above the tolerance of 1e-6 m/s in 100 % of the steps") })
    #expect(result.warnings.contains { $0.contains("iteration limit of 2 in 100 %") })
  }

  /// An approximate solver does not look at the tolerance, so there is nothing to warn of.
  @Test func anApproximateSolverIsNotBlamed() throws {
    let result = try Runner(scene: SceneInCode.chain(count: 20), solver: "xpbd").run()
    #expect(result.solve.stopReasons["iterationLimit"] == 20)
    #expect(result.warnings.isEmpty, "\(result.warnings)")
  }

  /// With geometric stiffness no mode is faster than the step, and the same scene has no warning.
  @Test func aHeavyEndIsTooStiffForOneStep() throws {
    let stiff = try Runner(scene: loaded(), solver: "ldl").run()
    #expect(stiff.warnings.contains { $0.contains("ω h reaches") })
    var options = RunOptions()
    options.geometricStiffness = true
    let damped = try Runner(scene: loaded(), solver: "ldl", options: options).run()
    #expect(!damped.warnings.contains { $0.contains("ω h reaches") }, "\(damped.warnings)")
  }

  /// Ten links from horizontal, the last one holding 200 times its mass.
  private func loaded() throws -> Scene {
    var scene = try SceneInCode.chain(count: 10, steps: 120)
    let world = scene.world
    let end = try world.add(
      Body(pose: RigidTransform(position: Vector3(10, 0, 0)), mass: SceneInCode.mass(400)))
    try world.add(BallJoint(BodyID(9), end, at: Vector3(10, 0, 0), in: world))
    scene.name = "loaded"
    return scene
  }
}
