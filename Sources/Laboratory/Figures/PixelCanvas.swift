/// A drawing without axes, in pixels from the lower left corner, for figures that gnuplot has no plot for.
struct PixelCanvas {
  let width: Double
  let height: Double
  private var commands = ""
  private var boxes: [(name: String, lines: String)] = []
  private var number = 0

  /// An empty drawing of a size.
  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// A text; `anchor` is left, center or right.
  mutating func text(
    _ text: String, at place: (x: Double, y: Double), anchor: String = "left", color: FigureColor = .ink, size: Int = 12
  ) {
    number += 1
    commands += "set label \(number) \(Gnuplot.quoted(text)) at \(place.x),\(place.y) \(anchor) font \",\(size)\" "
    commands += "textcolor rgb \"\(color.light)\" front\n"
  }

  /// A line.
  mutating func line(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), color: FigureColor = .grid, width: Double = 0.8
  ) {
    number += 1
    commands += "set arrow \(number) from \(start.x),\(start.y) to \(end.x),\(end.y) nohead linewidth \(width) "
    commands += "linecolor rgb \"\(color.light)\" back\n"
  }

  /// Commands of a legend, whose places are of the screen.
  mutating func add(_ text: String) { commands += text }

  /// A filled rectangle. Rectangles of one name are one plot: a browser shows the name below the mouse.
  mutating func box(x: ClosedRange<Double>, y: ClosedRange<Double>, color: FigureColor, name: String) {
    let line = "\(x.lowerBound) \(x.upperBound) \(y.lowerBound) \(y.upperBound) 0x\(color.light.dropFirst())\n"
    if boxes.last?.name == name { boxes[boxes.count - 1].lines += line } else { boxes.append((name, line)) }
  }

  /// The drawing; nil where nothing is on it.
  func drawing() -> Figure.Drawing? {
    guard !boxes.isEmpty else { return nil }
    let frame = """
      set lmargin at screen 0
      set rmargin at screen 1
      set bmargin at screen 0
      set tmargin at screen \(height)/canvas
      unset border
      unset tics
      unset key
      set xrange [0:\(width)]
      set yrange [0:\(height)]

      """
    let data = boxes.enumerated().map { "$d\($0) << EOD\n\($1.lines)EOD\n" }.joined()
    let plots = boxes.indices.map {
      "$d\($0) using 1:3:1:2:3:4:5 with boxxyerror fillstyle solid noborder linecolor rgb variable"
    }
    return .gnuplot(
      width: width, height: height,
      commands: frame + commands + data + "plot " + plots.joined(separator: ", \\\n  ") + "\n", names: boxes.map(\.name)
    )
  }
}
