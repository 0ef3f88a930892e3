import LinearAlgebra

/// Reads FCLIB's HDF5 files, as found in the wild:
///
/// - a triplet matrix (`nz` ≥ 0, the number of entries) holds columns in `p` and rows in `i`, the opposite of the
///   header's comment; `nz` = −1 is compressed columns, −2 compressed rows; `nzmax` is no size of anything;
/// - texts need not be UTF-8, nor longer than a byte;
/// - `/solution/r` is often zero.
///
/// Files are not trusted: every size and index is checked, numbers must be finite.
public enum FCLIBReader {
  /// Entries of a matrix beyond which it is refused.
  private static let mostEntries = 1 << 27

  /// The problem of a file. Throws `ProblemFileError`.
  public static func read(_ path: String) throws -> FCLIBProblem {
    try HDF5Library.exclusively {
      let file = try HDF5File(path: path, surveying: datasets)
      let isGlobal = file.contains("fclib_global")
      guard isGlobal || file.contains("fclib_local") else {
        throw ProblemFileError(
          .malformed, file: path, place: "/", "has neither fclib_local nor fclib_global, expected an FCLIB problem")
      }
      let root = isGlobal ? "fclib_global" : "fclib_local"
      let dimension = try file.integer("\(root)/spacedim")
      guard dimension == 3 else {
        throw file.error("\(root)/spacedim", "is \(dimension), expected 3: planar problems are not read")
      }
      // V and R of a local problem are read; G of a global one is not.
      for name in isGlobal ? ["G", "V", "R"] : ["G"] where file.contains("\(root)/\(name)") {
        throw file.error("\(root)/\(name)", "states bilateral constraints of a global problem, which are not read")
      }
      var problem = isGlobal ? try global(file) : try local(file)
      problem.information = FCLIBProblem.Information(
        title: file.text("\(root)/info/title") ?? "", description: file.text("\(root)/info/description") ?? "",
        mathematics: file.text("\(root)/info/math_info") ?? "")
      problem.solution = try solution(file, of: problem)
      return problem
    }
  }

  /// Everything that is read of any file, for the survey.
  private static var datasets: [(name: String, kind: HDF5File.Kind)] {
    var list: [(name: String, kind: HDF5File.Kind)] = []
    for root in ["fclib_local", "fclib_global"] {
      list.append(("\(root)/spacedim", .integers))
      for matrix in root == "fclib_local" ? ["W", "V", "R"] : ["M", "H"] {
        for name in ["m", "n", "nz", "p", "i"] { list.append(("\(root)/\(matrix)/\(name)", .integers)) }
        list.append(("\(root)/\(matrix)/x", .numbers))
      }
      for name in ["q", "f", "w", "mu", "s"] { list.append(("\(root)/vectors/\(name)", .numbers)) }
      for name in ["title", "description", "math_info"] { list.append(("\(root)/info/\(name)", .text)) }
    }
    for name in ["u", "r", "v", "l"] { list.append(("solution/\(name)", .numbers)) }
    return list
  }

  private static func local(_ file: HDF5File) throws -> FCLIBProblem {
    let q = try file.numbers("fclib_local/vectors/q")
    let friction = try friction(file, "fclib_local", rows: q.count, of: "q")
    let w = try matrix(file, "fclib_local/W", rows: q.count, columns: q.count)
    return FCLIBProblem(
      statement: .local(w: w, q: q), equality: try equality(file, contactRows: q.count), friction: friction)
  }

  /// V, R and s, which are there together or not at all.
  private static func equality(_ file: HDF5File, contactRows: Int) throws -> FCLIBProblem.Equality? {
    let hasCoupling = file.contains("fclib_local/V")
    guard hasCoupling == file.contains("fclib_local/R") else {
      throw file.error("fclib_local/\(hasCoupling ? "V" : "R")", "is without its twin, expected both V and R")
    }
    guard hasCoupling else { return nil }
    let s = try file.numbers("fclib_local/vectors/s")
    guard !s.isEmpty else { throw file.error("fclib_local/vectors/s", "is empty, expected one number a row of R") }
    return FCLIBProblem.Equality(
      coupling: try matrix(file, "fclib_local/V", rows: contactRows, columns: s.count),
      matrix: try matrix(file, "fclib_local/R", rows: s.count, columns: s.count), s: s)
  }

  private static func global(_ file: HDF5File) throws -> FCLIBProblem {
    let f = try file.numbers("fclib_global/vectors/f")
    let w = try file.numbers("fclib_global/vectors/w")
    let friction = try friction(file, "fclib_global", rows: w.count, of: "w")
    let m = try matrix(file, "fclib_global/M", rows: f.count, columns: f.count)
    let h = try matrix(file, "fclib_global/H", rows: f.count, columns: w.count)
    return FCLIBProblem(statement: .global(m: m, h: h, f: f, w: w), friction: friction)
  }

  private static func friction(_ file: HDF5File, _ root: String, rows: Int, of vector: String) throws -> [Double] {
    guard rows > 0, rows % 3 == 0 else {
      throw file.error("\(root)/vectors/\(vector)", "has \(rows) elements, expected three a contact")
    }
    let friction = try file.numbers("\(root)/vectors/mu", count: rows / 3)
    if let index = friction.firstIndex(where: { $0 < 0 }) {
      throw file.error("\(root)/vectors/mu[\(index)]", "is \(friction[index]), expected a number that is not negative")
    }
    return friction
  }

