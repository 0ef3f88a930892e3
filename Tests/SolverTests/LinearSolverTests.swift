import CAllocationCounter
import ConstraintSystem
import LearnedSolvers
import LinearAlgebra
import Solvers
import Testing

/// The linear solvers of the catalog on systems whose solutions are known.
@Suite struct LinearSolverTests {
  /// One evaluation of a network is no solver.
  static let names = SolverCatalog.complete.linearSolvers.filter { !$0.isApproximate }.map(\.name)
  static let direct = ["ldl", "gauss", "lu", "cholesky"]
  static let stationary = ["jacobi", "gauss-seidel", "sor", "ssor"]

  static func solve(
    _ text: String, _ system: LinearSystem, stop: LinearStop, start: [Double]? = nil
  ) throws -> (report: SolveReport, x: [Double]) {
    let solver = try SolverCatalog.complete.makeLinear(text)
    var report = SolveReport()
    solver.prepare(system.matrix, change: .pattern, report: &report)
    let x = Buffer<Double>(start ?? Array(repeating: 0, count: system.matrix.dimension))
    solver.solve(system.matrix, system.rightHandSide, into: x.pointer, stop: stop, report: &report)
    return (report, x.array)
  }

  /// Random dense and banded systems, condition below 200: relative residual 1e-8 leaves an error below 1e-5.
  @Test(arguments: names) func reachesTheSolution(_ name: String) throws {
    for system in [
      LinearSystems.dense(5), LinearSystems.dense(65),
      LinearSystems.banded(4), LinearSystems.banded(300), LinearSystems.banded(100, blockSize: 1),
      LinearSystems.tridiagonal(1),
    ] {
      let (report, x) = try Self.solve(name, system, stop: LinearStop(relative: 1e-8))
      #expect(report.reason == .converged, "\(name) on \(system.name): \(report.reason)")
      #expect(system.error(x) < 1e-5, "\(name) on \(system.name): \(system.error(x))")
      #expect(report.iterations > 0 && report.flops > 0)
    }
  }

  /// Two matrices from mechanics, conditions 3e4 and about 1e7. A residual of 1e-12 is an error below 1e-5 with either;
  /// stationary methods may need more sweeps than their limit and must say so.
  @Test(.enabled(if: LinearSystems.folder != nil), arguments: names)
  func solvesPublishedMatrices(_ name: String) throws {
    let folder = try #require(LinearSystems.folder)
    for file in ["fclib_CubeH8_M_162.mtx", "pyamg_bar_elasticity_600.mtx"] {
      let system = try LinearSystems.published(file, in: folder)
      let (report, x) = try Self.solve(name, system, stop: LinearStop(relative: 1e-12))
      print("\(file): \(name) \(report.reason), \(report.iterations) iterations, error \(system.error(x))")
      if Self.stationary.contains(name) && report.reason == .iterationLimit {
        #expect(report.iterations == 1000)
        #expect(system.residual(x) < 1 && system.residual(x) > 1e-12)
      } else {
        #expect(report.reason == .converged, "\(name) on \(file): \(report.reason)")
        #expect(system.error(x) < 1e-5, "\(name) on \(file): \(system.error(x))")
      }
    }
  }

  /// tridiag(−1, 2, −1), n = 50: eigenvalues 2 − 2 cos(kπ/51).
  @Test func tridiagonalHasItsCondition() throws {
    let dense = DenseMatrix()
    dense.resize(rows: 50, columns: 50)
    LinearSystems.tridiagonal(50).matrix.copyDense(into: dense.pointer)
    let eigenvalues = try #require(dense.symmetricEigenvalues())
    #expect((eigenvalues[49] / eigenvalues[0] - 1053.479).magnitude < 1e-3)
  }

  /// cos²(π/51) a sweep. After 1500 sweeps the next mode's share is (0.985/0.996)^1500 < 1e-7; blocks do not matter.
  @Test(arguments: [1, 3, 4]) func gaussSeidelHasItsRate(blockSize: Int) throws {
    let system = LinearSystems.tridiagonal(50, blockSize: blockSize)
    let before = try Self.solve("gauss-seidel", system, stop: LinearStop(iterations: 1500)).x
    let after = try Self.solve("gauss-seidel", system, stop: LinearStop(iterations: 1), start: before).x
    #expect((system.error(after) / system.error(before) - 0.99621025).magnitude < 1e-6)
  }

