import Dynamics
import Foundation

/// What a step costs, stage by stage: a bar a solver. On the left the times, on one even scale; on the right the same
/// bars as shares, since next to a slow solver those of a fast one cannot be seen.
enum StageFigure {
  static let kind = FigureKind(name: "stages", summary: "time of a step by stage, a bar a solver") { make($0) }

  private struct Bar {
    var solver: String
    var isSolved: Bool
    /// Median times (µs) in the order of `StepStage.allCases`.
    var stages: [Double]
    /// Median time of a step (µs).
    var step: Double
    var sum: Double { stages.reduce(0, +) }
  }

  private static func make(_ source: FigureSource) -> [Figure] {
    source.scenes.compactMap { scene in
      let bars = scene.runs.compactMap { run -> Bar? in
        let result = source.result(run)
        guard let step = result.cost.step.median else { return nil }
        let stages = StepStage.allCases.map { result.cost.phases[$0] ?? 0 }
        guard stages.contains(where: { $0 > 0 }) else { return nil }
        return Bar(solver: result.solver, isSolved: result.isSolved, stages: stages, step: step)
      }.sorted { $0.sum < $1.sum }
      return figure(source, scene.name, bars)
    }
  }

  private static let barHeight = 15.0
  private static let pitch = 23.0

  private static func figure(_ source: FigureSource, _ scene: String, _ bars: [Bar]) -> Figure? {
    guard let longest = bars.map(\.sum).max(),
      let axis = PlotAxis.linear("", [longest], fromZero: true, text: TicText.microseconds)
    else { return nil }
    let present = StepStage.allCases.indices.filter { index in bars.contains { $0.stages[index] > 0 } }
    var legend = PlotLegend()
    for index in present {
      legend.entries.append((.square(FigureColor.stages[index]), StepStage.allCases[index].rawValue))
    }
    let width = 960.0
    let names = min(330, bars.map { PlotLegend.width(of: PlotLegend.short($0.solver)) }.max() ?? 0)
    let bottom = legend.height(in: width - 40) + 26
    let top = bottom + Double(bars.count) * pitch
    var canvas = PixelCanvas(width: width, height: top + 30)
    let left = (start: names + 24, width: 0.58 * (width - names - 24 - 40) - 70)
    let right = (start: left.start + left.width + 110, width: width - left.start - left.width - 110 - 24)
    canvas.text("median time", at: (left.start, top + 16), color: .soft)
    canvas.text("share", at: (right.start, top + 16), color: .soft)
    for tic in axis.tics where tic.text != nil {
      let x = left.start + axis.share(tic.value) * left.width
      canvas.line(from: (x, bottom), to: (x, top))
      canvas.text(tic.text ?? "", at: (x, bottom - 11), anchor: "center", color: .soft, size: 11)
    }
    for quarter in 0...4 {
      let x = right.start + Double(quarter) / 4 * right.width
      canvas.line(from: (x, bottom), to: (x, top))
      canvas.text("\(25 * quarter) %", at: (x, bottom - 11), anchor: "center", color: .soft, size: 11)
    }
    for (row, bar) in bars.enumerated() {
      let center = top - (Double(row) + 0.5) * pitch
      let isHighlighted = source.styles[bar.solver].isHighlighted
      canvas.text(
        PlotLegend.short(bar.solver), at: (names + 14, center), anchor: "right", color: isHighlighted ? .ink : .soft)
      canvas.text(
        Quantity.time(microseconds: bar.sum), at: (left.start + axis.share(bar.sum) * left.width + 6, center),
        color: .soft, size: 11)
    }
    for index in present {
      for (row, bar) in bars.enumerated() where bar.stages[index] > 0 {
        let center = top - (Double(row) + 0.5) * pitch
        let y = (center - barHeight / 2)...(center + barHeight / 2)
        let before = bar.stages[..<index].reduce(0, +)
        let after = before + bar.stages[index]
        let name =
          "\(bar.solver), \(StepStage.allCases[index].rawValue): "
          + "\(Quantity.time(microseconds: bar.stages[index])), \(Quantity.percent(bar.stages[index] / bar.sum))"
        let color = FigureColor.stages[index]
        canvas.box(
          x: (left.start + axis.share(before) * left.width)...(left.start + axis.share(after) * left.width), y: y,
          color: color, name: name)
        canvas.box(
          x: (right.start + before / bar.sum * right.width)...(right.start + after / bar.sum * right.width), y: y,
          color: color, name: name)
      }
    }
    canvas.add(legend.commands(x: 20, y: 2, width: width - 40, canvasWidth: width, first: 5_000))
    guard let drawing = canvas.drawing() else { return nil }
    return Figure(
      kind: kind.name, title: source.title("Cost of a step by stage", scene),
      caption: caption(bars, isTrajectory: source.isTrajectory),
      table: table(bars), drawing: drawing)
  }

  private static func caption(_ bars: [Bar], isTrajectory: Bool) -> String {
    guard let fastest = bars.first, let slowest = bars.last else { return "" }
    func solving(_ bar: Bar) -> Double {
      zip(StepStage.allCases, bar.stages).filter { $0.0 == .setup || $0.0 == .solve || $0.0 == .inference }
        .map(\.1).reduce(0, +)
    }
    var text = "Of a step of \(Quantity.time(microseconds: fastest.sum)) \(fastest.solver) spends "
    text += "\(Quantity.percent(solving(fastest) / fastest.sum)) on set-up and solve"
    if bars.count > 1 {
      text += ", \(slowest.solver) \(Quantity.percent(solving(slowest) / slowest.sum)) of "
      text += Quantity.time(microseconds: slowest.sum)
    }
    let others = isTrajectory ? " What is grey, yellow or green is the same work whatever the solver." : ""
    return text + "." + others + " Medians of the stages are added, which is not quite the median of the sum."
  }

  private static func table(_ bars: [Bar]) -> FigureTable {
    FigureTable(
      columns: ["solver"] + StepStage.allCases.map { "\($0.rawValue) (us)" } + ["step.median (us)"],
      rows: bars.map { bar in
        [.text(bar.solver)] + bar.stages.map { .number($0) } + [.number(bar.step)]
      })
  }
}

extension RunResult.Phases {
  /// Median time of a stage (µs).
  subscript(stage: StepStage) -> Double? {
    switch stage {
    case .broadphase: broadphase
    case .narrowphase: narrowphase
    case .assembly: assembly
    case .guess: guess
    case .setup: setup
    case .solve: solve
    case .inference: inference
    case .integration: integration
    case .other: other
    }
  }
}
