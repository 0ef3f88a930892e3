import ConstraintSystem
import Dynamics
import Foundation
import FoundationXML
import Laboratory
import LinearAlgebra
import Testing

/// Figures are drawn by gnuplot without a complaint, whatever is in them, and what comes out is well-formed.
@Suite struct FigureTests {
  typealias Run = MadeComparison.Run

  static func parses(_ text: String) -> Bool { XMLParser(data: Data(text.utf8)).parse() }

  /// Draws every figure of a comparison in both forms; gives the names of the kinds.
  @discardableResult
  static func draw(_ data: ComparisonData, profile: PerformanceProfile? = nil) throws -> [String] {
    let source = FigureSource(data, profile: profile)
    var names: [String] = []
    for kind in FigureCatalog.all {
      for figure in kind.make(source) {
        #expect(figure.kind == kind.name)
        #expect(try figure.complaint() == "", "\(kind.name)")
        #expect(parses(try figure.svg(for: "a.svg")), "\(kind.name) by itself")
        #expect(parses(try figure.inlineSVG(prefix: "p")), "\(kind.name) in a page")
        #expect(!figure.caption.isEmpty && !figure.table.rows.isEmpty, "\(kind.name)")
        #expect(!figure.caption.contains("nan") && !figure.caption.contains("  "), "\(figure.caption)")
        for row in figure.table.rows { #expect(row.count == figure.table.columns.count) }
        names.append(kind.name)
      }
    }
    return names
  }

  @Test func everyKindIsDrawn() throws {
    let runs = ["stack", "chain"].flatMap { scene in
      [
        Run(scene: scene, solver: "newton", time: 12, residual: 1e-8, joints: 2),
        Run(scene: scene, solver: "pgs", time: 700, residual: 2e-3, reason: .iterationLimit, joints: 2),
      ]
    }
    let data = MadeComparison.data(runs, budget: "tolerance=1e-6")
    let names = try Self.draw(data)
    // Two scenes each, one profile over both; a matrix needs a problem.
    for kind in FigureCatalog.all where kind.name != "matrix" {
      #expect(names.count { $0 == kind.name } == (kind.name == "profile" ? 1 : 2), "\(kind.name)")
    }
    let accuracy = try FigureCatalog.kind("accuracy").make(FigureSource(data))[0]
    #expect(accuracy.title == "Time against accuracy: stack")
    #expect(
      accuracy.caption.contains("No other solver is faster or more accurate than newton (1e-8 m/s in 12.0 µs)."))
    #expect(accuracy.caption.contains("Open symbols"))
  }

  @Test func withoutContactsJointsOrRowsThereIsLessToSee() throws {
    let bare = [Run(solver: "pgs", time: 5, residual: nil, contacts: 0)]
    var data = MadeComparison.data(bare)
    data.convergence = []
    // Nothing penetrates, no joint, no row: cost and energy alone.
    for index in data.traces[0].indices { data.traces[0][index].rows = 0 }
    #expect(try Self.draw(data) == ["stages", "energy"])
  }

  @Test func oneStepIsEnough() throws {
    let names = try Self.draw(
      MadeComparison.data(
        [Run(solver: "pgs", time: 5, residual: 1e-3), Run(solver: "cg", time: 6, residual: 1e-7)], steps: 1))
    #expect(names.contains("residual") && names.contains("energy"))
  }

  @Test func nothingIsDrawnOfSolversThatRefuse() throws {
    let refused = ["pgs", "cg"].map { Run(solver: $0, time: nil, residual: nil, reason: .unsupported) }
    #expect(try Self.draw(MadeComparison.data(refused)).isEmpty)
  }

  @Test func zerosInfinitiesAndNaNHaveTheirPlace() throws {
    let residuals: [Double?] = [0, .infinity, .nan, 1e-9, 1e300, 5e-324]
    let runs = residuals.enumerated().map { index, residual in
      Run(solver: "solver\(index)", time: 10 + Double(index), residual: residual, reason: .breakdown)
    }
    var data = MadeComparison.data(runs)
    for (run, value) in [0: .infinity, 1: -.infinity, 2: .nan, 3: 1e300] as [Int: Double] {
      data.traces[run][10].energy = value
      data.traces[run][10].penetration = value
      data.traces[run][11].residual.maximum = value
    }
    #expect(try Self.draw(data).contains("accuracy"))
    // Nothing but zeros: there is an order in time still.
    try Self.draw(MadeComparison.data([Run(solver: "ldl", time: 4, residual: 0)]))
    try Self.draw(MadeComparison.data([Run(solver: "ldl", time: 4, residual: .infinity)]))
  }

  @Test func strangeNamesAreWrittenAsTheyAre() throws {
    let runs = MadeComparison.strange.enumerated().map { index, name in
      Run(scene: "a&b: <c>", solver: name, time: 10 + Double(index), residual: pow(10, -3 - Double(index)))
    }
    let data = MadeComparison.data(runs)
    try Self.draw(data)
    let svg = try FigureCatalog.kind("residual").make(FigureSource(data))[0].inlineSVG(prefix: "p")
    for name in MadeComparison.strange {
      let escaped = name.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
      #expect(svg.contains("<title>\(escaped)</title>"), "\(name)")
    }
    #expect(svg.contains("newton:linear=pcg,preconditioner=ic0</text>"))
  }

