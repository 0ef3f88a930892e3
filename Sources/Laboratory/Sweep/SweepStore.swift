import Foundation
import GRDB

/// The file of a sweep: its plan and a row for every cell, in SQLite.
///
/// Every finished cell is a transaction of its own. A process that is killed leaves a file that holds all of them. One
/// process at a time may run cells into a file; others may read it.
public final class SweepStore {
  /// "DSWP" in the file's header.
  static let applicationID: Int32 = 0x4453_5750
  /// Version of the tables.
  static let version: Int32 = 1

  /// The file.
  public let path: String
  /// What it holds the cells of.
  public let plan: SweepPlan
  /// The machine that the file was made on.
  public let machine: Machine
  private let queue: DatabaseQueue
  private var lock: FileLock?

  /// Opens a file to read it. Throws `InputError`: `missing`, or `data` where it is no sweep that can be read.
  public convenience init(readingFileAt path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { throw InputError(.missing, file: path, "no such file") }
    try self.init(opening: path, isReadOnly: true, lock: nil)
  }

  /// Opens the file of a plan to run its cells, or makes it. Throws `InputError`: `data` where the file holds something
  /// else or is in use, `cannotWrite`.
  public convenience init(path: String, plan: SweepPlan, machine: Machine = .current) throws {
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    // What is there is looked at before anything is opened for writing.
    if size > 0 { try SweepFileHeader.check(path) }
    let lock = try FileLock(path)
    if size == 0 { try Self.create(path, plan, machine) }
    try self.init(opening: path, isReadOnly: false, lock: lock)
    if let difference = self.plan.difference(from: plan) {
      throw InputError(.data, file: path, "holds another sweep: its " + difference)
    }
  }

  private init(opening path: String, isReadOnly: Bool, lock: FileLock?) throws {
    try SweepFileHeader.check(path)
    self.path = path
    self.lock = lock
    do {
      var configuration = Configuration()
      // The journal that a killed process left is rolled back first, which is writing.
      configuration.readonly = isReadOnly && !FileManager.default.fileExists(atPath: path + "-journal")
      configuration.busyMode = .timeout(2)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let row = try queue.read { try Row.fetchOne($0, sql: "SELECT text, hash, machine FROM plan") }
      guard let text = row?["text"] as String?, let hash = row?["hash"] as String?,
        let system = row?["machine"] as String?,
        let plan = try? JSONDecoder().decode(SweepPlan.self, from: Data(text.utf8)), try plan.hash == hash,
        let machine = try? JSONDecoder().decode(Machine.self, from: Data(system.utf8))
      else { throw InputError(.data, file: path, "its plan cannot be read") }
      self.queue = queue
      self.plan = plan
      self.machine = machine
    } catch let error as DatabaseError {
      throw Self.failure(error, path, .data)
    }
  }

