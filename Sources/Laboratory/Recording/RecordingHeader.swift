import Foundation

/// The first hundred bytes of an SQLite file: whether it is a recording, before SQLite has a look at it.
///
/// Layout: sqlite.org/fileformat.html, section 1.3.
struct RecordingHeader {
  let pageSize: Int
  /// Pages that the file should have; those of a write-ahead log may not be there yet.
  let pageCount: Int
  let applicationID: Int32
  let version: Int32
  let fileSize: Int

  /// Reads the header; nil where there is no SQLite file.
  init?(_ path: String) {
    guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    guard let data = try? handle.read(upToCount: 100), data.count == 100,
      data.starts(with: Array("SQLite format 3\0".utf8))
    else { return nil }
    let bytes = [UInt8](data)
    func integer(_ place: Int) -> UInt32 { bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    let size = Int(bytes[16]) << 8 | Int(bytes[17])
    pageSize = size == 1 ? 65536 : size
    pageCount = Int(integer(28))
    version = Int32(bitPattern: integer(60))
    applicationID = Int32(bitPattern: integer(68))
    fileSize = Int((try? handle.seekToEnd()) ?? 0)
  }

  /// Whether some version of this program wrote it as a recording.
  var isRecording: Bool { applicationID == RecordingSchema.applicationID }

  /// Throws `InputError` where a file cannot be a recording that this program reads: `missing`, or `data` with what it is.
  static func check(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw InputError(.missing, file: path, "there is no such file")
    }
    func refuse(_ message: String) -> InputError { InputError(.data, file: path, message) }
    guard !isFolder.boolValue else { throw refuse("is a folder, expected a recording") }
    guard FileManager.default.isReadableFile(atPath: path) else { throw refuse("cannot be opened") }
    guard let header = RecordingHeader(path) else { throw refuse("is no recording: it is no SQLite file") }
    guard header.isRecording else { throw refuse("is an SQLite file, but no recording of delassus") }
    guard header.version == RecordingSchema.version else {
      throw refuse(
        "is a recording of version \(header.version); this program reads version \(RecordingSchema.version)")
    }
    // A process that was killed while it moved pages from the log to the file leaves the header before the pages: they are
    // in the log still.
    let log = (try? FileManager.default.attributesOfItem(atPath: path + "-wal"))?[.size] as? Int ?? 0
    let expected = header.pageCount * header.pageSize
    guard header.fileSize >= expected || log > 0 else {
      throw refuse("is truncated: \(header.fileSize) bytes of \(expected)")
    }
  }
}
