import ConstraintSystem
import Foundation
import Laboratory
import Solvers
import Testing

/// The contact problems that others published (FCLIB), as they are stored and symmetrised, under every solver of exact
/// friction. A table says which solver gets how far.
///
/// What has to hold: `semismooth` or `ppa` reaches 1e-8 on every symmetric problem, `pgs` 1e-4 on every one as stored
/// (both in the measure of Siconos), and ‖u‖ is that of an independent Gauss–Seidel run to 1e-6.
@Suite(.enabled(if: Published.isThere, "the problems of FCLIB are not here; DELASSUS_CASES says where"))
struct ContactProblemTests {
  /// What `reference.json` says of a problem.
  struct Reference: Decodable {
    struct Solution: Decodable {
      var norm_u: Double
      var err_siconos: Double
    }
    var reference: Solution
    var stored_u_norm: Double?
  }

  static let solvers = [
    "semismooth", "semismooth:function=fischer-burmeister", "ppa", "pgs", "nncg", "staggered",
  ]

  static func references() throws -> [String: Reference] {
    let data = try Data(contentsOf: Published.fclib.appendingPathComponent("reference.json"))
    return try JSONDecoder().decode([String: Reference].self, from: data)
  }

  static func session(_ name: String, symmetrised: Bool, tolerance: Double) throws -> SolveSession {
    var reading = ProblemInput.Options()
    reading.symmetrises = symmetrised
    let input = try ProblemInput(path: Published.fclib.appendingPathComponent(name).path, options: reading)
    var options = SolveSession.Options()
    options.measure = .siconos
    options.tolerance = tolerance
    options.repeats = 1
    // Enough for the slow ones to show how far they get; those that must arrive do so in a fraction of it.
    options.timeLimit = 1
    return try SolveSession(input, options: options)
  }

  @Test func accurateSolversReachEverySymmetricProblem() throws {
    var table = ["measure of Siconos reached within 1 s; 1e-8 was asked for"]
    for (name, reference) in try Self.references().sorted(by: { $0.key < $1.key }) {
      for symmetrised in [false, true] {
        let session = try Self.session(name, symmetrised: symmetrised, tolerance: 1e-8)
        let problem = try #require(session.input.problem)
        if symmetrised && session.input.asymmetry <= ConstraintProblem.symmetryTolerance { continue }
        try session.run(Self.solvers)
        table.append(
          "\(name)\(symmetrised ? ", symmetrised" : ""), asymmetry \(String(format: "%.0e", session.input.asymmetry))")
        for entry in session.entries {
          let result = entry.result
          table.append(
            "  \(result.solver.padding(toLength: 40, withPad: " ", startingAt: 0))"
              + String(format: "%9.1e", result.measures?.siconosError ?? .nan)
              + String(format: "%10.0f µs  ", result.time ?? .nan) + result.stopReason.rawValue)
        }
        let accurate = session.entries.filter {
          $0.result.solver == "ppa" || $0.result.solver.hasPrefix("semismooth")
        }
        let best = try #require(
          accurate.min {
            ($0.result.measures?.siconosError ?? .infinity) < ($1.result.measures?.siconosError ?? .infinity)
          })
        let error = best.result.measures?.siconosError ?? .infinity
        if problem.isSymmetric { #expect(error <= 1e-8, "\(name): \(error)") }
        // ‖u‖ was computed on the problem as stored; the error of a velocity is that of the measure times ‖q‖ or so.
        if !symmetrised && error <= 1e-8 {
          let found = try #require(best.result.measures?.normVelocity)
          let expected = reference.stored_u_norm ?? reference.reference.norm_u
          #expect((found - expected).magnitude <= 1e-6 * expected, "\(name): ‖u‖ \(found), expected \(expected)")
        }
      }
    }
    print(table.joined(separator: "\n"))
  }

  @Test func gaussSeidelReachesEveryProblemAsStored() throws {
    for name in try Self.references().keys.sorted() {
      let session = try Self.session(name, symmetrised: false, tolerance: 1e-4)
      try session.run(["pgs"])
      let result = try #require(session.entries.first?.result)
      #expect(result.stopReason == .converged, "\(name): \(result.stopReason)")
      #expect(result.measures?.siconosError ?? .infinity <= 1e-4, "\(name)")
    }
  }
}
