import Foundation
import Laboratory
import LearnedSolvers
import Solvers
import Testing

@Suite struct ListingTests {
  @Test func theObjectHasAKeyForEveryTopic() throws {
    let object = try RunResultTests.object(try JSONText.encode(Listing()))
    #expect(
      Set(object.keys) == ["scenes", "solvers", "guesses", "preconditioners", "linear-solvers", "joints", "shapes"])
    let solvers = try #require(object["solvers"] as? [[String: Any]])
    #expect(solvers.compactMap { $0["name"] as? String } == SolverCatalog.complete.choices.map(\.name))
    for (solver, descriptor) in zip(solvers, SolverCatalog.complete.solvers) {
      let flag = descriptor.isApproximate ? ["approximate"] : []
      #expect(Set(solver.keys) == Set(["name", "summary", "slots", "sets", "laws", "reference"] + flag))
      #expect(solver["approximate"] as? Bool == (descriptor.isApproximate ? true : nil))
      #expect((solver["laws"] as? [String])?.isEmpty == false)
    }
  }

  @Test func oneTopicIsOneKey() throws {
    let object = try RunResultTests.object(try JSONText.encode(Listing([.guesses])))
    #expect(Set(object.keys) == ["guesses"])
  }

  @Test func theTextNamesEverythingWithinItsWidth() throws {
    let text = try Listing([.solvers, .joints]).text
    for solver in SolverCatalog.complete.solvers {
      #expect(text.contains("  \(solver.name)"))
      #expect(text.contains(solver.laws[0].rawValue))
    }
    #expect(text.contains("; approximate\n"))
    for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }
}
