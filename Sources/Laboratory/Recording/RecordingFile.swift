import ConstraintSystem
import Dynamics
import Foundation
import GRDB
import LinearAlgebra

/// A recording that is being written: one SQLite file for any number of runs.
///
/// SQLite keeps a write-ahead log, and every batch is one transaction: a process that is killed leaves a file that opens
/// and holds all batches but the last. The first write that fails ends the writing, and `close` says so; a run is never
/// lost for a recording of it.
public final class RecordingFile {
  /// Where it is written.
  public let path: String
  private var queue: DatabaseQueue?
  private var failure: InputError?
  private var runCount = 0

  /// Creates the file. A file that is there is replaced if it is a recording, and left alone otherwise.
  public init(path: String) {
    self.path = path
    do {
      try Self.makeRoom(path)
      var configuration = Configuration()
      configuration.label = "recording"
      configuration.busyMode = .timeout(2)
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA page_size = \(RecordingSchema.pageSize)")
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        // What a process has written outlives it. A crash of the machine itself may cost the file: waiting for the disk
        // would hold up the run (measured: three times as long as writing).
        try database.execute(sql: "PRAGMA synchronous = OFF")
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 1000")
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { database in
        try database.execute(sql: "PRAGMA application_id = \(RecordingSchema.applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(RecordingSchema.version)")
        try database.execute(sql: RecordingSchema.sql)
      }
      try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
      self.queue = queue
    } catch {
      fail(error)
    }
  }

  private static func makeRoom(_ path: String) throws {
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else { return }
    guard !isFolder.boolValue else { throw InputError(.cannotWrite, file: path, "is a folder") }
    let size = (try? manager.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard size == 0 || RecordingHeader(path)?.isRecording == true else {
      throw InputError(.cannotWrite, file: path, "is there already and is no recording: it is not replaced")
    }
    for file in [path, path + "-wal", path + "-shm"] where manager.fileExists(atPath: file) {
      try manager.removeItem(atPath: file)
    }
  }

  /// Adds a run that is about to begin and the files of its scene. Gives its number, from 1.
  func addRun(_ manifest: RunManifest, sources: [String: [UInt8]], world: World) -> Int {
    runCount += 1
    let run = runCount
    write { database in
      for (path, content) in sources.sorted(by: { $0.key < $1.key }) {
        try database.execute(sql: "INSERT OR IGNORE INTO file VALUES (?, ?)", arguments: [path, Data(content)])
      }
      let text = try Self.text(manifest)
      try database.execute(
        sql: "INSERT INTO run VALUES (?, ?, ?, 'running', NULL)",
        arguments: [run, text, RunManifest.digest(ofText: text)])
      var slot = 0
      for index in 0..<world.bodyCount {
        let moves = world.kinds[index] != .static
        let pose = Buffer([world.poses[index]])
        try database.execute(
          sql: "INSERT INTO body VALUES (?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            run, index, world.names[index], world.kinds[index].rawValue, world.masses[index].mass, moves ? slot : nil,
            Data(bytes: pose.pointer, count: MemoryLayout<RigidTransform>.stride),
          ])
        if moves { slot += 1 }
      }
      for (index, joint) in world.joints.enumerated() {
        try database.execute(
          sql: "INSERT INTO joint VALUES (?, ?, ?, ?, ?, ?)",
          arguments: [
            run, index, world.jointNames[index], type(of: joint).typeName, joint.bodyA?.index, joint.bodyB.index,
          ])
      }
    }
    return run
  }

  /// Notes how a run ended.
  func finishRun(_ run: Int, status: Recording.Status, result: RunResult?) {
    write { database in
      try database.execute(
        sql: "UPDATE run SET status = ?, result = ? WHERE run = ?",
        arguments: [status.rawValue, try result.map(Self.text), run])
    }
  }

