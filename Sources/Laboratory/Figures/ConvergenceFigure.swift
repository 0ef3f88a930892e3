/// Residual against iteration, and against time, of every solver on one and the same problem.
enum ConvergenceFigure {
  static let byIteration = FigureKind(
    name: "convergence", summary: "residual against iteration on one problem of a scene"
  ) { make($0, inTime: false) }

  static let byTime = FigureKind(
    name: "convergence-time", summary: "residual against time on one problem of a scene"
  ) { make($0, inTime: true) }

  private static func make(_ source: FigureSource, inTime: Bool) -> [Figure] {
    source.scenes.compactMap { scene in
      let solvers = scene.runs.map { source.result($0).solver }
      let curves = source.data.convergence.filter {
        $0.scene == scene.name && solvers.contains($0.solver) && !$0.points.isEmpty
      }.map(thinned)
      return figure(source, scene.name, curves, inTime: inTime)
    }
  }

  private static func figure(
    _ source: FigureSource, _ scene: String, _ curves: [ConvergenceCurve], inTime: Bool
  ) -> Figure? {
    let points = curves.flatMap(\.points)
    let longest = points.map(\.iteration).max() ?? 0
    let axis: PlotAxis?
    if inTime {
      axis = .logarithmic(
        "time since the solve began, set-up included", points.map(\.time), text: TicText.microseconds)
    } else if longest > 60 {
      var logarithmic = PlotAxis.logarithmic(
        "iteration (0 at the left end)", points.map { Double($0.iteration) }, floor: 1, text: TicText.plain)
      logarithmic?.low = 0.6
      logarithmic?.tics.removeAll { $0.value < 1 }
      axis = logarithmic
    } else {
      axis = .linear("iteration", points.map { Double($0.iteration) }, fromZero: true)
    }
    guard let x = axis,
      let y = PlotAxis.logarithmic("residual (m/s)", points.map(\.residual), ceiling: 1e4, text: TicText.power)
    else { return nil }
    var plot = Plot(x: x, y: y)
    plot.legend = .solvers(source.styles, among: Set(curves.map(\.solver)))
    if let tolerance = source.tolerance { plot.bound(y: tolerance, "tolerance") }
    for curve in drawingOrder(curves, source.styles) {
      plot.line(
        curve.points.map { (inTime ? $0.time : Double($0.iteration), $0.residual) }, source.styles[curve.solver],
        name: curve.solver)
    }
    guard let drawing = plot.drawing() else { return nil }
    let rows = curves.flatMap { curve in
      curve.points.map { point -> [FigureTable.Field] in
        [.text(curve.solver), .number(Double(point.iteration)), .number(point.residual), .number(point.time)]
      }
    }
    return Figure(
      kind: inTime ? byTime.name : byIteration.name,
      title: source.title(inTime ? "Residual against time" : "Residual against iteration", scene),
      caption: caption(source, curves, inTime: inTime, isLogarithmic: x.isLogarithmic),
      table: FigureTable(columns: ["solver", "iteration", "residual (m/s)", "time (us)"], rows: rows),
      drawing: drawing)
  }

  /// Some methods take ten thousand iterations.
  private static func thinned(_ curve: ConvergenceCurve) -> ConvergenceCurve {
    var curve = curve
    curve.points = Thinning.indices(curve.points.map(\.residual), limit: 600).map { curve.points[$0] }
    return curve
  }

  /// Grey lines first, and the first solver last, so that it is on top.
  private static func drawingOrder(_ curves: [ConvergenceCurve], _ styles: SolverStyles) -> [ConvergenceCurve] {
    curves.filter { !styles[$0.solver].isHighlighted } + curves.filter { styles[$0.solver].isHighlighted }.reversed()
  }

  private static func caption(_ source: FigureSource, _ curves: [ConvergenceCurve], inTime: Bool, isLogarithmic: Bool)
    -> String
  {
    let step = curves.first?.step ?? 0
    let goal = source.tolerance ?? 1e-6
    var text =
      curves.count == 1
      ? "The problem of step \(step). "
      : "Every solver on the same problem, that of step \(step), from the same start. "
    let reached = curves.compactMap { curve in
      curve.points.first { $0.residual <= goal }.map { (curve.solver, $0) }
    }.sorted { inTime ? $0.1.time < $1.1.time : $0.1.iteration < $1.1.iteration }
    if let first = reached.first {
      text += "\(Quantity.scientific(goal)) m/s is reached first by \(first.0), "
      text += inTime ? "after \(Quantity.time(microseconds: first.1.time))" : "after \(iterations(first.1.iteration))"
      if let last = reached.last, reached.count > 1 {
        text += ", last by \(last.0), after "
        text += inTime ? Quantity.time(microseconds: last.1.time) : iterations(last.1.iteration)
      }
      text +=
        reached.count < curves.count ? "; \(curves.count - reached.count) of \(curves.count) do not get there. " : ". "
    } else {
      text += "None gets below \(Quantity.scientific(goal)) m/s. "
    }
    text +=
      inTime
      ? "An iteration of one method may cost what a hundred of another do: here they pay for them."
      : isLogarithmic
        ? "A line that flattens has stalled."
        : "A straight line is linear convergence, one that bends down is superlinear, one that flattens has stalled."
    return text
  }

  private static func iterations(_ count: Int) -> String { count == 1 ? "1 iteration" : "\(count) iterations" }
}
