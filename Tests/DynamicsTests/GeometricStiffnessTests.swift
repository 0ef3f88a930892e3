import ConstraintSystem
import Dynamics
import LinearAlgebra
import Solvers
import Testing

/// The geometric stiffness of joint forces against the rod under tension, and what it is for: chains whose steps are too
/// long.
@Suite struct GeometricStiffnessTests {
  /// A rod of mass m and length l under tension T: K is T l across and 0 along, and ω² = K/I = 12 T/(m l).
  @Test func rodUnderTension() {
    let (mass, length, tension) = (2.0, 3.0, 7.0)
    let arm = Vector3(0.5 * length, 0, 0)
    let force = Vector3(tension, 0, 0)
    let tensor = GeometricStiffness.tensor(force, arm: arm) + GeometricStiffness.tensor(-force, arm: -arm)
    let inertia = mass * length * length / 12
    #expect(tensor.diagonal.distance(Vector3(0, tension * length, tension * length)) < 1e-13)
    #expect((tensor.row1.y / inertia - 12 * tension / (mass * length)).magnitude < 1e-12)
    #expect(GeometricStiffness.semidefinite(tensor).diagonal.distance(tensor.diagonal) < 1e-13)
    // A rod that is pushed has nothing to add.
    #expect(GeometricStiffness.semidefinite(-1 * tensor).diagonal.magnitudes.maximum < 1e-13)
  }

  /// A = A₊ − B with A₊ B = 0, both semi-definite: that is the split by eigenvalues. Tolerance: round-off of eight sweeps.
  @Test func splitsAMatrixByTheSignOfItsEigenvalues() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      let b = Matrix3(rows: generator.vector(), generator.vector(), generator.vector())
      let a = b + b.transpose
      let positive = GeometricStiffness.semidefinite(a)
      let rest = positive - a
      let product = positive * rest
      for row in 0..<3 { #expect(product[row].length < 1e-13) }
      for _ in 0..<10 {
        let x = generator.vector()
        #expect(x.dot(positive * x) > -1e-14 && x.dot(rest * x) > -1e-14)
      }
    }
  }

  private func loadedChain(_ ratio: Double) throws -> World {
    let world = try TestWorld.chain(50)
    let end = try world.addBox(Vector3(1, 1, 1), at: Vector3(50.5, 0, 0), mass: ratio)
    try world.add(BallJoint(BodyID(49), end, at: Vector3(50, 0, 0), in: world))
    return world
  }

  /// 50 links with an end of 100 and 1000 link masses, from horizontal at one step of 1/60 s, ω h up to 4 and 13: errors of
  /// micrometres and no gain of energy, where without it a ratio of 1000 tears.
  @Test(arguments: ["ldl", "newton"], [100.0, 1000.0]) func longStepsHoldHeavyChains(solver: String, ratio: Double)
    throws
  {
    for isOn in [true, false] {
      let world = try loadedChain(ratio)
      let simulation = try world.simulation(solver, timestep: 1.0 / 60)
      simulation.settings.geometricStiffness = isOn
      let start = world.mechanicalEnergy
      let scale = world.totalMass * 9.81 * 50
      var error = 0.0
      var top = start
      var ratioOfStep = 0.0
      for _ in 0..<360 {
        let record = try simulation.step()
        error = max(error, record.jointError)
        ratioOfStep = max(ratioOfStep, record.stiffnessRatio)
        top = max(top, world.mechanicalEnergy)
      }
      if isOn {
        #expect(error < 1e-5, "\(error)")
        #expect(top - start < 1e-9 * scale)
        #expect(world.mechanicalEnergy - start > -0.15 * scale)
        #expect(ratioOfStep < 1)
      } else if ratio == 1000 {
        #expect(error > 0.1)
      }
    }
  }

  /// Without joint forces there is nothing to stiffen: the same bits.
  @Test func changesNothingWithoutJoints() throws {
    let hashes = try [false, true].map { isOn in
      let simulation = try TestWorld.stack().simulation("newton", timestep: 1.0 / 60)
      simulation.settings.geometricStiffness = isOn
      for _ in 0..<20 { try simulation.step() }
      return simulation.stateHash
    }
    #expect(hashes[0] == hashes[1])
  }
}
