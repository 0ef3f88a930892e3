import Dynamics
import LinearAlgebra

/// What plots over time keep of a step.
package struct TraceSample {
  package var step: Int
  /// Time of every stage (s).
  package var stages: StageTimes
  package var total: Double
  package var iterations: Int
  package var residual: Double
  package var penetration: Double
  package var jointError: Double
  package var energy: Double
  package var momentum: Vector6
  package var rows: Int
  package var contacts: Int

  init(_ record: StepRecord) {
    step = record.step
    stages = record.stages
    total = record.total
    iterations = record.report.iterations
    residual = record.residual.maximum
    penetration = record.penetration
    jointError = record.jointError
    energy = record.energy
    momentum = record.momentum
    rows = record.rows
    contacts = record.contacts
  }
}

/// The last steps of a world, bounded.
struct Trace {
  /// Steps kept.
  static let length = 600
  private(set) var samples: [TraceSample] = []

  /// Adds a step; those after it, from before a step back, go.
  mutating func append(_ record: StepRecord) {
    cut(after: record.step)
    samples.append(TraceSample(record))
    if samples.count > Self.length { samples.removeFirst(samples.count - Self.length) }
  }

  /// Keeps the steps before `step`.
  mutating func cut(after step: Int) {
    while let last = samples.last, last.step >= step { samples.removeLast() }
  }
}
