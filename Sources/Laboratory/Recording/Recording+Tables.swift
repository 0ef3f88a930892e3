import ConstraintSystem
import Dynamics
import Foundation
import GRDB
import LinearAlgebra

// What a recording holds, row by row: nothing is read that is not asked for, and no more than a row is held at a time.
extension Recording {
  /// The text files of the scenes, by path.
  public func files() throws -> [String: [UInt8]] {
    try read { database in
      var files: [String: [UInt8]] = [:]
      for row in try Row.fetchAll(database, sql: "SELECT path, content FROM file") {
        files[try value(row, "path")] = [UInt8](try value(row, "content") as Data)
      }
      return files
    }
  }

  /// The bodies of a run, by index.
  public func bodies(of run: Run) throws -> [BodyEntry] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM body WHERE run = ? ORDER BY body", arguments: [run.number]).map {
        row in
        let pose = Self.words(try value(row, "pose"), as: RigidTransform.self)
        guard let kind = BodyKind(rawValue: try value(row, "kind")), pose.count == 1 else {
          throw damaged(run, nil, "body \(try value(row, "body") as Int) cannot be read")
        }
        return BodyEntry(
          name: try value(row, "name"), kind: kind, mass: try value(row, "mass"), slot: try optional(row, "slot"),
          pose: pose[0])
      }
    }
  }

  /// The joints of a run, by index.
  public func joints(of run: Run) throws -> [JointEntry] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM joint WHERE run = ? ORDER BY joint", arguments: [run.number]).map {
        JointEntry(
          name: try value($0, "name"), type: try value($0, "type"), bodyA: try optional($0, "bodyA"),
          bodyB: try value($0, "bodyB"))
      }
    }
  }

  /// Calls `body` with every step of a run in order, those of `range` alone where one is given.
  public func forEachStep(of run: Run, in range: Range<Int>? = nil, _ body: (StepRecord) throws -> Void) throws {
    try forEachRow("SELECT * FROM step", run, range) { row in try body(try stepRecord(row, run)) }
  }

  /// The steps of a run, with the reports of their velocity and position solves.
  public func steps(of run: Run) throws -> [StepRecord] {
    var steps: [StepRecord] = []
    try forEachStep(of: run) { steps.append($0) }
    var index = 0
    try forEachSolve(of: run) { step, purpose, report in
      while index < steps.count && steps[index].step < step { index += 1 }
      guard index < steps.count, steps[index].step == step else { return }
      if purpose == "velocity" { steps[index].report = report } else { steps[index].positionReport = report }
    }
    return steps
  }

  /// Calls `body` with step, purpose ("velocity" or "position") and report of every solve.
  public func forEachSolve(
    of run: Run, in range: Range<Int>? = nil, _ body: (Int, String, SolveReport) throws -> Void
  ) throws {
    try forEachRow("SELECT * FROM solve", run, range) { row in
      var report = SolveReport()
      for column in RecordColumns.solve where !column.read(field(row, column.name), into: &report) {
        throw damaged(run, try value(row, "step"), "its solve has no \(column.name)")
      }
      try body(try value(row, "step"), try value(row, "purpose"), report)
    }
  }

  /// Calls `body` with step, iteration, residual (m/s) and time (s) of every recorded iteration.
  public func forEachIteration(
    of run: Run, in range: Range<Int>? = nil, _ body: (Int, Int, Double, Double) throws -> Void
  ) throws {
    try forEachRow("SELECT * FROM iteration", run, range) {
      try body(try value($0, "step"), try value($0, "iteration"), try value($0, "residual"), try value($0, "time"))
    }
  }

  /// Calls `body` with every step and the states of the moving bodies after it, 13 numbers each in the order of their slots:
  /// position of the centre of mass (m), quaternion (w x y z), velocity (m/s), angular velocity (rad/s).
  public func forEachState(of run: Run, in range: Range<Int>? = nil, _ body: (Int, [Double]) throws -> Void) throws {
    let count = 13 * (try movingCount(of: run))
    try forEachRow("SELECT * FROM state", run, range) { row in
      try body(try value(row, "step"), try blob(row, run, as: Double.self, count: count))
    }
  }

  /// The states of the moving bodies after a step, as `forEachState` gives them; nil where they were not kept.
  public func states(of run: Run, after step: Int) throws -> [Double]? {
    var states: [Double]?
    try forEachState(of: run, in: step..<step + 1) { states = $1 }
    return states
  }

  /// Calls `body` with every step and the reactions of all joints in it.
  public func forEachReaction(of run: Run, in range: Range<Int>? = nil, _ body: (Int, [Reaction]) throws -> Void) throws
  {
    let count = try joints(of: run).count
    try forEachRow("SELECT * FROM reaction", run, range) { row in
      try body(try value(row, "step"), try blob(row, run, as: Reaction.self, count: count))
    }
  }

  /// Calls `body` with every step and its contacts.
  public func forEachContacts(
    of run: Run, in range: Range<Int>? = nil, _ body: (Int, [ContactForce]) throws -> Void
  ) throws {
    let bodies = try bodies(of: run).count
    try forEachRow("SELECT * FROM contact", run, range) { row in
      let contacts = try blob(row, run, as: ContactForce.self, count: nil)
      for contact in contacts {
        guard 0..<bodies ~= Int(contact.bodyA), 0..<bodies ~= Int(contact.bodyB) else {
          throw damaged(run, try value(row, "step"), "a contact is between bodies that are not there")
        }
      }
      try body(try value(row, "step"), contacts)
    }
  }

  /// Steps after which there are checkpoints, ascending.
  public func checkpointSteps(of run: Run) throws -> [Int] {
    try read {
      try Int.fetchAll($0, sql: "SELECT step FROM checkpoint WHERE run = ? ORDER BY step", arguments: [run.number])
    }
  }

  /// The bytes of a checkpoint and whether they are as they were written; nil where there is none.
  func checkpointBytes(of run: Run, at step: Int) throws -> (bytes: [UInt8], isIntact: Bool)? {
    try read { database in
      guard
        let row = try Row.fetchOne(
          database, sql: "SELECT digest, data FROM checkpoint WHERE run = ? AND step = ?",
          arguments: [run.number, step])
      else { return nil }
      let bytes = [UInt8](try value(row, "data") as Data)
      return (bytes, ByteHash.text(of: bytes) == (try value(row, "digest") as String))
    }
  }

  private func movingCount(of run: Run) throws -> Int {
    try read {
      try Int.fetchOne(
        $0, sql: "SELECT count(*) FROM body WHERE run = ? AND slot IS NOT NULL", arguments: [run.number]) ?? 0
    }
  }

  private func stepRecord(_ row: Row, _ run: Run) throws -> StepRecord {
    var record = StepRecord()
    record.step = try value(row, "step")
    for column in RecordColumns.step where !column.read(field(row, column.name), into: &record) {
      throw damaged(run, record.step, "has no \(column.name)")
    }
    return record
  }

  private func forEachRow(_ select: String, _ run: Run, _ range: Range<Int>?, _ body: (Row) throws -> Void) throws {
    try read { database in
      let rows = try Row.fetchCursor(
        database, sql: select + " WHERE run = ? AND step >= ? AND step < ? ORDER BY step",
        arguments: [run.number, range?.lowerBound ?? 0, range?.upperBound ?? Int.max])
      while let row = try rows.next() { try body(row) }
    }
  }

  private func blob<Element: BitwiseCopyable>(
    _ row: Row, _ run: Run, as type: Element.Type, count: Int?
  ) throws -> [Element] {
    let data: Data = try value(row, "data")
    let stride = MemoryLayout<Element>.stride
    guard data.count % stride == 0, count == nil || data.count == count! * stride else {
      throw damaged(
        run, try value(row, "step"), "has \(data.count) bytes, expected \(count.map { "\($0 * stride)" } ?? "more")")
    }
    return Self.words(data, as: type)
  }

  private static func words<Element: BitwiseCopyable>(_ data: Data, as type: Element.Type) -> [Element] {
    let count = data.count / MemoryLayout<Element>.stride
    return [Element](unsafeUninitializedCapacity: count) { target, initialized in
      data.copyBytes(to: UnsafeMutableRawBufferPointer(target), count: count * MemoryLayout<Element>.stride)
      initialized = count
    }
  }
}
