import ConstraintSystem

/// The table of a comparison as text cells: one section a scene, one row a solver.
public struct ComparisonTable {
  /// The columns, in their order.
  public static let columns: [TableColumn] = [
    TableColumn(title: "scene", isNumber: false), TableColumn(title: "solver", isNumber: false),
    TableColumn(title: "step", isNumber: true), TableColumn(title: "p99", isNumber: true),
    TableColumn(title: "iter", isNumber: true), TableColumn(title: "residual", isNumber: true),
    TableColumn(title: "max", isNumber: true), TableColumn(title: "penetr.", isNumber: true),
    TableColumn(title: "joint err", isNumber: true), TableColumn(title: "energy", isNumber: true),
    TableColumn(title: "reason", isNumber: false),
  ]

  /// What the abbreviated columns mean, one line each.
  public static let legend = [
    "step, p99: wall time of a step, median and 99th percentile, first step left out; iter: median iterations a step",
    "residual, max: natural-map residual (m/s), median and largest; penetr., joint err: largest after a step",
    "energy: (E − E₀) / (m g extent) at the end; reason: why the solves stopped, or in how many steps not by converging",
  ]

  /// Rows of cells, a section a scene.
  public private(set) var sections: [[[String]]] = []

  /// The table of `results`, which stand scene by scene. Below a scene's name stands how large it is.
  public init(_ results: [RunResult]) {
    var start = 0
    while start < results.count {
      var end = start + 1
      while end < results.count && results[end].scene == results[start].scene { end += 1 }
      let section = results[start..<end]
      var labels = [results[start].scene] + Self.size(of: section)
      labels += Array(repeating: "", count: max(0, section.count - labels.count))
      sections.append(zip(labels, section).map(Self.row))
      start = end
    }
  }

  /// Steps, rows and contacts of the first run that has them.
  private static func size(of results: ArraySlice<RunResult>) -> [String] {
    guard let result = results.first(where: { $0.steps > 0 }) else { return [] }
    var lines = ["\(result.steps) steps"]
    if let rows = result.solve.rows { lines.append("\(rows) rows") }
    if let contacts = result.solve.contacts, contacts > 0 { lines.append("\(contacts) contacts") }
    return lines.map { "  " + $0 }
  }

  private static func row(_ label: String, _ result: RunResult) -> [String] {
    [
      label, result.solver, Quantity.time(microseconds: result.cost.step.median),
      Quantity.time(microseconds: result.cost.step.p99), Quantity.count(result.solve.iterations.median),
      Quantity.scientific(result.solve.residual.median), Quantity.scientific(result.solve.residual.max),
      Quantity.length(result.quality.penetration.max), Quantity.length(result.quality.jointError.max),
      Quantity.drift(result.quality.energyDrift), reason(of: result),
    ]
  }

  /// "converged", or the most frequent other reason with the number of its steps; "failed" where the run broke off.
  static func reason(of result: RunResult) -> String {
    let reasons = result.solve.stopReasons
    if reasons[StopReason.unsupported.rawValue] != nil { return StopReason.unsupported.rawValue }
    if result.error != nil { return "failed in step \(result.steps)" }
    // The catalog's order, so that a tie has one outcome.
    var worst: (reason: StopReason, count: Int)?
    for reason in StopReason.allCases where reason != .converged {
      if let count = reasons[reason.rawValue], count > worst?.count ?? 0 { worst = (reason, count) }
    }
    guard let worst else { return reasons.isEmpty ? Quantity.none : StopReason.converged.rawValue }
    return worst.count == result.steps
      ? worst.reason.rawValue : "\(worst.reason.rawValue) \(worst.count)/\(result.steps)"
  }
}
