import ConstraintSystem
import Foundation
import Mustache

/// The report of a comparison: one HTML file with everything in it, figures and their numbers, light and dark, without
/// a script and without anything from elsewhere.
public struct HTMLReport {
  private let source: FigureSource
  private let heatMaps: [HeatMap]
  private let sweepPlots: [SweepPlot]
  private let date: Date
  private let kinds: [FigureKind]

  /// A report of a comparison, with what a sweep has found.
  public init(
    _ source: FigureSource, heatMaps: [HeatMap] = [], sweepPlots: [SweepPlot] = [], date: Date = Date(),
    kinds: [FigureKind] = FigureCatalog.all
  ) {
    self.kinds = kinds
    self.source = source
    self.heatMaps = heatMaps
    self.sweepPlots = sweepPlots
    self.date = date
  }

  /// Throws `InputError` where there is no gnuplot or the file cannot be written: asked for before the first run.
  public static func check(_ file: String) throws { try Figure.check(file) }

  /// Draws the figures and writes the page. Throws `InputError`.
  public func write(to file: String) throws { try Gnuplot.write(Data(html().utf8), to: file) }

  /// The page. Throws `InputError` where a figure cannot be drawn.
  package func html() throws -> String {
    let template: MustacheTemplate
    do {
      template = try MustacheTemplate(string: String(decoding: PackageResources.report_mustache, as: UTF8.self))
    } catch {
      preconditionFailure("the report's template is wrong: \(error)")
    }
    return template.render(try page())
  }

  private func page() throws -> ReportPage {
    let report = source.data.report
    return ReportPage(
      title: ReportText.title(source), date: Self.day(date), light: FigureColor.declarations(dark: false),
      dark: FigureColor.declarations(dark: true), facts: ReportText.facts(source),
      findings: source.scenes.map { ReportFindings.scene($0.name, $0.runs.map(source.result)) },
      solvers: source.styles.solvers.map { solver in
        ReportPage.Solver(
          name: solver, color: source.styles[solver].color.css, isOther: !source.styles[solver].isHighlighted)
      },
      columns: ReportText.columns(report.mode).map { ReportPage.Column(title: $0.title, isNumber: $0.isNumber) },
      tables: ReportText.tables(report, source.styles), legend: ReportText.legend(report),
      warnings: ReportText.warnings(report.results), sections: try sections(),
      json: Self.embedded(try JSONText.encode(report)))
  }

  private func sections() throws -> [ReportPage.Section] {
    var sections: [ReportPage.Section] = []
    for kind in kinds {
      let figures = kind.make(source)
      guard let first = figures.first else { continue }
      // The heading of a section says what all of its figures are; theirs add the scene.
      let title = first.title.components(separatedBy: ": ")[0]
      sections.append(try section(kind.name, title, figures))
    }
    // Maps of one quantity have one scale.
    let sweep =
      sweepPlots.compactMap { $0.figure(source.styles) }
      + heatMaps.compactMap { map in
        map.figure(range: HeatMap.range(heatMaps.filter { $0.valueLabel == map.valueLabel }))
      }
    if !sweep.isEmpty { sections.append(try section("sweep", "Sweep", sweep)) }
    return sections
  }

  private func section(_ id: String, _ title: String, _ figures: [Figure]) throws -> ReportPage.Section {
    ReportPage.Section(
      id: id, title: title,
      figures: try figures.enumerated().map { index, figure in
        let rows = figure.table.rows.count
        return ReportPage.Drawing(
          heading: figure.title == title ? nil : Self.scene(figure.title, of: title),
          svg: try figure.inlineSVG(prefix: "\(id)-\(index)"),
          caption: figure.caption, file: figures.count > 1 ? "\(id)-\(index + 1).csv" : "\(id).csv",
          link: Self.link(figure.table.csv), rows: rows == 1 ? "1 row" : "\(rows) rows")
      })
  }

  /// What a figure's title adds to that of its section: the scene.
  private static func scene(_ title: String, of section: String) -> String {
    title.hasPrefix(section + ": ") ? String(title.dropFirst(section.count + 2)) : title
  }

  /// A data URI (RFC 2397) of a text.
  package static func link(_ csv: String) -> String {
    // Not &, ' or +, which mean something in a page or in a query.
    var allowed = CharacterSet(charactersIn: Unicode.Scalar("a")...Unicode.Scalar("z"))
    allowed.insert(charactersIn: Unicode.Scalar("A")...Unicode.Scalar("Z"))
    allowed.insert(charactersIn: "0123456789-._~,:;=()/*")
    return "data:text/csv;charset=utf-8," + (csv.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")
  }

  /// JSON that can stand in an element of HTML as well as of XML: what could end it is written as an escape.
  private static func embedded(_ json: String) -> String {
    var text = ""
    text.reserveCapacity(json.utf8.count)
    for character in json {
      switch character {
      case "<": text += "\\u003c"
      case ">": text += "\\u003e"
      case "&": text += "\\u0026"
      default: text.append(character)
      }
    }
    return text
  }

  private static func day(_ date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "d MMMM yyyy, HH:mm"
    return formatter.string(from: date)
  }
}
