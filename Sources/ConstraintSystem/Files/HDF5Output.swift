import CHDF5
import Glibc

/// An HDF5 file that is being written, under another name until it is whole. The first thing that fails ends the
/// writing, and `close` says so.
package final class HDF5Output {
  private let path: String
  private let partial: String
  private var file: hid_t
  private var failed = false

  /// Begins a file. Throws `ProblemFileError` (`cannotWrite`).
  package init(path: String) throws {
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
  package func close() throws {
    if H5Fclose(file) < 0 { failed = true }
    file = -1
    guard !failed, rename(partial, path) == 0 else {
      unlink(partial)
      throw ProblemFileError(.cannotWrite, file: path, "cannot be written whole: the disk may be full")
    }
  }

  /// Adds a group.
  package func group(_ name: String) {
    let group = H5Gcreate2(file, name, 0, 0, 0)
    if group < 0 { failed = true } else { H5Gclose(group) }
  }

  /// Adds whole numbers of 32 bits, as a table of `columns` where that is more than one; large ones are compressed where
  /// `isCompressed` says so.
  package func integers(_ name: String, _ values: [Int], columns: Int = 1, isCompressed: Bool = false) {
    // What was read fits into 32 bits: rows and entries are counted there.
    let narrow = values.map { Int32(clamping: $0) }
    dataset(
      name, delassus_h5_file_int(), delassus_h5_native_int(), narrow, count: values.count, columns, isCompressed)
  }

  /// Adds whole numbers of 64 bits.
  package func wideIntegers(_ name: String, _ values: [Int64], isCompressed: Bool = false) {
    dataset(name, delassus_h5_file_long(), delassus_h5_native_long(), values, count: values.count, 1, isCompressed)
  }

  /// Adds numbers, likewise.
  package func numbers(_ name: String, _ values: [Double], columns: Int = 1, isCompressed: Bool = false) {
    dataset(
      name, delassus_h5_file_double(), delassus_h5_native_double(), values, count: values.count, columns, isCompressed)
  }

  /// Adds one text.
  package func text(_ name: String, _ value: String) {
    let bytes = Array(value.utf8.prefix { $0 != 0 }) + [0]
    let type = H5Tcopy(delassus_h5_c_string())
    H5Tset_size(type, bytes.count)
    dataset(name, type, type, bytes, count: nil)
    H5Tclose(type)
  }

  /// `count`: number of elements, nil for a scalar.
  private func dataset(
    _ name: String, _ type: hid_t, _ memory: hid_t, _ data: UnsafeRawPointer, count: Int?, _ columns: Int = 1,
    _ isCompressed: Bool = false
  ) {
    var extent = [hsize_t((count ?? 1) / columns)]
    if columns > 1 { extent.append(hsize_t(columns)) }
    let space = count == nil ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extent.count), extent, nil)
    var list: hid_t = 0
    if isCompressed, let count, count >= Self.smallestCompressed {
      list = H5Pcreate(delassus_h5_dataset_create())
      // A chunk of half a megabyte at most: what readers that trust no file accept.
      extent[0] = min(extent[0], hsize_t(max(1, Self.chunkElements / columns)))
      H5Pset_chunk(list, Int32(extent.count), extent)
      H5Pset_shuffle(list)
      H5Pset_deflate(list, Self.deflateLevel)
    }
    let dataset = H5Dcreate2(file, name, type, space, 0, list, 0)
    if dataset < 0 || H5Dwrite(dataset, memory, 0, 0, 0, data) < 0 { failed = true }
    if dataset >= 0 { H5Dclose(dataset) }
    if list > 0 { H5Pclose(list) }
    H5Sclose(space)
  }

  private static let smallestCompressed = 1024
  private static let chunkElements = 1 << 16
  private static let deflateLevel: UInt32 = 4
}
