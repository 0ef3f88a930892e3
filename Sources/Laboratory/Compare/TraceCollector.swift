import Dynamics

/// Keeps the record of every step of a run.
public final class TraceCollector: RunObserver {
  /// The steps so far.
  public private(set) var records: [StepRecord] = []

  /// A collector of nothing yet.
  public init() {}

  /// Nothing has happened before the first step.
  public func begin(_ simulation: Simulation) {}

  /// Keeps a step.
  public func observe(_ simulation: Simulation, _ record: StepRecord) { records.append(record) }
}
