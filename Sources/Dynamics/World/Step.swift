import ConstraintSystem
import LinearAlgebra

extension Simulation {
  /// Advances the world by one time step and says what it cost.
  @discardableResult
  public func step() throws -> StepRecord {
    var record = StepRecord()
    record.step = stepCount
    var watch = Stopwatch()
    let h = settings.timestep / Double(substepCount)

    updateColumns()
    watch.lap(.other, &record)
    detectPairs()
    watch.lap(.broadphase, &record)
    detectContacts()
    watch.lap(.narrowphase, &record)

    world.reactions.fill(Reaction())
    for substep in 0..<substepCount {
      substepNumber = stepCount * substepCount + substep
      if solver.stepping.isPosition {
        if substep > 0 { detectAgain(&record, &watch) }
        try assembleVelocities(h, stage: .displacement)
        watch.lap(.assembly, &record)
        try displaceBodies(h, &record, &watch)
      } else {
        try assembleVelocities(h, stage: .velocity)
        watch.lap(.assembly, &record)
        try solveVelocities(&record, &watch)
        readArms()
        readReactions()
        if stabilization == .soft { try relaxVelocities(h, &record, &watch) }
        try integrate(h)
        applyRelaxation()
        watch.lap(.integration, &record)
        if stabilization == .projection { try projectPositions(h, &record, &watch) }
      }
      finishReactions(&record)
      breakJoints()
      world.time += h
      world.impulseTime += forceTime
      watch.lap(.other, &record)
    }

    stateHash = world.stateHash(mixing: stateHash)
    record.stateHash = stateHash
    record.time = world.time
    stepCount += 1
    watch.lap(.other, &record)
    record.total = record.stages.sum
    if settings.measures { measure(h, &record) }
    return record
  }
}

/// Splits a step's time among its stages.
struct Stopwatch {
  private var last = Clock.now()

  /// The time since the last lap goes to `stage`.
  mutating func lap(_ stage: StepStage, _ record: inout StepRecord) {
    let now = Clock.now()
    record.stages[stage] += now - last
    last = now
  }

  /// The time since the last lap is left out: the laboratory's own measuring.
  mutating func skip() { last = Clock.now() }

  /// The time of a solve goes to guess, set-up, solve and inference as the report splits it.
  mutating func lap(_ report: SolveReport, _ record: inout StepRecord) {
    let now = Clock.now()
    record.stages[.guess] += report.guessTime
    record.stages[.setup] += report.setupTime
    record.stages[.solve] += report.solveTime
    record.stages[.inference] += report.inferenceTime
    let named = report.guessTime + report.setupTime + report.solveTime + report.inferenceTime
    record.stages[.other] += max(0, now - last - named)
    last = now
  }
}
