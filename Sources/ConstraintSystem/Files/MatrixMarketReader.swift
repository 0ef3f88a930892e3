import Glibc
import LinearAlgebra

/// Reads matrices in the MatrixMarket exchange format (Boisvert, Pozo, Remington, "The Matrix Market exchange formats",
/// NISTIR 5935, 1996):
///
///     %%MatrixMarket matrix coordinate|array real|integer general|symmetric|skew-symmetric
///     % comments
///     rows columns [entries]
///     i j value                          one entry a line, indices from 1; of a symmetric matrix i ≥ j
///     value                              of an array: by columns; of a symmetric one the lower triangle
///
/// Files are not trusted: what the header claims is compared with the file's length before anything is allocated,
/// numbers must be finite.
public enum MatrixMarketReader {
  /// The first bytes of every such file.
  public static let banner = "%%MatrixMarket"

  /// A matrix, and whether the file says that it is symmetric.
  public struct Contents: Sendable {
    /// The whole matrix: both triangles of a symmetric one.
    public var matrix: TripletMatrix
    /// What the header says.
    public var isSymmetric: Bool
  }

  /// The matrix of a file. Throws `ProblemFileError`.
  public static func read(_ path: String) throws -> Contents {
    var scanner = try MatrixMarketScanner(path: path)
    let header = try header(&scanner)
    let sizes = try scanner.line("the size line: rows, columns" + (header.isArray ? "" : ", entries")) { line in
      var sizes: [Int] = []
      for _ in 0..<(header.isArray ? 2 : 3) { sizes.append(try line.integer(0...Int(Int32.max), "a size")) }
      return sizes
    }
    let symmetry = header.symmetry
    guard symmetry == .general || sizes[0] == sizes[1] else {
      throw scanner.error("a \(symmetry.rawValue) matrix is square, found \(sizes[0]) × \(sizes[1])")
    }
    let entries =
      header.isArray
      ? try array(&scanner, rows: sizes[0], columns: sizes[1], symmetry)
      : try coordinates(&scanner, rows: sizes[0], columns: sizes[1], count: sizes[2], symmetry)
    try scanner.expectEnd()
    return Contents(
      matrix: TripletMatrix(rows: sizes[0], columns: sizes[1], entries: entries), isSymmetric: symmetry == .symmetric)
  }

  /// The vector of a file: n × 1, array or coordinate. Throws `ProblemFileError`.
  public static func readVector(_ path: String, count: Int) throws -> [Double] {
    let matrix = try read(path).matrix
    guard matrix.rows == count, matrix.columns == 1 else {
      throw ProblemFileError(
        .malformed, file: path, "is \(matrix.rows) × \(matrix.columns), expected a vector of \(count) × 1")
    }
    return matrix.times([1])
  }

  private enum Symmetry: String, CaseIterable {
    case general, symmetric
    case skew = "skew-symmetric"
  }

  private static func header(_ scanner: inout MatrixMarketScanner) throws -> (isArray: Bool, symmetry: Symmetry) {
    let words = scanner.firstLine()
    guard words.count == 5, words[0] == banner.lowercased(), words[1] == "matrix" else {
      throw scanner.error("expected \(banner) matrix, a format, a field and a symmetry")
    }
    guard ["coordinate", "array"].contains(words[2]) else {
      throw scanner.error("the format is \"\(words[2])\", expected coordinate or array")
    }
    guard ["real", "double", "integer"].contains(words[3]) else {
      throw scanner.error("the field is \"\(words[3])\", expected real or integer")
    }
    guard let symmetry = Symmetry(rawValue: words[4]) else {
      throw scanner.error("the symmetry is \"\(words[4])\", expected general, symmetric or skew-symmetric")
    }
    return (words[2] == "array", symmetry)
  }

  private static func coordinates(
    _ scanner: inout MatrixMarketScanner, rows: Int, columns: Int, count: Int, _ symmetry: Symmetry
  ) throws -> [BlockRowMatrix.Entry] {
    // "1 1 1" and a line break.
    try scanner.expectRoom(for: count, bytesEach: 6, what: "entries")
    var entries: [BlockRowMatrix.Entry] = []
    entries.reserveCapacity(symmetry == .general ? count : 2 * count)
    for index in 0..<count {
      let entry = try scanner.line("entry \(index + 1) of \(count)") { line in
        BlockRowMatrix.Entry(
          row: try line.integer(1...max(1, rows), "a row") - 1,
          column: try line.integer(1...max(1, columns), "a column") - 1, value: try line.number())
      }
      guard entry.row < rows, entry.column < columns else {
        throw scanner.error("the matrix has no place for an entry")
      }
      guard symmetry == .general || entry.row >= entry.column else {
        throw scanner.error("entry (\(entry.row + 1), \(entry.column + 1)) is above the diagonal of a symmetric matrix")
      }
      guard symmetry != .skew || entry.row > entry.column else {
        throw scanner.error("a skew-symmetric matrix has no diagonal")
      }
      append(entry, symmetry, to: &entries)
    }
    return entries
  }

  private static func array(
    _ scanner: inout MatrixMarketScanner, rows: Int, columns: Int, _ symmetry: Symmetry
  ) throws -> [BlockRowMatrix.Entry] {
    // Sizes are below 2³¹: the product cannot overflow.
    let full = rows * columns
    let count = symmetry == .general ? full : symmetry == .symmetric ? (full + rows) / 2 : (full - rows) / 2
    try scanner.expectRoom(for: count, bytesEach: 2, what: "entries")
    var entries: [BlockRowMatrix.Entry] = []
    entries.reserveCapacity(full)
    for column in 0..<columns {
      let first = symmetry == .general ? 0 : symmetry == .symmetric ? column : column + 1
      for row in first..<max(first, rows) {
        let value = try scanner.line("entry (\(row + 1), \(column + 1))") { try $0.number() }
        append(BlockRowMatrix.Entry(row: row, column: column, value: value), symmetry, to: &entries)
      }
    }
    return entries
  }

