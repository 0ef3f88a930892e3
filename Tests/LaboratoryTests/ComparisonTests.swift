import ConstraintSystem
import Foundation
import Laboratory
import LearnedSolvers
import Solvers
import Testing

@Suite struct ComparisonTests {
  static func candidates() -> [Comparison.Candidate] {
    [
      Comparison.Candidate(name: "falling") { try SceneInCode.falling() },
      Comparison.Candidate(name: "chain") { try SceneInCode.chain(coneAngle: 0.5, law: .coulomb) },
    ]
  }

  @Test func aRowForEverySceneAndSolver() throws {
    let comparison = try Comparison(scenes: Self.candidates(), solvers: ["pgs", "newton", "ipm"])
    var runs: [String] = []
    comparison.willRun = { scene, solver, steps in
      runs.append("\(scene) \(solver) \(steps)")
      return { _ in }
    }
    try comparison.run()
    let results = comparison.report.results
    #expect(results.map(\.scene) == ["falling", "falling", "falling", "chain", "chain", "chain"])
    #expect(results.map(\.solver) == ["pgs", "newton", "ipm", "pgs", "newton", "ipm"])
    #expect(runs.first == "falling pgs 20")
    #expect(runs.count == 6)
    // Without rows there is nothing to solve: every solver's world takes the same path, each from the start.
    #expect(Set(results[..<3].map(\.stateHash)).count == 1)
    // Limits under `coulomb` are not what newton and ipm solve: a row with the reason, and nulls.
    #expect(comparison.entries.map(\.isUnsupported) == [false, false, false, false, true, true])
    #expect(results[4].solve.stopReasons == ["unsupported": 1])
    #expect(results[4].cost.step.median == nil)
    #expect(results[3].cost.step.median != nil)
  }

  @Test func theObjectHasTheKeysOfTheManual() throws {
    var options = RunOptions()
    options.steps = 3
    let comparison = try Comparison(scenes: Self.candidates(), solvers: ["pgs"], options: options)
    try comparison.run()
    let object = try RunResultTests.object(try JSONText.encode(comparison.report))
    #expect(Set(object.keys) == ["mode", "budget", "repeats", "machine", "overhead", "warnings", "profile", "results"])
    #expect(object["mode"] as? String == "trajectory")
    #expect(object["budget"] is NSNull)
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.map { $0["steps"] as? Int } == [3, 3])
    #expect(Set(results[1].keys) == RunResultTests.keys[""])

    options.budget = try Budget(parsing: "iterations=5")
    let budgeted = try Comparison(scenes: Self.candidates(), solvers: ["pgs"], options: options)
    #expect(budgeted.report.budget == "iterations=5")
  }

  @Test func stopsWithWhatItHas() throws {
    let comparison = try Comparison(scenes: Self.candidates(), solvers: ["pgs", "ldl"])
    var runs = 0
    comparison.didRun = { _ in runs += 1 }
    comparison.shouldStop = { runs == 1 }
    try comparison.run()
    #expect(comparison.entries.count == 1)
  }

  @Test func theTableHasACellForEveryColumn() throws {
    let comparison = try Comparison(scenes: Self.candidates(), solvers: ["pgs:iterations=1", "newton"])
    try comparison.run()
    let sections = ComparisonTable(comparison.report.results).sections
    #expect(sections.count == 2)
    for section in sections {
      #expect(section.count == 2)
      for row in section { #expect(row.count == ComparisonTable.columns.count) }
    }
    #expect(sections[0].map(\.first) == ["falling", "  20 steps"])
    #expect(sections[0][0].last == "converged")
    #expect(sections[1][0].last == "iterationLimit" || sections[1][0].last?.hasPrefix("iterationLimit ") == true)
    #expect(sections[1][1].last == "unsupported")
    #expect(sections[1][1][2] == "–")
  }

  @Test func commaSeparatedValuesHaveALineForEveryRun() throws {
    let comparison = try Comparison(scenes: Self.candidates(), solvers: ["pgs:iterations=9,tolerance=1e-3", "newton"])
    try comparison.run()
    let lines = ComparisonCSV.text(comparison.report.results).split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("scene,solver,law,"))
    // The solver's own comma is in quotes.
    #expect(lines[1].hasPrefix("falling,\"pgs:iterations=9,tolerance=1e-3\",convex,"))
    let columns = lines[0].split(separator: ",").map(String.init)
    let last = lines[4].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let median = try #require(columns.firstIndex(of: "cost.step.median"))
    #expect(last[median].isEmpty)
    #expect(last[try #require(columns.firstIndex(of: "reason"))] == "unsupported")
  }
}

@Suite struct SolverListTests {
  @Test func separatorsGroupsAndDuplicates() throws {
    #expect(try SolverList.parse("pgs newton;  pgs:iterations=50 ;pgs") == ["pgs", "newton", "pgs:iterations=50"])
    #expect(try SolverList.parse("all") == SolverCatalog.complete.choices.map(\.name))
    #expect(try SolverList.parse("direct pgs") == SolverCatalog.complete.expand("direct") + ["pgs"])
    #expect(SolverCatalog.complete.expand("direct").count >= 2)
    #expect(try SolverList.parse(SolverList.standard).count == 6)
  }

  @Test func wrongNamesAndEmptyListsAreErrors() {
    #expect { try SolverList.parse("pgs newtn") } throws: { error in
      (error as? SolverTextError)?.message.contains("did you mean \"newton\"") == true
    }
    #expect { try SolverList.parse(" ; ") } throws: { ($0 as? InputError)?.kind == .usage }
  }

  @Test func wordsThatAreScenesAreHandedBack() throws {
    let list = try SolverList.parse(["pgs", "ldl;lu", "stack"]) { $0 == "stack" }
    #expect(list.solvers == ["pgs", "ldl", "lu"])
    #expect(list.scenes == ["stack"])
    #expect(throws: SolverTextError.self) { try SolverList.parse(["pgs", "stuck"]) { $0 == "stack" } }
    // The first word can only be a solver.
    #expect(throws: SolverTextError.self) { try SolverList.parse(["stack"]) { $0 == "stack" } }
  }
}
