import ConstraintSystem
import Foundation
import Laboratory
import Testing

@Suite struct RunResultTests {
  /// The keys of a run's JSON object, as the manual lists them.
  static let keys: [String: Set<String>] = [
    "": [
      "scene", "parameters", "solver", "law", "timestep", "substeps", "steps", "bodies", "joints", "noise", "seed",
      "role", "cost", "solve", "quality", "oracles", "warnings", "memory", "recording", "stateHash",
    ],
    "parameters": ["height"],
    "cost": ["step", "phases"],
    "cost.step": ["median", "medianInterval", "p99", "mean", "max"],
    "cost.phases": [
      "broadphase", "narrowphase", "assembly", "guess", "setup", "solve", "inference", "integration", "other",
    ],
    "solve": [
      "rows", "contacts", "islands", "iterations", "residual", "relativeResidual", "solvedShare", "condition",
      "stopReasons", "rejections", "solvesOutsideTraining",
    ],
    "solve.condition": ["median", "max"],
    "solve.iterations": ["median", "max"],
    "solve.residual": ["median", "p99", "max", "final"],
    "solve.relativeResidual": ["median", "p99", "max", "final"],
    "solve.stopReasons": ["converged"],
    "quality": [
      "penetration", "jointError", "displacement", "energyRise", "energyDrift", "momentumDrift", "maximumSpeed",
    ],
    "quality.penetration": ["max", "final"],
    "quality.jointError": ["max", "mean", "final"],
    "quality.displacement": ["max", "final"],
    "memory": ["peakBytes", "allocationsPerStep"],
  ]

  static func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  static func collect(_ object: [String: Any], _ path: String, into keys: inout [String: Set<String>]) {
    keys[path] = Set(object.keys)
    for (key, value) in object {
      if let inner = value as? [String: Any] { collect(inner, path.isEmpty ? key : "\(path).\(key)", into: &keys) }
    }
  }

  @Test func hasTheKeysOfTheManual() throws {
    let text = try JSONText.encode(Runner(scene: SceneInCode.chain()).run())
    var found: [String: Set<String>] = [:]
    Self.collect(try Self.object(text), "", into: &found)
    #expect(found == Self.keys)
  }

  @Test func whatDoesNotApplyIsNullAndNeverMissing() throws {
    let text = try JSONText.encode(Runner(scene: SceneInCode.falling()).run())
    let object = try Self.object(text)
    let quality = try #require(object["quality"] as? [String: Any])
    let jointError = try #require(quality["jointError"] as? [String: Any])
    #expect(jointError["max"] is NSNull)
    #expect(jointError["mean"] is NSNull)
    let memory = try #require(object["memory"] as? [String: Any])
    #expect(memory["allocationsPerStep"] is NSNull)
    let cost = try #require((object["cost"] as? [String: Any])?["phases"] as? [String: Any])
    #expect(cost["inference"] is NSNull)
    #expect(cost["integration"] is Double)
  }

  @Test func numbersThatAreNotFiniteBecomeNull() throws {
    var result = try Runner(scene: SceneInCode.falling()).run()
    result.quality.energyDrift = .nan
    result.solve.residual.max = .infinity
    result.oracles = [OracleResult(name: "never", expected: 1, found: nil, tolerance: 0.1)]
    let object = try Self.object(try JSONText.encode(result))
    #expect((object["quality"] as? [String: Any])?["energyDrift"] is NSNull)
    #expect(((object["solve"] as? [String: Any])?["residual"] as? [String: Any])?["max"] is NSNull)
    let oracle = try #require((object["oracles"] as? [[String: Any]])?.first)
    #expect(Set(oracle.keys) == ["name", "expected", "found", "tolerance", "passed"])
    #expect(oracle["found"] is NSNull)
  }

  @Test func readsBackWhatItWrote() throws {
    let result = try Runner(scene: SceneInCode.chain()).run()
    let text = try JSONText.encode(result)
    let back = try JSONDecoder().decode(RunResult.self, from: Data(text.utf8))
    #expect(try JSONText.encode(back) == text)
    #expect(back.quality.energyDrift == result.quality.energyDrift)
    #expect(back.error == nil)
  }

  @Test func theSummaryNamesWhatWasMeasured() throws {
    var result = try Runner(scene: SceneInCode.chain(), solver: "pgs:iterations=500").run()
    result.oracles = [
      OracleResult(name: "period", expected: 2, found: 2.01, tolerance: 0.02),
      OracleResult(name: "height", expected: 1, found: nil, tolerance: 0.1),
    ]
    let text = RunSummary(result).text
    for part in [
      "chain", "pgs:iterations=500", "assembly", "residual", "joint error", "✓ period", "✗ height", result.stateHash,
    ] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(!text.contains("\u{1B}"))
    #expect(RunSummary(result, plain: false).text.contains("\u{1B}["))
    for line in text.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
  }
}
