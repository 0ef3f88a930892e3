import LinearAlgebra

/// Writes FCLIB's HDF5 files in the layout of published ones, readable by fclib itself: W by compressed rows, M and H as
/// triplets with columns in `p`, 32-bit integers, texts that end with a zero byte.
public enum FCLIBWriter {
  /// Writes a problem, with its solution where it has one. The file is there whole or not at all. Throws
  /// `ProblemFileError`.
  public static func write(_ problem: FCLIBProblem, to path: String) throws {
    try HDF5Library.exclusively {
      let file = try HDF5Output(path: path)
      let root: String
      switch problem.statement {
      case .local(let w, let q):
        root = "fclib_local"
        file.group(root)
        file.group("\(root)/W")
        rows(file, "\(root)/W", w.sorted())
        if let equality = problem.equality {
          for (name, matrix) in [("V", equality.coupling), ("R", equality.matrix)] {
            file.group("\(root)/\(name)")
            rows(file, "\(root)/\(name)", matrix.sorted())
          }
        }
        file.group("\(root)/vectors")
        file.numbers("\(root)/vectors/q", q)
        if let equality = problem.equality { file.numbers("\(root)/vectors/s", equality.s) }
      case .global(let m, let h, let f, let w):
        root = "fclib_global"
        file.group(root)
        for (name, matrix) in [("M", m), ("H", h)] {
          file.group("\(root)/\(name)")
          triplets(file, "\(root)/\(name)", matrix)
        }
        file.group("\(root)/vectors")
        file.numbers("\(root)/vectors/f", f)
        file.numbers("\(root)/vectors/w", w)
      }
      file.numbers("\(root)/vectors/mu", problem.friction)
      file.integers("\(root)/spacedim", [3])
      file.group("\(root)/info")
      file.text("\(root)/info/title", problem.information.title)
      file.text("\(root)/info/description", problem.information.description)
      file.text("\(root)/info/math_info", problem.information.mathematics)
      if let solution = problem.solution {
        file.group("solution")
        if problem.isGlobal, let v = solution.v { file.numbers("solution/v", v) }
        if problem.equalityCount > 0 { file.numbers("solution/l", solution.multipliers) }
        file.numbers("solution/u", solution.u)
        file.numbers("solution/r", solution.r)
      }
      try file.close()
    }
  }

  private static func rows(_ file: HDF5Output, _ name: String, _ matrix: TripletMatrix) {
    var starts = [Int](repeating: 0, count: matrix.rows + 1)
    for entry in matrix.entries { starts[entry.row + 1] += 1 }
    for row in 0..<matrix.rows { starts[row + 1] += starts[row] }
    sizes(file, name, matrix, form: -2)
    file.integers("\(name)/p", starts)
    file.integers("\(name)/i", matrix.entries.map(\.column))
    file.numbers("\(name)/x", matrix.entries.map(\.value))
  }

  private static func triplets(_ file: HDF5Output, _ name: String, _ matrix: TripletMatrix) {
    sizes(file, name, matrix, form: matrix.entries.count)
    file.integers("\(name)/p", matrix.entries.map(\.column))
    file.integers("\(name)/i", matrix.entries.map(\.row))
    file.numbers("\(name)/x", matrix.entries.map(\.value))
  }

  private static func sizes(_ file: HDF5Output, _ name: String, _ matrix: TripletMatrix, form: Int) {
    file.integers("\(name)/nzmax", [matrix.entries.count])
    file.integers("\(name)/m", [matrix.rows])
    file.integers("\(name)/n", [matrix.columns])
    file.integers("\(name)/nz", [form])
  }
}
