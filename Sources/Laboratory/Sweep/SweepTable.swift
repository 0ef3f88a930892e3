/// The tables of a sweep as text cells: a row a cell, and with several seeds a row for every group of them.
public struct SweepTable {
  private let sweep: Sweep

  /// The tables of `sweep`.
  public init(_ sweep: Sweep) { self.sweep = sweep }

  /// What the abbreviated columns mean, one line each.
  public var legend: [String] {
    var lines = [
      "step: median wall time of a step, first step left out; residual: largest natural-map residual (m/s)",
      "penetr., joint err: largest after a step; energy: (E − E₀) / (m g extent) at the end; reason: why solves stopped",
    ]
    if let jobs = sweep.finished.compactMap(\.jobs).max(), jobs > 1 {
      lines.append(
        "times: up to \(jobs) cells ran at a time, which makes them longer and noisier; --jobs 1 measures alone")
    }
    return lines
  }

  private var places: [TableColumn] {
    sweep.axes.map { TableColumn(title: $0.name, isNumber: true) } + [TableColumn(title: "solver", isNumber: false)]
  }

  private static let quantities = [
    TableColumn(title: "step", isNumber: true), TableColumn(title: "residual", isNumber: true),
    TableColumn(title: "penetr.", isNumber: true), TableColumn(title: "joint err", isNumber: true),
    TableColumn(title: "energy", isNumber: true),
  ]

  private static func text(_ quantity: SweepQuantity, _ value: Double?) -> String {
    switch quantity {
    case .stepTime: Quantity.time(microseconds: value)
    case .residual: Quantity.scientific(value)
    case .penetration, .jointError: Quantity.length(value)
    case .energyDrift: Quantity.drift(value)
    }
  }

  private static func place(_ values: [Double], _ solver: String) -> [String] {
    values.map(Quantity.digits) + [solver]
  }

  /// Columns of the table of cells.
  public var columns: [TableColumn] {
    places + (sweep.plan.seeds.isEmpty ? [] : [TableColumn(title: "seed", isNumber: true)]) + Self.quantities
      + [TableColumn(title: "reason", isNumber: false)]
  }

  /// The finished cells in the plan's order, a section for every value of the first axis that has several of them.
  public var sections: [[[String]]] {
    var sections: [[[String]]] = []
    var last: Double?
    for cell in sweep.finished {
      if sections.isEmpty || cell.values.first != last { sections.append([]) }
      last = cell.values.first
      sections[sections.count - 1].append(row(cell))
    }
    return sections.allSatisfy { $0.count == 1 } ? [sections.flatMap { $0 }] : sections
  }

  private func row(_ cell: SweepCell) -> [String] {
    Self.place(cell.values, cell.solver) + (cell.seed.map { [String($0)] } ?? [])
      + SweepQuantity.allCases.map { quantity in Self.text(quantity, cell.result.flatMap(quantity.value)) }
      + [Self.shortened(Self.reason(of: cell))]
  }

  /// Whole errors stand on standard error and in the other outputs.
  private static func shortened(_ text: String) -> String { text.count > 32 ? text.prefix(31) + "…" : text }

  /// Why the solves of a cell stopped, or why it failed.
  static func reason(of cell: SweepCell) -> String {
    if let result = cell.result, cell.status == .done || result.error != nil {
      return ComparisonTable.reason(of: result)
    }
    return cell.error ?? cell.status.rawValue
  }

  /// Columns of the table of groups.
  public var groupColumns: [TableColumn] {
    places + [TableColumn(title: "seeds", isNumber: true)] + Self.quantities
  }

  /// Median over the seeds with smallest and largest; empty where there are not several seeds.
  public var groupRows: [[String]] {
    guard sweep.plan.seeds.count > 1 else { return [] }
    return sweep.groups.filter { !$0.cells.isEmpty }.map { group in
      Self.place(group.values, group.solver) + [String(group.cells.count)]
        + SweepQuantity.allCases.map { quantity in
          guard let spread = group.spread(of: quantity) else { return Quantity.none }
          func text(_ value: Double) -> String { Self.text(quantity, value) }
          guard text(spread.minimum) != text(spread.maximum) else { return text(spread.median) }
          return "\(text(spread.median)) (\(text(spread.minimum)) … \(text(spread.maximum)))"
        }
    }
  }
}