  /// u, r and, of a global problem, v, where all are there.
  private static func solution(_ file: HDF5File, of problem: FCLIBProblem) throws -> FCLIBProblem.Solution? {
    guard file.contains("solution/u"), file.contains("solution/r") else { return nil }
    let u = try file.numbers("solution/u", count: problem.rowCount)
    let r = try file.numbers("solution/r", count: problem.rowCount)
    guard case .global(_, _, let f, _) = problem.statement, file.contains("solution/v") else {
      let multipliers =
        problem.equalityCount > 0 && file.contains("solution/l")
        ? try file.numbers("solution/l", count: problem.equalityCount)
        : [Double](repeating: 0, count: problem.equalityCount)
      return FCLIBProblem.Solution(u: u, r: r, multipliers: multipliers)
    }
    return FCLIBProblem.Solution(v: try file.numbers("solution/v", count: f.count), u: u, r: r)
  }

  private static func matrix(_ file: HDF5File, _ name: String, rows: Int, columns: Int) throws -> TripletMatrix {
    for (dimension, expected) in [("m", rows), ("n", columns)] {
      let found = try file.integer("\(name)/\(dimension)")
      guard found == expected else {
        throw file.error("\(name)/\(dimension)", "is \(found), expected \(expected) as the vectors have")
      }
    }
    let form = try file.integer("\(name)/nz")
    guard form >= -2 else {
      throw file.error("\(name)/nz", "is \(form), expected a number of triplets, −1 (columns) or −2 (rows)")
    }
    let p = try file.integers("\(name)/p")
    let i = try file.integers("\(name)/i")
    let x = try file.numbers("\(name)/x")
    let entries =
      form >= 0
      ? try triplets(file, name, count: form, p: p, i: i, x: x, rows: rows, columns: columns)
      : try compressed(
        file, name, p: p, i: i, x: x, major: form == -1 ? columns : rows, minor: form == -1 ? rows : columns,
        isByColumns: form == -1)
    return TripletMatrix(rows: rows, columns: columns, entries: entries)
  }

  private static func triplets(
    _ file: HDF5File, _ name: String, count: Int, p: [Int], i: [Int], x: [Double], rows: Int, columns: Int
  ) throws -> [BlockRowMatrix.Entry] {
    for (vector, found) in [("p", p.count), ("i", i.count), ("x", x.count)] where found < count {
      throw file.error("\(name)/\(vector)", "has \(found) elements, expected \(count) as nz says")
    }
    guard count <= mostEntries else { throw tooMany(file, name, count) }
    return try (0..<count).map { index in
      guard (0..<columns).contains(p[index]) else {
        throw file.error("\(name)/p[\(index)]", "is \(p[index]), expected a column below \(columns)")
      }
      guard (0..<rows).contains(i[index]) else {
        throw file.error("\(name)/i[\(index)]", "is \(i[index]), expected a row below \(rows)")
      }
      return BlockRowMatrix.Entry(row: i[index], column: p[index], value: x[index])
    }
  }

  private static func compressed(
    _ file: HDF5File, _ name: String, p: [Int], i: [Int], x: [Double], major: Int, minor: Int, isByColumns: Bool
  ) throws -> [BlockRowMatrix.Entry] {
    guard p.count == major + 1 else {
      throw file.error("\(name)/p", "has \(p.count) elements, expected \(major + 1)")
    }
    guard p[0] == 0 else { throw file.error("\(name)/p[0]", "is \(p[0]), expected 0") }
    let count = p[major]
    for (vector, found) in [("i", i.count), ("x", x.count)] where found < count {
      throw file.error("\(name)/\(vector)", "has \(found) elements, expected \(count) as p says")
    }
    guard count <= mostEntries else { throw tooMany(file, name, count) }
    var entries: [BlockRowMatrix.Entry] = []
    entries.reserveCapacity(max(0, count))
    for line in 0..<major {
      guard p[line + 1] >= p[line], p[line + 1] <= count else {
        throw file.error("\(name)/p[\(line + 1)]", "is \(p[line + 1]), expected \(p[line]) … \(count)")
      }
      for place in p[line]..<p[line + 1] {
        guard (0..<minor).contains(i[place]) else {
          throw file.error("\(name)/i[\(place)]", "is \(i[place]), expected an index below \(minor)")
        }
        entries.append(
          BlockRowMatrix.Entry(
            row: isByColumns ? i[place] : line, column: isByColumns ? line : i[place], value: x[place]))
      }
    }
    return entries
  }

  private static func tooMany(_ file: HDF5File, _ name: String, _ count: Int) -> ProblemFileError {
    file.error(name, "has \(count) entries, more than the \(mostEntries) that are read")
  }
}

extension FCLIBProblem {
  /// W and q, by reduction where M and H state the problem. `file` names it in errors. Throws `ProblemFileError`.
  public func reduced(file: String) throws -> (w: TripletMatrix, q: [Double], reduction: GlobalReduction?) {
    switch statement {
    case .local(let w, let q): return (w, q, nil)
    case .global(let m, let h, let f, let w):
      do {
        let reduction = try GlobalReduction(m: m, h: h, f: f, w: w)
        return (reduction.w, reduction.q, reduction)
      } catch let failure as GlobalReduction.Failure {
        throw ProblemFileError(.malformed, file: file, place: "fclib_global/\(failure.place)", failure.message)
      }
    }
  }
}
