/// What a sweep over one parameter found: a line a solver.
public struct SweepPlot: Sendable {
  /// Heading: what is shown.
  public var title: String
  /// The parameter and its values in their order.
  public var xName: String
  public var xValues: [Double]
  /// What is plotted; with its unit where the marks of its axis have none.
  public var valueLabel: String
  /// What the values are.
  public var unit: Unit
  /// A value for each of the parameter's; nil where there is none.
  public var lines: [(solver: String, values: [Double?])]

  /// What a value is: decides how the marks of its axis are written.
  public enum Unit: Sendable {
    /// A number.
    case none
    /// A time in µs.
    case microseconds
    /// A length in m.
    case meters

    func text(_ value: Double) -> String {
      switch self {
      case .none: TicText.power(value)
      case .microseconds: TicText.microseconds(value)
      case .meters: TicText.meters(value)
      }
    }
  }

  /// A plot from its parts.
  public init(
    title: String, xName: String, xValues: [Double], valueLabel: String, lines: [(solver: String, values: [Double?])],
    unit: Unit = .none
  ) {
    self.title = title
    self.xName = xName
    self.xValues = xValues
    self.valueLabel = valueLabel
    self.lines = lines
    self.unit = unit
  }

  /// The figure, in the styles of the solvers' other figures; nil where there is no value.
  func figure(_ styles: SolverStyles) -> Figure? {
    let values = lines.flatMap { $0.values.compactMap { $0 } }
    guard let y = axis(valueLabel, values, unit.text), let x = axis(xName, xValues, TicText.power) else {
      return nil
    }
    var plot = Plot(x: x, y: y)
    plot.legend = .solvers(styles, among: Set(lines.map(\.solver)))
    let shown =
      lines.filter { !styles[$0.solver].isHighlighted } + lines.filter { styles[$0.solver].isHighlighted }.reversed()
    for line in shown {
      plot.line(zip(xValues, line.values).map { ($0, $1 ?? .nan) }, styles[line.solver], name: line.solver)
    }
    guard let drawing = plot.drawing() else { return nil }
    let rows = xValues.indices.map { index in
      [FigureTable.Field.number(xValues[index])]
        + lines.map { line in .number(line.values[index].flatMap { $0.isFinite ? $0 : nil }) }
    }
    return Figure(
      kind: "sweep", title: title, caption: caption,
      table: FigureTable(columns: [xName] + lines.map(\.solver), rows: rows), drawing: drawing)
  }

  /// The figure by itself.
  public func figure() -> Figure? {
    let solvers = lines.map(\.solver)
    return figure(SolverStyles(solvers, highlighting: solvers))
  }

  /// Logarithmic where the values are positive and span more than a factor of twenty.
  private func axis(_ label: String, _ values: [Double], _ text: (Double) -> String) -> PlotAxis? {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return nil }
    return low > 0 && high > 20 * low
      ? .logarithmic(label, values, text: text) : .linear(label, finite, text: text)
  }

  private var caption: String {
    var text = "\(valueLabel) over \(xName). "
    let growths = lines.compactMap { line -> (solver: String, ratio: Double)? in
      guard let first = line.values.first ?? nil, let last = line.values.last ?? nil, first > 0, last.isFinite else {
        return nil
      }
      return (line.solver, last / first)
    }
    if let least = growths.min(by: { $0.ratio < $1.ratio }), let most = growths.max(by: { $0.ratio < $1.ratio }) {
      text +=
        "From \(TicText.power(xValues[0])) to \(TicText.power(xValues[xValues.count - 1])) it changes by a factor of "
      text += "\(Quantity.plain(least.ratio)) under \(least.solver)"
      text += most.solver == least.solver ? ". " : ", of \(Quantity.plain(most.ratio)) under \(most.solver). "
    }
    return text.trimmingSpaces
  }
}
