import ConstraintSystem
import Dynamics

/// What a user should know before trusting the numbers of a run.
package enum RunWarnings {
  /// Largest ω h that is good for more than not exploding. Beyond 2 a step fails; chains of 50 links show errors below a
  /// millimetre from about 1.25 on (ω h = 2.2, 4.2 and 10 took two, four and eight substeps).
  static let comfortableRatio = 1.25

  /// ω h above 2: how long the substep is, and how many substeps would do.
  package static func stiffness(ratio: Double, substeps: Int) -> String? {
    guard ratio > 2, ratio.isFinite else { return nil }
    let wanted = min((Double(substeps) * ratio / comfortableRatio).rounded(.up), 1e6)
    return "substeps are too long for the forces in the joints: ω h reaches \(Quantity.plain(ratio)), and beyond 2 no "
      + "solver can follow that motion, which is damped or fails; --substeps \(Int(wanted)) would do"
  }

  /// Residuals above the tolerance, and why. An approximate solver does not look at the tolerance.
  static func residual(_ solve: SolveStatistics, stop: StopRule, isApproximate: Bool = false) -> [String] {
    let total = solve.stepsWithRows
    guard total > 0 else { return [] }
    var warnings: [String] = []
    if solve.stepsAboveTolerance > 0 && !isApproximate {
      let share = Quantity.percent(Double(solve.stepsAboveTolerance) / Double(total))
      var text = "the residual is above the tolerance of \(Quantity.scientific(stop.tolerance)) m/s in \(share) of the "
      text += "steps"
      if let worst = solve.worst {
        text += ", at most \(Quantity.scientific(worst.residual)) m/s in step \(worst.step)"
      }
      warnings.append(text)
    }
    let capped = solve.count(of: .iterationLimit)
    if 2 * capped > total && !isApproximate {
      let limit = stop.iterations.map { " of \($0)" } ?? ""
      warnings.append(
        "the solver reached its iteration limit\(limit) in \(Quantity.percent(Double(capped) / Double(total))) of the "
          + "steps; raise iterations or take another solver")
    }
    let broken = solve.count(of: .breakdown)
    if broken > 0 {
      warnings.append(
        "the solver broke down in \(Quantity.percent(Double(broken) / Double(total))) of the steps")
    }
    if solve.count(of: .inconsistent) > 0 {
      warnings.append(
        "the problem had no exact solution in \(solve.count(of: .inconsistent)) steps: "
          + "\(Quantity.scientific(solve.inconsistency)) m/s cannot be removed by any impulse")
    }
    return warnings
  }
}
