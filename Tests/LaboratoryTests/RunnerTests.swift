import ConstraintSystem
import Dynamics
import Laboratory
import LinearAlgebra
import Testing

@Suite struct RunnerTests {
  /// Leapfrog from rest: after n steps v = g (n − ½) h and the drop is ½ g (n h)², so the energy is −½ m g² h² (n − ¼);
  /// with bodies 1 m apart the scale is m g · 1 m.
  @Test func aFallingBodyIsMeasuredByTheClosedForm() throws {
    let steps = 30
    let result = try Runner(scene: SceneInCode.falling(steps: steps), solver: "ldl").run()
    let g = 9.81
    let h = 1.0 / 60
    let n = Double(steps)
    // Thirty additions of numbers near 1: round-off of some 1e-15 each.
    func expectEqual(_ found: Double?, _ expected: Double) throws {
      let found = try #require(found)
      #expect((found - expected).magnitude <= 1e-12 * max(1, expected.magnitude))
    }
    try expectEqual(result.quality.energyDrift, -0.5 * g * h * h * (n - 0.25))
    try expectEqual(result.quality.energyRise, 0)
    try expectEqual(result.quality.displacement.final, 0.5 * g * h * h * n * n)
    try expectEqual(result.quality.displacement.max, 0.5 * g * h * h * n * n)
    try expectEqual(result.quality.maximumSpeed, g * (n - 0.5) * h)
    try expectEqual(result.quality.momentumDrift, 0)
    #expect(result.steps == steps)
    #expect(result.bodies == 2)
    #expect(result.quality.penetration.max == nil)
    #expect(result.quality.jointError.mean == nil)
    #expect(result.solve.residual.median == nil)
    #expect(result.solve.iterations.max == nil)
    #expect(result.solve.rows == 0)
    #expect(result.solve.stopReasons == ["converged": steps])
    #expect(result.cost.phases.inference == nil)
    #expect(result.memory.allocationsPerStep == nil)
    #expect(try #require(result.memory.peakBytes) > 1e6)
  }

  @Test func energyHasNoScaleWithoutGravity() throws {
    let scene = try SceneInCode.falling()
    scene.world.gravity = .zero
    let quality = try Runner(scene: scene).run().quality
    #expect(quality.energyRise == nil)
    #expect(quality.energyDrift == nil)
    #expect(quality.displacement.max == 0)
    // Nothing ever moved: there is no momentum to compare with.
    #expect(quality.momentumDrift == nil)
  }

  @Test func jointsKeepMomentumUnlessTheyHoldOntoTheWorld() throws {
    let free = try SceneInCode.chain(isAnchored: false, steps: 100)
    free.world.velocities[0] = Vector6(linear: Vector3(0, 0, 3), angular: Vector3(1, 2, 0))
    let result = try Runner(scene: free, solver: "ldl").run()
    // Linear momentum to round-off; angular momentum to the order of the step, h ω ≈ 0.05, times the change of pose.
    #expect(try #require(result.quality.momentumDrift) < 0.05)
    #expect(try #require(result.quality.jointError.max) > 0)

    let anchored = try Runner(scene: SceneInCode.chain(), solver: "ldl").run()
    #expect(anchored.quality.momentumDrift == nil)
    #expect(anchored.solve.rows == 9)
    #expect(try #require(anchored.solve.residual.max) < 1e-6)
    #expect(anchored.warnings.isEmpty)
  }

  @Test func theFirstStepIsLeftOutOfTheTimes() throws {
    let one = try Runner(scene: SceneInCode.chain(steps: 1)).run()
    #expect(one.cost.step.median == nil)
    #expect(one.cost.phases.assembly == nil)
    #expect(one.solve.residual.final != nil)
    let two = try Runner(scene: SceneInCode.chain(steps: 2)).run()
    #expect(two.cost.step.median == two.cost.step.max)
    let step = try #require(two.cost.step.median)
    let phases = two.cost.phases
    let stages = [
      phases.broadphase, phases.narrowphase, phases.assembly, phases.guess, phases.setup, phases.solve,
      phases.integration, phases.other,
    ]
    // One step: the medians of its stages are its stages, and add up to it but for round-off.
    #expect((stages.compactMap { $0 }.reduce(0, +) - step).magnitude < 1e-6 * step)
  }

