import ConstraintSystem

/// How every solver of a comparison is drawn: the same in all its figures, told apart by colour, by dash and by symbol.
///
/// Ten lines can be followed by eye. Of more solvers, those that did best stand out: in how many scenes all of their
/// solves converged, then how near to the fastest they came; the first one that was asked for is among them in any
/// case. The others are grey.
package struct SolverStyles: Sendable {
  /// How one solver is drawn.
  package struct Style: Sendable, Equatable {
    /// Its colour.
    package var color: FigureColor
    var dash: String
    /// gnuplot's number of a filled symbol; the one before it is the same, open.
    var symbol: Int
    /// Whether it stands out.
    package var isHighlighted: Bool

    /// A line's style for gnuplot.
    func line(isDashed: Bool) -> String {
      "linecolor rgb \"\(color.light)\" dashtype \(isDashed ? dash : "solid") linewidth \(isHighlighted ? 1.7 : 1)"
    }
  }

  /// The solvers in the order of the comparison, none twice.
  package let solvers: [String]
  private let styles: [String: Style]

  /// Solvers that can stand out.
  package static let limit = FigureColor.series.count
  private static let dashes = ["solid", "(9,4)", "(3,3)", "(10,3,2,3)"]
  private static let symbols = [7, 5, 9, 13, 11]

  /// Styles for the solvers of `results`.
  package init(_ results: [RunResult]) {
    var solvers: [String] = []
    for result in results where !solvers.contains(result.solver) { solvers.append(result.solver) }
    self.init(solvers, highlighting: Self.best(solvers, results))
  }

  /// Styles with given ones that stand out, all where there is no need to choose.
  init(_ solvers: [String], highlighting best: [String]) {
    self.solvers = solvers
    let chosen = solvers.count <= Self.limit ? solvers : solvers.filter(best.prefix(Self.limit).contains)
    var styles: [String: Style] = [:]
    for (index, solver) in chosen.enumerated() {
      styles[solver] = Style(
        color: FigureColor.series[index], dash: Self.dashes[index % Self.dashes.count],
        symbol: Self.symbols[index % Self.symbols.count], isHighlighted: true)
    }
    self.styles = styles
  }

  /// The style of a solver.
  package subscript(solver: String) -> Style {
    styles[solver] ?? Style(color: .muted, dash: "solid", symbol: 7, isHighlighted: false)
  }

  /// Those that stand out, in the order of the comparison.
  package var highlighted: [String] { solvers.filter { styles[$0] != nil } }
  /// The others.
  package var others: [String] { solvers.filter { styles[$0] == nil } }

  private static func best(_ solvers: [String], _ results: [RunResult]) -> [String] {
    var fastest: [String: Double] = [:]
    for result in results where result.isSolved {
      guard let time = result.cost.step.median else { continue }
      fastest[result.scene] = min(fastest[result.scene] ?? .infinity, time)
    }
    let ranks = solvers.enumerated().map { index, solver in
      let own = results.filter { $0.solver == solver && $0.isSolved }
      // The ratio to the fastest, worst scene; what never converges comes last.
      let ratio = own.compactMap { result in
        result.cost.step.median.flatMap { time in fastest[result.scene].map { time / $0 } }
      }.max()
      return (index: index, solver: solver, failures: -own.count, ratio: ratio ?? .infinity)
    }
    let sorted = ranks.sorted { ($0.failures, $0.ratio, $0.index) < ($1.failures, $1.ratio, $1.index) }.map(\.solver)
    guard let first = solvers.first else { return [] }
    return [first] + sorted.filter { $0 != first }
  }
}

extension RunResult {
  /// Whether the run came to its end and all of its solves converged, or had nothing to solve.
  package var isSolved: Bool {
    error == nil && steps > 0 && solve.stopReasons.allSatisfy { $0.key == StopReason.converged.rawValue }
  }
}
