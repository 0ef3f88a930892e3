import Dynamics
import Laboratory
import Testing

/// Falling nets of more balls a side than any of the training: what the learned preconditioner is for.
@Suite struct LargeNetTests {
  /// At most half of IC(0)'s iterations at 48 × 48 balls (measured: 86 against 421 over twenty steps) where the softness is
  /// 1e-4 of A's diagonal, and where it is a hundred times that no more than IC(0)'s. Counts are exact, so the bounds are
  /// far from what is measured.
  @Test(arguments: [(48, 2.2e-7, 0.5), (48, 1e-4, 1.0), (6, 2.2e-7, 1.0)])
  func learnedNeedsFewerIterations(_ size: Double, _ compliance: Double, _ share: Double) throws {
    func iterations(_ solver: String) throws -> Double {
      let scene = try SceneLibraryTests.library.find("net").build(
        setting: [("size", size), ("compliance", compliance)])
      var options = RunOptions()
      options.steps = 6
      options.substeps = 1
      let result = try Runner(scene: scene, solver: solver, options: options).run()
      #expect(result.solve.stopReasons.keys.sorted() == ["converged"])
      return try #require(result.solve.iterations.median)
    }
    #expect(try iterations("neural-pcg") <= share * iterations("pcg:preconditioner=ic0"))
  }
}
