import ConstraintSystem

/// A comparison as comma-separated values (RFC 4180): one line a run, the names of the JSON keys joined by dots, an
/// empty field where a number does not apply.
public enum ComparisonCSV {
  private static let columns: [(name: String, value: (RunResult) -> Field)] = [
    ("scene", { .text($0.scene) }),
    ("solver", { .text($0.solver) }),
    ("law", { .text($0.law.rawValue) }),
    ("role", { .text($0.role?.rawValue ?? "") }),
    ("timestep", { .number($0.timestep) }),
    ("substeps", { .number(Double($0.substeps)) }),
    ("steps", { .number(Double($0.steps)) }),
    ("bodies", { .number(Double($0.bodies)) }),
    ("joints", { .number(Double($0.joints)) }),
    ("rows", { .number($0.solve.rows.map(Double.init)) }),
    ("contacts", { .number($0.solve.contacts.map(Double.init)) }),
    ("cost.step.median", { .number($0.cost.step.median) }),
    ("cost.step.medianLow", { .number($0.cost.step.medianInterval?[0]) }),
    ("cost.step.medianHigh", { .number($0.cost.step.medianInterval?[1]) }),
    ("cost.step.p99", { .number($0.cost.step.p99) }),
    ("cost.step.mean", { .number($0.cost.step.mean) }),
    ("cost.step.max", { .number($0.cost.step.max) }),
    ("cost.phases.assembly", { .number($0.cost.phases.assembly) }),
    ("cost.phases.setup", { .number($0.cost.phases.setup) }),
    ("cost.phases.solve", { .number($0.cost.phases.solve) }),
    ("iterations.median", { .number($0.solve.iterations.median) }),
    ("iterations.max", { .number($0.solve.iterations.max) }),
    ("residual.median", { .number($0.solve.residual.median) }),
    ("residual.p99", { .number($0.solve.residual.p99) }),
    ("residual.max", { .number($0.solve.residual.max) }),
    ("residual.final", { .number($0.solve.residual.final) }),
    ("solvedShare", { .number($0.solve.solvedShare) }),
    ("condition.median", { .number($0.solve.condition.median) }),
    ("penetration.max", { .number($0.quality.penetration.max) }),
    ("penetration.final", { .number($0.quality.penetration.final) }),
    ("jointError.max", { .number($0.quality.jointError.max) }),
    ("jointError.mean", { .number($0.quality.jointError.mean) }),
    ("jointError.final", { .number($0.quality.jointError.final) }),
    ("displacement.max", { .number($0.quality.displacement.max) }),
    ("energyRise", { .number($0.quality.energyRise) }),
    ("energyDrift", { .number($0.quality.energyDrift) }),
    ("momentumDrift", { .number($0.quality.momentumDrift) }),
    ("maximumSpeed", { .number($0.quality.maximumSpeed) }),
    ("reason", { .text(ComparisonTable.reason(of: $0)) }),
    ("stateHash", { .text($0.stateHash) }),
    ("error", { .text($0.error ?? "") }),
  ]

  private enum Field {
    case text(String)
    case number(Double?)
  }

  /// Header and one line a run, without a closing line break.
  public static func text(_ results: [RunResult]) -> String {
    let header = columns.map(\.name).joined(separator: ",")
    let lines = results.map { result in
      columns.map { column in
        switch column.value(result) {
        case .text(let text): CSVText.quoted(text)
        case .number(let number): number.map { $0.isFinite ? shortest($0) : "" } ?? ""
        }
      }.joined(separator: ",")
    }
    return ([header] + lines).joined(separator: "\n")
  }

  private static func shortest(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? String(Int(value)) : value.description
  }
}
