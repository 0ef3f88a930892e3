import ConstraintSystem
import Dynamics
import Foundation
import Laboratory
import LinearAlgebra
import Solvers
import Testing

/// `capture`: what is written is the problem of the live run, and solved again it gives the run's answer.
@Suite struct CaptureTests {
  /// Two boxes on the ground, held together by a ball joint, pushed: contacts and equality rows that share bodies.
  static func coupled() throws -> Scene {
    try SceneText.build(
      """
      "bodies": [
        { "name": "ground", "kind": "static", "shape": { "type": "plane" } },
        { "name": "left", "position": [0, 0.5, 0], "velocity": [2, 0, 0],
          "shape": { "type": "box", "halfExtents": [0.5, 0.5, 0.5] }, "friction": 0.5 },
        { "name": "right", "position": [1.5, 0.5, 0],
          "shape": { "type": "box", "halfExtents": [0.5, 0.5, 0.5] }, "friction": 0.5 },
      ],
      "joints": [{ "type": "ball", "name": "link", "a": "left", "b": "right", "anchor": [0.75, 0.5, 0] }]
      """)
  }

  struct Captured {
    var capture: ProblemCapture
    var runner: Runner
  }

  static func capture(
    _ scene: Scene, _ format: ProblemCapture.Format, law: FrictionLaw = .coulomb, solver: String, steps: Int = 12,
    _ body: (Captured, String) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var options = RunOptions()
    options.steps = steps
    options.law = law
    let runner = try Runner(scene: scene, solver: solver, options: options)
    var settings = ProblemCapture.Options(folder: folder)
    settings.format = format
    settings.first = steps - 1
    let capture = try ProblemCapture(scene, runner.simulation, settings)
    runner.observers = [capture]
    _ = runner.run()
    try body(Captured(capture: capture, runner: runner), folder)
  }

  /// Largest difference of A λ between two λ: velocities, which agree where A is singular and λ does not.
  static func velocityDifference(_ problem: ConstraintProblem, _ a: [Double], _ b: [Double]) -> Double {
    var product = a
    problem.apply(zip(a, b).map { $0 - $1 }, into: &product, scratch: Buffer<Vector6>())
    return product.reduce(0) { max($0, $1.magnitude) }
  }

