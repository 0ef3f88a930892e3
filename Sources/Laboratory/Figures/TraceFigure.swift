import Dynamics

/// What the steps of a scene were like, one line a solver: residual, energy, penetration, joint error.
enum TraceFigure {
  static let residual = FigureKind(name: "residual", summary: "residual of every step, one line a solver") { source in
    source.scenes.compactMap { scene in
      figure(
        source, scene, kind: "residual", title: "Residual of every step", label: "residual (m/s)", isInSteps: true,
        axis: { .logarithmic($0, $1, ceiling: 1e4, text: TicText.power) },
        value: { $0.rows > 0 ? $0.residual.maximum : .nan },
        number: { Quantity.scientific($0) + " m/s" })
    }
  }

  static let energy = trajectory(
    "energy", "mechanical energy over time, one line a solver", title: "Mechanical energy",
    label: "change of the energy since the first step (J)", isChange: true, axis: { robustAxis($0, $1) },
    value: { $0.energy }, number: { TicText.digits($0) + " J" })

  static let penetration = trajectory(
    "penetration", "largest penetration over time, one line a solver", title: "Penetration",
    label: "largest penetration after a step",
    axis: { .logarithmic($0, $1, floor: 1e-12, ceiling: 1e3, text: TicText.meters) }, value: { $0.penetration },
    number: { Quantity.length($0) })

  static let jointError = trajectory(
    "joint-error", "largest joint error over time, one line a solver", title: "Joint error",
    label: "largest joint error after a step",
    axis: { .logarithmic($0, $1, floor: 1e-15, ceiling: 1e3, text: TicText.meters) }, value: { $0.jointError },
    number: { Quantity.length($0) })

  /// A figure of the world, which all solvers share unless each has its own.
  private static func trajectory(
    _ name: String, _ summary: String, title: String, label: String, isChange: Bool = false,
    axis: @escaping @Sendable (String, [[Double]]) -> PlotAxis?, value: @escaping @Sendable (StepRecord) -> Double,
    number: @escaping @Sendable (Double) -> String
  ) -> FigureKind {
    FigureKind(name: name, summary: summary) { source in
      guard source.isTrajectory else { return [] }
      return source.scenes.compactMap { scene in
        figure(
          source, scene, kind: name, title: title, label: label, isInSteps: false, isChange: isChange,
          axis: axis, value: value, number: number)
      }
    }
  }

  private struct Line {
    var solver: String
    var records: [StepRecord]
    var values: [Double]
    var kept: [Int]
  }

  private static func figure(
    _ source: FigureSource, _ scene: (name: String, runs: [Int]), kind: String, title: String, label: String,
    isInSteps: Bool, isChange: Bool = false, axis: (String, [[Double]]) -> PlotAxis?, value: (StepRecord) -> Double,
    number: (Double) -> String
  ) -> Figure? {
    let lines = scene.runs.compactMap { run -> Line? in
      let records = source.trace(run)
      guard !records.isEmpty, source.result(run).steps > 0 else { return nil }
      let start = isChange ? value(records[0]) : 0
      let values = records.map { value($0) - start }
      return Line(
        solver: source.result(run).solver, records: records, values: values, kept: Thinning.indices(values))
    }
    let times = lines.flatMap { [$0.records[0], $0.records[$0.records.count - 1]] }.map {
      isInSteps ? Double($0.step) : $0.time
    }
    guard !lines.isEmpty, let y = axis(label, lines.map(\.values)),
      let x = PlotAxis.linear(isInSteps ? "step" : "time (s)", times, fromZero: true, isTight: true)
    else { return nil }
    var plot = Plot(x: x, y: y)
    plot.plotHeight = 340
    plot.isDashed = lines.allSatisfy { $0.values.count <= 120 }
    plot.legend = .solvers(source.styles, among: Set(lines.map(\.solver)))
    if isInSteps, let tolerance = source.tolerance { plot.bound(y: tolerance, "tolerance") }
    let shown =
      lines.filter { !source.styles[$0.solver].isHighlighted }
      + lines.filter { source.styles[$0.solver].isHighlighted }.reversed()
    for line in shown {
      let points = line.kept.map { index in
        (isInSteps ? Double(line.records[index].step) : line.records[index].time, line.values[index])
      }
      plot.line(points, source.styles[line.solver], name: line.solver)
    }
    guard let drawing = plot.drawing() else { return nil }
    return Figure(
      kind: kind, title: source.title(title, scene.name), caption: caption(kind, lines, y, number),
      table: table(lines), drawing: drawing)
  }

