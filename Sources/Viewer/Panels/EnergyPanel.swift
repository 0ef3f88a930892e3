import Laboratory
import LinearAlgebra

/// Energy, momentum, penetration, joint error and residual over time, of every world.
struct EnergyPanel: Panel {
  static let title = "Energy and error"
  static let summary = "energy, momentum, penetration and joint error over time"

  func draw(_ gui: GUI, _ model: ViewerModel, height: Float) {
    let worlds = model.frame.worlds
    guard worlds.contains(where: { !$0.trace.isEmpty }) else { return gui.text("No step has been done yet.", .soft) }
    let hasContacts = worlds.contains { $0.trace.contains { $0.contacts > 0 } }
    let hasJoints = worlds.contains { $0.trace.contains { $0.jointError > 0 } }
    var plots: [(title: String, isLogarithmic: Bool, value: (TraceSample) -> Double)] = [
      ("energy (J)", false, { $0.energy }), ("|momentum| (kg m/s)", false, { $0.momentum.linear.length }),
    ]
    if hasContacts { plots.append(("penetration (m)", true, { $0.penetration })) }
    if hasJoints { plots.append(("joint error (m)", true, { $0.jointError })) }
    plots.append(("residual (m/s)", true, { $0.residual }))
    let legend = worlds.count > 1 ? gui.lineHeight * 1.3 : 0
    // The lowest has the axis.
    let foot = gui.lineHeight
    let each = max((height - legend - foot - gui.px(4)) / Float(plots.count) - gui.px(5), gui.px(44))
    guard let x = PlotArea.Axis.linear(worlds.flatMap { $0.trace.map { Double($0.step) } }) else { return }
    let axes = plots.map { plot in
      let values = worlds.flatMap { $0.trace.map(plot.value) }
      return plot.isLogarithmic
        ? PlotArea.Axis.decades(values) ?? PlotArea.Axis(low: -12, high: -6, isLogarithmic: true)
        : PlotArea.Axis.linear(values) ?? PlotArea.Axis(low: 0, high: 1)
    }
    let margin = axes.map { PlotArea.margin(gui, $0, height: each) }.max()
    for (index, (plot, y)) in zip(plots, axes).enumerated() {
      let isLast = index == plots.count - 1
      let area = PlotArea(
        gui, plot.title, x: x, y: y, xTitle: isLast ? "step" : nil, yTitle: plot.title,
        height: isLast ? each + foot : each, margin: margin)
      // The driver last, on top.
      for (number, world) in worlds.enumerated().reversed() {
        area.line(world.trace.map { (Double($0.step), plot.value($0)) }, Palette.series(number))
      }
      area.drawTitle()
    }
    if worlds.count > 1 { gui.legend(worlds.enumerated().map { ($1.solver, Palette.series($0)) }) }
  }
}
