import ConstraintSystem
import Dynamics
import Foundation
import Laboratory
import LinearAlgebra
import Solvers
import Testing

@Suite struct ShadowTests {
  static func comparison(
    _ solvers: [String], steps: Int = 40, _ change: (inout RunOptions) throws -> Void = { _ in }
  ) throws -> Comparison {
    var options = RunOptions()
    options.steps = steps
    try change(&options)
    let candidate = Comparison.Candidate(name: "pile") { try SceneText.build(ScratchFolder.scene) }
    let comparison = try Comparison(scenes: [candidate], solvers: solvers, options: options)
    comparison.mode = .shadow
    return comparison
  }

  /// The driver's world is the one that it makes alone, bit by bit, whatever the others do.
  @Test func watchersChangeNothing() throws {
    let comparison = try Self.comparison(["pgs", "newton", "xpbd", "lemke"])
    try comparison.run()
    let alone = try Runner(
      scene: SceneText.build(ScratchFolder.scene), solver: Comparison.standardDriver,
      options: {
        var o = RunOptions(); o.steps = 40; return o
      }())
    #expect(comparison.entries[0].result.stateHash == alone.run().stateHash)
    let roles: [RunResult.Role?] = [.driver, .contestant, .contestant, .contestant, .contestant]
    #expect(comparison.entries.map(\.result.role) == roles)
  }

  /// The driver's own solver among the solvers finds the driver's residuals; one that does not solve the law says so.
  @Test func everyoneIsJudgedOnTheSameProblems() throws {
    let comparison = try Self.comparison([Comparison.standardDriver, "pgs:iterations=2", "mprgp"])
    try comparison.run()
    let results = comparison.entries.map(\.result)
    #expect(results[1].solve.residual.max == results[0].solve.residual.max)
    #expect(results[1].solve.rows == results[0].solve.rows)
    #expect((results[2].solve.residual.max ?? 0) > (results[1].solve.residual.max ?? 1))
    #expect(results[3].solve.stopReasons == ["unsupported": 1] && results[3].cost.step.median == nil)
    #expect(results[1].quality.displacement.max == nil)
    #expect((results[0].solve.condition.max ?? 0) >= 1)
    let profile = try #require(comparison.profile)
    #expect(profile.problems > 0)
    #expect(profile.curves[0].points.last?.share == 1)
    #expect(profile.curves[2].points.isEmpty)
  }

  @Test func repeatsAgree() throws {
    let comparison = try Self.comparison(["pgs", "newton"], steps: 20)
    comparison.repeats = 3
    try comparison.run()
    #expect(comparison.entries.count == 3 && comparison.warnings.isEmpty)
  }

  /// Curves begin at λ = 0 and end where the solver ends; those of a descent method on these problems only fall.
  @Test func curvesFall() throws {
    let comparison = try Self.comparison(["newton", "pgs"], steps: 30)
    comparison.samplesProblems = true
    try comparison.run()
    #expect(comparison.samples.count == 1 && comparison.curves.count == 2)
    for curve in comparison.curves {
      let first = try #require(curve.points.first)
      let last = try #require(curve.points.last)
      #expect(first.iteration == 0 && last.iteration > 0)
      #expect(last.residual < 0.1 * first.residual, "\(curve.solver)")
    }
  }

  /// A budget of passes holds for solvers that count them, to within the passes of one iteration and a start. Not for
  /// `shock`, whose passes from level to level come after its iterations and are not bounded by them.
  @Test(arguments: ["pgs", "impulse", "jacobi-split", "nncg", "apgd", "bb", "admm"])
  func passesAreBounded(_ solver: String) throws {
    let runner = try Runner(
      scene: SceneText.build(ScratchFolder.scene), solver: "\(solver):tolerance=1e-14",
      options: {
        var options = RunOptions()
        options.steps = 40
        options.budget = try Budget(parsing: "passes=24")
        return options
      }())
    let trace = TraceCollector()
    runner.observers = [trace]
    _ = runner.run()
    let largest = trace.records.map(\.report.constraintPasses).max() ?? 0
    // One iteration of these takes up to four passes, and some begin with two to four.
    #expect(largest <= 24 + 8, "\(solver): \(largest)")
    #expect(largest > 0)
  }

  @Test func noiseIsTheSameForEverySolverAndSeed() throws {
    func energies(_ solver: String, _ seed: UInt64, noise: Double = 0.1) throws -> [Double] {
      let runner = try Runner(
        scene: SceneText.build("\"bodies\": [{\"name\": \"a\", \"mass\": 2, \"inertia\": [1, 1, 1]}]"), solver: solver,
        options: {
          var o = RunOptions(); o.steps = 20; o.noise = noise; o.seed = seed; return o
        }())
      let trace = TraceCollector()
      runner.observers = [trace]
      _ = runner.run()
      return trace.records.map(\.energy)
    }
    let first = try energies("newton", 7)
    #expect(try energies("pgs", 7) == first)
    #expect(try energies("newton", 8) != first)
    #expect(try energies("newton", 7, noise: 0) != first)
  }
}

@Suite struct StatisticsTests {
  /// Of independent uniform numbers the median's standard deviation is 1/(2√n): 0.0112 for n = 2000, and the 95 % interval
  /// ± 0.022. Blocks of 44 make the bootstrap's own spread a few tenths of that.
  @Test func theIntervalOfAMedianIsThatOfTheory() throws {
    var state: UInt64 = 88_172_645_463_325_252
    let values = (0..<2000).map { _ -> Double in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / 9_007_199_254_740_992
    }
    let interval = try #require(Bootstrap.medianInterval(values))
    let median = values.sorted()[1000]
    #expect(interval.low < median && median < interval.high)
    #expect((0.02...0.08).contains(interval.high - interval.low))
    #expect(Bootstrap.medianInterval([1, 2, 3]) == nil)
    let constant = try #require(Bootstrap.medianInterval([Double](repeating: 3, count: 50)))
    #expect(constant.low == 3 && constant.high == 3)
  }

  /// Three problems by hand: a takes 1, 4, fails; b takes 2, 2, 5. Ratios: a 1, 2, ∞; b 2, 1, 1.
  @Test func aProfileByHand() {
    let profile = PerformanceProfile(solvers: ["a", "b"], times: [[1, 4, nil], [2, 2, 5]])
    #expect(profile.problems == 3)
    let third = 1.0 / 3
    let first: [Double] = [third, 2 * third]
    let second: [Double] = [2 * third, 1]
    let ratios: [Double] = [1, 2]
    for curve in profile.curves { #expect(curve.points.map(\.ratio) == ratios) }
    #expect(profile.curves[0].points.map(\.share) == first)
    #expect(profile.curves[1].points.map(\.share) == second)
  }
}
