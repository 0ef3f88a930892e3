/// `linear` for people: a table a family, one row a solver, one column a size.
public struct LinearTable {
  private let report: LinearReport
  /// The family.
  public let family: RandomSystem.Family

  /// The table of one family.
  public init(_ report: LinearReport, _ family: RandomSystem.Family) {
    self.report = report
    self.family = family
  }

  /// What the family is.
  public var heading: String {
    switch family {
    case .dense: "dense: A = BBᵀ/n + 1"
    case .sparse: "sparse: half-bandwidth \(RandomSystem.halfBandwidth), random, diagonal = row sum of magnitudes + 0.1"
    }
  }

  /// The columns.
  public var columns: [TableColumn] {
    [TableColumn(title: "solver", isNumber: false)]
      + report.sizes(family).map { TableColumn(title: "n = \($0)", isNumber: true) }
  }

  /// The solvers' rows, and below them who is fastest.
  public var sections: [[[String]]] {
    let sizes = report.sizes(family)
    let rows = report.solvers.map { solver in
      [solver] + sizes.map { report.result(family, $0, solver).map { cell($0) } ?? Quantity.none }
    }
    let direct = LinearSolverList.direct
    let iterative = report.solvers.filter { name in !direct.contains { name == $0 || name.hasPrefix($0 + ":") } }
    let factoring = report.solvers.filter { !iterative.contains($0) }
    func winners(_ title: String, _ names: [String]?) -> [String] {
      [title] + sizes.map { report.fastest(family, $0, among: names)?.solver ?? Quantity.none }
    }
    return [
      rows,
      [winners("fastest", nil), winners("  direct", factoring), winners("  iterative", iterative)],
    ]
  }

  /// Iterative against direct methods on the largest system.
  public var verdict: String? {
    guard let n = report.sizes(family).last, let best = report.fastest(family, n), let time = best.time.median else {
      return nil
    }
    func against(_ name: String) -> String? {
      guard name != best.solver, let other = report.result(family, n, name)?.time.median else { return nil }
      return "\(Quantity.significant(other / time))× ahead of \(name)"
    }
    let rivals = ["gauss", "cholesky", "ldl", "cg"].compactMap(against)
    return "n = \(n): \(best.solver) \(Quantity.time(microseconds: time))"
      + (rivals.isEmpty ? "" : ", " + rivals.joined(separator: ", "))
  }

  private func cell(_ result: LinearResult) -> String {
    guard let mean = result.time.mean else {
      return result.isSkipped ? "too slow" : result.stopReason.rawValue
    }
    let mark = report.fastest(family, result.n)?.solver == result.solver ? "*" : ""
    let spread = result.time.deviation.map { " ±" + Self.percent($0 / mean) } ?? ""
    return mark + Quantity.time(microseconds: mean) + spread
  }

  private static func percent(_ fraction: Double) -> String {
    let percent = 100 * fraction
    return percent < 0.5 ? "0 %" : "\(Int(percent.rounded())) %"
  }

  /// What the cells mean.
  public static func legend(_ report: LinearReport) -> [String] {
    [
      "set-up and solve until ‖x − x*‖/‖x*‖ ≤ \(Quantity.scientific(report.tolerance)): mean ± standard deviation of "
        + "\(report.repeats); * fastest by median",
      "timeLimit: not within \(Quantity.digits(report.timeLimit)) s; too slow: left out after that; ± left out: one solve",
    ]
  }
}
