import ArgumentParser
import Laboratory

/// `delassus replay`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Look at a recording, run it again, or hand its problems to another solver.",
    discussion: """
      Without options: what the recording holds. With --verify the run is simulated again and compared bit by bit: step by \
      step its contacts, problem, impulses and states, and every checkpoint. Exit status 1: something differs.

      With --solver every recorded problem is solved again by another solver, which warm starts from its own impulses; \
      printed is the first joint or contact whose impulse is another one. Where A is singular impulses may differ though \
      velocities agree.
      """)

  @Argument(help: "A recording that --record wrote.")
  var recording: String

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The run, where there are several (default: all for --verify, else the first).", valueName: "n"))
  var number: Int?

  @Flag(help: "Simulate again and say whether it is identical, or what differs first.")
  var verify = false

  @Option(help: ArgumentHelp("Begin at the checkpoint at or before a step.", valueName: "step"))
  var from: Int?

  @Option(help: "Solve every recorded problem with another solver.")
  var solver: String?

  @Option(help: "Difference of impulses that counts, as a share of the step's largest impulse.")
  var tolerance = 1e-3

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard !(verify && solver != nil) else { throw ValidationError("Give one of --verify and --solver.") }
    guard tolerance >= 0 else { throw ValidationError("--tolerance: expected a number that is not negative.") }
    guard from ?? 0 >= 0 else { throw ValidationError("--from: expected a number of a step.") }
  }

  func run() throws {
    try reportingErrors {
      let file = try Recording(readingFileAt: recording)
      Interrupt.install()
      if verify {
        try verify(file)
      } else if let solver {
        try resolve(file, solver)
      } else {
        let summary = try RecordingSummary(file, run: number)
        print(json ? try JSONText.encode(summary) : summary.text)
      }
      if Interrupt.isRequested { throw ExitCode.interrupted }
    }
  }

  private func verify(_ file: Recording) throws {
    let runs = try number.map { [try file.run($0)] } ?? file.runs
    var outcomes: [Verification.Outcome] = []
    for run in runs {
      let verification = Verification(file, run, from: from)
      let bar = ProgressBar("\(run.manifest.scene)  \(run.manifest.solver)", total: run.steps.count)
      verification.progress = bar.update
      verification.shouldStop = { Interrupt.isRequested }
      let outcome = try verification.perform()
      bar.finish()
      outcomes.append(outcome)
      if json { continue }
      let name = "run \(run.number), \(run.manifest.scene) with \(run.manifest.solver)"
      if outcome.identical {
        let end = Interrupt.isRequested ? "identical so far" : "identical"
        print("\(name): \(end), \(outcome.steps) steps, \(outcome.checkpoints) checkpoints, hash \(outcome.stateHash)")
      } else {
        print("\(name): differs")
        for difference in outcome.differences { print("  \(difference.text)") }
        if run.manifest.timeLimit != nil { print("  its solves had a time budget: they need not come out the same") }
        if run.manifest.usesBLAS && run.manifest.machine != .current {
          print("  its solver uses OpenBLAS, whose bits follow the processor: \(run.manifest.machine.processor)")
        }
      }
    }
    if json { print(try JSONText.encode(ReplayReport(recording: recording, runs: outcomes))) }
    if outcomes.contains(where: { !$0.identical }) { throw ExitCode(1) }
  }

  private func resolve(_ file: Recording, _ solver: String) throws {
    let run = try file.run(number)
    let replayer = try Replayer(file, run)
    if let from { try replayer.seek(from) }
    let resolve = try Resolve(replayer, solver: solver, tolerance: tolerance)
    let bar = ProgressBar("\(run.manifest.scene)  \(solver)", total: run.steps.count)
    resolve.progress = bar.update
    resolve.shouldStop = { Interrupt.isRequested }
    let outcome = try resolve.perform()
    bar.finish()
    print(
      json
        ? try JSONText.encode(ReplayReport(recording: recording, runs: [outcome]))
        : ResolveSummary(outcome, run).text)
  }
}
