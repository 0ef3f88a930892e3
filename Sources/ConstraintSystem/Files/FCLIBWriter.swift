import CHDF5
import Glibc
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

/// An HDF5 file that is being written, under another name until it is whole. The first thing that fails ends the
/// writing, and `close` says so.
final class HDF5Output {
  private let path: String
  private let partial: String
  private var file: hid_t
  private var failed = false

  init(path: String) throws {
    self.path = path
    partial = path + ".partial"
    H5Eset_auto2(0, nil, nil)
    var information = stat()
    if stat(path, &information) == 0, information.st_mode & S_IFMT != S_IFREG {
      throw ProblemFileError(.cannotWrite, file: path, "is not a regular file")
    }
    // libhdf5 keeps the reason to itself.
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    guard descriptor >= 0 else {
      throw ProblemFileError(.cannotWrite, file: path, "cannot be written: \(String(cString: strerror(errno)))")
    }
    Glibc.close(descriptor)
    file = H5Fcreate(partial, delassus_h5_truncate(), 0, 0)
    guard file >= 0 else {
      unlink(partial)
      throw ProblemFileError(.cannotWrite, file: path, "cannot be written")
    }
  }

  deinit {
    if file >= 0 {
      H5Fclose(file)
      unlink(partial)
    }
  }

  /// Closes the file and gives it its name.
  func close() throws {
    if H5Fclose(file) < 0 { failed = true }
    file = -1
    guard !failed, rename(partial, path) == 0 else {
      unlink(partial)
      throw ProblemFileError(.cannotWrite, file: path, "cannot be written whole: the disk may be full")
    }
  }

  func group(_ name: String) {
    let group = H5Gcreate2(file, name, 0, 0, 0)
    if group < 0 { failed = true } else { H5Gclose(group) }
  }

  func integers(_ name: String, _ values: [Int]) {
    // What was read fits into 32 bits: rows and entries are counted there.
    let narrow = values.map { Int32(clamping: $0) }
    dataset(name, delassus_h5_file_int(), delassus_h5_native_int(), narrow, count: values.count)
  }

  func numbers(_ name: String, _ values: [Double]) {
    dataset(name, delassus_h5_file_double(), delassus_h5_native_double(), values, count: values.count)
  }

  func text(_ name: String, _ value: String) {
    let bytes = Array(value.utf8.prefix { $0 != 0 }) + [0]
    let type = H5Tcopy(delassus_h5_c_string())
    H5Tset_size(type, bytes.count)
    dataset(name, type, type, bytes, count: nil)
    H5Tclose(type)
  }

  private func dataset(_ name: String, _ type: hid_t, _ memory: hid_t, _ data: UnsafeRawPointer, count: Int?) {
    var extent = hsize_t(count ?? 1)
    let space = count == nil ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, nil)
    let dataset = H5Dcreate2(file, name, type, space, 0, 0, 0)
    if dataset < 0 || H5Dwrite(dataset, memory, 0, 0, 0, data) < 0 { failed = true }
    if dataset >= 0 { H5Dclose(dataset) }
    H5Sclose(space)
  }
}
