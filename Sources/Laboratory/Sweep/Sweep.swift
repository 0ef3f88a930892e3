/// A sweep as a report takes it: its axes and what its cells have come to.
public struct Sweep {
  /// What was run.
  public var plan: SweepPlan
  /// The machine that it was run on.
  public var machine: Machine
  /// All cells in the plan's order.
  public var cells: [SweepCell]

  /// A sweep from its parts.
  public init(plan: SweepPlan, machine: Machine, cells: [SweepCell]) {
    self.plan = plan
    self.machine = machine
    self.cells = cells
  }

  /// What a file holds. Throws `InputError` (`data`).
  public init(_ store: SweepStore) throws {
    self.init(plan: store.plan, machine: store.machine, cells: try store.cells())
  }

  /// The axes; the first changes slowest.
  public var axes: [SweepAxis] { plan.axes }

  /// Cells that were run, done or failed.
  public var finished: [SweepCell] { cells.filter { $0.status != .pending } }

  /// A cell for people: its parameters, solver and seed.
  public func label(of cell: SweepCell) -> String {
    let parameters = zip(axes, cell.values).map { "\($0.name)=\(Quantity.digits($1))" }
    return (parameters + [cell.solver] + (cell.seed.map { ["seed \($0)"] } ?? [])).joined(separator: " ")
  }

  /// Brings the finished cells of parts together. Of two results of a cell one that is done wins. Throws `InputError`
  /// (`data`) for parts of different plans, and where two processes came to different states.
  public static func merged(_ parts: [SweepStore]) throws -> Sweep {
    guard let first = parts.first else { throw InputError(.usage, place: "--merge", "expected files of sweeps") }
    var merged = try Sweep(first)
    var origins = merged.cells.map { _ in first.path }
    for part in parts.dropFirst() {
      if let difference = part.plan.difference(from: first.plan) {
        throw InputError(.data, file: part.path, "is a part of another sweep than \(first.path): its " + difference)
      }
      for (index, cell) in try part.cells().enumerated() where cell.status != .pending {
        let other = merged.cells[index]
        if cell.status == .done && other.status == .done, cell.result?.stateHash != other.result?.stateHash {
          throw InputError(
            .data, file: part.path, place: "cell \(index)", "came to other states than in \(origins[index])")
        }
        guard other.status != .done else { continue }
        merged.cells[index] = cell
        origins[index] = part.path
      }
    }
    return merged
  }
}

/// A quantity of a run that a sweep shows over its axes.
public enum SweepQuantity: String, CaseIterable, Sendable {
  /// Median time of a step (µs).
  case stepTime
  /// Largest natural-map residual (m/s).
  case residual
  /// Largest penetration (m).
  case penetration
  /// Largest error of a joint (m).
  case jointError
  /// (E − E₀) / (m g extent) at the end.
  case energyDrift

  /// Its value in a run; nil where it does not apply or is not finite.
  public func value(of result: RunResult) -> Double? {
    let value =
      switch self {
      case .stepTime: result.cost.step.median
      case .residual: result.solve.residual.max
      case .penetration: result.quality.penetration.max
      case .jointError: result.quality.jointError.max
      case .energyDrift: result.quality.energyDrift
      }
    return value.flatMap { $0.isFinite ? $0 : nil }
  }
}

extension Sweep {
  /// Median, smallest and largest value over the seeds.
  public struct Spread: Sendable, Equatable {
    /// Median; of an even number the mean of the middle two.
    public var median: Double
    /// Smallest.
    public var minimum: Double
    /// Largest.
    public var maximum: Double

    /// The spread of some values; nil where there are none.
    public init?(_ values: [Double]) {
      guard !values.isEmpty else { return nil }
      let sorted = values.sorted()
      let middle = sorted.count / 2
      median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
      minimum = sorted[0]
      maximum = sorted[sorted.count - 1]
    }
  }

  /// Cells that differ in nothing but their seeds.
  public struct Group: Sendable {
    /// A value for every axis.
    public var values: [Double]
    /// The solver.
    public var solver: String
    /// The cells that were done.
    public var cells: [SweepCell]

    /// A quantity over the seeds; nil where no cell has it.
    public func spread(of quantity: SweepQuantity) -> Spread? {
      Spread(cells.compactMap { $0.result.flatMap(quantity.value) })
    }
  }

  /// All groups in the plan's order; also those of which no cell is done.
  public var groups: [Group] {
    let size = max(plan.seeds.count, 1)
    return stride(from: 0, to: cells.count, by: size).map { start in
      Group(
        values: cells[start].values, solver: cells[start].solver,
        cells: cells[start..<start + size].filter { $0.status == .done })
    }
  }

  /// A quantity of a solver over the one axis of a sweep, for a line: nil where no cell has it. Empty unless there is
  /// one axis.
  public func line(_ quantity: SweepQuantity, solver: String) -> [(x: Double, spread: Spread?)] {
    guard axes.count == 1 else { return [] }
    return groups.filter { $0.solver == solver }.map { ($0.values[0], $0.spread(of: quantity)) }
  }

  /// Medians of a quantity of a solver over the two axes of a sweep, for a heat map: a row for every value of the first
  /// axis, a column for every value of the second. Empty unless there are two axes.
  public func map(_ quantity: SweepQuantity, solver: String) -> [[Double?]] {
    guard axes.count == 2 else { return [] }
    let medians = groups.filter { $0.solver == solver }.map { $0.spread(of: quantity)?.median }
    let width = axes[1].values.count
    return stride(from: 0, to: medians.count, by: width).map { Array(medians[$0..<$0 + width]) }
  }
}
