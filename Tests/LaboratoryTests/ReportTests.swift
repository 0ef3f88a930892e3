import ConstraintSystem
import Foundation
import FoundationXML
import Laboratory
import Testing

/// The page: well-formed, complete in itself, and with the numbers of its JSON.
@Suite struct ReportTests {
  typealias Run = MadeComparison.Run

  /// Reads the page as XML: its cells, its links, its ids, the text of its script.
  final class Page: NSObject, XMLParserDelegate {
    var rows: [[String]] = []
    var headings: [String] = []
    var ids: [String] = []
    var references: [String] = []
    var downloads: [String] = []
    var script = ""
    var styles = ""
    var elements: [String: Int] = [:]
    private var path: [String] = []
    private var isSummary = false

    init(_ html: String) throws {
      super.init()
      let parser = XMLParser(data: Data(html.utf8))
      parser.delegate = self
      guard parser.parse() else {
        throw NSError(
          domain: "page", code: 0,
          userInfo: [NSLocalizedDescriptionKey: "line \(parser.lineNumber): \(String(describing: parser.parserError))"])
      }
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      path.append(name)
      elements[name, default: 0] += 1
      if let id = attributes["id"] {
        ids.append(id)
        if id == "summary" { isSummary = true }
      }
      for key in ["href", "src", "xlink:href", "action", "srcset", "data"] {
        if let value = attributes[key] { references.append(value) }
      }
      if attributes["download"] != nil { downloads.append(attributes["href"] ?? "") }
      if let style = attributes["style"] { styles += style }
      if isSummary && name == "tr" { rows.append([]) }
      if isSummary && (name == "td" || name == "th") { rows[rows.count - 1].append("") }
      if name == "h2" { headings.append("") }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      path.removeLast()
      if name == "table" { isSummary = false }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      if path.last == "script" { script += string }
      if path.last == "style" { styles += string }
      if path.last == "h2" { headings[headings.count - 1] += string }
      if isSummary && (path.last == "td" || path.last == "th") {
        rows[rows.count - 1][rows[rows.count - 1].count - 1] += string
      }
    }
  }

  static func html(_ data: ComparisonData, maps: [HeatMap] = [], plots: [SweepPlot] = []) throws -> String {
    try HTMLReport(FigureSource(data), heatMaps: maps, sweepPlots: plots).html()
  }

  static func example() -> ComparisonData {
    let runs = ["stack", "chain"].flatMap { scene in
      [
        Run(scene: scene, solver: "newton", time: 12.3, residual: 1.5e-8, joints: 1),
        Run(scene: scene, solver: "pgs", time: 701, residual: 2.25e-3, reason: .iterationLimit, joints: 1),
        Run(scene: scene, solver: "lemke", time: nil, residual: nil, reason: .unsupported),
      ]
    }
    return MadeComparison.data(runs, budget: "tolerance=1e-6")
  }

  @Test func theTableIsThatOfTheJSON() throws {
    let page = try Page(try Self.html(Self.example()))
    // What is in the page, read from the page alone.
    let report = try JSONDecoder().decode(ComparisonReport.self, from: Data(page.script.utf8))
    #expect(report.results.count == 6 && report.results[0].cost.step.median == 12.3)
    let expected =
      [ComparisonTable.columns.map(\.title)] + ComparisonTable(report.results).sections.joined()
    #expect(page.rows.count == 7)
    for (row, cells) in zip(page.rows, expected) {
      #expect(row == cells.map { $0.trimmingCharacters(in: .whitespaces) })
    }
    // And the JSON is what `compare --json` prints.
    let printed = try JSONSerialization.jsonObject(with: Data(try JSONText.encode(Self.example().report).utf8))
    let embedded = try JSONSerialization.jsonObject(with: Data(page.script.utf8))
    #expect((printed as? NSDictionary) == (embedded as? NSDictionary))
  }

