import ConstraintSystem
import Foundation
import Laboratory
import LinearAlgebra
import Testing

/// `solve` without its command: measures by closed forms, what is driven to which tolerance, what becomes of bad input.
@Suite struct SolveTests {
  /// Runs `body` with a file of this text, and removes it.
  static func withFile<Result>(_ ending: String, _ text: String, _ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString).\(ending)")
    try Data(text.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
  }

  static func matrix(_ rows: Int, _ columns: Int, _ entries: [(Int, Int, Double)]) -> String {
    let lines = entries.map { "\($0.0) \($0.1) \($0.2)\n" }.joined()
    return "%%MatrixMarket matrix coordinate real general\n\(rows) \(columns) \(entries.count)\n" + lines
  }

  static func run(
    _ text: String, _ solvers: [String], symmetrises: Bool = false,
    options: SolveSession.Options = SolveSession.Options()
  ) throws -> SolveSession {
    var input = ProblemInput.Options()
    input.symmetrises = symmetrises
    var options = options
    options.repeats = 2
    return try withFile("mtx", text) { path in
      let session = try SolveSession(ProblemInput(path: path, options: input), options: options)
      try session.run(solvers)
      return session
    }
  }

  // MARK: Measures

  /// One contact with W = 1, q = (−1, 2, 0), μ = ½. At λ = 0: u = q, ŵ_n = −1 + ½·2 = 0, λ − ŵ = (0, −2, 0), whose
  /// projection on the cone is n = (0 + ½·2)/(1 + ¼) = 0.8, t = −0.4: F = (−0.8, 0.4, 0), ‖F‖ = √0.8.
  @Test func measuresOfOneContact() {
    let w = TripletMatrix(
      rows: 3, columns: 3, entries: (0..<3).map { BlockRowMatrix.Entry(row: $0, column: $0, value: 1) })
    let problem = FCLIBProblem(statement: .local(w: w, q: [-1, 2, 0]), friction: [0.5])
      .constraintProblem(w: w, q: [-1, 2, 0])
    let judge = SolveJudge(problem)
    let zero = judge.measure([0, 0, 0])
    // Round-off of a dozen operations.
    let map = 0.8.squareRoot()
    let normQ = 5.0.squareRoot()
    #expect((zero.paperError! - map / normQ).magnitude < 1e-15)
    #expect((zero.siconosError! - map / normQ).magnitude < 1e-15)
    #expect((zero.normVelocity! - normQ).magnitude < 1e-15)
    #expect(zero.normImpulse == 0)
    // W = 1 is the natural map's own scale.
    #expect((zero.residual - map).magnitude < 1e-15)
    // Sliding: u_n = 0, r_t against u_t: r = (1, −½, 0), u = (0, 1.5, 0).
    let solved = judge.measure([1, -0.5, 0])
    #expect(solved.paperError! < 1e-15)
    #expect(solved.normVelocity == 1.5)
    #expect((solved.normImpulse - 1.25.squareRoot()).magnitude < 1e-15)
    // Large impulses judge the same map more mildly: F = (2, 0, 0) − P((2 + ..)).
    let other = judge.measure([100, 0, 0])
    #expect((other.siconosError! * max(100, other.normVelocity!) - other.paperError! * normQ).magnitude < 1e-12)
  }

  @Test func aNormSurvivesTheScaleOfPublishedProblems() {
    #expect(SolveJudge.norm([3e-200, 4e-200]) == 5e-200)
    #expect(SolveJudge.norm([]) == 0)
    #expect(SolveJudge.norm([0, -0.0]) == 0)
    #expect(SolveJudge.norm([.infinity, 1]) == .infinity)
  }

  // MARK: The search

