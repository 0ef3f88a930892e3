import ConstraintSystem

/// The solves of an evaluation as comma-separated values: one line a system, solver and tolerance.
public enum EvaluationCSV {
  private static let columns = [
    "system", "family", "group", "split", "scene", "world", "step", "event", "law", "timestep", "bodies", "blocks",
    "newBlocks", "rows", "contacts", "solver", "tolerance", "reason", "reached", "iterations", "constraintPasses",
    "operatorApplications", "time", "inferenceTime", "residual", "rejections", "outsideTraining",
  ]

  /// A file that is begun, so that it is known to be writable before minutes are spent.
  public final class File {
    private let writer: CSVWriter
    private let path: String

    /// Creates the file. Throws `InputError` (`cannotWrite`).
    public init(_ path: String) throws {
      self.path = path
      writer = CSVWriter(path: path, columns: columns)
      try writer.check()
    }

    /// Writes the solves and closes the file. Throws `InputError` (`cannotWrite`).
    public func write(_ evaluation: Evaluation) throws {
      for record in evaluation.records { EvaluationCSV.append(record, evaluation, to: writer) }
      try writer.close()
    }
  }

  private static func append(_ record: EvaluationRecord, _ evaluation: Evaluation, to writer: CSVWriter) {
    let data = evaluation.dataset.columns
    let system = record.system
    let family = evaluation.dataset.families[data.family[system]]
    writer.append("\(system)")
    writer.append(family.name)
    writer.append(family.group)
    writer.append(family.split)
    writer.append(family.scene)
    writer.append("\(data.world[system])")
    writer.append("\(data.step[system])")
    writer.append("\(DatasetEvent(rawValue: data.event[system])!)")
    writer.append(FrictionLaw.allCases[data.law[system]].rawValue)
    writer.append(data.timestep[system])
    writer.append("\(data.bodies(of: system).count)")
    writer.append("\(data.blocks(of: system).count)")
    writer.append("\(data.age[data.blocks(of: system)].count { $0 == 0 })")
    writer.append("\(data.rows(of: system).count)")
    writer.append("\(data.contacts[system])")
    writer.append(evaluation.solvers[record.solver])
    writer.append(evaluation.options.tolerances[record.tolerance])
    writer.append(record.reason.rawValue)
    writer.append(record.isReached ? "1" : "0")
    guard record.isSupported else {
      for _ in 0..<8 { writer.append("") }
      return writer.endRow()
    }
    writer.append("\(record.iterations)")
    writer.append("\(record.constraintPasses)")
    writer.append("\(record.operatorApplications)")
    writer.append(record.time)
    writer.append(record.inferenceTime)
    writer.append(record.residual)
    writer.append("\(record.rejections)")
    writer.append(record.isOutsideTraining ? "1" : "0")
    writer.endRow()
  }
}
