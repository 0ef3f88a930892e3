import CCheckedHDF5
import Glibc

/// libhdf5 keeps global state: one thread at a time.
package enum HDF5Library {
  // Never moved or freed; guarded by being the lock itself.
  nonisolated(unsafe) private static let lock: UnsafeMutablePointer<pthread_mutex_t> = {
    let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    return lock
  }()

  /// Runs `body` while no other thread is inside libhdf5.
  package static func exclusively<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body()
  }
}

/// An HDF5 file that is only read, and not trusted. Use inside `HDF5Library.exclusively`.
package final class HDF5File {
  /// Kinds of datasets.
  package enum Kind { case integers, numbers, text }

  /// The file's path.
  package let path: String
  private let handle: Int64
  private let size: UInt64

  /// Memory of the survey (bytes, on top of a share for each byte of the file, which may be compressed) and its time (s).
  private static let surveyMemory: UInt64 = 512 << 20
  private static let surveyShare: UInt64 = 64
  private static let surveySeconds: UInt32 = 30

  /// Opens a file after a child process has read the datasets `names` of it once, so that what ends the reader ends the
  /// child. Throws `ProblemFileError`.
  package init(path: String, surveying names: [(name: String, kind: Kind)]) throws {
    self.path = path
    var information = stat()
    guard stat(path, &information) == 0 else {
      throw ProblemFileError(.missing, file: path, String(cString: strerror(errno)))
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw ProblemFileError(.malformed, file: path, "is not a file; expected HDF5")
    }
    size = UInt64(information.st_size)
    let strings = names.map { strdup($0.name) }
    defer { for string in strings { free(string) } }
    let pointers = strings.map { $0.map { UnsafePointer($0) } }
    let kinds = names.map { Self.code($0.kind) }
    let outcome = checked_hdf5_survey(
      path, pointers, kinds, names.count, size, Self.surveyMemory + Self.surveyShare * size, Self.surveySeconds)
    guard outcome != 1 else {
      throw ProblemFileError(
        .malformed, file: path, "is damaged: the HDF5 library fails on it, or needs more memory than such a file should"
      )
    }
    handle = checked_hdf5_open(path)
    guard handle >= 0 else {
      throw ProblemFileError(.malformed, file: path, "is not an HDF5 file, or a truncated one")
    }
  }

  deinit { checked_hdf5_close(handle) }

  private static func code(_ kind: Kind) -> checked_hdf5_kind {
    switch kind {
    case .integers: CHECKED_HDF5_INTEGERS
    case .numbers: CHECKED_HDF5_NUMBERS
    case .text: CHECKED_HDF5_TEXT
    }
  }

  /// Whether a group or dataset is there.
  package func contains(_ name: String) -> Bool { checked_hdf5_exists(handle, name) != 0 }

  /// All elements of a dataset of whole numbers.
  package func integers(_ name: String) throws -> [Int] {
    try read(name, .integers) { data, count in
      (0..<count).map { Int(data.load(fromByteOffset: 8 * $0, as: Int64.self)) }
    }
  }

  /// The same, `count` of them, each in `range`.
  package func integers(_ name: String, count: Int, in range: ClosedRange<Int>) throws -> [Int] {
    let values = try integers(name)
    guard values.count == count else { throw error(name, "has \(values.count) elements, expected \(count)") }
    if let index = values.firstIndex(where: { !range.contains($0) }) {
      throw error(
        "\(name)[\(index)]", "is \(values[index]), expected \(range.lowerBound) … \(range.upperBound)")
    }
    return values
  }

  /// The only element of a dataset.
  package func integer(_ name: String) throws -> Int {
    let values = try integers(name)
    guard values.count == 1 else { throw error(name, "has \(values.count) elements, expected one number") }
    return values[0]
  }

  /// All elements of a dataset of numbers, which must be finite, or at least numbers where `allowsInfinity` says so;
  /// `count` of them where it is given.
  package func numbers(
    _ name: String, count expected: Int? = nil, allowsInfinity: Bool = false
  ) throws -> [Double] {
    let values = try read(name, .numbers) { data, count in
      Array(UnsafeBufferPointer(start: data.assumingMemoryBound(to: Double.self), count: count))
    }
    if let expected, values.count != expected {
      throw error(name, "has \(values.count) elements, expected \(expected)")
    }
    if let index = values.firstIndex(where: { allowsInfinity ? $0.isNaN : !$0.isFinite }) {
      throw error(
        "\(name)[\(index)]", "is \(values[index]), expected a \(allowsInfinity ? "" : "finite ")number")
    }
    return values
  }

  /// A text up to its first zero byte, bytes that are no UTF-8 replaced; nil where there is none that can be read.
  package func text(_ name: String) -> String? {
    try? read(name, .text) { data, count in
      let bytes = UnsafeBufferPointer(start: data.assumingMemoryBound(to: UInt8.self), count: count)
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  private func read<Result>(
    _ name: String, _ kind: Kind, _ convert: (UnsafeRawPointer, Int) -> Result
  ) throws -> Result {
    var data: UnsafeMutableRawPointer?
    var count = 0
    let status = checked_hdf5_read(handle, name, Self.code(kind), size, &data, &count)
    guard status == CHECKED_HDF5_OK, let data else { throw error(name, Self.message(status, kind)) }
    defer { checked_hdf5_free(data) }
    return convert(UnsafeRawPointer(data), count)
  }

  /// The error about an object of this file.
  package func error(_ name: String, _ message: String) -> ProblemFileError {
    ProblemFileError(.malformed, file: path, place: name, message)
  }

  private static func message(_ status: checked_hdf5_status, _ kind: Kind) -> String {
    switch status {
    case CHECKED_HDF5_ABSENT: return "is missing"
    case CHECKED_HDF5_LINK: return "is a soft or external link, expected a dataset of the file itself"
    case CHECKED_HDF5_NOT_DATASET: return "is not a dataset"
    case CHECKED_HDF5_TYPE:
      switch kind {
      case .integers: return "holds another type, expected whole numbers of up to 64 bits"
      case .numbers: return "holds another type, expected numbers"
      case .text: return "holds another type, expected one text of fixed length"
      }
    case CHECKED_HDF5_STORAGE: return "is stored outside of the file or by a filter that is not known"
    case CHECKED_HDF5_EXTENT: return "claims more elements than the file holds"
    case CHECKED_HDF5_MEMORY: return "does not fit into memory"
    default: return "cannot be read: the file is damaged or truncated"
    }
  }
}
