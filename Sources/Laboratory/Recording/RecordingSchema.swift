import Foundation
import GRDB

/// The tables of a recording: one SQLite file a run or a comparison.
///
/// Times are seconds, all else SI. Blobs are little-endian words of eight bytes: per moving body 13 numbers of a state
/// (position of the centre of mass, quaternion w x y z, velocity, angular velocity), per joint six of a reaction (force
/// on body b, torque about the anchor), per contact a `ContactForce`, and a checkpoint as `StateArchive` writes it.
enum RecordingSchema {
  /// Marks the file as a recording: "DLSS".
  static let applicationID: Int32 = 0x444C_5353
  /// Version of the tables; other ones are refused.
  static let version = 2
  /// Bytes of a page: states of small scenes then fill pages, and those of large ones need few.
  static let pageSize = 32768

  static let sql = """
    CREATE TABLE file (path TEXT PRIMARY KEY, content BLOB NOT NULL);
    CREATE TABLE run (
      run INTEGER PRIMARY KEY, manifest TEXT NOT NULL, digest TEXT NOT NULL, status TEXT NOT NULL, result TEXT);
    CREATE TABLE body (
      run INTEGER NOT NULL, body INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, mass REAL NOT NULL,
      slot INTEGER, pose BLOB NOT NULL, PRIMARY KEY (run, body)) WITHOUT ROWID;
    CREATE TABLE joint (
      run INTEGER NOT NULL, joint INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, bodyA INTEGER,
      bodyB INTEGER NOT NULL, PRIMARY KEY (run, joint)) WITHOUT ROWID;
    CREATE TABLE step (\(columns(RecordColumns.step)), PRIMARY KEY (run, step)) WITHOUT ROWID;
    CREATE TABLE solve (purpose TEXT NOT NULL, \(columns(RecordColumns.solve)), PRIMARY KEY (run, step, purpose))
      WITHOUT ROWID;
    CREATE TABLE iteration (
      run INTEGER NOT NULL, step INTEGER NOT NULL, iteration INTEGER NOT NULL, residual REAL NOT NULL,
      time REAL NOT NULL, PRIMARY KEY (run, step, iteration)) WITHOUT ROWID;
    CREATE TABLE state (run INTEGER NOT NULL, step INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (run, step));
    CREATE TABLE reaction (run INTEGER NOT NULL, step INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (run, step));
    CREATE TABLE contact (run INTEGER NOT NULL, step INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (run, step));
    CREATE TABLE checkpoint (
      run INTEGER NOT NULL, step INTEGER NOT NULL, digest TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (run, step));
    """

  private static func columns<Record>(_ list: [RecordColumn<Record>]) -> String {
    let numbered = "run INTEGER NOT NULL, step INTEGER NOT NULL"
    return numbered + list.map { ", \($0.name) \($0.type)" }.joined()
  }
}

extension InputError {
  /// The error of a recording as one of the laboratory: `kind` says whether it was read (`data`) or written.
  init(_ error: DatabaseError, file: String, _ kind: Kind) {
    let reason: String
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: reason = "is locked by another process"
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: reason = "is damaged: \(error.message ?? "no SQLite database")"
    case .SQLITE_FULL: reason = "cannot be written: the disk is full"
    case .SQLITE_READONLY, .SQLITE_PERM: reason = "cannot be written: it is read-only"
    case .SQLITE_CANTOPEN: reason = kind == .cannotWrite ? "cannot be created" : "cannot be opened"
    case .SQLITE_IOERR: reason = kind == .cannotWrite ? "cannot be written: \(error.message ?? "")" : "cannot be read"
    default: reason = error.message ?? error.resultCode.description
    }
    self.init(kind, file: file, reason)
  }
}
