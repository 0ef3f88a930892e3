import ConstraintSystem

// A sweep as a report: its table, and for one axis a line a solver, for two axes a heat map a solver.
extension SweepQuantity {
  /// What the axis or the scale of a figure says.
  var label: String {
    switch self {
    case .stepTime: "step time (µs)"
    case .residual: "largest residual (m/s)"
    case .penetration: "penetration (m)"
    case .jointError: "joint error (m)"
    case .energyDrift: "energy drift (m g extent)"
    }
  }

  fileprivate var unit: SweepPlot.Unit {
    switch self {
    case .stepTime: .microseconds
    case .penetration, .jointError: .meters
    case .residual, .energyDrift: .none
    }
  }

  fileprivate var text: @Sendable (Double) -> String {
    switch self {
    case .stepTime: { Quantity.time(microseconds: $0) }
    case .penetration, .jointError: { Quantity.length($0) }
    case .residual: { Quantity.scientific($0) }
    case .energyDrift: { Quantity.drift($0) }
    }
  }
}

extension Sweep {
  /// Lines over the one axis, a plot a quantity.
  var plots: [SweepPlot] {
    guard axes.count == 1, let axis = axes.first else { return [] }
    return SweepQuantity.allCases.compactMap { quantity in
      let lines = plan.solvers.map { solver in
        (solver: solver, values: line(quantity, solver: solver).map { $0.spread?.median })
      }.filter { $0.values.contains { $0 != nil } }
      guard !lines.isEmpty else { return nil }
      return SweepPlot(
        title: "\(quantity.label.prefix(1).uppercased() + quantity.label.dropFirst()) over \(axis.name)",
        xName: axis.name,
        xValues: axis.values, valueLabel: quantity.label, lines: lines, unit: quantity.unit)
    }
  }

  /// Maps over the two axes, one a quantity and solver.
  var heatMaps: [HeatMap] {
    guard axes.count == 2 else { return [] }
    return SweepQuantity.allCases.flatMap { quantity in
      plan.solvers.compactMap { solver in
        let values = map(quantity, solver: solver)
        guard values.contains(where: { $0.contains { $0 != nil } }) else { return nil }
        return HeatMap(
          title: "\(quantity.label): \(solver)", xName: axes[1].name, xValues: axes[1].values, yName: axes[0].name,
          yValues: axes[0].values, valueLabel: quantity.label, values: values, text: quantity.text)
      }
    }
  }

  /// The page. Every combination of values stands as a scene of its own in the table.
  public var report: HTMLReport {
    let results = finished.compactMap { cell -> RunResult? in
      guard var result = cell.result else { return nil }
      let values = zip(axes, cell.values).map { "\($0.name) \(Quantity.digits($1))" }
      result.scene = ([result.scene] + values + (cell.seed.map { ["seed \($0)"] } ?? [])).joined(separator: ", ")
      return result
    }
    let budget = plan.options.first { $0.name == "--budget" }?.value
    let comparison = ComparisonReport(
      mode: .trajectory, budget: budget ?? nil, machine: machine,
      results: results.enumerated().sorted { ($0.element.scene, $0.offset) < ($1.element.scene, $1.offset) }
        .map(\.element))
    return HTMLReport(
      FigureSource(ComparisonData(report: comparison, traces: [])), heatMaps: heatMaps, sweepPlots: plots, kinds: [])
  }
}