  @Test func optionsOverrideTheScene() throws {
    var options = RunOptions()
    options.timestep = 1.0 / 240
    options.substeps = 3
    options.law = .frictionless
    options.stabilization = .baumgarte
    options.budget = try Budget(parsing: "tolerance=1e-3,iterations=7,time=2ms")
    let runner = try Runner(scene: SceneInCode.chain(steps: 15), solver: "pgs:tolerance=1e-9", options: options)
    #expect(runner.stepCount == 60)  // the same quarter of a second
    #expect(runner.simulation.settings.substeps == 3)
    #expect(runner.simulation.settings.stabilization == .baumgarte)
    #expect(runner.simulation.solver.stop == StopRule(tolerance: 1e-3, iterations: 7, timeLimit: 0.002))
    let result = runner.run()
    #expect(result.law == .frictionless)
    #expect(result.timestep == 1.0 / 240)
    #expect(result.solver == "pgs:tolerance=1e-9")
    #expect(result.steps == 60)

    options.steps = 4
    #expect(try Runner(scene: SceneInCode.chain(), options: options).stepCount == 4)
    options.steps = -1
    #expect(throws: InputError.self) { try Runner(scene: SceneInCode.chain(), options: options) }
    options.steps = nil
    options.timestep = .nan
    #expect(throws: InputError.self) { try Runner(scene: SceneInCode.chain(), options: options) }
  }

  @Test func sameStartSameBits() throws {
    let first = try Runner(scene: SceneInCode.chain(), solver: "ldl").run()
    let second = try Runner(scene: SceneInCode.chain(), solver: "ldl").run()
    #expect(first.stateHash == second.stateHash)
    #expect(first.stateHash.count == 16)
    #expect(try Runner(scene: SceneInCode.chain(steps: 21), solver: "ldl").run().stateHash != first.stateHash)
  }

  @Test func aRunThatFailsKeepsWhatItMeasured() throws {
    let scene = try SceneInCode.falling()
    scene.world.forces = [AppliedForce(body: BodyID(1), force: .function { Vector3($0 > 0.11 ? .nan : 0, 0, 0) })]
    let runner = try Runner(scene: scene)
    let result = runner.run()
    // The force of step n is that at (n + 1) h: the first beyond 0.11 s is step 6.
    guard case .notFinite(let step, let body, _) = runner.failure else {
      Issue.record("the run ended with \(String(describing: runner.failure))")
      return
    }
    #expect(step == 6)
    #expect(body == "right")
    #expect(result.steps == 6)
    #expect(try #require(result.error).contains("\"right\""))
    #expect(try #require(result.quality.maximumSpeed) > 0)
    #expect(throws: Never.self) { try JSONText.encode(result) }
  }

  @Test func aLawThatIsNotSolvedLeavesNulls() throws {
    let runner = try Runner(scene: SceneInCode.chain(coneAngle: 0.5, law: .coulomb), solver: "newton")
    let result = runner.run()
    guard case .unsupported = runner.failure else {
      Issue.record("the run ended with \(String(describing: runner.failure))")
      return
    }
    #expect(result.solve.stopReasons == ["unsupported": 1])
    #expect(result.cost.step.median == nil)
    #expect(result.quality.maximumSpeed == nil)
    #expect(result.solve.rows == nil)
  }

  @Test func stoppingKeepsWhatWasMeasured() throws {
    let runner = try Runner(scene: SceneInCode.chain(steps: 1000))
    var done = 0
    runner.progress = { done = $0 }
    runner.shouldStop = { done == 5 }
    #expect(runner.run().steps == 5)
    #expect(runner.failure == nil)
  }

  @Test func oraclesAreAskedAfterEveryStep() throws {
    final class Height: Oracle {
      var steps = 0
      var height = 0.0
      func observe(_ simulation: Simulation, _ record: StepRecord) {
        steps += 1
        height = simulation.world.poses[0].position.y
      }
      var result: OracleResult {
        OracleResult(
          name: "height after \(steps) steps", expected: -0.5 * 9.81 * 4 * 4 / 3600, found: height, tolerance: 1e-12)
      }
    }
    var scene = try SceneInCode.falling(steps: 4)
    scene.oracles = [Height()]
    let oracle = try #require(try Runner(scene: scene).run().oracles.first)
    #expect(oracle.name == "height after 4 steps")
    #expect(oracle.passed)
  }
}
