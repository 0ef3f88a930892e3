/// A legend below a plot, in columns as wide as its longest name. gnuplot's own is cut where names are long.
struct PlotLegend {
  /// What stands before a name.
  enum Mark {
    /// A line with a symbol on it.
    case line(SolverStyles.Style)
    /// A symbol.
    case symbol(SolverStyles.Style)
    /// A square.
    case square(FigureColor)
  }

  /// The names with their marks.
  var entries: [(mark: Mark, name: String)] = []

  /// Entries of solvers that stand out, and one for all others.
  static func solvers(_ styles: SolverStyles, among present: Set<String>) -> PlotLegend {
    var legend = PlotLegend()
    for solver in styles.highlighted where present.contains(solver) {
      legend.entries.append((.line(styles[solver]), solver))
    }
    let others = styles.others.filter(present.contains)
    if let first = others.first {
      let name = others.count == 1 ? first : "\(others.count) others"
      legend.entries.append((.line(styles[first]), name))
    }
    return legend
  }

  private static let rowHeight = 19.0
  private static let markWidth = 40.0

  /// Longest name that is written in full.
  static let longest = 52

  /// A name that fits: cut in its middle.
  static func short(_ name: String) -> String {
    guard name.count > longest else { return name }
    return name.prefix(longest / 2) + "…" + name.suffix(longest / 2 - 1)
  }

  /// Width of a text of gnuplot's font at 12 pixels (pixels). DejaVu Sans has letters of 7.1 on average.
  static func width(of text: String) -> Double { 7.1 * Double(text.count) }

  private func columns(in width: Double) -> (count: Int, width: Double) {
    let widest = entries.map { Self.width(of: Self.short($0.name)) }.max() ?? 0
    let column = Self.markWidth + widest + 18
    return (max(1, min(entries.count, Int(width / column))), column)
  }

  /// Height in a plot of a width (pixels).
  func height(in width: Double) -> Double {
    guard !entries.isEmpty else { return 0 }
    let count = columns(in: width).count
    return Double((entries.count + count - 1) / count) * Self.rowHeight + 10
  }

  /// gnuplot's commands for a legend whose lower left corner is at (x, y) pixels from below. Labels and arrows are
  /// numbered from `first` on.
  func commands(
    isDashed: Bool = true, x: Double, y: Double, width: Double, canvasWidth: Double, first: Int
  ) -> String {
    guard !entries.isEmpty else { return "" }
    let layout = columns(in: width)
    let rows = (entries.count + layout.count - 1) / layout.count
    // As many columns as the rows need: six entries are two rows of three.
    let count = (entries.count + rows - 1) / rows
    let left = x + max(0, (width - Double(count) * layout.width) / 2)
    var text = ""
    for (index, entry) in entries.enumerated() {
      let startX = left + Double(index / rows) * layout.width
      let centerY = y + Double(rows - 1 - index % rows) * Self.rowHeight + Self.rowHeight / 2
      func at(_ x: Double) -> String { "screen \(x / canvasWidth), screen \(centerY)/canvas" }
      let number = first + 2 * index
      switch entry.mark {
      case .line(let style):
        text +=
          "set arrow \(number) from \(at(startX)) to \(at(startX + 30)) nohead \(style.line(isDashed: isDashed))\n"
        if style.isHighlighted {
          text += "set label \(number) '' at \(at(startX + 15)) point pointtype \(style.symbol) pointsize 0.7 "
          text += "linecolor rgb \"\(style.color.light)\"\n"
        }
      case .symbol(let style):
        text += "set label \(number) '' at \(at(startX + 24)) point pointtype \(style.symbol) pointsize 0.9 "
        text += "linecolor rgb \"\(style.color.light)\"\n"
      case .square(let color):
        text += "set object \(number) rectangle from screen \((startX + 18) / canvasWidth), "
        text += "screen \(centerY - 6)/canvas to screen \((startX + 30) / canvasWidth), screen \(centerY + 6)/canvas "
        text += "fillstyle solid noborder fillcolor rgb \"\(color.light)\"\n"
      }
      text += "set label \(number + 1) \(Gnuplot.quoted(Self.short(entry.name))) at \(at(startX + 37)) left "
      text += "textcolor rgb \"\(FigureColor.ink.light)\"\n"
    }
    return text
  }
}
