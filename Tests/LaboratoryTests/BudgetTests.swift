import ConstraintSystem
import Laboratory
import Testing

@Suite struct BudgetTests {
  @Test func readsItsParts() throws {
    let budget = try Budget(parsing: "tolerance=1e-6,iterations=50,time=200us")
    #expect(budget.tolerance == 1e-6)
    #expect(budget.iterations == 50)
    #expect(budget.timeLimit == 200e-6)
    #expect(budget.text == "tolerance=1e-6,iterations=50,time=200us")
  }

  @Test func whatIsNotGivenStaysTheSolvers() throws {
    let rule = StopRule(tolerance: 1e-9, iterations: 10, timeLimit: nil)
    #expect(Budget().applied(to: rule) == rule)
    #expect(try Budget(parsing: "time=1s").applied(to: rule) == StopRule(tolerance: 1e-9, iterations: 10, timeLimit: 1))
  }

  @Test(arguments: [
    "", "50", "tolerance", "tolerance=", "tolerance=-1", "tolerance=nan", "iterations=1.5", "iterations=-1", "time=5",
    "time=0s", "time=infs", "passes=0", "iteration=50", "time=1s,",
  ])
  func rejects(text: String) {
    #expect { try Budget(parsing: text) } throws: { error in (error as? InputError)?.kind == .usage }
  }
}