  /// Writes a batch as one transaction. May be called from another thread than the rest, one call at a time.
  func write(_ batch: StepBatch, run: Int) {
    write { database in
      let steps = try database.cachedStatement(sql: Self.insertStep)
      let solves = try database.cachedStatement(sql: Self.insertSolve)
      let blobs = try ["state", "reaction", "contact"].map {
        try database.cachedStatement(sql: "INSERT INTO \($0) VALUES (?, ?, ?)")
      }
      var state = UnsafeRawPointer(batch.states.pointer)
      var reaction = UnsafeRawPointer(batch.reactions.pointer)
      var contact = UnsafeRawPointer(batch.contacts.pointer)
      for entry in batch.entries {
        var record = entry.record
        let place = [run.databaseValue, record.step.databaseValue]
        try steps.execute(
          arguments: StatementArguments(place + RecordColumns.step.map { $0.value(of: &record) }))
        for (purpose, solve) in [("velocity", record.report), ("position", record.positionReport)] {
          var report = solve
          // A position problem is solved only where there is something to undo.
          if purpose == "position" && report.setupTime + report.solveTime == 0 { continue }
          try solves.execute(
            arguments: StatementArguments(
              [purpose.databaseValue] + place + RecordColumns.solve.map { $0.value(of: &report) }))
        }
        func insert(_ statement: Statement, _ data: inout UnsafeRawPointer, _ count: Int) throws {
          guard count > 0 else { return }
          try statement.execute(
            arguments: StatementArguments(place + [Data(bytes: data, count: count).databaseValue]))
          data += count
        }
        try insert(blobs[0], &state, 8 * entry.states)
        try insert(blobs[1], &reaction, MemoryLayout<Reaction>.stride * entry.reactions)
        try insert(blobs[2], &contact, MemoryLayout<ContactForce>.stride * entry.contacts)
      }
      for (step, archive) in batch.checkpoints {
        let bytes = archive.bytes
        try database.execute(
          sql: "INSERT INTO checkpoint VALUES (?, ?, ?, ?)",
          arguments: [run, step, ByteHash.text(of: bytes), Data(bytes)])
      }
      for (step, points) in batch.iterations {
        for point in points {
          try database.execute(
            sql: "INSERT OR REPLACE INTO iteration VALUES (?, ?, ?, ?, ?)",
            arguments: [run, step, point.iteration, point.residual, 1e-6 * point.time])
        }
      }
    }
  }

  private static let insertStep =
    "INSERT INTO step VALUES (?, ?\(String(repeating: ", ?", count: RecordColumns.step.count)))"
  private static let insertSolve =
    "INSERT INTO solve VALUES (?, ?, ?\(String(repeating: ", ?", count: RecordColumns.solve.count)))"

  private static func text(_ value: some Encodable) throws -> String { try JSONText.encode(value) }

  private func write(_ body: (Database) throws -> Void) {
    guard let queue, failure == nil else { return }
    do {
      try queue.write(body)
    } catch {
      fail(error)
    }
  }

  private func fail(_ error: any Error) {
    switch error {
    case let error as InputError: failure = error
    case let error as DatabaseError: failure = InputError(error, file: path, .cannotWrite)
    default: failure = InputError(.cannotWrite, file: path, "cannot be written: \(error.localizedDescription)")
    }
  }

  /// Whether a write has failed, so that nothing more is kept.
  public var hasFailed: Bool { failure != nil }

  /// Bytes of the file.
  public var byteCount: Int {
    ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0
  }

  /// Folds the log into the file and closes it. Throws `InputError` of the kind `cannotWrite` if anything failed.
  public func close() throws {
    if let queue {
      do {
        try queue.writeWithoutTransaction { database in
          _ = try database.checkpoint(.truncate)
          // Without a log the file is one, and can be read where nothing can be written.
          try database.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        try queue.close()
      } catch {
        if failure == nil { fail(error) }
      }
      self.queue = nil
    }
    if let failure { throw failure }
  }
}
