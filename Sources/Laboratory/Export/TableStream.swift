import Glibc

/// Writes one table to an open stream, row by row, as CSV or JSON: what it holds does not grow with the rows.
///
/// CSV has a header, and empty fields where there is no value. JSON is one object, `{"table": …, "rows": [{…}, …]}`, a
/// row a line, null where there is no value or it is not finite. Numbers have the fewest digits that read back as the
/// same bits.
public final class TableStream {
  /// The form of the text.
  public enum Format: String, Sendable, CaseIterable {
    /// Comma-separated values (RFC 4180, lines ended by \n).
    case csv
    /// One JSON object.
    case json
  }

  /// A field of a row.
  enum Field {
    case number(Double)
    case integer(Int)
    case text(String)
    case none
  }

  private let file: UnsafeMutablePointer<FILE>
  private let format: Format
  private let keys: [[UInt8]]
  private var line: [UInt8] = []
  private var column = 0
  private var rows = 0
  private var code: Int32?

  /// Begins a table on `file`, which stays open.
  init(_ file: UnsafeMutablePointer<FILE>, _ format: Format, table: String, columns: [String]) {
    self.file = file
    self.format = format
    keys = columns.map { Array("\(JSONValue.quoted($0)): ".utf8) }
    switch format {
    case .csv: line = Array(columns.map(CSVText.quoted).joined(separator: ",").utf8) + [0x0A]
    case .json: line = Array("{\"table\": \(JSONValue.quoted(table)), \"rows\": [".utf8)
    }
    flush()
  }

  /// Whether everything so far was written.
  var isWritable: Bool { code == nil }

  /// Writes a row. Precondition: as many fields as columns.
  func append(_ fields: [Field]) {
    for field in fields { append(field) }
    endRow()
  }

  private func append(_ field: Field) {
    let isJSON = format == .json
    if column == 0 {
      if isJSON { line.append(contentsOf: (rows == 0 ? "\n{" : ",\n{").utf8) }
    } else {
      line.append(contentsOf: (isJSON ? ", " : ",").utf8)
    }
    if isJSON { line.append(contentsOf: keys[column]) }
    column += 1
    switch field {
    case .number(let value):
      if value.isFinite || (!isJSON && value.isInfinite) {
        line.append(contentsOf: value.description.utf8)
      } else if isJSON {
        line.append(contentsOf: "null".utf8)
      }
    case .integer(let value): line.append(contentsOf: value.description.utf8)
    case .text(let text): line.append(contentsOf: (isJSON ? JSONValue.quoted(text) : CSVText.quoted(text)).utf8)
    case .none: if isJSON { line.append(contentsOf: "null".utf8) }
    }
  }

  private func endRow() {
    precondition(column == keys.count, "a row has as many fields as the table has columns")
    line.append(format == .json ? 0x7D : 0x0A)
    column = 0
    rows += 1
    if line.count >= 1 << 16 { flush() }
  }

  /// Ends the table. Throws `InputError` of the kind `cannotWrite` where anything failed.
  func close() throws {
    if format == .json { line.append(contentsOf: "\n]}\n".utf8) }
    flush()
    if fflush(file) != 0, code == nil { code = errno }
    if let code {
      throw InputError(.cannotWrite, "the output cannot be written: \(String(cString: strerror(code)))")
    }
  }

  private func flush() {
    defer { line.removeAll(keepingCapacity: true) }
    guard code == nil else { return }
    let written = line.withUnsafeBufferPointer { fwrite($0.baseAddress, 1, $0.count, file) }
    if written != line.count { code = errno }
  }
}
