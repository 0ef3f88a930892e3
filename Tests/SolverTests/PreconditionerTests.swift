import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// Every preconditioner of the catalog on A and on H.
@Suite struct PreconditionerTests {
  static let names = SolverCatalog.complete.preconditioners.map(\.name)

  static var systems: [LinearSystem] {
    [
      LinearSystems.delassus(ProblemLibrary.chain(60)), LinearSystems.delassus(LinearSystems.net(8)),
      LinearSystems.delassus(ProblemLibrary.wall(5, 5)), LinearSystems.delassus(ProblemLibrary.doubled(5)),
      LinearSystems.delassus(ProblemLibrary.mixed()), LinearSystems.bodySpace(ProblemLibrary.chain(60)),
      LinearSystems.bodySpace(LinearSystems.net(8)), LinearSystems.bodySpace(ProblemLibrary.wall(8, 8)),
      LinearSystems.bodySpace(ProblemLibrary.mixed()), LinearSystems.banded(100), LinearSystems.dense(70),
    ]
  }

  /// Preconditioners that work in single precision.
  static let single: Set = ["chebyshev", "learned"]

  /// uᵀP⁻¹v = vᵀP⁻¹u and rᵀP⁻¹r > 0, for vectors in the range of A. The factors have round-off of κ · 1e-16, κ ≤ 1e6;
  /// polynomials in single precision of 1e-7 a step.
  @Test(arguments: names) func isSymmetricAndPositiveDefinite(_ name: String) throws {
    for system in Self.systems {
      let n = system.matrix.dimension
      let preconditioner = try SolverCatalog.complete.makePreconditioner(name)
      preconditioner.prepare(system.matrix, change: .pattern)
      func apply(_ r: [Double]) -> [Double] {
        let z = Buffer<Double>(repeating: 0, count: n)
        preconditioner.apply(r, into: z.pointer)
        return z.array
      }
      for seed in 1..<6 {
        let u = system.matrix.times(LinearSystems.random(n, seed: UInt64(seed)))
        let v = system.matrix.times(LinearSystems.random(n, seed: UInt64(seed + 100)))
        let (zu, zv) = (apply(u), apply(v))
        let (uu, vv) = (dot(u, zu), dot(v, zv))
        #expect(uu > 0 && vv > 0, "\(name) on \(system.name): \(uu), \(vv)")
        let scale = (uu * vv).squareRoot()
        let tolerance = Self.single.contains(name) ? 1e-6 : 1e-8
        #expect((dot(u, zv) - dot(v, zu)).magnitude < tolerance * scale, "\(name) on \(system.name)")
      }
    }
  }

  /// `learned` chooses IC(0) where that is exact.
  @Test func choosesExactFactorsOnTrees() throws {
    func iterations(_ name: String, _ system: LinearSystem) throws -> Int {
      let (report, _) = try LinearSolverTests.solve(
        "pcg:preconditioner=\(name)", system, stop: LinearStop(relative: 1e-6))
      #expect(report.reason == .converged)
      return report.iterations
    }
    for tree in [ProblemLibrary.chain(60), ProblemLibrary.chain(200), ProblemLibrary.doubled(5)] {
      #expect(try iterations("learned", LinearSystems.delassus(tree)) == 1)
    }
  }

  /// Iterations of pcg to a relative residual of 1e-8. All but the diagonal ones are worth having on A and H; the dense
  /// and banded systems are conditioned so well that a polynomial wastes a step.
  @Test func savesIterations() throws {
    var table = "system".padded(34) + Self.names.map { $0.padded(14) }.joined() + "\n"
    for system in Self.systems {
      var counts: [String: Int] = [:]
      for name in Self.names {
        let (report, x) = try LinearSolverTests.solve(
          "pcg:preconditioner=\(name)", system, stop: LinearStop(relative: 1e-8))
        #expect(report.reason == .converged, "\(name) on \(system.name): \(report.reason)")
        #expect(system.residual(x) <= 1e-8 * (1 + 1e-6))
        counts[name] = report.iterations
      }
      table += system.name.padded(34) + Self.names.map { "\(counts[$0]!)".padded(14) }.joined() + "\n"
      let reference = max(counts["none"]!, counts["jacobi"]!)
      for name in Self.names where system.name.contains(" of ") && !["none", "jacobi"].contains(name) {
        #expect(counts[name]! <= reference, "\(name) on \(system.name): \(counts[name]!) of \(reference)")
      }
    }
    print(table)
  }

  /// A chain's elimination makes no fill in its own order, so the incomplete factor is the complete one.
  @Test func incompleteFactorOfAChainIsExact() throws {
    for system in [
      LinearSystems.delassus(ProblemLibrary.chain(40, ratio: 1000)), LinearSystems.bodySpace(ProblemLibrary.chain(40)),
    ] {
      let report = try LinearSolverTests.solve(
        "pcg:preconditioner=ic0", system, stop: LinearStop(relative: 1e-8)
      ).report
      #expect(report.iterations <= 2)
    }
  }

  /// The coarse level takes over what grows with the wall: less than half of the iterations of its own smoother alone.
  @Test func aggregationHelpsOnLargeWalls() throws {
    let system = LinearSystems.bodySpace(ProblemLibrary.wall(18, 18))
    func count(_ name: String) throws -> Int {
      try LinearSolverTests.solve("pcg:preconditioner=\(name)", system, stop: LinearStop(relative: 1e-8)).report
        .iterations
    }
    #expect(try 2 * count("aggregation") < count("ssor"))
  }

  /// The flexible method needs no more than the plain one, and survives another preconditioner.
  @Test(arguments: names) func flexibleMethodAgrees(_ name: String) throws {
    let system = LinearSystems.bodySpace(ProblemLibrary.wall(5, 5))
    let stop = LinearStop(relative: 1e-8)
    let plain = try LinearSolverTests.solve("pcg:preconditioner=\(name)", system, stop: stop).report
    let flexible = try LinearSolverTests.solve("fcg:preconditioner=\(name)", system, stop: stop).report
    let minimum = try LinearSolverTests.solve("minres:preconditioner=\(name)", system, stop: stop).report
    #expect(flexible.reason == .converged && minimum.reason == .converged)
    #expect(Double(flexible.iterations) <= 1.1 * Double(plain.iterations) + 2)
  }
}

extension String {
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