  @Test func nothingComesFromElsewhere() throws {
    let html = try Self.html(Self.example())
    let page = try Page(html)
    for reference in page.references { #expect(reference.hasPrefix("#") || reference.hasPrefix("data:")) }
    #expect(!page.styles.contains("@import") && !page.styles.contains("url("))
    #expect(page.elements["script"] == 1 && page.elements["img"] == nil && page.elements["iframe"] == nil)
    // What points into the page finds its end.
    for reference in page.references where reference.hasPrefix("#") {
      #expect(page.ids.contains(String(reference.dropFirst())), "\(reference)")
    }
  }

  @Test func idsAreUniqueAndFiguresAreThere() throws {
    let map = HeatMap(
      title: "time", xName: "massRatio", xValues: [1, 10], yName: "count", yValues: [5, 10], valueLabel: "µs",
      values: [[1, 2], [3, 4]])
    let page = try Page(try Self.html(Self.example(), maps: [map, map]))
    #expect(Set(page.ids).count == page.ids.count)
    // accuracy, stages, convergence twice, residual, energy, penetration, joint error: two scenes each; the profile;
    // two maps.
    #expect(page.elements["figure"] == 2 * 8 + 1 + 2)
    #expect(page.elements["svg"] == page.elements["figure"] && page.downloads.count == page.elements["figure"])
    #expect(page.headings.contains("Time against accuracy") && page.headings.contains("Sweep"))
    for link in page.downloads {
      let csv = try #require(link.components(separatedBy: "utf-8,").last?.removingPercentEncoding)
      #expect(csv.split(separator: "\n").count > 1)
    }
  }

  @Test func pageAndPrintHaveEveryColor() throws {
    let html = try Self.html(Self.example())
    let page = try Page(html)
    #expect(page.styles.contains("prefers-color-scheme: dark") && page.styles.contains("@media print"))
    for color in FigureColor.all {
      #expect(page.styles.contains("--\(color.name): \(color.light);"))
      #expect(page.styles.contains("--\(color.name): \(color.dark);"))
    }
    // Within figures no colour is fixed: it would be wrong in the dark.
    let figures = html.components(separatedBy: "<svg").dropFirst().map { $0.components(separatedBy: "</svg>")[0] }
    for figure in figures {
      #expect(!figure.contains("rgb("))
      #expect(
        !figure.replacingOccurrences(of: #"var\(--[a-z0-9-]+, #[0-9a-f]{6}\)"#, with: "", options: .regularExpression)
          .contains("=\"#"))
    }
  }

  @Test func strangeNamesDoNoHarm() throws {
    let runs = MadeComparison.strange.map { Run(scene: "</script><b>", solver: $0, time: 3, residual: 1e-4) }
    let page = try Page(try Self.html(MadeComparison.data(runs)))
    #expect(page.rows.dropFirst().map { $0[1] } == MadeComparison.strange)
    #expect(page.rows[1][0] == "</script><b>")
    #expect(page.elements["b"] == nil)
    let report = try JSONDecoder().decode(ComparisonReport.self, from: Data(page.script.utf8))
    #expect(report.results.map(\.solver) == MadeComparison.strange)
  }

  @Test func findingsSayWhatTheNumbersSay() throws {
    let html = try Self.html(Self.example())
    #expect(html.contains("newton is the only one that converged in every step: 12.3 µs a step, residual 1.5e-8 m/s."))
    #expect(html.contains("Not made for this law or these joints: lemke."))
    #expect(html.contains("Penetration reaches 2.25 mm under pgs, 15.0 nm under newton"))
    // Where nothing could be run there is a page still.
    let refused = [Run(solver: "lemke", time: nil, residual: nil, reason: .unsupported)]
    let page = try Page(try Self.html(MadeComparison.data(refused)))
    #expect(page.elements["figure"] == nil && page.rows.count == 2)
  }

  @Test func aRealComparisonHasItsPage() throws {
    let comparison = try Comparison(scenes: ComparisonTests.candidates(), solvers: ["pgs", "newton", "ldl"])
    comparison.keepsTraces = true
    try comparison.run()
    #expect(
      comparison.data.traces.map(\.count)
        == comparison.report.results.map(\.steps).enumerated().map {
          // A run that is refused shows no steps, though some were done before its first rows.
          comparison.entries[$0.offset].isUnsupported ? comparison.data.traces[$0.offset].count : $0.element
        })
    let page = try Page(try Self.html(comparison.data))
    #expect(page.rows.count == 7)
  }
}