  /// Young's ω from the estimated spectrum, and the sweeps that it saves: ln ρ is −0.0038 at ω = 1 and −0.123 at the best.
  @Test func overRelaxationFindsItsBest() throws {
    let system = LinearSystems.tridiagonal(50)
    let bounds = LanczosBounds()
    bounds.estimate(system.matrix, limit: 120, accuracy: 1e-3, needsLowest: true) { r, z in
      for row in 0..<50 { z[row] = r[row] / 2 }
    }
    let omega = 2 / (1 + (bounds.lowest * (2 - bounds.lowest)).squareRoot())
    #expect((omega - 1.88401814).magnitude < 1e-4)

    let stop = LinearStop(relative: 1e-6, iterations: 10_000)
    let best = try Self.solve("sor:omega=1.88401814", system, stop: stop).report.iterations
    let found = try Self.solve("sor", system, stop: stop).report.iterations
    let plain = try Self.solve("gauss-seidel", system, stop: stop).report.iterations
    let one = try Self.solve("sor:omega=1", system, stop: stop).report.iterations
    #expect(one == plain)
    #expect(found <= best + 5)
    #expect(10 * found < plain)
    let symmetric = try Self.solve("ssor", system, stop: stop).report.iterations
    #expect(5 * symmetric < plain)
  }

  @Test(arguments: ["cg", "pcg", "fcg", "cr", "minres"]) func krylovEndsAfterItsDimension(_ name: String) throws {
    let system = LinearSystems.tridiagonal(50)
    let (report, x) = try Self.solve(name, system, stop: LinearStop(relative: 1e-10))
    #expect(report.reason == .converged)
    #expect(report.iterations <= 52)
    // Condition 1053 times the residual.
    #expect(system.error(x) < 1e-6)
  }

  /// Published sweeps to ‖x − x*‖₂/‖x*‖₂ ≤ 1e-6, 1 %.
  @Test(arguments: [(1.0, 559), (10, 1638), (100, 12814), (1000, 124717)])
  func heavyEndCostsTheSweepsThatArePublished(_ ratio: Double, _ published: Int) throws {
    let system = LinearSystems.masses(ratio: ratio)
    let solver = try SolverCatalog.complete.makeLinear("gauss-seidel")
    var report = SolveReport()
    solver.prepare(system.matrix, change: .pattern, report: &report)
    let x = Buffer<Double>(repeating: 0, count: 10)
    var sweeps = 0
    var error = 1.0
    while error > 1e-6 && sweeps < 2 * published {
      solver.solve(
        system.matrix, system.rightHandSide, into: x.pointer, stop: LinearStop(iterations: 1), report: &report)
      sweeps += 1
      error = 0
      for row in 0..<10 { error += (x[row] - 1) * (x[row] - 1) }
      error = (error / 10).squareRoot()
    }
    #expect((Double(sweeps) / Double(published) - 1).magnitude <= 0.01, "\(sweeps)")
  }

  /// λ_max(D⁻¹A) = 2.8 for ones with a diagonal of 1/0.9: Jacobi's own step diverges, the default does not.
  @Test func jacobiSaysThatItDiverges() throws {
    let entries = (0..<3).flatMap { i in (0...i).map { (row: i, column: $0, value: i == $0 ? 1 : 0.9) } }
    let system = LinearSystem("ones", .triplets(3, entries, blockSize: 1), solution: [1, 2, 3])
    let (plain, x) = try Self.solve("jacobi:omega=1", system, stop: LinearStop(relative: 1e-8))
    #expect(plain.reason == .breakdown)
    #expect(system.residual(x) <= 1)
    let (damped, y) = try Self.solve("jacobi", system, stop: LinearStop(relative: 1e-8))
    #expect(damped.reason == .converged)
    // Condition 28 times the residual.
    #expect(system.error(y) < 1e-6)
  }

  /// Singular and consistent: a residual that is met, whatever x is found.
  @Test(arguments: names) func survivesSingularMatrices(_ name: String) throws {
    for system in [
      LinearSystems.delassus(ProblemLibrary.doubled(3)), LinearSystems.delassus(ProblemLibrary.fourBar()),
      LinearSystems.delassus(ProblemLibrary.stack(2)),
    ] {
      let (report, x) = try Self.solve(name, system, stop: LinearStop(relative: 1e-8, iterations: 100_000))
      #expect(report.reason == .converged, "\(name) on \(system.name): \(report.reason)")
      // The direct methods' shift of 1e-10 leaves its square after refinement, and round-off.
      #expect(system.residual(x) < 1.1e-8, "\(name) on \(system.name): \(system.residual(x))")
    }
  }

