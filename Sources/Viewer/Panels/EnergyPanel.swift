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
    let each = max((height - legend - gui.px(8)) / Float(plots.count) - gui.px(5), gui.px(64))
    for plot in plots {
      let values = worlds.map { $0.trace.map { (Double($0.step), plot.value($0)) } }
      let all = values.flatMap { $0 }
      guard let x = PlotArea.Axis.linear(all.map(\.0)),
        let y = plot.isLogarithmic
          ? PlotArea.Axis.decades(all.map(\.1)) ?? PlotArea.Axis(low: -12, high: -6, isLogarithmic: true)
          : PlotArea.Axis.linear(all.map(\.1))
      else { continue }
      let area = PlotArea(gui, plot.title, x: x, y: y, xTitle: "step", yTitle: plot.title, height: each)
      // The driver last, on top.
      for index in worlds.indices.reversed() { area.line(values[index], Palette.series(index)) }
    }
    if worlds.count > 1 { gui.legend(worlds.enumerated().map { ($1.solver, Palette.series($0)) }) }
  }
}
