/// A sweep as `sweep --json` prints it.
public struct SweepReport: Codable, Sendable {
  /// Name of the scene.
  public var scene: String
  /// What was run.
  public var plan: SweepPlan
  /// The machine that it was run on.
  public var machine: Machine
  /// All cells in the plan's order, those that were not run among them.
  public var cells: [Cell]

  /// One run.
  public struct Cell: Codable, Sendable {
    /// Its place in the plan, from 0.
    public var index: Int
    /// The varied parameters.
    public var parameters: [String: Double]
    /// The solver as the user typed it.
    public var solver: String
    /// Seed of its noise.
    @Nullable public var seed: UInt64?
    /// How far it is.
    public var status: SweepCell.Status
    /// Exit status of its process.
    @Nullable public var exitStatus: Int?
    /// Why it failed.
    @Nullable public var error: String?
    /// Wall time of its process (s).
    @Measured public var wallTime: Double?
    /// Number of cells that ran at the same time.
    @Nullable public var jobs: Int?
    /// The object of `run --json`.
    @Nullable public var result: RunResult?
  }

  /// The report of `sweep`.
  public init(_ sweep: Sweep) {
    scene = sweep.plan.scene
    plan = sweep.plan
    machine = sweep.machine
    cells = sweep.cells.map { cell in
      let parameters = zip(sweep.axes.map(\.name), cell.values)
      return Cell(
        index: cell.index, parameters: Dictionary(uniqueKeysWithValues: parameters), solver: cell.solver,
        seed: cell.seed, status: cell.status, exitStatus: cell.exitStatus, error: cell.error, wallTime: cell.wallTime,
        jobs: cell.jobs, result: cell.result)
    }
  }
}

/// A sweep as comma-separated values (RFC 4180): one line a finished cell, an empty field where a number does not apply.
public enum SweepCSV {
  /// Header and lines, without a closing line break.
  public static func text(_ sweep: Sweep) -> String {
    var header = ["cell"] + sweep.axes.map(\.name) + ["solver", "seed", "status", "exit", "seconds", "jobs"]
    header += SweepQuantity.allCases.map(\.rawValue) + ["steps", "reason", "stateHash", "error"]
    let lines = sweep.finished.map { cell in
      var fields = [String(cell.index)] + cell.values.map(ExpressionScope.shortText) + [cell.solver]
      fields += [
        cell.seed.map(String.init) ?? "", cell.status.rawValue, cell.exitStatus.map(String.init) ?? "",
        cell.wallTime?.description ?? "", cell.jobs.map(String.init) ?? "",
      ]
      fields += SweepQuantity.allCases.map { cell.result.flatMap($0.value)?.description ?? "" }
      fields += [
        cell.result.map { String($0.steps) } ?? "", SweepTable.reason(of: cell), cell.result?.stateHash ?? "",
        cell.error ?? "",
      ]
      return fields
    }
    return ([header] + lines).map { $0.map(CSVText.quoted).joined(separator: ",") }.joined(separator: "\n")
  }
}