  @Test func aCapturedStepWithJointAndContactsGivesTheLiveAnswer() throws {
    try Self.capture(try Self.coupled(), .fclib, solver: "semismooth:tolerance=1e-10") { captured, folder in
      try captured.capture.finish()
      let live = captured.runner.simulation
      let path = folder + "/" + (try #require(captured.capture.summary.files.first))
      let file = try FCLIBReader.read(path)
      #expect(file.contactCount == live.problem.contactCount && file.equalityCount == 3)
      #expect(file.contactCount > 0)
      let solution = try #require(file.solution)
      // Digits of the run, copied.
      #expect(Set(solution.r + solution.multipliers) == Set(live.lambda.array))

      let input = try ProblemInput(path: path)
      let problem = try #require(input.problem)
      let recorded = solution.r + solution.multipliers
      // A of the file is A of the run: its products are the velocities that the run had, to round-off of sums of twenty
      // products near 1 m/s.
      var w = recorded
      problem.residual(recorded, into: &w, scratch: Buffer<Vector6>())
      for (found, stored) in zip(w, solution.u) { #expect((found - stored).magnitude < 1e-12) }
      for value in w[file.rowCount...] { #expect(value.magnitude < 1e-9) }

      var options = SolveSession.Options()
      options.tolerance = 1e-10
      options.repeats = 1
      let session = try SolveSession(input, options: options)
      #expect(session.measure == .residual)
      try session.run(["semismooth"])
      let entry = try #require(session.best)
      #expect(entry.result.stopReason == .converged)
      // Both meet 1e-10 m/s in the natural map; velocities of two such answers are some ten of that apart.
      #expect(Self.velocityDifference(problem, try #require(entry.lambda), recorded) < 1e-8)
    }
  }

  @Test func aMatrixWithSetsIsTheProblemOfTheRun() throws {
    try Self.capture(try Self.coupled(), .matrixmarket, law: .convex, solver: "newton:tolerance=1e-10") {
      captured, folder in
      try captured.capture.finish()
      let live = captured.runner.simulation
      let path = folder + "/" + (try #require(captured.capture.summary.files.first))
      let input = try ProblemInput(path: path)
      let problem = try #require(input.problem)
      #expect(problem.law == .convex && problem.contactCount == live.problem.contactCount)
      // Text keeps all digits.
      #expect(problem.rightHandSide.array == live.problem.rightHandSide.array)
      let lambda = try MatrixMarketReader.readVector(String(path.dropLast(4)) + "_x.mtx", count: problem.rowCount)
      #expect(lambda == live.lambda.array)
      let dense = Self.dense(problem)
      let expected = Self.dense(live.problem)
      #expect(dense == expected)

      var options = SolveSession.Options()
      options.tolerance = 1e-10
      options.repeats = 1
      let session = try SolveSession(input, options: options)
      try session.run(["newton"])
      if let found = session.best?.lambda {
        #expect(Self.velocityDifference(problem, found, lambda) < 1e-8)
      } else {
        // newton works on bodies: of a given A the projected methods take over.
        try session.run(["pgs"])
        #expect(Self.velocityDifference(problem, try #require(session.best?.lambda), lambda) < 1e-8)
      }
    }
  }

  static func dense(_ problem: ConstraintProblem) -> [Double] {
    let n = problem.rowCount
    var values = [Double](repeating: 0, count: n * n)
    problem.copyDense(into: &values, through: DelassusMatrix())
    return values
  }

  @Test func aStepWithBodiesIsSolvedAsItIs() throws {
    let runner = try Runner(
      scene: try Self.coupled(), solver: "semismooth:tolerance=1e-10",
      options: {
        var options = RunOptions()
        options.steps = 12
        options.law = .coulomb
        return options
      }())
    _ = runner.run()
    let live = runner.simulation
    let input = try ProblemInput(name: "run@11", problem: live.problem, lambda: live.lambda.array)
    var options = SolveSession.Options()
    options.tolerance = 1e-8
    options.repeats = 1
    let session = try SolveSession(input, options: options)
    #expect(session.measure == .residual && !input.hasContactMeasures)
    // Eight points under two boxes hold each of them three times: A is singular.
    #expect(try #require(session.analysis).rank < input.rows)
    try session.run(["semismooth", "pgs", "xpbd"])
    let reasons = session.entries.map(\.result.stopReason)
    #expect(reasons[0] == .converged)
    #expect(!reasons.contains(.unsupported))
    let recorded = try #require(input.recordedSolution)
    let problem = try #require(input.problem)
    #expect(Self.velocityDifference(problem, try #require(session.entries[0].lambda), recorded) < 1e-6)
    #expect(throws: InputError.self) {
      var wrong = options
      wrong.measure = .siconos
      _ = try SolveSession(input, options: wrong)
    }
  }

  @Test func whatFCLIBCannotHoldIsSaid() throws {
    let frictionless = #expect(throws: InputError.self) {
      try Self.capture(try Self.coupled(), .fclib, law: .frictionless, solver: "pgs") { _, _ in }
    }
    #expect(frictionless?.kind == .usage && frictionless?.message.contains("matrixmarket") == true)
    try Self.capture(try SceneInCode.chain(), .fclib, solver: "ldl") { captured, _ in
      let error = #expect(throws: InputError.self) { try captured.capture.finish() }
      #expect(error?.kind == .data && error?.message.contains("no captured step has contacts") == true)
    }
    try Self.capture(try Self.coupled(), .fclib, law: .convex, solver: "newton") { captured, folder in
      try captured.capture.finish()
      #expect(captured.capture.summary.warnings.count == 1)
      let file = try FCLIBReader.read(folder + "/" + captured.capture.summary.files[0])
      #expect(file.information.mathematics.contains("the run's law is convex"))
    }
  }
}
