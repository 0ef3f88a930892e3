import ConstraintSystem
import Dynamics
import Foundation
import GRDB
import LinearAlgebra

/// A recording that is read.
///
/// It may still be written by another process, or have been left by one that was killed: what the last transaction held
/// is there. Everything throws `InputError` of the kind `data` where the file is not what it should be.
public final class Recording {
  /// How a run ended.
  public enum Status: String, Codable, Sendable {
    /// It is still going on, or its process was killed.
    case running
    /// All steps were done.
    case complete
    /// The user ended it.
    case interrupted
    /// It could not go on.
    case failed
  }

  /// One run of a recording.
  public struct Run {
    /// Its number, from 1.
    public var number: Int
    /// What it takes to run it again.
    public var manifest: RunManifest
    /// Keys of the manifest that were changed after it was written.
    public var changedKeys: [String]
    /// How it ended.
    public var status: Status
    /// What it came to; nil where it never ended.
    public var result: RunResult?
    /// Number of the first recorded step, and of the first after the last one.
    public var steps: Range<Int>
  }

  /// A body of a run.
  public struct BodyEntry {
    /// Its name.
    public var name: String
    /// What moves it.
    public var kind: BodyKind
    /// Mass (kg), 0 for a body that forces do not move.
    public var mass: Double
    /// Its place among the recorded states; nil for a static body.
    public var slot: Int?
    /// Pose at the start of the run: that of a static body at all times.
    public var pose: RigidTransform
  }

  /// A joint of a run.
  public struct JointEntry {
    /// Its name.
    public var name: String
    /// Its type in scene files.
    public var type: String
    /// Bodies a (nil: the world) and b.
    public var bodyA: Int?
    public var bodyB: Int
  }

  /// The file.
  public let path: String
  /// The runs in their order.
  public private(set) var runs: [Run] = []
  private let queue: DatabaseQueue

  /// Opens a recording. Throws `InputError`: `missing` or `data`.
  public init(readingFileAt path: String) throws {
    self.path = path
    try RecordingHeader.check(path)
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(2)
      queue = try DatabaseQueue(path: path, configuration: configuration)
    } catch let error as DatabaseError {
      throw InputError(error, file: path, .data)
    }
    runs = try read { database in try fetchRuns(database) }
    guard !runs.isEmpty else { throw InputError(.data, file: path, "holds no run") }
  }

  /// The run of a number, the first where there is none. Throws `InputError` (`usage`).
  public func run(_ number: Int? = nil) throws -> Run {
    guard let number else { return runs[0] }
    guard let run = runs.first(where: { $0.number == number }) else {
      throw InputError(.usage, file: path, "there is no run \(number), expected 1 to \(runs.count)")
    }
    return run
  }

  private func fetchRuns(_ database: Database) throws -> [Run] {
    try Row.fetchAll(database, sql: "SELECT * FROM run ORDER BY run").map { row in
      let number: Int = try value(row, "run")
      let text: String = try value(row, "manifest")
      let decoder = JSONDecoder()
      guard let manifest = try? decoder.decode(RunManifest.self, from: Data(text.utf8)),
        let status = Status(rawValue: try value(row, "status"))
      else { throw InputError(.data, file: path, place: "run \(number)", "its manifest cannot be read") }
      let result: String? = try optional(row, "result")
      let bounds = try Row.fetchOne(
        database, sql: "SELECT min(step) AS first, max(step) AS last FROM step WHERE run = ?", arguments: [number])!
      let first: Int? = try optional(bounds, "first")
      let last: Int? = try optional(bounds, "last")
      var steps = manifest.firstStep..<manifest.firstStep
      if let first, let last, first >= 0, last < 1 << 40 { steps = first..<last + 1 }
      return Run(
        number: number, manifest: manifest,
        changedKeys: RunManifest.keys(ofText: text, thatDifferFrom: try value(row, "digest")), status: status,
        result: result.flatMap { try? decoder.decode(RunResult.self, from: Data($0.utf8)) }, steps: steps)
    }
  }

  /// Lets `body` read; errors of SQLite become those of the laboratory.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      // Reading may read on, as a walk over steps does that looks up states.
      return try queue.unsafeReentrantRead(body)
    } catch let error as DatabaseError {
      throw InputError(error, file: path, .data)
    }
  }

  /// A field of a row; null where the column is not there.
  func field(_ row: Row, _ column: String) -> DatabaseValue { row[column] as DatabaseValue? ?? .null }

  /// A field as a value. Throws where it is none: the file may have come from anywhere.
  func value<Value: DatabaseValueConvertible>(_ row: Row, _ column: String) throws -> Value {
    guard let value = Value.fromDatabaseValue(field(row, column)) else {
      throw InputError(.data, file: path, "has a row without a usable value of \"\(column)\"")
    }
    return value
  }

  /// A field as a value, nil where it is null.
  func optional<Value: DatabaseValueConvertible>(_ row: Row, _ column: String) throws -> Value? {
    field(row, column).isNull ? nil : try value(row, column)
  }

  func damaged(_ run: Run, _ step: Int?, _ message: String) -> InputError {
    let place = "run \(run.number)" + (step.map { ", step \($0)" } ?? "")
    return InputError(.data, file: path, place: place, message)
  }
}
