import ConstraintSystem
import Dynamics

/// Gathers what the steps of a run cost.
struct CostStatistics {
  private var total = Series()
  private var stages = StepStage.allCases.map { _ in Series() }

  /// Takes a step in.
  mutating func observe(_ record: StepRecord) {
    total.append(record.total)
    for (index, stage) in StepStage.allCases.enumerated() { stages[index].append(record.stages[stage]) }
  }

  /// The summary; the first step is left out.
  var result: RunResult.Cost {
    RunResult.Cost(
      step: RunResult.Times(secondsWithoutFirst: total),
      phases: RunResult.Phases(
        broadphase: median(.broadphase), narrowphase: median(.narrowphase), assembly: median(.assembly),
        guess: median(.guess), setup: median(.setup), solve: median(.solve), inference: median(.inference),
        integration: median(.integration), other: median(.other)))
  }

  /// Median time of a stage (µs); nil where no step had it.
  private func median(_ stage: StepStage) -> Double? {
    guard let index = StepStage.allCases.firstIndex(of: stage),
      let summary = stages[index].distribution(from: 1), summary.maximum > 0
    else { return nil }
    return 1e6 * summary.median
  }
}
