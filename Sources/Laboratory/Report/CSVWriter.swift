import Glibc

/// Writes a table of comma-separated values (RFC 4180, lines ended by \n) through a buffer of a megabyte.
///
/// Numbers have the fewest digits that read back as the same bits. The first write that fails (no such folder, disk
/// full) ends the writing; `close` says so. Nothing is thrown in between, so a run is never lost for a log of it.
final class CSVWriter {
  private let path: String
  private var file: UnsafeMutablePointer<FILE>?
  private var line: [UInt8] = []
  private var failure: InputError?

  /// Creates the file, or empties it, and writes the header.
  init(path: String, columns: [String]) {
    self.path = path
    file = fopen(path, "w")
    guard file != nil else {
      fail()
      return
    }
    setvbuf(file, nil, _IOFBF, 1 << 20)
    for column in columns { append(column) }
    endRow()
  }

  deinit { if let file { fclose(file) } }

  /// Appends a field, in quotes where it needs them.
  func append(_ text: String) {
    separate()
    line.append(contentsOf: CSVText.quoted(text).utf8)
  }

  /// Appends a number.
  func append(_ value: Double) {
    separate()
    line.append(contentsOf: value.description.utf8)
  }

  /// Ends the row and writes it.
  func endRow() {
    // The first field has put a separator before itself.
    if !line.isEmpty { line[0] = 0x0A }
    defer { line.removeAll(keepingCapacity: true) }
    guard let file, failure == nil else { return }
    let count = line.count - 1
    let written = line.withUnsafeBufferPointer { fwrite($0.baseAddress! + 1, 1, count, file) }
    if written != count || putc(0x0A, file) == EOF { fail() }
  }

  /// Throws `InputError` (`cannotWrite`) if anything has failed so far.
  func check() throws {
    if let failure { throw failure }
  }

  /// Writes what is buffered and closes the file. Throws `InputError` of the kind `cannotWrite` if anything failed.
  func close() throws {
    if let file {
      self.file = nil
      if fclose(file) != 0 && failure == nil { fail() }
    }
    if let failure { throw failure }
  }

  private func separate() { line.append(0x2C) }

  private func fail() {
    failure = InputError(.cannotWrite, file: path, "cannot be written: \(String(cString: strerror(errno)))")
  }
}
