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

  @Test func aHeavyEndIsTooStiffForOneStep() throws {
    var scene = try SceneInCode.chain(count: 10, steps: 120)
    let world = scene.world
    let end = try world.add(
      Body(pose: RigidTransform(position: Vector3(10, 0, 0)), mass: SceneInCode.mass(400)))
    try world.add(BallJoint(BodyID(9), end, at: Vector3(10, 0, 0), in: world))
    scene.name = "loaded"
    let result = try Runner(scene: scene, solver: "ldl").run()
    #expect(result.warnings.contains { $0.contains("ω h reaches") })
  }
}
