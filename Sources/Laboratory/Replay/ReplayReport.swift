import ConstraintSystem

/// The object that `replay --json` prints for outcomes of one kind.
public struct ReplayReport<Outcome: Encodable>: Encodable {
  /// The file.
  public var recording: String
  /// One outcome a run.
  public var runs: [Outcome]

  /// A report from its parts.
  public init(recording: String, runs: [Outcome]) {
    self.recording = recording
    self.runs = runs
  }
}

/// What a recording holds, for `replay` without options.
public struct RecordingSummary: Encodable {
  /// One run.
  struct Entry: Encodable {
    var run: Int
    var manifest: RunManifest
    var status: Recording.Status
    var firstStep: Int
    var steps: Int
    var checkpoints: Int
    @Nullable var result: RunResult?
  }

  private var recording: String
  private var runs: [Entry]

  /// A summary of a recording, or of one of its runs. Throws `InputError`.
  public init(_ file: Recording, run number: Int? = nil) throws {
    recording = file.path
    runs = try (number.map { [try file.run($0)] } ?? file.runs).map { run in
      Entry(
        run: run.number, manifest: run.manifest, status: run.status, firstStep: run.steps.lowerBound,
        steps: run.steps.count, checkpoints: try file.checkpointSteps(of: run).count, result: run.result)
    }
  }

  /// The runs for people, without a closing line break.
  public var text: String {
    let lines = runs.map { entry in
      let manifest = entry.manifest
      var heading = "run \(entry.run)  \(manifest.scene) with \(manifest.solver), \(entry.steps) steps"
      if entry.firstStep > 0 { heading += " from step \(entry.firstStep)" }
      heading += ", \(entry.checkpoints) checkpoints, \(entry.status.rawValue)"
      heading += "\n       \(manifest.machine.summary), version \(manifest.version)"
      return entry.result.map { heading + "\n\n" + RunSummary($0).text } ?? heading
    }
    return lines.joined(separator: "\n\n")
  }
}

/// An outcome of `replay --solver` for people.
public struct ResolveSummary {
  private let outcome: Resolve.Outcome
  private let run: Recording.Run

  /// A summary of an outcome.
  public init(_ outcome: Resolve.Outcome, _ run: Recording.Run) {
    self.outcome = outcome
    self.run = run
  }

  /// The text, without a closing line break.
  public var text: String {
    let reasons = outcome.stopReasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
    var lines = [
      "\(outcome.problems) problems of \(run.manifest.scene) with \(run.manifest.solver), solved by \(outcome.solver): "
        + reasons.joined(separator: ", "),
      "  solve       median \(Quantity.time(microseconds: outcome.time.median))   p99 "
        + Quantity.time(microseconds: outcome.time.p99),
      "  iterations  median \(Quantity.count(outcome.iterations.median))   max \(Quantity.count(outcome.iterations.max))",
      "  residual    median \(Quantity.scientific(outcome.residual.median))   max "
        + "\(Quantity.scientific(outcome.residual.max)) m/s; recorded \(Quantity.scientific(outcome.recordedResidual.median))"
        + " and \(Quantity.scientific(outcome.recordedResidual.max))",
    ]
    if let parting = outcome.firstParting {
      lines.append(
        "  impulses    part in step \(parting.step) at \(parting.constraint): by "
          + "\(Quantity.plain(parting.difference)) N s of \(Quantity.plain(parting.recorded))")
    } else {
      lines.append(
        "  impulses    never part by more than \(Quantity.scientific(outcome.tolerance)) of a step's largest")
    }
    let step = outcome.velocityDifferenceStep.map { " in step \($0)" } ?? ""
    lines.append("  velocities  differ by at most \(Quantity.scientific(outcome.velocityDifference)) m/s\(step)")
    return lines.joined(separator: "\n")
  }
}
