import ConstraintSystem
import LinearAlgebra
import Solvers
import Testing

/// Over-relaxed sweeps: the path for contacts of three rows is the general one, block by block.
@Suite struct RelaxationTests {
  /// One sweep from λ = 0 over A itself.
  static func sweep(_ problem: ConstraintProblem, omega: Double) -> [Double] {
    let lambda = Buffer<Double>(repeating: 0, count: problem.rowCount)
    let w = Buffer<Double>(repeating: 0, count: problem.rowCount)
    let twists = Buffer<Vector6>()
    for index in 0..<problem.blocks.count {
      let block = problem.blocks[index]
      let first = Int(block.firstRow)
      let rows = Int(block.rowCount)
      problem.residual(lambda.pointer, into: w.pointer, scratch: twists)
      var coupling = [Double](repeating: 0, count: rows * rows)
      problem.copyDiagonalBlock(index, into: &coupling)
      var inverse = coupling
      SmallLDL.invert(coupling, size: rows, into: &inverse)
      var own = (0..<rows).map { w[first + $0] }
      var delta = [Double](repeating: 0, count: rows)
      BlockSolution.solve(
        block, problem.law, coupling: coupling, inverse: inverse, lambda: lambda.pointer + first,
        lower: problem.lower.pointer + first, upper: problem.upper.pointer + first, w: &own, delta: &delta,
        relaxation: omega)
      for row in 0..<rows { lambda[first + row] += delta[row] }
    }
    return lambda.array
  }

  /// 1e-9 of the largest impulse: w is carried along in one and computed anew for every block in the other.
  @Test(arguments: [0.8, 1, 1.3, 1.7], [FrictionLaw.convex, .coulomb])
  func relaxedSweepsAreTheBlocksSolutions(_ omega: Double, _ law: FrictionLaw) {
    for description in [ProblemLibrary.wall(4, 4), ProblemLibrary.chain(10), ProblemLibrary.mixed()] {
      let problem = description.build()
      problem.law = law
      let sweep = GaussSeidelSweep(relaxation: omega)
      var report = SolveReport()
      sweep.prepare(problem, report: &report)
      let lambda = Buffer<Double>(repeating: 0, count: problem.rowCount)
      sweep.start(problem, lambda.pointer)
      _ = sweep.pass(problem, lambda.pointer)
      let expected = Self.sweep(problem, omega: omega)
      let scale = expected.map(\.magnitude).max() ?? 0
      #expect(scale > 0)
      for row in 0..<problem.rowCount {
        #expect((lambda[row] - expected[row]).magnitude <= 1e-9 * scale, "\(description.name), ω \(omega), row \(row)")
      }
    }
  }

  /// What a pass says it made of the energy is what it made of it, whatever the sets, the order of rows and ω: 1e-9 of the
  /// energies, whose difference it is compared with.
  @Test(arguments: [1, 1.3], [FrictionLaw.convex, .coulomb, .frictionless])
  func countsTheEnergy(_ omega: Double, _ law: FrictionLaw) {
    for description in [ProblemLibrary.wall(4, 4), ProblemLibrary.chain(10), ProblemLibrary.mixed()] {
      for byRow in [false, true] {
        let problem = description.build()
        problem.law = law
        let sweep = GaussSeidelSweep(byRow: byRow, relaxation: omega)
        sweep.tracksEnergy = true
        var report = SolveReport()
        sweep.prepare(problem, report: &report)
        let lambda = Buffer<Double>(repeating: 0, count: problem.rowCount)
        sweep.start(problem, lambda.pointer)
        var energy = Self.energy(problem, lambda)
        for pass in 0..<4 {
          _ = sweep.pass(problem, lambda.pointer, reversed: pass == 2)
          let next = Self.energy(problem, lambda)
          #expect(
            (sweep.energyChange - (next - energy)).magnitude <= 1e-9 * (energy.magnitude + next.magnitude),
            "\(description.name), ω \(omega), by row \(byRow), pass \(pass)")
          energy = next
        }
        #expect(energy < 0)
      }
    }
  }

  /// ½ λᵀAλ − bᵀλ.
  static func energy(_ problem: ConstraintProblem, _ lambda: Buffer<Double>) -> Double {
    let w = Buffer<Double>(repeating: 0, count: problem.rowCount)
    problem.residual(lambda.pointer, into: w.pointer, scratch: Buffer<Vector6>())
    return (0..<problem.rowCount).reduce(0) { $0 + 0.5 * lambda[$1] * (w[$1] - problem.rightHandSide[$1]) }
  }
}
