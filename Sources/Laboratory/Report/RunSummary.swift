import ConstraintSystem
import Dynamics

/// A run for people: what was run, what it cost, how well the problem was solved, how well the physics came out.
public struct RunSummary {
  private let result: RunResult
  private let plain: Bool

  /// A summary of `result`; `plain` leaves out terminal colours.
  public init(_ result: RunResult, plain: Bool = true) {
    self.result = result
    self.plain = plain
  }

  /// The text, without a closing line break.
  public var text: String {
    ([heading, cost, solve, quality, oracles, notes] as [[String]]).filter { !$0.isEmpty }
      .map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private var heading: [String] {
    let parameters = result.parameters.sorted { $0.key < $1.key }.map { "\($0.key) \(Quantity.digits($0.value))" }
    let substeps = result.substeps > 1 ? " in \(result.substeps) substeps" : ""
    let duration = Quantity.plain(Double(result.steps) * result.timestep)
    var lines = [
      bold(result.scene) + (parameters.isEmpty ? "" : "  " + parameters.joined(separator: ", ")),
      "\(bold(result.solver)) under \(result.law.rawValue) friction, \(result.steps) steps of "
        + "\(Quantity.time(microseconds: 1e6 * result.timestep))\(substeps) (\(duration) s)",
      Self.count(result.bodies, "body", "bodies") + ", " + Self.count(result.joints, "joint", "joints"),
    ]
    if let rows = result.solve.rows, let contacts = result.solve.contacts, let islands = result.solve.islands {
      lines[2] +=
        "; at most " + Self.count(contacts, "contact", "contacts") + ", " + Self.count(rows, "row", "rows") + ", "
        + Self.count(islands, "island", "islands")
    }
    return lines
  }

  private var cost: [String] {
    guard let median = result.cost.step.median else { return [] }
    let step = result.cost.step
    var lines = [
      heading("cost", "of a step, median") + Quantity.time(microseconds: median)
        + "   p99 \(Quantity.time(microseconds: step.p99))   max \(Quantity.time(microseconds: step.max))"
    ]
    let stages = StepStage.allCases.compactMap { stage in phase(stage).map { (stage.rawValue, $0) } }
    let total = stages.reduce(0) { $0 + $1.1 }
    for (name, time) in stages where total > 0 {
      let share = time / total
      let bar = Self.bar(share, width: 28)
      let figures = Self.pad(Quantity.time(microseconds: time), 8) + "  " + Self.pad(Quantity.percent(share), 7)
      lines.append(row(name, figures + "  " + bar))
    }
    return lines
  }

  private func phase(_ stage: StepStage) -> Double? {
    let phases = result.cost.phases
    switch stage {
    case .broadphase: return phases.broadphase
    case .narrowphase: return phases.narrowphase
    case .assembly: return phases.assembly
    case .guess: return phases.guess
    case .setup: return phases.setup
    case .solve: return phases.solve
    case .inference: return phases.inference
    case .integration: return phases.integration
    case .other: return phases.other
    }
  }

  private var solve: [String] {
    let solve = result.solve
    guard !solve.stopReasons.isEmpty else { return [] }
    let reasons = solve.stopReasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    func residuals(_ r: RunResult.Residuals, _ unit: String) -> String {
      "median \(Quantity.scientific(r.median))   p99 \(Quantity.scientific(r.p99))   "
        + "max \(Quantity.scientific(r.max))   final \(Quantity.scientific(r.final))" + unit
    }
    // Without rows there was nothing to solve, and a solver that refused the problem has nothing to show.
    guard solve.residual.max != nil else { return [heading("solve", "") + reasons] }
    return [
      heading("solve", "") + reasons,
      row(
        "iterations",
        "median \(Quantity.count(solve.iterations.median))   max \(Quantity.count(solve.iterations.max))"),
      row("residual", residuals(solve.residual, "  m/s")),
      row("relative residual", residuals(solve.relativeResidual, "")),
    ]
  }

  private var quality: [String] {
    let quality = result.quality
    guard quality.displacement.max != nil else { return [] }
    var lines = [heading("quality", "").trimmingTrailingSpaces]
    func extremes(_ name: String, _ max: Double?, _ final: Double?) {
      guard max != nil else { return }
      lines.append(row(name, "max \(Quantity.length(max))   final \(Quantity.length(final))"))
    }
    extremes("penetration", quality.penetration.max, quality.penetration.final)
    if quality.jointError.max != nil {
      lines.append(
        row(
          "joint error",
          "max \(Quantity.length(quality.jointError.max))   mean \(Quantity.length(quality.jointError.mean))   "
            + "final \(Quantity.length(quality.jointError.final))"))
    }
    extremes("displacement", quality.displacement.max, quality.displacement.final)
    if quality.energyRise != nil {
      lines.append(
        row(
          "energy",
          "rise \(Quantity.drift(quality.energyRise))   drift \(Quantity.drift(quality.energyDrift))   of m g extent"))
    }
    if quality.momentumDrift != nil {
      lines.append(row("momentum", "drift \(Quantity.scientific(quality.momentumDrift))"))
    }
    lines.append(row("speed", "max \(Quantity.speed(quality.maximumSpeed))"))
    return lines
  }

  private var oracles: [String] {
    guard !result.oracles.isEmpty else { return [] }
    let passed = result.oracles.count { $0.passed }
    let width = result.oracles.map(\.name.count).max() ?? 0
    return [heading("oracles", "") + "\(passed) of \(result.oracles.count) passed"]
      + result.oracles.map { oracle in
        let mark = oracle.passed ? color("✓", "32") : color("✗", "31")
        let name = oracle.name + String(repeating: " ", count: width - oracle.name.count)
        let found = oracle.found.map { "found " + Quantity.digits($0) } ?? "did not happen in this run"
        return "  \(mark) \(name)  \(found), expected \(Quantity.digits(oracle.expected)) "
          + "± \(Quantity.plain(oracle.tolerance))"
      }
  }

  private var notes: [String] {
    var lines = result.warnings.flatMap {
      Listing.wrap($0, first: color("! ", "33"), rest: "  ", width: 110)
    }
    if let error = result.error { lines += Listing.wrap(error, first: color("✗ ", "31"), rest: "  ", width: 110) }
    let memory = "peak memory \(Quantity.bytes(result.memory.peakBytes)), state hash \(result.stateHash)"
    if let recording = result.recording {
      lines.append(
        "recorded \(Quantity.bytes(Double(recording.bytes))), "
          + "\(Quantity.time(microseconds: recording.perStep)) a step on top (\(Quantity.percent(recording.share)))")
    }
    return lines + [memory]
  }

  private func heading(_ title: String, _ detail: String) -> String {
    bold(title) + String(repeating: " ", count: 20 - title.count) + (detail.isEmpty ? "" : detail + " ")
  }

  private func row(_ name: String, _ text: String) -> String {
    "  " + name + String(repeating: " ", count: 18 - name.count) + text
  }

  private static func count(_ number: Int, _ singular: String, _ plural: String) -> String {
    "\(number) " + (number == 1 ? singular : plural)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// A bar of eighths of a character.
  private static func bar(_ share: Double, width: Int) -> String {
    let eighths = Int((share * Double(8 * width)).rounded())
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    return String(repeating: "█", count: eighths / 8) + partial
  }

  private func bold(_ text: String) -> String { color(text, "1") }
  private func color(_ text: String, _ code: String) -> String { plain ? text : "\u{1B}[\(code)m\(text)\u{1B}[0m" }
}

extension String {
  var trimmingTrailingSpaces: String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
