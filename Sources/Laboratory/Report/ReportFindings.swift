import ConstraintSystem
import Foundation

/// What the numbers of a scene come to, in sentences.
enum ReportFindings {
  static func scene(_ name: String, _ runs: [RunResult]) -> ReportPage.Findings {
    ReportPage.Findings(
      scene: name, lines: [winner(runs), faster(runs), notSolved(runs), motion(runs), oracles(runs)].compactMap { $0 })
  }

  private static func timed(_ runs: [RunResult]) -> [(run: RunResult, time: Double)] {
    runs.compactMap { run in run.cost.step.median.map { (run, $0) } }.sorted { $0.time < $1.time }
  }

  private static func winner(_ runs: [RunResult]) -> String? {
    let solved = timed(runs.filter(\.isSolved))
    guard let best = solved.first else {
      return timed(runs).isEmpty ? "No solver could run this scene." : "No solver converged in all steps."
    }
    var text = "\(best.run.solver) is the fastest "
    if solved.count == 1 && runs.count > 1 { text = "\(best.run.solver) is the only one that converged in every step" }
    if solved.count > 1 && solved.count < runs.count { text += "of the \(solved.count) that converged in every step" }
    text = text.trimmingSpaces + ": \(Quantity.time(microseconds: best.time)) a step"
    if let residual = best.run.solve.residual.median { text += ", residual \(Quantity.scientific(residual)) m/s" }
    if let second = solved.dropFirst().first {
      text += "; \(second.run.solver) follows with \(Quantity.time(microseconds: second.time))"
      if let last = solved.last, solved.count > 2 {
        text += ", \(last.run.solver) comes last with \(Quantity.time(microseconds: last.time))"
      }
    }
    return text + "."
  }

  /// Who is faster and pays for it.
  private static func faster(_ runs: [RunResult]) -> String? {
    guard let best = timed(runs.filter(\.isSolved)).first else { return nil }
    let quick = timed(runs.filter { !$0.isSolved && $0.error == nil }).filter { $0.time < best.time }
    guard let first = quick.first, let residual = first.run.solve.residual.median else { return nil }
    let others = quick.count > 1 ? " and \(quick.count - 1) more" : ""
    return "Faster, but not always converged: \(first.run.solver)\(others) "
      + "(\(Quantity.time(microseconds: first.time)), residual \(Quantity.scientific(residual)) m/s)."
  }

  private static func notSolved(_ runs: [RunResult]) -> String? {
    func isUnsupported(_ run: RunResult) -> Bool { run.solve.stopReasons[StopReason.unsupported.rawValue] != nil }
    let refused = runs.filter(isUnsupported).map(\.solver)
    let failed = runs.filter { !isUnsupported($0) && $0.error != nil }.map { "\($0.solver) (step \($0.steps))" }
    var parts: [String] = []
    if !failed.isEmpty { parts.append("Broke off: \(FigureSource.list(failed)).") }
    if !refused.isEmpty {
      parts.append("Not made for this law or these joints: \(FigureSource.list(refused, limit: 12)).")
    }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  /// The range of the worst position error, where it differs by more than a factor of ten.
  private static func motion(_ runs: [RunResult]) -> String? {
    func range(_ name: String, _ value: (RunResult) -> Double?) -> String? {
      let known = runs.filter { $0.steps > 0 }.compactMap { run in value(run).map { (run.solver, $0) } }
      guard let low = known.min(by: { $0.1 < $1.1 }), let high = known.max(by: { $0.1 < $1.1 }), high.1 > 10 * low.1
      else {
        return nil
      }
      return "\(name) reaches \(Quantity.length(high.1)) under \(high.0), \(Quantity.length(low.1)) under \(low.0)"
    }
    let parts = [
      range("penetration", \.quality.penetration.max), range("joint error", \.quality.jointError.max),
    ].compactMap { $0 }
    guard let first = parts.first else { return nil }
    return (first.prefix(1).uppercased() + first.dropFirst()) + (parts.count > 1 ? "; \(parts[1])." : ".")
  }

  private static func oracles(_ runs: [RunResult]) -> String? {
    // What did not happen in a run that was too short for it is no verdict.
    var judged = runs.filter { $0.steps > 0 }
    for index in judged.indices { judged[index].oracles.removeAll { $0.found == nil } }
    judged.removeAll(where: \.oracles.isEmpty)
    guard !judged.isEmpty else { return nil }
    let failing = judged.filter { run in run.oracles.contains { !$0.passed } }.map { run in
      "\(run.solver) (\(run.oracles.count { !$0.passed }) of \(run.oracles.count))"
    }
    return failing.isEmpty
      ? "Every oracle that came to a verdict is met under every solver."
      : "Oracles that are not met: \(FigureSource.list(failing))."
  }
}