  @Test func manySolversStayReadable() throws {
    let runs = (0..<34).map { index in
      Run(
        solver: "solver\(index)", time: 10 * pow(1.2, Double(index)), residual: pow(10, -12 + 0.3 * Double(index % 30)),
        reason: index == 5 ? .iterationLimit : .converged)
    }
    let data = MadeComparison.data(runs)
    try Self.draw(data)
    let styles = SolverStyles(data.report.results)
    #expect(styles.highlighted == (0..<11).filter { $0 != 5 }.map { "solver\($0)" })
    #expect(Set(styles.highlighted.map { styles[$0].color }).count == SolverStyles.limit)
    #expect(styles.others.allSatisfy { !styles[$0].isHighlighted })
    // The first is shown whatever it comes to.
    #expect(SolverStyles(data.report.results.reversed()).highlighted.contains("solver33"))
  }

  @Test func thinningKeepsPeaks() {
    var values = (0..<100_000).map { Double($0 % 10) }
    values[41_234] = 1e6
    values[77_777] = -5
    values[50_000] = .nan
    let kept = Thinning.indices(values)
    #expect(kept.count <= Thinning.limit)
    #expect(kept == kept.sorted() && Set(kept).count == kept.count)
    #expect(kept.contains(41_234) && kept.contains(77_777) && kept.contains(50_000))
    #expect(kept.first == 0 && kept.last == 99_999)
    #expect(Thinning.indices([1, 2, 3]) == [0, 1, 2])
  }

  @Test func longSeriesAreThinnedInTheTableToo() throws {
    let data = MadeComparison.data([Run(solver: "pgs", time: 5, residual: 1e-3)], steps: 9_000)
    let figure = try FigureCatalog.kind("residual").make(FigureSource(data))[0]
    #expect(figure.table.rows.count <= Thinning.limit)
    #expect(figure.caption.contains("the smallest and the largest value are drawn"))
  }

  /// Fields of a line of comma-separated values.
  static func fields(_ line: String) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" {
        // A doubled quote closes and opens again: the quote between them is kept.
        if !isQuoted, line.contains("\"\""), fields[fields.count - 1].hasSuffix("\u{1}") {
          fields[fields.count - 1].removeLast()
          fields[fields.count - 1].append("\"")
        }
        isQuoted.toggle()
        if !isQuoted { fields[fields.count - 1].append("\u{1}") }
      } else if character == "," && !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields.map { $0.replacingOccurrences(of: "\u{1}", with: "") }
  }

  @Test func tablesReadBackAsTheSameNumbers() throws {
    let runs = MadeComparison.strange.enumerated().map { index, name in
      Run(solver: name, time: 10.1 + Double(index) / 3, residual: 1 / (3 + Double(index)))
    }
    let figure = try FigureCatalog.kind("accuracy").make(FigureSource(MadeComparison.data(runs)))[0]
    let lines = figure.table.csv.split(separator: "\n").map(String.init)
    #expect(Self.fields(lines[0]) == figure.table.columns)
    #expect(lines.count == runs.count + 1)
    for (line, run) in zip(lines.dropFirst(), runs) {
      let fields = Self.fields(line)
      #expect(fields[0] == run.solver)
      // The same bits, not nearly the same.
      #expect(Double(fields[1]) == run.residual && Double(fields[3]) == run.time)
    }
    // Through the link and back.
    let link = HTMLReport.link(figure.table.csv)
    let text = try #require(link.dropFirst("data:text/csv;charset=utf-8,".count).removingPercentEncoding as String?)
    #expect(text == figure.table.csv)
    #expect(!link.contains(where: { "\"'<>& \n#".contains($0) }))
  }

  @Test func colorsAreTellableApart() {
    // A page replaces them by their light value.
    #expect(Set(FigureColor.all.map(\.light)).count == FigureColor.all.count)
    #expect(Set(FigureColor.all.map(\.name)).count == FigureColor.all.count)
  }

  @Test func sweepsAreDrawn() throws {
    let map = HeatMap(
      title: "a & b", xName: "massRatio", xValues: [1, 10, 100], yName: "count", yValues: [5, 10],
      valueLabel: "time of a step", values: [[1, 20, nil], [3, .infinity, 400]])
    let figure = try #require(map.figure())
    #expect(try figure.complaint() == "")
    #expect(Self.parses(try figure.svg(for: "a.svg")))
    #expect(Self.parses(try figure.inlineSVG(prefix: "p")))
    #expect(figure.table.rows.count == 6 && figure.caption.contains("colours by ratio"))
    #expect(figure.caption.contains("One cell has no value"))
    #expect(figure.caption.contains("to 400 at massRatio 100, count 10"))
    let empty = HeatMap(
      title: "", xName: "x", xValues: [1], yName: "y", yValues: [1], valueLabel: "", values: [[nil]])
    #expect(empty.figure() == nil)
    let plot = SweepPlot(
      title: "time", xName: "massRatio", xValues: [1, 10, 100], valueLabel: "µs",
      lines: [("pgs", [1, nil, 9]), ("cg", [nil, nil, nil])])
    let line = try #require(plot.figure())
    #expect(Self.parses(try line.inlineSVG(prefix: "p")))
    #expect(line.table.rows.count == 3)
    #expect(line.caption.contains("a factor of 9.00 under pgs"))
  }

  @Test func aMatrixOfAProblemIsDrawn() throws {
    let runner = try Runner(scene: SceneInCode.chain(steps: 2), solver: "ldl")
    _ = runner.run()
    var data = MadeComparison.data([Run(scene: "chain", solver: "ldl", time: 3, residual: 1e-9)])
    data.problems = [SampleProblem(scene: "chain", step: 1, problem: runner.simulation.problem)]
    let figure = try #require(try FigureCatalog.kind("matrix").make(FigureSource(data)).first)
    // Three ball joints in a row: 9 rows, neighbours coupled.
    #expect(figure.caption.contains("9 rows in 3 constraints"))
    #expect(Self.parses(try figure.inlineSVG(prefix: "p")))
    let entries = figure.table.rows.count
    #expect(entries > 9 && entries <= 45)
  }
}
