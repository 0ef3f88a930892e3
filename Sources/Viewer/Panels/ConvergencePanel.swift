import CImGui
import Laboratory

/// Residual against iteration and against time on the last problem, of the driver's solver, the compared and the shadow
/// solvers.
struct ConvergencePanel: Panel {
  static let title = "Convergence"
  static let summary = "residual against iteration and time on the last problem"

  func draw(_ gui: GUI, _ model: ViewerModel, height: Float) {
    let curves = model.frame.convergence
    guard let step = curves.first?.step else {
      return gui.text("No problem has been solved yet.", .soft)
    }
    gui.text("the problem of step \(step), every solver from zero", .soft)
    let colors = curves.map { curve in SolverColors.color(of: curve.solver, model) }
    let legend = gui.lineHeight * (curves.count > 4 ? 2.2 : 1.2)
    let room = max(height - 1.3 * gui.lineHeight - legend, gui.px(100))
    let points = curves.flatMap(\.points)
    guard let y = PlotArea.Axis.decades(points.map(\.residual)) else { return }
    let longest = points.map(\.iteration).max() ?? 1
    // From 1 to thousands: logarithmic, the start at the left end.
    let isLong = longest > 60
    guard
      let x = isLong
        ? PlotArea.Axis.decades(points.map { Double(max($0.iteration, 1)) })
        : PlotArea.Axis.linear(points.map { Double($0.iteration) }, fromZero: true)
    else { return }
    let share: Float = model.hidesClocks ? 1 : 0.5
    let first = PlotArea(
      gui, "residual by iteration", x: x, y: y, xTitle: "iteration", yTitle: "residual (m/s)", height: share * room)
    first.bound(1e-6, "1e-6")
    for (curve, color) in zip(curves, colors) {
      first.line(curve.points.map { (Double($0.iteration), $0.residual) }, color, hasDots: curve.points.count < 12)
    }
    first.drawTitle()
    if !model.hidesClocks, let time = PlotArea.Axis.decades(points.filter { $0.iteration > 0 }.map(\.time)) {
      let second = PlotArea(
        gui, "residual by time", x: time, y: y, xTitle: "time (µs)", yTitle: "residual (m/s)", height: share * room)
      second.bound(1e-6, "1e-6")
      for (curve, color) in zip(curves, colors) {
        second.line(
          Self.monotone(curve.points.filter { $0.iteration > 0 }), color,
          hasDots: curve.points.count < 12)
      }
      second.drawTitle()
    }
    gui.legend(zip(curves, colors).map { ($0.solver, $1) })
  }

  /// Every point is a solve of its own, and some wait for the machine: fewer iterations never take longer than more.
  private static func monotone(_ points: [ConvergenceCurve.Point]) -> [(Double, Double)] {
    var least = Double.infinity
    return points.reversed().map { point in
      least = min(least, point.time)
      return (least, point.residual)
    }.reversed()
  }
}

/// One colour a solver in all panels: worlds first, then shadow solvers.
enum SolverColors {
  static func color(of solver: String, _ model: ViewerModel) -> GUIColor {
    let names = model.frame.worlds.map(\.solver) + model.frame.shadows.map(\.solver)
    var known: [String] = []
    for name in names where !known.contains(name) { known.append(name) }
    return Palette.series(known.firstIndex(of: solver) ?? 0)
  }
}