  /// A solver whose residual falls by half an iteration, and whose error is 50 times its residual.
  @Test func theSearchEndsJustBelowTheTolerance() {
    var solves = 0
    let search = ToleranceSearch(tolerance: 1e-6, deadline: .infinity)
    func attempt(_ setting: Double) -> ToleranceSearch.Attempt {
      solves += 1
      var residual = 1.0
      var iterations = 0
      while residual > setting {
        residual /= 2
        iterations += 1
      }
      return ToleranceSearch.Attempt(error: 50 * residual, reason: .converged, iterations: iterations)
    }
    // 50 · 2⁻ᵏ ≤ 1e-6 first at k = 26; one more iteration is a cost that the search may leave.
    for start in [1e-2, 1e-6, 1e-12] {
      solves = 0
      let (setting, outcome) = search.run(from: start, attempt: attempt)
      #expect(outcome.error <= 1e-6)
      #expect((26...27).contains(outcome.iterations), "\(start): \(outcome.iterations)")
      #expect(attempt(setting).iterations == outcome.iterations)
      #expect(solves < 12)
    }
  }

  @Test func theSearchGivesUpWithTheSolversReason() {
    let search = ToleranceSearch(tolerance: 1e-6, deadline: .infinity)
    let capped = search.run(from: 1) { _ in ToleranceSearch.Attempt(error: 1, reason: .iterationLimit, iterations: 9) }
    #expect(capped.outcome.reason == .iterationLimit && capped.setting == 1)
    // A solver that always says yes: tried until smaller settings cannot be told apart.
    var solves = 0
    let deaf = search.run(from: 1) { _ in
      solves += 1
      return ToleranceSearch.Attempt(error: .infinity, reason: .converged, iterations: 1)
    }
    #expect(deaf.outcome.error == .infinity && solves <= 60)
    // Out of time before the first: one solve, no more.
    solves = 0
    _ = ToleranceSearch(tolerance: 1e-6, deadline: 0).run(from: 1) { _ in
      solves += 1
      return ToleranceSearch.Attempt(error: 1, reason: .converged, iterations: 1)
    }
    #expect(solves == 1)
  }

  // MARK: Linear systems

