import LinearAlgebra

/// The block pattern of the one mechanism that a model was trained on: `blocks` and `pattern` of its file's metadata,
/// "3 3 3" and "1-0 2-1", row by row.
struct MechanismPattern {
  /// Most blocks that are accepted: a fixed-size network is for small mechanisms.
  static let largestBlockCount = 64
  /// Rows of the largest block of a constraint.
  static let largestBlock = 6

  /// Number of rows of every block.
  let sizes: [Int]
  /// The blocks below the diagonal, by rows with ascending columns.
  let pairs: [(row: Int, column: Int)]
  /// Number of rows.
  var dimension: Int { sizes.reduce(0, +) }
  /// Number of entries of the blocks below the diagonal.
  var entryCount: Int { pairs.reduce(0) { $0 + sizes[$1.row] * sizes[$1.column] } }

  /// The pattern that a file names. Throws `ModelError`.
  init(_ weights: Safetensors) throws {
    func malformed(_ key: String, _ message: String) -> ModelError {
      ModelError(.malformed, file: weights.path, place: "__metadata__.\(key)", message)
    }
    func text(_ key: String) throws -> String {
      guard let text = weights.metadata[key] else { throw malformed(key, "is missing") }
      return text
    }
    let blocks = try text("blocks").split(separator: " ").map { Int($0) ?? 0 }
    guard (1...Self.largestBlockCount).contains(blocks.count), blocks.allSatisfy((1...Self.largestBlock).contains)
    else {
      throw malformed("blocks", "expected 1 to \(Self.largestBlockCount) sizes from 1 to \(Self.largestBlock)")
    }
    var pairs: [(row: Int, column: Int)] = []
    for word in try text("pattern").split(separator: " ") {
      let ends = word.split(separator: "-").map { Int($0) ?? -1 }
      guard ends.count == 2, ends[0] < blocks.count, ends[1] >= 0, ends[1] < ends[0] else {
        throw malformed("pattern", "\"\(word)\" is no block below the diagonal of \(blocks.count) block rows")
      }
      if let last = pairs.last, (last.row, last.column) >= (ends[0], ends[1]) {
        throw malformed("pattern", "\"\(word)\" is not after \"\(last.row)-\(last.column)\"")
      }
      pairs.append((ends[0], ends[1]))
    }
    sizes = blocks
    self.pairs = pairs
  }

  /// Whether a matrix has these blocks and no others.
  func fits(_ matrix: SymmetricBlockMatrix) -> Bool {
    guard matrix.blockCount == sizes.count, matrix.storedBlockCount == sizes.count + pairs.count else { return false }
    for block in 0..<sizes.count where matrix.size(ofBlock: block) != sizes[block] { return false }
    for pair in pairs where matrix.slot(row: pair.row, column: pair.column) < 0 { return false }
    return true
  }
}