  private static func append(
    _ entry: BlockRowMatrix.Entry, _ symmetry: Symmetry, to entries: inout [BlockRowMatrix.Entry]
  ) {
    entries.append(entry)
    guard symmetry != .general, entry.row != entry.column else { return }
    entries.append(
      BlockRowMatrix.Entry(
        row: entry.column, column: entry.row, value: symmetry == .skew ? -entry.value : entry.value))
  }
}

/// The lines of a MatrixMarket file, counted.
struct MatrixMarketScanner {
  /// What is left of one line.
  struct Line {
    fileprivate let scanner: MatrixMarketScanner
    fileprivate var place: Int

    /// The next word as a whole number in `range`.
    mutating func integer(_ range: ClosedRange<Int>, _ what: String) throws -> Int {
      let (start, end) = scanner.word(from: place)
      var value = 0
      var isNumber = end > start && end - start <= 18
      for index in start..<end {
        let digit = Int(scanner.bytes[index]) - 48
        if digit < 0 || digit > 9 { isNumber = false }
        if isNumber { value = 10 * value + digit }
      }
      guard isNumber, range.contains(value) else {
        throw scanner.error(
          "expected \(what) from \(range.lowerBound) to \(range.upperBound), found \(scanner.quoted(start, end))")
      }
      place = end
      return value
    }

    /// The next word as a finite number.
    mutating func number() throws -> Double {
      let (start, end) = scanner.word(from: place)
      var parsed = 0
      // The bytes end with a zero, where strtod stops at the latest.
      let value = scanner.bytes.withUnsafeBufferPointer { bytes in
        bytes.baseAddress!.withMemoryRebound(to: CChar.self, capacity: bytes.count) { text in
          var rest: UnsafeMutablePointer<CChar>?
          let value = strtod(text + start, &rest)
          parsed = rest.map { UnsafePointer($0) - text } ?? start
          return value
        }
      }
      guard end > start, parsed == end, value.isFinite else {
        throw scanner.error("expected a finite number, found \(scanner.quoted(start, end))")
      }
      place = end
      return value
    }
  }

  private let path: String
  fileprivate let bytes: [UInt8]
  /// The next line begins here.
  private var place = 0
  private var number = 0

  init(path: String) throws {
    self.path = path
    guard let file = fopen(path, "rb") else {
      throw ProblemFileError(
        errno == ENOENT ? .missing : .malformed, file: path, "cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var information = stat()
    guard fstat(fileno(file), &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      throw ProblemFileError(.malformed, file: path, "is not a file; expected MatrixMarket")
    }
    let size = Int(information.st_size)
    bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
      count = fread(buffer.baseAddress!, 1, size, file)
      buffer[count] = 0
      count += 1
    }
  }

  /// The words of the first line in lower case.
  mutating func firstLine() -> [String] {
    number = 1
    let end = lineEnd
    let words = String(decoding: bytes[0..<min(end, 200)], as: UTF8.self).lowercased()
      .split(whereSeparator: { $0.isWhitespace }).map(String.init)
    place = min(end + 1, bytes.count - 1)
    return words
  }

  /// Reads the next line that is neither empty nor a comment; `what` it should be.
  mutating func line<Result>(_ what: @autoclosure () -> String, _ read: (inout Line) throws -> Result) throws -> Result
  {
    while place < bytes.count - 1 {
      number += 1
      let end = lineEnd
      let (start, _) = word(from: place)
      if start >= end || bytes[start] == UInt8(ascii: "%") {
        place = min(end + 1, bytes.count - 1)
        continue
      }
      var line = Line(scanner: self, place: place)
      let result = try read(&line)
      let (rest, restEnd) = word(from: line.place)
      guard rest >= end else { throw error("expected the end of the line, found \(quoted(rest, restEnd))") }
      place = min(end + 1, bytes.count - 1)
      return result
    }
    throw error("the file ends here, expected \(what())")
  }

  /// Throws unless what is left can hold `count` lines.
  func expectRoom(for count: Int, bytesEach: Int, what: String) throws {
    // The last line need not end.
    guard count <= (bytes.count - place + 1) / bytesEach else {
      throw error("claims \(count) \(what), more than the file's length allows")
    }
  }

  /// Throws where anything but comments follows.
  mutating func expectEnd() throws {
    while place < bytes.count - 1 {
      number += 1
      let end = lineEnd
      let (start, wordEnd) = word(from: place)
      guard start >= end || bytes[start] == UInt8(ascii: "%") else {
        throw error("expected the end of the file, found \(quoted(start, wordEnd))")
      }
      place = min(end + 1, bytes.count - 1)
    }
  }

  /// The error about the line read last.
  func error(_ message: String) -> ProblemFileError {
    ProblemFileError(.malformed, file: path, place: "line \(max(number, 1))", message)
  }

  private var lineEnd: Int {
    var end = place
    while end < bytes.count - 1 && bytes[end] != 0x0A { end += 1 }
    return end
  }

  /// Start and end of the next word of the line.
  fileprivate func word(from place: Int) -> (Int, Int) {
    var start = place
    while bytes[start] == 0x20 || bytes[start] == 0x09 || bytes[start] == 0x0D { start += 1 }
    var end = start
    while bytes[end] > 0x20 { end += 1 }
    return (start, end)
  }

  fileprivate func quoted(_ start: Int, _ end: Int) -> String {
    end == start ? "nothing" : "\"" + String(decoding: bytes[start..<min(end, start + 40)], as: UTF8.self) + "\""
  }
}