  @Test func aMatrixWithoutRightHandSideHasOnesAsSolution() throws {
    let text = Self.matrix(3, 3, [(1, 1, 4), (1, 2, 1), (2, 1, 1), (2, 2, 3), (3, 3, 2)])
    let session = try Self.run(text, ["cg", "ldl", "gauss-seidel"])
    #expect(session.measure == .error)
    #expect(session.analysis?.rank == 3)
    // Eigenvalues (7 ± √5)/2 and 2.
    #expect((session.analysis!.condition! - (7 + 5.0.squareRoot()) / 4).magnitude < 1e-14)
    for entry in session.entries {
      #expect(entry.result.stopReason == .converged)
      #expect(entry.result.measures!.relativeError! <= 1e-8)
      #expect(entry.lambda!.allSatisfy { ($0 - 1).magnitude < 1e-7 })
      #expect(entry.result.time! >= entry.result.setup!)
    }
    #expect(
      session.best?.result.measures?.relativeError == session.entries.map { $0.result.measures!.relativeError! }.min())
  }

  @Test func aRightHandSideIsReadFromItsFileOrBesideTheMatrix() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("a.mtx").path
    try Data(Self.matrix(2, 2, [(1, 1, 2), (2, 2, 4)]).utf8).write(to: URL(fileURLWithPath: path))
    let vector = "%%MatrixMarket matrix array real general\n2 1\n6\n8\n"
    try Data(vector.utf8).write(to: folder.appendingPathComponent("a_b.mtx"))
    let beside = try SolveSession(ProblemInput(path: path), options: SolveSession.Options())
    try beside.run(["lu"])
    #expect(beside.input.rightHandSideSource == "a_b.mtx")
    #expect(beside.measure == .relative)
    // lu shifts the diagonal by 1e-10 and refines once: 1e-20 is left, and round-off.
    let x = try #require(beside.entries[0].lambda)
    #expect((x[0] - 3).magnitude < 1e-15 && (x[1] - 2).magnitude < 1e-15)
    // A vector of another length is no right-hand side.
    try Data("%%MatrixMarket matrix array real general\n3 1\n6\n8\n9\n".utf8)
      .write(to: folder.appendingPathComponent("a_b.mtx"))
    #expect(throws: InputError.self) { try ProblemInput(path: path) }
  }

  @Test func unsymmetricMatricesAreForGeneralSolvers() throws {
    let text = Self.matrix(3, 3, [(1, 1, 2), (2, 2, 2), (3, 3, 2), (1, 2, 1), (3, 1, 0.5)])
    let stored = try Self.run(text, ["cg", "pgs"])
    #expect(stored.entries.map(\.result.stopReason) == [.unsupported, .converged])
    #expect(stored.entries[0].result.message?.contains("--symmetrise") == true)
    let symmetric = try Self.run(text, ["cg", "pgs"], symmetrises: true)
    #expect(symmetric.entries.allSatisfy { $0.result.stopReason == .converged })
    #expect(symmetric.report.symmetrised)
    #expect(symmetric.report.asymmetry == stored.report.asymmetry && stored.report.asymmetry > 0.4)
  }

  @Test func badMatricesAreRowsWithTheirReason() throws {
    let oblong = try Self.run(Self.matrix(2, 3, [(1, 1, 1)]), ["cg", "pgs"])
    #expect(oblong.entries.allSatisfy { $0.result.stopReason == .unsupported })
    #expect(oblong.entries[0].result.message == "A is 2 × 3, not square")
    #expect(oblong.best == nil)

    let indefinite = try Self.run(Self.matrix(2, 2, [(1, 1, 1), (2, 2, -1)]), ["cholesky", "lu"])
    #expect(indefinite.entries.map(\.result.stopReason) == [.breakdown, .converged])
    #expect(indefinite.entries[0].result.message?.contains("indefinite") == true)

    // Singular: 1 is one solution of many, so its error is not the measure.
    let singular = try Self.run(Self.matrix(2, 2, [(1, 1, 1), (1, 2, 1), (2, 1, 1), (2, 2, 1)]), ["ldl", "cg"])
    #expect(singular.measure == .relative && singular.analysis?.rank == 1)
    #expect(singular.entries.allSatisfy { $0.result.stopReason == .converged })
  }

  @Test func iterationsAndTimeAreBounded() throws {
    // A chain of 200: Gauss–Seidel needs tens of thousands of sweeps.
    var entries: [(Int, Int, Double)] = []
    for row in 1...200 {
      entries.append((row, row, 2))
      if row > 1 {
        entries.append((row, row - 1, -1))
        entries.append((row - 1, row, -1))
      }
    }
    var options = SolveSession.Options()
    options.iterations = 7
    let capped = try Self.run(Self.matrix(200, 200, entries), ["gauss-seidel"], options: options)
    #expect(capped.entries[0].result.stopReason == .iterationLimit)
    #expect(capped.entries[0].result.iterations == 7)
    #expect(capped.entries[0].isSolution)
    options.iterations = nil
    options.timeLimit = 0.02
    options.tolerance = 1e-12
    let late = try Self.run(Self.matrix(200, 200, entries), ["gauss-seidel"], options: options)
    #expect(late.entries[0].result.stopReason == .timeLimit)
  }

  @Test func keysAreThoseOfTheDesign() throws {
    let session = try Self.run(Self.matrix(2, 3, [(1, 1, 1)]), ["cg"])
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(try JSONText.encode(session.report).utf8)) as? [String: Any])
    #expect(object["rank"] == nil && object["contacts"] as? Int == 0 && object["format"] as? String == "matrixmarket")
    let row = try #require((object["results"] as? [[String: Any]])?.first)
    for key in [
      "iterations", "setup", "time", "operatorApplications", "residual", "relativeResidual", "siconosError",
      "paperError", "normImpulse", "normVelocity",
    ] {
      #expect(row[key] is NSNull, "\(key)")
    }
    #expect(row["stopReason"] as? String == "unsupported" && row["relativeError"] == nil)
  }

  @Test func aHistoryFallsToTheTolerance() throws {
    let session = try Self.run(
      Self.matrix(3, 3, [(1, 1, 4), (1, 2, 1), (2, 1, 1), (2, 2, 3), (3, 3, 2)]), ["gauss-seidel"])
    let final = try #require(session.entries[0].result.iterations)
    var rows: [(Int, Double)] = []
    try session.history(of: session.entries[0]) { iteration, measure, _ in rows.append((iteration, measure)) }
    #expect(rows.first?.0 == 0 && rows.first?.1 == 1)
    #expect(rows.last?.0 == final && rows.last!.1 <= 1e-8)
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $1.0 > $0.0 && $1.1 < $0.1 })
  }

  // MARK: Published contacts

  static let folder: String = {
    if let set = ProcessInfo.processInfo.environment["DELASSUS_CASES"] { return set + "/fclib" }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return root.appendingPathComponent("../shared/cases/fclib").standardized.path
  }()
  static let isThere = FileManager.default.fileExists(atPath: folder + "/reference.json")

  struct Reference: Decodable {
    struct Solution: Decodable { var norm_u: Double }
    var rank: Int
    var cond_nonzero: Double
    var asym: Double
    var reference: Solution
  }

  @Test(.enabled(if: isThere, "the FCLIB problems are not here; DELASSUS_CASES says where"))
  func publishedProblemsHaveThePublishedRankAndVelocity() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/reference.json"))
    for (name, reference) in try JSONDecoder().decode([String: Reference].self, from: data).sorted(by: {
      $0.key < $1.key
    }) {
      var options = SolveSession.Options()
      options.repeats = 1
      options.tolerance = 1e-10
      let session = try SolveSession(ProblemInput(path: "\(Self.folder)/\(name)"), options: options)
      #expect(session.measure == .siconos)
      let analysis = try #require(session.analysis)
      #expect(analysis.rank == reference.rank, "\(name)")
      // Small singular values carry the round-off of the largest: κ ε of relative error, and of another reduction.
      let bound = 1e-15 * reference.cond_nonzero * 100 + 1e-9
      #expect((analysis.condition! / reference.cond_nonzero - 1).magnitude < bound, "\(name): \(analysis.condition!)")
      guard session.input.rows < 300 else { continue }
      try session.run(["pgs"])
      let result = session.entries[0].result
      #expect(result.stopReason == .converged, "\(name)")
      // The velocity is unique where W is definite or nearly symmetric; 1e-10 of the largest of ‖q‖, ‖r‖ and
      // ‖u‖ leaves less than 1e-6 of u where ‖r‖ is a hundred times ‖u‖.
      if name.hasPrefix("Rover") || name.hasPrefix("Friction") || name.hasPrefix("Box") || name.hasPrefix("LMGC") {
        let velocity = try #require(result.measures?.normVelocity)
        #expect((velocity / reference.reference.norm_u - 1).magnitude < 1e-5, "\(name): \(velocity)")
      }
    }
  }

  @Test(.enabled(if: isThere, "the FCLIB problems are not here; DELASSUS_CASES says where"))
  func aWrittenSolutionIsASolution() throws {
    var options = SolveSession.Options()
    options.repeats = 1
    let session = try SolveSession(
      ProblemInput(path: Self.folder + "/Box_Stacks-i0122-82-5.hdf5"), options: options)
    try session.run(["pgs"])
    let lambda = try #require(session.best?.lambda)
    try Self.withFile("hdf5", "") { path in
      try session.input.write(lambda, to: path)
      let solution = try #require(try FCLIBReader.read(path).solution)
      #expect(solution.r == lambda)
      // u as stored and v as stored tell the same: u = Hᵀ v + w, in which round-off is 1e-16 of v.
      let again = try ProblemInput(path: path)
      let problem = try #require(again.problem)
      #expect(SolveJudge(problem).measure(solution.r).siconosError! <= 1e-8)
      guard case .global(_, let h, _, let w) = try FCLIBReader.read(path).statement else { return }
      let velocity = zip(h.transposedTimes(try #require(solution.v)), w).map { $0 + $1 }
      #expect(zip(velocity, solution.u).allSatisfy { ($0 - $1).magnitude < 1e-15 })
    }
  }
}
