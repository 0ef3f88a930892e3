import Glibc
import LinearAlgebra

/// Writes matrices and vectors in the MatrixMarket exchange format; numbers have the fewest digits that read back as the
/// same bits.
public enum MatrixMarketWriter {
  /// Writes a sparse matrix as coordinates; of a symmetric one the lower triangle. Throws `ProblemFileError`.
  public static func write(_ matrix: TripletMatrix, isSymmetric: Bool = false, comment: String = "", to path: String)
    throws
  {
    let packed = matrix.sorted().entries.filter { !isSymmetric || $0.row >= $0.column }
    var text = header("coordinate real \(isSymmetric ? "symmetric" : "general")", comment)
    text += "\(matrix.rows) \(matrix.columns) \(packed.count)\n"
    for entry in packed { text += "\(entry.row + 1) \(entry.column + 1) \(entry.value)\n" }
    try write(text, to: path)
  }

  /// Writes a vector as an array of n × 1. Throws `ProblemFileError`.
  public static func write(_ vector: [Double], comment: String = "", to path: String) throws {
    var text = header("array real general", comment)
    text += "\(vector.count) 1\n"
    for value in vector { text += "\(value)\n" }
    try write(text, to: path)
  }

  private static func header(_ kind: String, _ comment: String) -> String {
    let lines = comment.split(whereSeparator: \.isNewline).map { "% \($0)\n" }.joined()
    return "\(MatrixMarketReader.banner) matrix \(kind)\n" + lines
  }

  private static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw failure(path) }
    var text = text
    let isWritten = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
    let code = errno
    guard fclose(file) == 0 && isWritten else {
      if !isWritten { errno = code }
      throw failure(path)
    }
  }

  private static func failure(_ path: String) -> ProblemFileError {
    ProblemFileError(.cannotWrite, file: path, "cannot be written: \(String(cString: strerror(errno)))")
  }
}
