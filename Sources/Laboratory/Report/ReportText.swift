import ConstraintSystem
import Foundation

/// The words and the table of a report.
enum ReportText {
  static func title(_ source: FigureSource) -> String {
    let count = source.styles.solvers.count
    let scenes = source.scenes.map(\.name)
    return "\(count == 1 ? "One solver" : "\(count) solvers") on \(FigureSource.list(scenes))"
  }

  /// What was compared, and how.
  static func facts(_ source: FigureSource) -> [ReportPage.Fact] {
    let report = source.data.report
    let runs = source.scenes.flatMap(\.runs).map(source.result)
    var laws: [String] = []
    for run in runs where !laws.contains(run.law.rawValue) { laws.append(run.law.rawValue) }
    return [
      ReportPage.Fact(
        name: source.scenes.count == 1 ? "scene" : "scenes",
        values: source.scenes.map { scene in describe(scene.name, scene.runs.map(source.result)) }),
      ReportPage.Fact(name: "friction law", values: [laws.joined(separator: ", ")]),
      ReportPage.Fact(
        name: "mode",
        values: [
          report.mode.rawValue
            + (source.isTrajectory
              ? ": every solver drives a world of its own from the same start"
              : ": one solver drives the world, and every solver gets the same problem at every step")
        ]),
      ReportPage.Fact(
        name: "budget", values: [report.budget ?? "none: every solver stops by its own rule"]),
      ReportPage.Fact(name: "machine", values: [report.machine.summary + ", " + report.machine.architecture]),
    ]
  }

  private static func describe(_ scene: String, _ runs: [RunResult]) -> String {
    guard let run = runs.first(where: { $0.steps > 0 }) ?? runs.first else { return scene }
    func count(_ number: Int, _ one: String) -> String { number == 1 ? "1 \(one)" : "\(number) \(one)s" }
    var parts = [
      count(run.bodies, "body").replacingOccurrences(of: "bodys", with: "bodies"), count(run.joints, "joint"),
    ]
    if let rows = run.solve.rows { parts.append(count(rows, "row")) }
    if let contacts = run.solve.contacts, contacts > 0 { parts.append(count(contacts, "contact")) }
    if run.steps > 0 {
      var steps = "\(count(run.steps, "step")) of \(Quantity.time(microseconds: 1e6 * run.timestep))"
      if run.substeps > 1 { steps += " in \(run.substeps) substeps" }
      parts.append(steps)
    }
    let parameters = run.parameters.sorted { $0.key < $1.key }.map { "\($0.key) \(Quantity.digits($0.value))" }
    return scene + (parameters.isEmpty ? "" : " (\(parameters.joined(separator: ", ")))") + ": "
      + parts.joined(separator: ", ")
  }

  /// The columns of the terminal's table.
  static func columns(_ mode: Comparison.Mode) -> [TableColumn] {
    mode == .shadow ? ShadowTable.columns : ComparisonTable.columns
  }

  /// What they mean.
  static func legend(_ report: ComparisonReport) -> [String] {
    guard report.mode == .shadow else { return ComparisonTable.legend }
    let driver = report.results.first { $0.role == .driver }?.solver ?? Comparison.standardDriver
    return ShadowTable.legend(driver: driver, overhead: report.overhead)
  }

  /// The cells of the terminal's table; the best time and residual of what converged stand out.
  static func tables(_ report: ComparisonReport, _ styles: SolverStyles) -> [ReportPage.Table] {
    let isShadow = report.mode == .shadow
    let results = report.results.filter { $0.role != .driver }
    let sections = isShadow ? ShadowTable(report.results).sections : ComparisonTable(results).sections
    var start = 0
    return sections.map { rows in
      let runs = Array(results[start..<(start + rows.count)])
      start += rows.count
      let solved = runs.filter(\.isSolved)
      let fastest = solved.compactMap(\.cost.step.median).min()
      let finest = solved.compactMap(\.solve.residual.median).min()
      return ReportPage.Table(
        rows: zip(rows, runs).map { cells, run in
          ReportPage.Row(
            color: styles[run.solver].color.css,
            cells: zip(columns(report.mode), cells).map { column, text in
              let isBest =
                run.isSolved && runs.count > 1
                && ((column.title == "step" || column.title == "solve") && run.cost.step.median == fastest
                  || column.title == "residual" && finest != nil && run.solve.residual.median == finest)
              return ReportPage.Cell(
                text: text.trimmingSpaces, isNumber: column.isNumber, isBest: isBest,
                hasColor: column.title == "solver")
            }, isFailed: run.steps == 0 || run.error != nil)
        })
    }
  }

  /// What the runs warn of.
  static func warnings(_ results: [RunResult]) -> ReportPage.Warnings? {
    let runs = results.compactMap { result -> ReportPage.Warning? in
      let lines = ([result.error].compactMap { $0 }) + result.warnings
      return lines.isEmpty ? nil : ReportPage.Warning(run: "\(result.scene), \(result.solver)", lines: lines)
    }
    return runs.isEmpty ? nil : ReportPage.Warnings(runs: runs)
  }
}
