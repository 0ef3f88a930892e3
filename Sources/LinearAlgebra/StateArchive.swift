/// A state as named sections of 64-bit words: what checkpoints are made of.
///
/// Everything that a simulation carries from step to step is numbers of eight bytes, or is written as such. Sections
/// keep their order, so that two archives of one state are the same bytes, and two of different states can be compared
/// section by section. Layout: the magic number, then every section as length of its name, name padded to eight bytes,
/// number of words, words; integers and words little-endian.
public struct StateArchive: Sendable, Equatable {
  /// Words under a name.
  public struct Section: Sendable, Equatable {
    /// What the words are.
    public var name: String
    /// The words; numbers by their bit patterns.
    public var words: [UInt64]
  }

  /// The sections in their order.
  public private(set) var sections: [Section] = []

  /// An archive without sections.
  public init() {}

  /// Adds the elements of a buffer. Precondition: they consist of eight-byte values without padding.
  public mutating func add<Element>(_ name: String, _ values: Buffer<Element>) {
    precondition(MemoryLayout<Element>.stride % 8 == 0, "elements of whole words")
    let count = values.count * MemoryLayout<Element>.stride / 8
    let source = UnsafeRawPointer(values.pointer).assumingMemoryBound(to: UInt64.self)
    sections.append(Section(name: name, words: Array(UnsafeBufferPointer(start: source, count: count))))
  }

  /// Adds words.
  public mutating func add(_ name: String, words: [UInt64]) { sections.append(Section(name: name, words: words)) }

  /// Adds numbers.
  public mutating func add(_ name: String, numbers: [Double]) {
    sections.append(Section(name: name, words: numbers.map(\.bitPattern)))
  }
}

/// What is wrong with an archive.
public struct StateArchiveError: Error, CustomStringConvertible, Sendable {
  /// The section, empty for the archive as a whole.
  public var section: String
  /// What is wrong.
  public var message: String

  /// An error from its parts.
  public init(_ section: String, _ message: String) {
    self.section = section
    self.message = message
  }

  /// One line.
  public var description: String { section.isEmpty ? message : "\(section): \(message)" }
}

// Reading. Everything is checked: an archive comes from a file.
extension StateArchive {
  /// The words of a section. Throws `StateArchiveError` where it is missing or has another length than `count`.
  public func words(_ name: String, count: Int? = nil) throws -> [UInt64] {
    guard let section = sections.first(where: { $0.name == name }) else {
      throw StateArchiveError(name, "is missing")
    }
    guard count == nil || section.words.count == count else {
      throw StateArchiveError(name, "has \(section.words.count) words, expected \(count!)")
    }
    return section.words
  }

  /// The numbers of a section, all finite. Throws likewise.
  public func numbers(_ name: String, count: Int? = nil) throws -> [Double] {
    let numbers = try words(name, count: count).map(Double.init(bitPattern:))
    guard numbers.allSatisfy(\.isFinite) else { throw StateArchiveError(name, "holds a number that is not finite") }
    return numbers
  }

  /// Fills `buffer` with the elements of a section; `count` elements, or as many as there are. Throws likewise.
  public func read<Element>(
    _ name: String, into buffer: Buffer<Element>, count: Int? = nil, filling value: Element, isFinite: Bool = true
  ) throws {
    let width = MemoryLayout<Element>.stride / 8
    let words = isFinite ? try numbers(name).map(\.bitPattern) : try words(name)
    guard words.count % width == 0, count == nil || words.count == count! * width else {
      let found = "\(words.count) words"
      throw StateArchiveError(
        name, "has \(found), expected \(count.map { "\($0 * width)" } ?? "a multiple of \(width)")")
    }
    buffer.resize(to: words.count / width, filling: value)
    let target = UnsafeMutableRawPointer(buffer.pointer).assumingMemoryBound(to: UInt64.self)
    words.withUnsafeBufferPointer { if let base = $0.baseAddress { target.update(from: base, count: $0.count) } }
  }
}

// Bytes.
extension StateArchive {
  private static let magic: UInt64 = 0x3120_4B43_5353_4C44  // "DLSSCK 1"
  private static let longestName = 64

  /// The archive as bytes.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(8 + sections.reduce(0) { $0 + 32 + 8 * $1.words.count })
    func append(_ word: UInt64) { withUnsafeBytes(of: word.littleEndian) { result.append(contentsOf: $0) } }
    append(Self.magic)
    for section in sections {
      let name = Array(section.name.utf8)
      append(UInt64(name.count))
      result.append(contentsOf: name)
      result.append(contentsOf: repeatElement(0, count: (8 - name.count % 8) % 8))
      append(UInt64(section.words.count))
      section.words.withUnsafeBytes { result.append(contentsOf: $0) }
    }
    return result
  }

  /// Reads bytes. Throws `StateArchiveError` for anything that `bytes` does not write.
  public init(bytes: some RandomAccessCollection<UInt8>) throws {
    let bytes = Array(bytes)
    var place = 0
    func word() throws -> UInt64 {
      guard place + 8 <= bytes.count else { throw StateArchiveError("", "ends within a word") }
      defer { place += 8 }
      return bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: UInt64.self)) }
    }
    guard bytes.count >= 8, try word() == Self.magic else {
      throw StateArchiveError("", "is no checkpoint of this version")
    }
    while place < bytes.count {
      let length = try word()
      guard length > 0, length <= Self.longestName, place + Int(length) <= bytes.count else {
        throw StateArchiveError("", "has a section without a name at byte \(place)")
      }
      let name = String(decoding: bytes[place..<place + Int(length)], as: UTF8.self)
      place += (Int(length) + 7) / 8 * 8
      let count = try word()
      guard count <= UInt64(max(0, bytes.count - place) / 8) else {
        throw StateArchiveError(name, "is longer than the archive")
      }
      var words = [UInt64](repeating: 0, count: Int(count))
      words.withUnsafeMutableBytes { target in
        bytes.withUnsafeBytes {
          target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[place..<place + 8 * Int(count)]))
        }
      }
      place += 8 * Int(count)
      sections.append(Section(name: name, words: words))
    }
  }
}
