/// What an evaluation found, as `delassus evaluate --json` prints it.
public struct EvaluationReport: Codable, Sendable {
  /// The file of the dataset.
  public var dataset: String
  /// Number of systems that were solved.
  public var systems: Int
  /// The solvers, the baseline first.
  public var solvers: [String]
  /// Residuals (m/s) at which solves stopped.
  public var tolerances: [Double]
  /// Start of every solve.
  public var start: Evaluation.Start
  /// Iterations of a solve at most.
  public var iterations: Int
  /// Time of a solve at most (s).
  public var timeLimit: Double
  /// How often each solve was done.
  public var repeats: Int
  /// The machine that times are of.
  public var machine: Machine
  /// Group by group, tolerance by tolerance, solver by solver.
  public var results: [EvaluationSummary]

  /// The report of an evaluation of a file.
  public init(_ evaluation: Evaluation, dataset: String) {
    self.dataset = dataset
    systems = Set(evaluation.records.map(\.system)).count
    solvers = evaluation.solvers
    tolerances = evaluation.options.tolerances
    start = evaluation.options.start
    iterations = evaluation.options.iterations
    timeLimit = evaluation.options.timeLimit
    repeats = evaluation.options.repeats
    machine = .current
    results = EvaluationSummary.all(of: evaluation)
  }

  /// The columns of the table.
  public static let columns: [TableColumn] = [
    TableColumn(title: "group", isNumber: false), TableColumn(title: "to", isNumber: true),
    TableColumn(title: "solver", isNumber: false), TableColumn(title: "systems", isNumber: true),
    TableColumn(title: "reached", isNumber: true), TableColumn(title: "passes", isNumber: true),
    TableColumn(title: "time", isNumber: true), TableColumn(title: "passes ×", isNumber: true),
    TableColumn(title: "time ×", isNumber: true), TableColumn(title: "p50", isNumber: true),
    TableColumn(title: "p95", isNumber: true), TableColumn(title: "p99", isNumber: true),
    TableColumn(title: "worst", isNumber: true), TableColumn(title: "fell back", isNumber: true),
  ]

  /// Rows of cells, a section a group.
  public var sections: [[[String]]] {
    var sections: [[[String]]] = []
    var group: String?
    var tolerance: Double?
    for result in results {
      let isNewGroup = result.group != group
      if isNewGroup { sections.append([]) }
      let isNewTolerance = isNewGroup || result.tolerance != tolerance
      group = result.group
      tolerance = result.tolerance
      sections[sections.count - 1].append([
        isNewGroup ? result.group : "", isNewTolerance ? Quantity.scientific(result.tolerance) : "", result.solver,
        "\(result.systems)", Quantity.percent(result.reached), Quantity.plain(result.passes),
        Quantity.time(microseconds: result.time), Quantity.plain(result.passesRatio.geometricMean),
        Quantity.plain(result.timeRatio.geometricMean), Quantity.plain(result.timeRatio.p50),
        Quantity.plain(result.timeRatio.p95), Quantity.plain(result.timeRatio.p99),
        Quantity.plain(result.timeRatio.worst), Quantity.percent(result.fellBack),
      ])
    }
    return sections
  }

  /// What the columns mean, one line each.
  public var legend: [String] {
    var lines = [
      "\(systems) systems, start \(start.rawValue); to: residual (m/s) at which a solve stops, at most \(iterations) "
        + "iterations or \(Quantity.plain(timeLimit)) s",
      "reached: systems whose residual meets it, by the judge; passes, time: geometric means, time the least of \(repeats)",
      "×: against \(solvers[0]) on the same system, below 1 is better; passes where both reach, time on all that both solve",
    ]
    let unsupported = results.filter { $0.unsupported > 0 && $0.group == results[0].group }
    for solver in solvers {
      guard let result = unsupported.first(where: { $0.solver == solver }) else { continue }
      lines.append("\(solver): does not solve \(result.unsupported) systems, which it is not counted on")
    }
    return lines
  }
}
