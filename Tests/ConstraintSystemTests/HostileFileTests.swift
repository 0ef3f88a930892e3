import ConstraintSystem
import Foundation
import LinearAlgebra
import Testing

/// Files that are damaged or lie: an error that says where, never a crash, never memory for what is only claimed.
@Suite struct HostileFileTests {
  /// Peak memory of the process (bytes).
  static var peak: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first).flatMap { Int($0) }.map { 1024 * $0 } ?? 0
  }

  /// Bytes of a small problem of either kind, written by ourselves, so that the test needs nothing from outside.
  static func bytes(isGlobal: Bool) throws -> [UInt8] {
    var problem = FCLIBTests.pointMass()
    if !isGlobal {
      let (w, q, _) = try problem.reduced(file: "")
      problem = FCLIBProblem(statement: .local(w: w, q: q), friction: problem.friction)
    }
    problem.solution = FCLIBProblem.Solution(v: isGlobal ? [1, 2, 3] : nil, u: [1, 2, 3], r: [1, 2, 3])
    return try ExternalCases.temporary("hdf5") { path in
      try FCLIBWriter.write(problem, to: path)
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
  }

  /// What became of mutated files: how many were read, how many refused.
  static func read(_ variants: [[UInt8]]) throws -> (read: Int, refused: Int) {
    var outcome = (read: 0, refused: 0)
    try ExternalCases.temporary("hdf5") { path in
      for variant in variants {
        try Data(variant).write(to: URL(fileURLWithPath: path))
        do {
          _ = try FCLIBReader.read(path).reduced(file: path)
          outcome.read += 1
        } catch let error as ProblemFileError {
          // It names the file, and says something about it.
          #expect(error.file == path && !error.message.isEmpty)
          outcome.refused += 1
        }
      }
    }
    return outcome
  }

  @Test(arguments: [false, true]) func truncatedFilesAreRefused(_ isGlobal: Bool) throws {
    let whole = try Self.bytes(isGlobal: isGlobal)
    #expect(try Self.read([whole]).read == 1)
    // The superblock holds the file's length: no part of it passes.
    let cuts = (0..<60).map { Array(whole[0..<($0 * whole.count / 60)]) }
    #expect(try Self.read(cuts).refused == cuts.count)
  }

  @Test(arguments: [false, true]) func flippedBytesNeverCrash(_ isGlobal: Bool) throws {
    let whole = try Self.bytes(isGlobal: isGlobal)
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let variants = (0..<200).map { index in
      var variant = whole
      let place = next(whole.count - 8)
      // Single bytes, and words of ones: the largest size or address there is.
      if index % 3 == 0 {
        for k in 0..<8 { variant[place + k] = 0xFF }
      } else {
        variant[place] ^= UInt8(1 << next(8))
      }
      return variant
    }
    let before = Self.peak
    let outcome = try Self.read(variants)
    #expect(outcome.read + outcome.refused == variants.count)
    #expect(outcome.refused > 0)
    // The suite's other tests share the process; a size read from a header would be gigabytes.
    #expect(Self.peak - before < 1 << 30)
  }

  /// Every word that is the number of rows, contacts or entries, made huge or negative in turn.
  @Test func sizesThatLieAreRefused() throws {
    let whole = try Self.bytes(isGlobal: false)
    var variants: [[UInt8]] = []
    for place in stride(from: 0, to: whole.count - 4, by: 4) {
      let word = whole[place..<place + 4].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
      guard word == 3 || word == 4 else { continue }
      for lie: UInt32 in [0x7FFF_FFFF, 0xFFFF_FFFE, 0x1000_0000] {
        var variant = whole
        for k in 0..<4 { variant[place + k] = UInt8(truncatingIfNeeded: lie >> (8 * k)) }
        variants.append(variant)
      }
    }
    #expect(variants.count > 30)
    let before = Self.peak
    let outcome = try Self.read(variants)
    #expect(outcome.refused > variants.count / 2)
    #expect(Self.peak - before < 1 << 30)
  }

  @Test func numbersThatAreNotFiniteAreRefused() throws {
    var problem = FCLIBTests.pointMass()
    guard case .global(let m, let h, _, let w) = problem.statement else { return }
    problem.statement = .global(m: m, h: h, f: [1, .nan, 0], w: w)
    let error = ExternalCases.temporary("hdf5") { path in
      #expect(throws: ProblemFileError.self) {
        try FCLIBWriter.write(problem, to: path)
        _ = try FCLIBReader.read(path)
      }
    }
    #expect(error?.place == "fclib_global/vectors/f[1]")
    #expect(error?.message == "is nan, expected a finite number")
  }

  @Test(arguments: [
    (3, 3, 3.0, "W/m"), (0, 7, 0.0, "W/i[0]"), (0, 0, -1.0, "mu[0]"),
  ]) func whatDoesNotFitIsNamed(_ extraRows: Int, _ column: Int, _ friction: Double, _ place: String) throws {
    // A writer that does not check, as others may be.
    let w = TripletMatrix(
      rows: 3 + extraRows, columns: 3, entries: [BlockRowMatrix.Entry(row: 0, column: column, value: 1)])
    let problem = FCLIBProblem(statement: .local(w: w, q: [1, 2, 3]), friction: [friction])
    let error = ExternalCases.temporary("hdf5") { path in
      #expect(throws: ProblemFileError.self) {
        try FCLIBWriter.write(problem, to: path)
        _ = try FCLIBReader.read(path)
      }
    }
    #expect(error?.place?.hasSuffix(place) == true, "\(String(describing: error))")
  }

  @Test func whatIsNoProblemIsRefused() throws {
    let texts: [[UInt8]] = [[], Array("%%MatrixMarket".utf8), [0x89] + Array("HDF\r\n\u{1A}\n".utf8)]
    #expect(try Self.read(texts).refused == 3)
    let error = #expect(throws: ProblemFileError.self) { try FCLIBReader.read("/no/such/file.hdf5") }
    #expect(error?.kind == .missing)
    #expect(throws: ProblemFileError.self) { try FCLIBReader.read("/tmp") }
  }
}
