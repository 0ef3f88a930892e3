/// One pair of axes with lines and marks on it: makes gnuplot's commands.
struct Plot {
  /// Size of the whole and of what is between the axes (pixels).
  var width = 960.0
  var plotHeight = 400.0
  var x: PlotAxis
  var y: PlotAxis
  /// Whether lines are dashed. In long series that go up and down a dash is only one more thing that flickers.
  var isDashed = true
  /// What stands below the plot.
  var legend = PlotLegend()

  private var before = ""
  private var curves: [String] = []
  private var names: [String] = []
  private var labels = 0

  private static let right = 24.0
  private static let top = 14.0

  /// Axes without anything on them.
  init(x: PlotAxis, y: PlotAxis) {
    self.x = x
    self.y = y
  }

  /// Room left of the axes (pixels): marks and label.
  private var left: Double { max(70, y.width + 42) }
  /// Width between the axes (pixels).
  var plotWidth: Double { width - left - Self.right }

  /// A line through points; NaN interrupts it, and what is beyond an axis is drawn at its end. `isStaircase` goes
  /// right before it goes up.
  mutating func line(
    _ points: [(x: Double, y: Double)], _ style: SolverStyles.Style, name: String, isStaircase: Bool = false
  ) {
    let places = points.map { (x.clamped($0.x), y.clamped($0.y)) }
    // A line that is nothing but single points between gaps would not be seen.
    let isSparse = !zip(places, places.dropFirst()).contains { $0.1 != nil && $1.1 != nil }
    let kind: String
    if isSparse {
      kind = "points pointtype \(style.symbol) pointsize 0.6 linecolor rgb \"\(style.color.light)\""
    } else if isStaircase {
      kind = "steps \(style.line(isDashed: isDashed))"
    } else if style.isHighlighted {
      let interval = max(1, places.count / 9)
      kind =
        "linespoints \(style.line(isDashed: isDashed)) pointtype \(style.symbol) pointsize 0.6 pointinterval \(interval)"
    } else {
      kind = "lines \(style.line(isDashed: isDashed))"
    }
    add(places, kind, name)
  }

  /// One symbol; open where `isOpen`.
  mutating func mark(_ point: (x: Double, y: Double), _ style: SolverStyles.Style, isOpen: Bool, name: String) {
    let color = style.isHighlighted ? style.color : .soft
    add(
      [(x.clamped(point.x), y.clamped(point.y))],
      "points pointtype \(isOpen ? style.symbol - 1 : style.symbol) pointsize 1.1 linewidth 1.5 "
        + "linecolor rgb \"\(color.light)\"", name)
  }

  /// A thin line that is not a solver's.
  mutating func guide(
    _ points: [(x: Double, y: Double)], _ color: FigureColor, dash: String, width: Double, name: String
  ) {
    add(
      points.map { (x.clamped($0.x), y.clamped($0.y)) },
      "lines linecolor rgb \"\(color.light)\" dashtype \(dash) linewidth \(width)", name)
  }

  /// A text at a place in pixels from the lower left corner of the axes.
  mutating func text(_ text: String, atPixel place: (x: Double, y: Double), anchor: String, color: FigureColor) {
    labels += 1
    before +=
      "set label \(labels) \(Gnuplot.quoted(text)) at graph \(place.x / plotWidth), graph \(place.y / plotHeight) "
    before += "\(anchor) font \",11\" textcolor rgb \"\(color.light)\" front\n"
  }

  /// A thin line between places in pixels.
  mutating func leader(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) {
    labels += 1
    before += "set arrow \(labels) from graph \(start.x / plotWidth), graph \(start.y / plotHeight) "
    before += "to graph \(end.x / plotWidth), graph \(end.y / plotHeight) nohead linewidth 0.7 "
    before += "linecolor rgb \"\(FigureColor.frame.light)\" back\n"
  }

  /// Place of a point in pixels from the lower left corner of the axes.
  func pixel(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
    (x.share(point.x) * plotWidth, y.share(point.y) * plotHeight)
  }

  /// A line across the plot with a text at its end: a bound that was asked for. Nothing where it is not on the axis.
  mutating func bound(y value: Double, _ text: String) {
    guard value > y.low, value < y.high else { return }
    guide([(x.low, value), (x.high, value)], .accent, dash: "(6,4)", width: 1, name: text)
    self.text(text, atPixel: (plotWidth - 4, y.share(value) * plotHeight + 8), anchor: "right", color: .accent)
  }

  /// The drawing; nil where nothing is on it.
  func drawing() -> Figure.Drawing? {
    guard !curves.isEmpty else { return nil }
    let legendHeight = legend.height(in: width - 40)
    let bottom = legendHeight + 58
    let height = bottom + plotHeight + Self.top
    let frame = """
      set lmargin at screen \(left / width)
      set rmargin at screen \(1 - Self.right / width)
      set bmargin at screen \(bottom)/canvas
      set tmargin at screen \(bottom + plotHeight)/canvas
      set border 3 linecolor rgb "\(FigureColor.frame.light)" linewidth 1
      set grid xtics ytics nomxtics nomytics linetype 1 linewidth 0.8 linecolor rgb "\(FigureColor.grid.light)"
      unset key
      set label 998 \(Gnuplot.quoted(y.label)) at screen \(14 / width), screen \(bottom + plotHeight / 2)/canvas \
        center rotate by 90 textcolor rgb "\(FigureColor.ink.light)"
      set label 999 \(Gnuplot.quoted(x.label)) at screen \((left + plotWidth / 2) / width), screen \(bottom - 43)/canvas \
        center textcolor rgb "\(FigureColor.ink.light)"

      """
    let key = legend.commands(isDashed: isDashed, x: 20, y: 4, width: width - 40, canvasWidth: width, first: 1_000)
    let data = curves.indices.map { "$d\($0) << EOD\n\(blocks[$0])EOD\n" }.joined()
    let plots = curves.enumerated().map { "$d\($0) using 1:2 with \($1)" }
    let commands =
      frame + x.commands("x") + y.commands("y") + key + before + data + "plot "
      + plots.joined(separator: ", \\\n  ") + "\n"
    return .gnuplot(width: width, height: height, commands: commands, names: names)
  }

  private var blocks: [String] = []

  private mutating func add(_ places: [(Double?, Double?)], _ kind: String, _ name: String) {
    // A block without data is an error to gnuplot.
    guard places.contains(where: { $0.0 != nil && $0.1 != nil }) else { return }
    var block = ""
    for place in places {
      if let x = place.0, let y = place.1 { block += "\(x) \(y)\n" } else { block += "\n" }
    }
    blocks.append(block)
    curves.append(kind)
    names.append(name)
  }
}
