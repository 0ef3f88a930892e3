import CImGui
import Dynamics
import Laboratory

/// Time of every stage of the last steps, stacked, and counters.
struct CostPanel: Panel {
  static let title = "Cost"
  static let summary = "time per stage of the last steps, and counters"

  func draw(_ gui: GUI, _ model: ViewerModel, height: Float) {
    guard let record = model.frame.record else { return gui.text("No step has been done yet.", .soft) }
    let total = model.hidesClocks ? Quantity.none : Quantity.time(microseconds: 1e6 * record.total)
    gui.text(
      "step \(record.step)   \(total)   \(record.report.iterations) iterations   \(record.report.reason.rawValue)")
    gui.text("\(record.rows) rows   \(record.contacts) contacts   \(record.islands) islands", .soft)
    gui.text(
      "\(record.report.operatorApplications) products with A or H   \(record.report.factorizations) factorisations",
      .soft)
    let trace = model.frame.worlds[0].trace
    let first = max(0, trace.count - 240)
    let samples = Array(trace[first...])
    let used = StepStage.allCases.indices.filter { stage in
      samples.contains { $0.stages[StepStage.allCases[stage]] > 0 }
    }
    let legend = gui.lineHeight * (used.count > 6 ? 3.2 : 2.2)
    if model.hidesClocks {
      // Without clocks, what the solver did stands for what it cost.
      guard let y = PlotArea.Axis.linear(samples.map { Double($0.iterations) }, fromZero: true), let x = axis(samples)
      else { return }
      let plot = PlotArea(
        gui, "cost", x: x, y: y, xTitle: "step", yTitle: "iterations",
        height: max(height - 3.4 * gui.lineHeight, gui.px(90)))
      for sample in samples {
        plot.column(
          Double(sample.step) - 0.5, Double(sample.step) + 0.5, 0, Double(sample.iterations), Palette.stage(5))
      }
      plot.drawTitle()
      return
    }
    guard let x = axis(samples),
      let y = PlotArea.Axis.linear(Self.withoutSpikes(samples.map { 1e6 * $0.total }), fromZero: true)
    else { return }
    let plot = PlotArea(
      gui, "cost", x: x, y: y, xTitle: "step", yTitle: "time of a step (µs)",
      height: max(height - 3.4 * gui.lineHeight - legend, gui.px(90)))
    for sample in samples {
      var bottom = 0.0
      for stage in used {
        let top = bottom + 1e6 * sample.stages[StepStage.allCases[stage]]
        plot.column(Double(sample.step) - 0.5, Double(sample.step) + 0.5, bottom, top, Palette.stage(stage))
        bottom = top
      }
    }
    plot.drawTitle()
    gui.legend(used.map { (StepStage.allCases[$0].rawValue, Palette.stage($0)) })
  }

  private func axis(_ samples: [TraceSample]) -> PlotArea.Axis? {
    guard let first = samples.first?.step, let last = samples.last?.step else { return nil }
    return PlotArea.Axis(low: Double(first) - 0.5, high: Double(max(last, first + 20)) + 0.5)
  }

  /// One step that waited for the machine must not press all others flat: up to three times the 95th percentile.
  private static func withoutSpikes(_ values: [Double]) -> [Double] {
    let sorted = values.sorted()
    guard let last = sorted.last else { return [] }
    return values.map { min($0, max(3 * sorted[sorted.count * 95 / 100], last / 1000)) }
  }
}
