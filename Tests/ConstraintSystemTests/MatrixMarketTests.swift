import ConstraintSystem
import Foundation
import LinearAlgebra
import Testing

/// The MatrixMarket format: what it allows, and what is refused with its line.
@Suite struct MatrixMarketTests {
  static func parse(_ text: String) throws -> MatrixMarketReader.Contents {
    try ExternalCases.temporary("mtx") { path in
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return try MatrixMarketReader.read(path)
    }
  }

  /// Entries as a dense list of rows.
  static func dense(_ matrix: TripletMatrix) -> [[Double]] {
    var rows = [[Double]](repeating: [Double](repeating: 0, count: matrix.columns), count: matrix.rows)
    for entry in matrix.entries { rows[entry.row][entry.column] += entry.value }
    return rows
  }

  @Test func everyFormReadsAsWhatItMeans() throws {
    let general = try Self.parse(
      "%%MatrixMarket matrix coordinate real general\n% a comment\n\n2 3 3\n1 1 1.5\n2 3 -2e-3\n1 1 1\n")
    #expect(Self.dense(general.matrix) == [[2.5, 0, 0], [0, 0, -2e-3]])
    #expect(!general.isSymmetric)
    let symmetric = try Self.parse("%%matrixmarket MATRIX Coordinate Integer Symmetric\n2 2 2\r\n1 1 4\r\n2 1 -1\r\n")
    #expect(Self.dense(symmetric.matrix) == [[4, -1], [-1, 0]])
    #expect(symmetric.isSymmetric)
    let skew = try Self.parse("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 3")
    #expect(Self.dense(skew.matrix) == [[0, -3], [3, 0]])
    // Arrays go by columns; of a symmetric one the lower triangle is given.
    let array = try Self.parse("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n")
    #expect(Self.dense(array.matrix) == [[1, 3], [2, 4]])
    let triangle = try Self.parse("%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n")
    #expect(Self.dense(triangle.matrix) == [[1, 2], [2, 3]])
  }

  @Test(arguments: [
    ("", "line 1"), ("%%MatrixMarket matrix coordinate complex general\n", "complex"),
    ("%%MatrixMarket matrix coordinate pattern general\n", "pattern"),
    ("%%MatrixMarket matrix coordinate real hermitian\n", "hermitian"),
    ("%%MatrixMarket matrix coordinate real general\n2 2\n", "line 2"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n", "claims 1 entries"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1.000000\n", "the file ends here"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1\n2 2 2\n", "line 4"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n0 1 1\n", "line 3: expected a row from 1 to 2"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 3 1\n", "line 3: expected a column from 1 to 2"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 nan\n", "found \"nan\""),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1e999\n", "expected a finite number"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1 9\n", "expected the end of the line"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 12x\n", "found \"12x\""),
    ("%%MatrixMarket matrix coordinate real general\n0 0 1\n1 1 123456\n", "no place"),
    ("%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 1\n", "above the diagonal"),
    ("%%MatrixMarket matrix coordinate real symmetric\n2 3 1\n1 1 1\n", "square"),
    ("%%MatrixMarket matrix coordinate real general\n2000000000 2000000000 2000000000\n1 1 1\n", "claims 2000000000"),
    ("%%MatrixMarket matrix array real general\n2000000000 2000000000\n1\n", "claims"),
    ("%%MatrixMarket matrix coordinate real general\n99999999999999999999 1 1\n1 1 1\n", "expected a size"),
  ]) func whatIsWrongIsNamed(_ text: String, _ expected: String) {
    let error = #expect(throws: ProblemFileError.self) { try Self.parse(text) }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }

  @Test func cutsAndFlipsNeverCrash() {
    let text = Array("%%MatrixMarket matrix coordinate real symmetric\n3 3 4\n1 1 4\n2 1 -1.25e-3\n2 2 4\n3 3 1\n".utf8)
    var outcomes = (read: 0, refused: 0)
    func count(_ bytes: [UInt8]) {
      do {
        _ = try ExternalCases.temporary("mtx") { path in
          try Data(bytes).write(to: URL(fileURLWithPath: path))
          return try MatrixMarketReader.read(path)
        }
        outcomes.read += 1
      } catch { outcomes.refused += 1 }
    }
    for length in text.indices { count(Array(text[0..<length])) }
    for place in text.indices {
      for value: UInt8 in [0, 0x0A, 0x2D, 0x39, 0x80, 0xFF] {
        var changed = text
        changed[place] = value
        count(changed)
      }
    }
    #expect(outcomes.read + outcomes.refused == 7 * text.count)
    // A shorter last number, a changed digit, or a comment sign lost are still valid files.
    #expect(outcomes.read > 10 && outcomes.refused > 200)
  }

  @Test func whatIsWrittenReadsBackToTheSameBits() throws {
    typealias Entry = BlockRowMatrix.Entry
    let values: [Double] = [1 / 3, -1e-308, 5e-324, 1.7976931348623157e308, 123456789.123456789]
    let matrix = TripletMatrix(
      rows: 5, columns: 5,
      entries: values.indices.map { Entry(row: $0, column: $0, value: values[$0]) }
        + [Entry(row: 0, column: 3, value: 2), Entry(row: 3, column: 0, value: 2)])
    try ExternalCases.temporary("mtx") { path in
      for isSymmetric in [false, true] {
        try MatrixMarketWriter.write(matrix, isSymmetric: isSymmetric, comment: "a\nb", to: path)
        let back = try MatrixMarketReader.read(path)
        #expect(back.isSymmetric == isSymmetric)
        #expect(Self.dense(back.matrix) == Self.dense(matrix))
      }
      try MatrixMarketWriter.write(values, to: path)
      #expect(try MatrixMarketReader.readVector(path, count: 5) == values)
      #expect(throws: ProblemFileError.self) { try MatrixMarketReader.readVector(path, count: 4) }
    }
    let error = #expect(throws: ProblemFileError.self) { try MatrixMarketWriter.write(values, to: "/dev/full") }
    #expect(error?.kind == .cannotWrite)
  }
}
