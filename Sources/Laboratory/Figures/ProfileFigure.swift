import Foundation

/// The performance profile of Dolan and Moré: in which share of the problems a solver is within a factor of the fastest.
enum ProfileFigure {
  static let kind = FigureKind(
    name: "profile", summary: "performance profile (Dolan, Moré), one line a solver"
  ) { make($0) }

  private static func make(_ source: FigureSource) -> [Figure] {
    guard let profile = source.profile, profile.problems > 0 else { return [] }
    let known = Set(source.styles.solvers)
    let curves = profile.curves.filter { known.contains($0.solver) }
    guard curves.contains(where: { !$0.points.isEmpty }) else { return [] }
    let ratios = curves.flatMap { $0.points.map(\.ratio) }
    guard var x = PlotAxis.logarithmic("time over that of the fastest solver", ratios, text: TicText.plain) else {
      return []
    }
    let largest = max(ratios.max() ?? 1, 1)
    // A little room on the left, so that what begins at 1 is seen to begin there.
    x = PlotAxis.logarithmic("", [1, max(12, largest * 1.2)], text: TicText.plain) ?? x
    x.label = "time over that of the fastest solver"
    x.low = 0.93
    x.tics.removeAll { $0.value < 1 }
    var y = PlotAxis.linear("share of the problems", [0, 1], isTight: true) { TicText.plain(100 * $0) + " %" } ?? x
    (y.low, y.high) = (0, 1.03)
    var plot = Plot(x: x, y: y)
    plot.legend = .solvers(source.styles, among: Set(curves.filter { !$0.points.isEmpty }.map(\.solver)))
    let shown =
      curves.filter { !source.styles[$0.solver].isHighlighted }
      + curves.filter { source.styles[$0.solver].isHighlighted }.reversed()
    for curve in shown where !curve.points.isEmpty {
      var points: [(x: Double, y: Double)] = [(curve.points[0].ratio, 0)]
      for point in curve.points {
        points += [(point.ratio, points[points.count - 1].y), (point.ratio, point.share)]
      }
      points.append((x.high, points[points.count - 1].y))
      plot.line(points, source.styles[curve.solver], name: curve.solver)
    }
    guard let drawing = plot.drawing() else { return [] }
    let rows = curves.flatMap { curve in
      curve.points.map { point -> [FigureTable.Field] in
        [.text(curve.solver), .number(point.ratio), .number(point.share)]
      }
    }
    return [
      Figure(
        kind: kind.name, title: "Performance profile", caption: caption(profile.problems, curves),
        table: FigureTable(columns: ["solver", "ratio", "share"], rows: rows), drawing: drawing)
    ]
  }

  private static func caption(_ problems: Int, _ curves: [PerformanceProfile.Curve]) -> String {
    func wins(_ curve: PerformanceProfile.Curve) -> Double {
      curve.points.first.map { $0.ratio == 1 ? $0.share : 0 } ?? 0
    }
    func solved(_ curve: PerformanceProfile.Curve) -> Double { curve.points.last?.share ?? 0 }
    var text = "Of \(problems == 1 ? "one problem" : "\(problems) problems"). "
    if let fastest = curves.max(by: { wins($0) < wins($1) }), wins(fastest) > 0 {
      text += "\(fastest.solver) is the fastest in \(Quantity.percent(wins(fastest))) of them"
      let most = curves.map(solved).max() ?? 0
      let robust = curves.filter { solved($0) == most }.map(\.solver)
      text += "; \(FigureSource.list(robust)) \(robust.count == 1 ? "solves" : "solve") "
      text += "\(Quantity.percent(most)), more than any other. "
      let none = curves.filter(\.points.isEmpty).map(\.solver)
      if !none.isEmpty { text += "\(FigureSource.list(none)) \(none.count == 1 ? "solves" : "solve") none. " }
      if robust.count == curves.count { text = text.replacingOccurrences(of: ", more than any other", with: "") }
    }
    return text
      + "Where a line starts, at 1, it says how often that solver is the fastest; how high it ends, how often "
      + "it solves the problem at all."
  }
}