  /// An even axis for what most solvers do: one whose span is a hundred thousand times that of the middle
  /// one has exploded, and would press the others into a line.
  private static func robustAxis(_ label: String, _ lines: [[Double]]) -> PlotAxis? {
    let spans = lines.map { values -> Double in
      guard let low = values.min(), let high = values.max(), low.isFinite, high.isFinite else { return .infinity }
      return high - low
    }
    let middle = spans.sorted()[max(0, (spans.count - 1) / 2)]
    let kept = zip(lines, spans).filter { $1 <= 1e5 * middle }.flatMap(\.0)
    return .linear(label, kept.isEmpty ? lines.flatMap { $0 } : kept)
  }

  /// A row a step that is drawn of any solver, a column a solver; empty where that solver's is not drawn.
  private static func table(_ lines: [Line]) -> FigureTable {
    var table = FigureTable(columns: ["step", "time (s)"] + lines.map(\.solver))
    let most = lines.map(\.records.count).max() ?? 0
    var isDrawn = [Bool](repeating: false, count: most)
    for line in lines { for index in line.kept { isDrawn[index] = true } }
    for index in 0..<most where isDrawn[index] {
      guard let record = lines.first(where: { index < $0.records.count })?.records[index] else { continue }
      let fields = lines.map { line in
        FigureTable.Field.single(index < line.values.count ? finite(line.values[index]) : nil)
      }
      table.rows.append([.number(Double(record.step)), .single(record.time)] + fields)
    }
    return table
  }

  /// Whether two of the lines are nearly everywhere less than a hundredth of the axis apart.
  private static func coincide(_ lines: [Line], _ axis: PlotAxis) -> Bool {
    let samples = lines.map { line in
      stride(from: 0, to: line.values.count, by: max(1, line.values.count / 100)).map { axis.share(line.values[$0]) }
    }
    for first in samples.indices {
      for second in samples[(first + 1)...] where second.count == samples[first].count {
        let near = zip(samples[first], second).count { ($0 - $1).magnitude < 0.01 }
        if 10 * near > 9 * second.count { return true }
      }
    }
    return false
  }

  private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

  private static func caption(
    _ kind: String, _ lines: [Line], _ axis: PlotAxis, _ number: (Double) -> String
  ) -> String {
    var text = ""
    let lasts = lines.compactMap { line in line.values.last.map { (line.solver, $0) } }.filter { !$0.1.isNaN }
    let peaks = lines.compactMap { line in
      line.values.filter { !$0.isNaN }.max().map { (solver: line.solver, value: $0) }
    }
    if kind == "energy" {
      if let low = lasts.min(by: { $0.1 < $1.1 }), let high = lasts.max(by: { $0.1 < $1.1 }) {
        text +=
          low.1 == high.1
          ? "At the end \(number(low.1)) under every solver. "
          : "At the end between \(number(low.1)) (\(low.0)) and \(number(high.1)) (\(high.0)). "
      }
      text += "Friction and impacts take energy; a line that rises without a motor is a solver that makes some. "
    } else if let best = peaks.min(by: { $0.value < $1.value }), let worst = peaks.max(by: { $0.value < $1.value }) {
      text +=
        best.value == worst.value
        ? "At most \(number(best.value)) under every solver. "
        : "At most \(number(best.value)) under \(best.solver), \(number(worst.value)) under \(worst.solver). "
      text +=
        kind == "residual"
        ? "Peaks are steps in which something changes: an impact, a contact that opens. "
        : "A line that grows is a solver that cannot hold what it is given. "
    }
    let beyond = lines.filter { line in
      line.values.contains { $0 > axis.high } || line.values.contains { $0 < axis.low && !axis.isLogarithmic }
    }
    if !beyond.isEmpty {
      text += "\(FigureSource.list(beyond.map(\.solver))) \(beyond.count == 1 ? "leaves" : "leave") the picture. "
    }
    if axis.isLogarithmic, lines.contains(where: { $0.values.contains { $0 < axis.low } }) {
      text += "What is 0 or below the smallest mark is drawn at the bottom edge. "
    }
    if coincide(lines, axis) { text += "Where lines coincide, the first in the legend is on top. " }
    if lines.contains(where: { $0.kept.count < $0.values.count }) {
      text += "Of every bin of steps the smallest and the largest value are drawn. "
    }
    return text.trimmingSpaces
  }
}

extension PlotAxis {
  fileprivate static func logarithmic(
    _ label: String, _ lines: [[Double]], floor: Double = 1e-18, ceiling: Double, text: (Double) -> String
  ) -> PlotAxis? {
    logarithmic(label, lines.lazy.joined(), floor: floor, ceiling: ceiling, text: text)
  }
}
