import ConstraintSystem
import Dynamics
import GRDB

/// A column of a table that holds a record: the one list from which tables are made, written, read and exported.
struct RecordColumn<Record> {
  /// How a value is kept.
  enum Field {
    /// A number; null where it is not finite.
    case number(WritableKeyPath<Record, Double>)
    case integer(WritableKeyPath<Record, Int>)
    /// 64 bits, kept as a signed integer.
    case hash(WritableKeyPath<Record, UInt64>)
    /// Why a solve stopped, kept by name.
    case reason(WritableKeyPath<Record, StopReason>)
  }

  /// Name of the column.
  var name: String
  /// How the value is kept.
  var field: Field

  init(_ name: String, _ field: Field) {
    self.name = name
    self.field = field
  }

  /// The column's type in SQL.
  var type: String {
    switch field {
    case .number: "REAL"
    case .integer, .hash: "INTEGER NOT NULL"
    case .reason: "TEXT NOT NULL"
    }
  }

  /// The value of a record, which is not changed: by reference, since it is large.
  func value(of record: inout Record) -> DatabaseValue {
    switch field {
    case .number(let path):
      let number = record[keyPath: path]
      // SQLite has no NaN; infinities stay.
      return number.isNaN ? .null : number.databaseValue
    case .integer(let path): return record[keyPath: path].databaseValue
    case .hash(let path): return Int64(bitPattern: record[keyPath: path]).databaseValue
    case .reason(let path): return record[keyPath: path].rawValue.databaseValue
    }
  }

  /// Puts a value of the table into a record; says whether it was one.
  func read(_ value: DatabaseValue, into record: inout Record) -> Bool {
    switch field {
    case .number(let path):
      guard !value.isNull else {
        record[keyPath: path] = .nan
        return true
      }
      guard let number = Double.fromDatabaseValue(value) else { return false }
      record[keyPath: path] = number
    case .integer(let path):
      guard let number = Int.fromDatabaseValue(value) else { return false }
      record[keyPath: path] = number
    case .hash(let path):
      guard let number = Int64.fromDatabaseValue(value) else { return false }
      record[keyPath: path] = UInt64(bitPattern: number)
    case .reason(let path):
      guard let text = String.fromDatabaseValue(value), let reason = StopReason(rawValue: text) else { return false }
      record[keyPath: path] = reason
    }
    return true
  }
}

/// The columns of the tables that hold records.
enum RecordColumns {
  /// Of the table `step`, after run and step. The names of the stages are those of `StepStage`.
  static let step: [RecordColumn<StepRecord>] =
    [RecordColumn("time", .number(\.time)), RecordColumn("total", .number(\.total))]
    + StepStage.allCases.map { RecordColumn("stage_\($0.rawValue)", .number(\.stages[$0])) }
    + [
      RecordColumn("rows", .integer(\.rows)),
      RecordColumn("contacts", .integer(\.contacts)),
      RecordColumn("islands", .integer(\.islands)),
      RecordColumn("reason", .reason(\.report.reason)),
      RecordColumn("iterations", .integer(\.report.iterations)),
      RecordColumn("residual", .number(\.residual.maximum)),
      RecordColumn("relativeResidual", .number(\.residual.relative)),
      RecordColumn("worstBlock", .integer(\.residual.worstBlock)),
      RecordColumn("penetration", .number(\.penetration)),
      RecordColumn("jointError", .number(\.jointError)),
      RecordColumn("energy", .number(\.energy)),
      RecordColumn("momentumX", .number(\.momentum.linear.x)),
      RecordColumn("momentumY", .number(\.momentum.linear.y)),
      RecordColumn("momentumZ", .number(\.momentum.linear.z)),
      RecordColumn("angularMomentumX", .number(\.momentum.angular.x)),
      RecordColumn("angularMomentumY", .number(\.momentum.angular.y)),
      RecordColumn("angularMomentumZ", .number(\.momentum.angular.z)),
      RecordColumn("stiffnessRatio", .number(\.stiffnessRatio)),
      RecordColumn("contactHash", .hash(\.stageHashes.contacts)),
      RecordColumn("problemHash", .hash(\.stageHashes.problem)),
      RecordColumn("impulseHash", .hash(\.stageHashes.impulses)),
      RecordColumn("stateHash", .hash(\.stateHash)),
    ]

  /// Of the table `solve`, after purpose, run and step: sums over islands and substeps.
  static let solve: [RecordColumn<SolveReport>] = [
    RecordColumn("reason", .reason(\.reason)),
    RecordColumn("iterations", .integer(\.iterations)),
    RecordColumn("believedResidual", .number(\.believedResidual)),
    RecordColumn("inconsistency", .number(\.inconsistency)),
    RecordColumn("operatorApplications", .integer(\.operatorApplications)),
    RecordColumn("constraintPasses", .integer(\.constraintPasses)),
    RecordColumn("factorizations", .integer(\.factorizations)),
    RecordColumn("triangularSolves", .integer(\.triangularSolves)),
    RecordColumn("analyses", .integer(\.analyses)),
    RecordColumn("flops", .number(\.flops)),
    RecordColumn("guess", .number(\.guessTime)),
    RecordColumn("setup", .number(\.setupTime)),
    RecordColumn("solve", .number(\.solveTime)),
    RecordColumn("inference", .number(\.inferenceTime)),
    RecordColumn("rejections", .integer(\.rejections)),
    RecordColumn("outsideTraining", .integer(\.solvesOutsideTraining)),
  ]
}
