import ConstraintSystem

/// The table of a shadow comparison as text cells: one section a scene, its driver first, one row a solver.
public struct ShadowTable {
  /// The columns, in their order.
  public static let columns: [TableColumn] = [
    TableColumn(title: "scene", isNumber: false), TableColumn(title: "solver", isNumber: false),
    TableColumn(title: "solve", isNumber: true), TableColumn(title: "95 %", isNumber: false),
    TableColumn(title: "p99", isNumber: true), TableColumn(title: "iter", isNumber: true),
    TableColumn(title: "residual", isNumber: true), TableColumn(title: "max", isNumber: true),
    TableColumn(title: "solved", isNumber: true), TableColumn(title: "reason", isNumber: false),
  ]

  /// What the columns mean, one line each.
  public static func legend(driver: String, overhead: Double?) -> [String] {
    [
      "every solver gets each problem of the world that \(driver) moves, and its own impulses of the one before",
      "solve, p99: guess, set-up and iterations of a step, median and 99th percentile, first step left out; 95 %: "
        + "bootstrap interval of the median",
      "residual, max: natural-map residual (m/s), median and largest; solved: steps that meet the solver's tolerance",
      "the whole took \(Quantity.percent(overhead)) more than the sum of the solves, the driver's world included",
    ]
  }

  /// Rows of cells, a section a scene.
  public private(set) var sections: [[[String]]] = []

  /// The table of `results`, which stand scene by scene, the driver first.
  public init(_ results: [RunResult]) {
    var section: [[String]] = []
    var labels: [String] = []
    func close() {
      guard !section.isEmpty else { return }
      for (index, label) in labels.enumerated() where index < section.count { section[index][0] = label }
      sections.append(section)
      section = []
    }
    for result in results {
      if result.role == .driver {
        close()
        labels = [result.scene, "  \(result.steps) steps"]
        if let rows = result.solve.rows { labels.append("  \(rows) rows") }
        if let contacts = result.solve.contacts, contacts > 0 { labels.append("  \(contacts) contacts") }
        if let condition = result.solve.condition.max {
          let isBound = result.solve.rows ?? 0 > ConditionEstimate.denseRows
          labels.append("  condition \(isBound ? "≥ " : "")\(Quantity.scientific(condition))")
        }
      } else {
        section.append(Self.row(result))
      }
    }
    close()
  }

  private static func row(_ result: RunResult) -> [String] {
    let interval = result.cost.step.medianInterval.map {
      "\(Quantity.time(microseconds: $0[0])) … \(Quantity.time(microseconds: $0[1]))"
    }
    return [
      "", result.solver, Quantity.time(microseconds: result.cost.step.median), interval ?? Quantity.none,
      Quantity.time(microseconds: result.cost.step.p99), Quantity.count(result.solve.iterations.median),
      Quantity.scientific(result.solve.residual.median), Quantity.scientific(result.solve.residual.max),
      Quantity.percent(result.solve.solvedShare), ComparisonTable.reason(of: result),
    ]
  }
}
