import Foundation

/// The figure of `linear`: time over n, both axes logarithmic, dense on the left and sparse on the right, one line a
/// solver through the medians, bars from the smallest to the largest time. Drawn by gnuplot as SVG.
public struct LinearFigure {
  private let report: LinearReport

  /// A figure of a report.
  public init(_ report: LinearReport) { self.report = report }

  /// Throws `InputError` where it cannot be drawn: asked for before minutes are spent on measuring.
  public static func check(_ file: String) throws { try Figure.check(file) }

  /// Draws the figure as SVG. Throws `InputError`.
  public func draw(to file: String) throws { try Gnuplot.write(Data(try figure.svg(for: file).utf8), to: file) }

  /// The figure with its table, that of `LinearReport.csv`.
  private var figure: Figure {
    Figure(
      kind: "linear", title: "Time to relative error \(Quantity.scientific(report.tolerance))", caption: "",
      table: FigureTable(columns: []),
      drawing: .gnuplot(width: 1280, height: 600, commands: script, names: []))
  }

  /// A colour, dash and symbol a solver: direct methods in warm colours with filled symbols, iterative ones in cool
  /// colours and open symbols. Distinct in print too.
  private static let warm = ["#b2182b", "#e0672f", "#8c510a", "#d9a300", "#7a0177"]
  private static let cool = [
    "#08519c", "#1b9e77", "#4292c6", "#66a61e", "#5e4fa2", "#00838f", "#9e9ac8", "#33691e", "#607d8b", "#00bcd4",
  ]
  private static let filled = [7, 5, 9, 11, 13]
  private static let open = [6, 4, 8, 10, 12]

  package var script: String {
    let names = LinearSolverList.direct
    func factors(_ solver: String) -> Bool { names.contains { solver == $0 || solver.hasPrefix($0 + ":") } }
    let solvers = report.solvers.filter(factors) + report.solvers.filter { !factors($0) }
    let sizes = Array(Set(report.results.map(\.n))).sorted()
    guard let smallest = sizes.first, let largest = sizes.last else { return "" }
    let tics = sizes.map { "\"\($0)\" \($0)" }.joined(separator: ", ")
    let times = report.results.compactMap(\.time.median)
    let low = (times.min() ?? 1) / 2
    let high = (times.max() ?? 10) * 2
    var text = """
      set logscale xy
      set xrange [\(Double(smallest) / 1.35):\(Double(largest) * 1.35)]
      set yrange [\(low):\(high)]
      set xtics (\(tics)) nomirror
      set ytics ("1 ns" 1e-3, "10 ns" 1e-2, "100 ns" 0.1, "1 µs" 1, "10 µs" 10, "100 µs" 100, "1 ms" 1e3, \
      "10 ms" 1e4, "100 ms" 1e5, "1 s" 1e6, "10 s" 1e7, "100 s" 1e8, "1000 s" 1e9) nomirror
      set border 3 linecolor rgb "\(FigureColor.frame.light)"
      set grid xtics ytics linetype 1 linewidth 0.8 linecolor rgb "\(FigureColor.grid.light)"
      set tics textcolor rgb "\(FigureColor.soft.light)"
      set xlabel "rows n" textcolor rgb "\(FigureColor.ink.light)"
      set bars 0.4

      """
    for (index, solver) in solvers.enumerated() {
      for family in RandomSystem.Family.allCases {
        text += "$\(family.rawValue)\(index) << EOD\n"
        for n in sizes {
          guard let time = report.result(family, n, solver)?.time, let median = time.median else { continue }
          text += "\(n) \(median) \(time.minimum ?? median) \(time.maximum ?? median)\n"
        }
        // A block without data is an error to gnuplot.
        text += "\(smallest) nan nan nan\nEOD\n"
      }
    }
    text += "set multiplot\n"
    for family in RandomSystem.Family.allCases {
      let isLeft = family == .dense
      text += "set lmargin at screen \(isLeft ? 0.075 : 0.475)\nset rmargin at screen \(isLeft ? 0.425 : 0.825)\n"
      text += "set tmargin at screen 560/canvas\nset bmargin at screen 70/canvas\n"
      // The heading belongs to the whole, and is drawn with the first half.
      if !isLeft { text += "unset label 9999\n" }
      let title =
        isLeft
        ? "dense: A = BBᵀ/n + 1" : "sparse: banded, half-bandwidth \(RandomSystem.halfBandwidth), diagonally dominant"
      text += "set title \(Gnuplot.quoted(title)) textcolor rgb \"\(FigureColor.ink.light)\"\n"
      text += isLeft ? "set ylabel \"set-up and solve, one thread\" offset 0.5\n" : "unset ylabel\n"
      text +=
        isLeft ? "unset key\n" : "set key at screen 0.985,575.0/canvas right top Left reverse spacing 1.2 samplen 2.4\n"
      var curves: [String] = []
      var counts = (0, 0)
      for (index, solver) in solvers.enumerated() {
        let isDirect = factors(solver)
        let number = isDirect ? counts.0 : counts.1
        if number == 0 {
          curves.append(
            "NaN with points pointtype 0 linecolor rgb \"#ffffff\" title \"\(isDirect ? "direct" : "iterative"):\""
          )
        }
        if isDirect { counts.0 += 1 } else { counts.1 += 1 }
        let color = isDirect ? Self.warm[number % Self.warm.count] : Self.cool[number % Self.cool.count]
        let symbol = isDirect ? Self.filled[number % Self.filled.count] : Self.open[number % Self.open.count]
        let style = "linecolor rgb \"\(color)\" dashtype \(isDirect ? 1 : 1 + number / 5 * 2)"
        let data = "$\(family.rawValue)\(index)"
        curves.append("\(data) using 1:2:3:4 with yerrorbars notitle \(style) pointtype 0 linewidth 0.6")
        curves.append(
          "\(data) using 1:2 with linespoints title \(Gnuplot.quoted(solver)) \(style) pointtype \(symbol) pointsize 0.75"
        )
      }
      text += "plot \(curves.joined(separator: ", \\\n  "))\n"
    }
    return text + "unset multiplot\n"
  }
}
