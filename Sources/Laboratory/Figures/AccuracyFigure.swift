/// Time against accuracy: a mark a solver at its median residual and its median time of a step.
///
/// A solver is efficient (Pareto) where no other is both faster and more accurate; these are joined by a staircase.
enum AccuracyFigure {
  static let kind = FigureKind(
    name: "accuracy", summary: "time of a step against residual, medians, a mark a solver"
  ) { make($0) }

  private struct Mark {
    var solver: String
    var residual: Double
    var time: Double
    var result: RunResult
  }

  private static func make(_ source: FigureSource) -> [Figure] {
    source.scenes.compactMap { scene in
      let marks = scene.runs.compactMap { run -> Mark? in
        let result = source.result(run)
        guard let residual = result.solve.residual.median, let time = result.cost.step.median, !residual.isNaN else {
          return nil
        }
        return Mark(solver: result.solver, residual: residual, time: time, result: result)
      }
      return figure(source, scene.name, marks)
    }
  }

  private static func figure(_ source: FigureSource, _ scene: String, _ marks: [Mark]) -> Figure? {
    // Where all residuals are 0 there is still an order in time.
    let residuals = marks.map(\.residual) + (marks.contains { $0.residual > 0 && $0.residual.isFinite } ? [] : [1e-16])
    guard
      let x = PlotAxis.logarithmic(
        "residual of a step (m/s), median", residuals, ceiling: 1e4, text: TicText.power),
      let y = PlotAxis.logarithmic(
        "time of a \(source.unitOfWork), median", marks.map(\.time), text: TicText.microseconds)
    else { return nil }
    var plot = Plot(x: x, y: y)
    plot.plotHeight = marks.count > 14 ? 560 : 400
    if let tolerance = source.tolerance, tolerance > x.low, tolerance < x.high {
      plot.guide(
        [(tolerance, y.low), (tolerance, y.high)], .accent, dash: "(6,4)", width: 1, name: "tolerance of the budget")
    }
    let front = efficient(marks)
    plot.guide(staircase(front, x, y), .frame, dash: "solid", width: 1.2, name: "none is both faster and more accurate")
    // Those that stand out get the best places.
    let ordered =
      marks.filter { source.styles[$0.solver].isHighlighted } + marks.filter { !source.styles[$0.solver].isHighlighted }
    var placement = LabelPlacement(
      width: plot.plotWidth, height: plot.plotHeight, marks: marks.map { plot.pixel(($0.residual, $0.time)) })
    placement.avoid(staircase(front, x, y).map { plot.pixel($0) })
    for mark in ordered {
      let style = source.styles[mark.solver]
      let point = plot.pixel((mark.residual, mark.time))
      let name = PlotLegend.short(mark.solver)
      let label = placement.place(name, at: point)
      if let end = label.leader { plot.leader(from: point, to: end) }
      plot.text(
        name, atPixel: label.place, anchor: label.anchor, color: style.isHighlighted ? style.color : .soft)
    }
    for mark in ordered.reversed() {
      plot.mark(
        (mark.residual, mark.time), source.styles[mark.solver], isOpen: !mark.result.isSolved, name: describe(mark))
    }
    guard let drawing = plot.drawing() else { return nil }
    return Figure(
      kind: kind.name, title: source.title("Time against accuracy", scene), caption: caption(marks, front, x),
      table: table(marks), drawing: drawing)
  }

  /// Those that no other beats in both, from the fastest on. A residual has to be a
  /// twentieth smaller: less is round-off.
  private static func efficient(_ marks: [Mark]) -> [Mark] {
    var front: [Mark] = []
    for mark in marks.sorted(by: { ($0.time, $0.residual) < ($1.time, $1.residual) })
    where mark.residual < 0.95 * (front.last?.residual ?? .infinity) { front.append(mark) }
    return front
  }

  private static func staircase(_ front: [Mark], _ x: PlotAxis, _ y: PlotAxis) -> [(x: Double, y: Double)] {
    guard let first = front.first, let last = front.last else { return [] }
    var points = [(x: x.high, y: first.time)]
    for (mark, next) in zip(front, front.dropFirst()) {
      points += [(mark.residual, mark.time), (mark.residual, next.time)]
    }
    return points + [(last.residual, last.time), (last.residual, y.high)]
  }

  private static func describe(_ mark: Mark) -> String {
    "\(mark.solver): \(Quantity.scientific(mark.residual)) m/s in \(Quantity.time(microseconds: mark.time)), "
      + ComparisonTable.reason(of: mark.result)
  }

  private static func caption(_ marks: [Mark], _ front: [Mark], _ x: PlotAxis) -> String {
    var text = "Lower left is better. "
    if front.count == 1, let only = front.first {
      text +=
        "No other solver is faster or more accurate than \(only.solver) "
        + "(\(Quantity.scientific(only.residual)) m/s in \(Quantity.time(microseconds: only.time))). "
    } else if let fastest = front.first, let best = front.last {
      text += "\(best.solver) needs \(Quantity.time(microseconds: best.time)) for "
      text += "\(Quantity.scientific(best.residual)) m/s, \(fastest.solver) "
      text += "\(Quantity.time(microseconds: fastest.time)) for \(Quantity.scientific(fastest.residual)) m/s. "
      text += "On the line, of which \(FigureSource.list(front.map(\.solver))) are the corners, "
      text += "more accuracy costs more time; what is above it is beaten in both. "
    }
    if marks.contains(where: { !$0.result.isSolved }) { text += "Open symbols: not all solves converged. " }
    if marks.contains(where: { $0.residual < x.low }) { text += "A residual of 0 is drawn at the left edge. " }
    if marks.contains(where: { $0.residual > x.high }) { text += "What left all bounds is drawn at the right edge. " }
    return text.trimmingSpaces
  }

  private static func table(_ marks: [Mark]) -> FigureTable {
    FigureTable(
      columns: [
        "solver", "residual.median (m/s)", "residual.p99 (m/s)", "step.median (us)", "step.p99 (us)", "reason",
      ],
      rows: marks.map { mark in
        [
          .text(mark.solver), .number(mark.residual), .number(mark.result.solve.residual.p99), .number(mark.time),
          .number(mark.result.cost.step.p99), .text(ComparisonTable.reason(of: mark.result)),
        ]
      })
  }
}

extension String {
  /// Without spaces at its ends.
  var trimmingSpaces: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    while text.first == " " { text.removeFirst() }
    return String(text)
  }
}
