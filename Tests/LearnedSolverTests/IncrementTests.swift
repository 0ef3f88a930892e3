import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// The increments of `learned-update` after a sweep (`PlaneSearch`).
@Suite struct IncrementTests {
  static let linear = SafeguardTests.problems.filter(\.isLinear)
  /// Arms with increments: cautious, cautious top-down, bold, bold top-down, symmetric.
  static let arms = [3, 4, 5, 6, 7]

  /// ½ λᵀAλ − bᵀλ.
  static func energy(_ problem: ConstraintProblem, _ lambda: Buffer<Double>) -> Double {
    let w = Buffer<Double>(repeating: 0, count: problem.rowCount)
    problem.residual(lambda.pointer, into: w.pointer, scratch: Buffer<Vector6>())
    return (0..<problem.rowCount).reduce(0) { $0 + 0.5 * lambda[$1] * (w[$1] - problem.rightHandSide[$1]) }
  }

  /// Without sets, sweeps and increments both lower the energy: it never rises, by more than round-off of its terms.
  @Test(arguments: arms) func energyNeverRises(_ arm: Int) throws {
    #expect(Self.linear.count >= 2)
    for problem in Self.linear {
      var last = 0.0
      var fell = 0.0
      for sweeps in 1...30 {
        let (_, lambda) = try SafeguardTests.solve(
          "learned-update:policy=fixed,arm=\(arm),first=0,guess=zero,tolerance=0,iterations=\(sweeps)", problem)
        let energy = Self.energy(problem, lambda)
        #expect(energy <= last + 1e-10 * last.magnitude, "\(sweeps) sweeps: \(energy) after \(last)")
        fell = max(fell, last - energy)
        last = energy
      }
      #expect(fell > 0)
    }
  }

  /// Every arm ends where `pgs` ends, contacts or not: the tolerance of 1e-9 m/s bounds the velocities, and their
  /// difference by what the softest direction makes of it (1e-6 relative on these problems).
  @Test(arguments: 0..<8) func armsAgree(_ arm: Int) throws {
    for (index, problem) in SafeguardTests.problems.enumerated() where problem.law != .coulomb {
      let stop = "tolerance=1e-9,iterations=400000"
      let (report, lambda) = try SafeguardTests.solve("learned-update:policy=fixed,arm=\(arm),\(stop)", problem)
      let (plain, expected) = try SafeguardTests.solve("pgs:\(stop)", problem)
      guard plain.reason == .converged, report.reason == .converged else {
        // The over-relaxed arm need not converge on cones; those with increments have to where pgs does.
        #expect(plain.reason != .converged || arm == 1, "problem \(index)")
        continue
      }
      func velocities(_ lambda: Buffer<Double>) -> [Vector6] {
        let v = Buffer<Vector6>(repeating: .zero, count: problem.bodies.count + 1)
        problem.velocity(of: lambda.pointer, into: v.pointer)
        return v.array
      }
      let (a, b) = (velocities(lambda), velocities(expected))
      let scale = b.map { $0.dot($0) }.max()!.squareRoot()
      for (x, y) in zip(a, b) {
        let gap = x - y
        #expect(gap.dot(gap).squareRoot() <= 1e-6 * max(scale, 1), "problem \(index)")
      }
    }
  }

  /// Increments are what makes long chains affordable: the published order of conjugate gradients is √κ against κ.
  @Test func incrementsSaveSweepsOnLinearProblems() throws {
    for problem in Self.linear {
      let stop = "guess=zero,tolerance=1e-7,iterations=400000"
      let (plain, _) = try SafeguardTests.solve("pgs:\(stop)", problem)
      let (report, _) = try SafeguardTests.solve("learned-update:policy=fixed,arm=5,\(stop)", problem)
      #expect(plain.reason == .converged && report.reason == .converged)
      if plain.constraintPasses > 100 { #expect(report.constraintPasses * 2 < plain.constraintPasses) }
    }
  }
}