  /// b outside the range: the iterative methods find out and keep the least residual within a factor of two. The direct
  /// ones are judged by `LiftedLinearSolver`.
  @Test(arguments: names) func noticesInconsistency(_ name: String) throws {
    var system = LinearSystem(
      "twice", .triplets(2, [(0, 0, 1), (1, 0, 1), (1, 1, 1)], blockSize: 1), solution: [1, 1])
    system.rightHandSide = [1, 2]
    let (report, x) = try Self.solve(name, system, stop: LinearStop(relative: 1e-8))
    #expect(x.allSatisfy { $0.isFinite })
    if Self.direct.contains(name) { return }
    #expect(report.reason == .inconsistent, "\(name): \(report.reason)")
    // The least is 0.5 √2; Gauss–Seidel satisfies one of the rows and leaves 1.
    #expect(report.inconsistency >= 0.7 && report.inconsistency <= 1.001, "\(name): \(report.inconsistency)")
  }

  /// Not definite: elimination with pivoting and minres do not mind, the others say `breakdown` or solve it.
  @Test(arguments: names) func indefiniteIsSolvedOrRefused(_ name: String) throws {
    let system = LinearSystem(
      "saddle", .triplets(3, [(0, 0, 2), (1, 0, 1), (1, 1, 0), (2, 1, 1), (2, 2, -1)], blockSize: 1),
      solution: [1, 2, 3])
    let (report, x) = try Self.solve(name, system, stop: LinearStop(relative: 1e-10))
    #expect(x.allSatisfy { $0.isFinite })
    if ["gauss", "lu", "minres"].contains(name) {
      // The shift of 1e-10 is refined once.
      #expect(report.reason == .converged && system.error(x) < 1e-9, "\(name): \(report.reason)")
    } else if name != "ldl" {
      // `ldl` drops what is not positive and leaves the residual to its caller.
      #expect(report.reason == .breakdown || system.error(x) < 1e-6, "\(name): \(report.reason)")
    }
  }

  /// The history begins with the start's residual, ends with the last, and never grows its buffer.
  @Test(arguments: names.filter { !direct.contains($0) }) func historyIsKept(_ name: String) throws {
    let system = LinearSystems.banded(60)
    let history = Buffer<Double>(capacity: 400)
    let (report, x) = try Self.solve(name, system, stop: LinearStop(relative: 1e-6, history: history))
    #expect(history.count == report.iterations + 1)
    #expect((history[0] - norm(system.rightHandSide)).magnitude < 1e-9 * history[0])
    let last = system.residual(x) * norm(system.rightHandSide)
    #expect((history[history.count - 1] - last).magnitude < 1e-3 * last)
    let short = Buffer<Double>(capacity: 3)
    _ = try Self.solve(name, system, stop: LinearStop(relative: 1e-6, history: short))
    #expect(short.count == 3 && short.capacity == 3)
  }

  @Test(arguments: names.filter { !direct.contains($0) }) func deadlineEndsASolve(_ name: String) throws {
    let system = LinearSystems.tridiagonal(50)
    let report = try Self.solve(name, system, stop: LinearStop(relative: 1e-8, deadline: Clock.now() - 1)).report
    #expect(report.reason == .timeLimit && report.iterations == 0)
    let capped = try Self.solve(name, system, stop: LinearStop(relative: 1e-8, iterations: 3)).report
    #expect(capped.reason == .iterationLimit && capped.iterations == 3)
  }

  /// Blocked elimination around the panel's and the kernel's edges, against LAPACK. Both have round-off of 1e-13 here.
  @Test(arguments: [1, 2, 3, 4, 5, 47, 48, 49, 51, 96, 99, 145]) func eliminationHasNoEdges(n: Int) throws {
    let system = LinearSystems.dense(n)
    let (_, x) = try Self.solve("gauss", system, stop: LinearStop(relative: 1e-12))
    #expect(system.error(x) < 1e-12)
  }

  /// Set-up for new values and a solve allocate nothing once they have run.
  @Test(arguments: names + SolverCatalog.complete.preconditioners.map { "pcg:preconditioner=" + $0.name })
  func warmSolveAllocatesNothing(_ text: String) throws {
    for system in [
      LinearSystems.delassus(ProblemLibrary.wall(3, 3)), LinearSystems.bodySpace(ProblemLibrary.wall(3, 3)),
      LinearSystems.banded(50), LinearSystems.dense(70),
    ] {
      let solver = try SolverCatalog.complete.makeLinear(text)
      var report = SolveReport()
      let x = Buffer<Double>(repeating: 0, count: system.matrix.dimension)
      let b = Buffer<Double>(system.rightHandSide)
      let stop = LinearStop(relative: 1e-8, iterations: 20)
      solver.prepare(system.matrix, change: .pattern, report: &report)
      solver.solve(system.matrix, b.pointer, into: x.pointer, stop: stop, report: &report)
      let before = allocation_count()
      solver.prepare(system.matrix, change: .values, report: &report)
      x.fill(0)
      solver.solve(system.matrix, b.pointer, into: x.pointer, stop: stop, report: &report)
      let after = allocation_count()
      #expect(after == before, "\(text) on \(system.name): \(after - before)")
    }
  }
}