  /// One transaction makes the whole file: a process killed here leaves an empty one.
  private static func create(_ path: String, _ plan: SweepPlan, _ machine: Machine) throws {
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(2)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { database in
        try database.execute(
          sql: """
            PRAGMA application_id = \(applicationID);
            PRAGMA user_version = \(version);
            CREATE TABLE plan (text TEXT NOT NULL, hash TEXT NOT NULL, machine TEXT NOT NULL);
            CREATE TABLE cell (
              cell INTEGER PRIMARY KEY, parameters TEXT NOT NULL, solver TEXT NOT NULL, seed TEXT,
              status TEXT NOT NULL, exit INTEGER, result TEXT, error TEXT, seconds REAL, jobs INTEGER);
            """)
        try database.execute(
          sql: "INSERT INTO plan VALUES (?, ?, ?)",
          arguments: [try plan.text, try plan.hash, try JSONText.encode(machine)])
        for cell in plan.cells {
          let values = zip(plan.axes, cell.values).map { "\($0.name)=\(ExpressionScope.shortText($1))" }
          try database.execute(
            sql: "INSERT INTO cell (cell, parameters, solver, seed, status) VALUES (?, ?, ?, ?, 'pending')",
            arguments: [cell.index, values.joined(separator: " "), cell.solver, cell.seed.map(String.init)])
        }
      }
      try queue.close()
    } catch let error as DatabaseError {
      throw failure(error, path, .cannotWrite)
    }
  }

  /// All cells in the plan's order, with what is known of them. Throws `InputError` (`data`).
  public func cells() throws -> [SweepCell] {
    var cells = plan.cells
    do {
      let rows = try queue.read { try Row.fetchAll($0, sql: "SELECT * FROM cell ORDER BY cell") }
      guard rows.count == cells.count else {
        throw InputError(.data, file: path, "holds \(rows.count) cells, its plan has \(cells.count)")
      }
      for (index, row) in rows.enumerated() {
        func value<Value: DatabaseValueConvertible>(_ column: String) -> Value? {
          (row[column] as DatabaseValue?).flatMap(Value.fromDatabaseValue)
        }
        let word: String? = value("status")
        guard value("cell") == index, let status = word.flatMap(SweepCell.Status.init) else {
          throw InputError(.data, file: path, place: "cell \(index)", "its row cannot be read")
        }
        cells[index].status = status
        cells[index].exitStatus = value("exit")
        cells[index].error = value("error")
        cells[index].wallTime = value("seconds")
        cells[index].jobs = value("jobs")
        if let text: String = value("result") {
          cells[index].result = try? JSONDecoder().decode(RunResult.self, from: Data(text.utf8))
        }
        guard status != .done || cells[index].result != nil else {
          throw InputError(.data, file: path, place: "cell \(index)", "its result cannot be read")
        }
      }
    } catch let error as DatabaseError {
      throw Self.failure(error, path, .data)
    }
    return cells
  }

  /// Keeps what a cell came to. May be called from any thread. Throws `InputError` (`cannotWrite`).
  public func save(_ cell: SweepCell) throws { try save([cell]) }

  /// Keeps what some cells came to, all of them or none. Throws `InputError` (`cannotWrite`).
  public func save(_ cells: [SweepCell]) throws {
    do {
      try queue.write { database in
        for cell in cells {
          try database.execute(
            sql: """
              UPDATE cell SET status = ?, exit = ?, result = ?, error = ?, seconds = ?, jobs = ? WHERE cell = ?
              """,
            arguments: [
              cell.status.rawValue, cell.exitStatus, try cell.result.map(JSONText.encode), cell.error, cell.wallTime,
              cell.jobs, cell.index,
            ])
        }
      }
    } catch let error as DatabaseError {
      throw Self.failure(error, path, .cannotWrite)
    }
  }

  fileprivate static func failure(_ error: DatabaseError, _ path: String, _ kind: InputError.Kind) -> InputError {
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: InputError(.data, file: path, "is in use by another process")
    case .SQLITE_NOTADB: InputError(.data, file: path, "is no sweep: not an SQLite file")
    case .SQLITE_CORRUPT: InputError(.data, file: path, "is damaged: \(error.message ?? "not an SQLite file")")
    default: InputError(kind, file: path, error.message ?? "SQLite error \(error.resultCode.rawValue)")
    }
  }
}

/// A lock that one process holds on a sweep's file while it runs cells. It is of another kind than those of SQLite, so
/// that the file can be read meanwhile, and it ends with the process, however that ends.
private final class FileLock {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw InputError(.cannotWrite, file: path, "cannot be written: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw InputError(.data, file: path, "is in use: another sweep runs into it")
    }
  }

  deinit { close(descriptor) }
}

/// The first hundred bytes of an SQLite file: whether it is a sweep, of a version that can be read, and complete.
enum SweepFileHeader {
  static func check(_ path: String) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw InputError(.data, file: path, "is no sweep: a folder")
    }
    guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: 100) else {
      throw InputError(.data, file: path, "cannot be read")
    }
    let bytes = [UInt8](data)
    guard bytes.count == 100, bytes.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw InputError(.data, file: path, "is no sweep: not an SQLite file")
    }
    func number(_ offset: Int) -> UInt32 { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    guard number(68) == UInt32(bitPattern: SweepStore.applicationID) else {
      throw InputError(.data, file: path, "is no sweep: an SQLite file of another kind")
    }
    guard number(60) == UInt32(SweepStore.version) else {
      throw InputError(
        .data, file: path, "is a sweep of version \(number(60)), this program reads \(SweepStore.version)")
    }
    let pageSize = UInt64(bytes[16]) << 8 | UInt64(bytes[17])
    let expected = (pageSize == 1 ? 65536 : pageSize) * UInt64(number(28))
    // A journal that a killed process has left may hold pages that are not in the file yet.
    let size = (try? file.seekToEnd()) ?? 0
    guard size >= expected || FileManager.default.fileExists(atPath: path + "-journal") else {
      throw InputError(.data, file: path, "is truncated: \(size) of \(expected) bytes")
    }
  }
}
