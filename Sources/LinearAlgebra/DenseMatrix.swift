import COpenBLAS

/// A dense matrix, stored by columns as LAPACK wants it. Storage is reused when it is resized.
public final class DenseMatrix {
  /// Number of rows.
  public private(set) var rows = 0
  /// Number of columns.
  public private(set) var columns = 0
  private let storage = Buffer<Double>()

  /// An empty matrix.
  public init() {}

  /// First entry; entry (i, j) is at j · rows + i.
  public var pointer: UnsafeMutablePointer<Double> { storage.pointer }

  /// Entry (i, j).
  public subscript(i: Int, j: Int) -> Double {
    get { storage[j * rows + i] }
    set { storage[j * rows + i] = newValue }
  }

  /// Changes the size; the entries are unspecified afterwards.
  public func resize(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    storage.resize(to: rows * columns, filling: 0)
  }

  /// `y` ← A x.
  public func multiply(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    guard rows > 0 && columns > 0 else { return }
    BLAS.useOneThread()
    let m = blasint(rows)
    cblas_dgemv(CblasColMajor, CblasNoTrans, m, blasint(columns), 1, pointer, m, x, 1, 0, y, 1)
  }

  /// Eigenvalues of this matrix, which must be symmetric, ascending (LAPACK dsyevd). Overwrites the matrix; nil where
  /// the iteration fails.
  public func symmetricEigenvalues() -> [Double]? {
    precondition(rows == columns)
    if rows == 0 { return [] }
    BLAS.useOneThread()
    var n = Int32(rows)
    var eigenvalues = [Double](repeating: 0, count: rows)
    var workSize = Int32(2 * rows + 1)
    var work = [Double](repeating: 0, count: Int(workSize))
    var integerSize: Int32 = 1
    var integers: Int32 = 0
    var info: Int32 = 0
    dsyevd_("N", "L", &n, pointer, &n, &eigenvalues, &work, &workSize, &integers, &integerSize, &info)
    return info == 0 ? eigenvalues : nil
  }
}

/// What a dense factorisation came to.
public enum FactorOutcome: Sendable, Equatable {
  /// Solves may follow.
  case factored
  /// A pivot is exactly zero, at this row (from 0).
  case singular(row: Int)
  /// A leading minor is not positive, of this size.
  case notPositiveDefinite(size: Int)
}

/// P A = L U with partial pivoting (LAPACK dgetrf).
public final class DenseLUFactorization {
  /// A; `factor` overwrites it with L and U.
  public let matrix = DenseMatrix()
  private let pivots = Buffer<Int32>()

  /// A factorisation of no matrix yet.
  public init() {}

  /// Factors the square `matrix` in place.
  public func factor() -> FactorOutcome {
    BLAS.useOneThread()
    var n = Int32(matrix.rows)
    if n == 0 { return .factored }
    pivots.resize(to: matrix.rows, filling: 0)
    var info: Int32 = 0
    dgetrf_(&n, &n, matrix.pointer, &n, pivots.pointer, &info)
    return info == 0 ? .factored : .singular(row: Int(info) - 1)
  }

  /// x ← A⁻¹ x.
  public func solve(_ x: UnsafeMutablePointer<Double>) {
    var n = Int32(matrix.rows)
    if n == 0 { return }
    var one: Int32 = 1
    var info: Int32 = 0
    dgetrs_("N", &n, &one, matrix.pointer, &n, pivots.pointer, x, &n, &info)
  }
}

/// A = L Lᵀ (LAPACK dpotrf).
public final class DenseCholeskyFactorization {
  /// A; `factor` overwrites its lower triangle with L.
  public let matrix = DenseMatrix()

  /// A factorisation of no matrix yet.
  public init() {}

  /// Factors the symmetric `matrix` in place; only its lower triangle is read.
  public func factor() -> FactorOutcome {
    BLAS.useOneThread()
    var n = Int32(matrix.rows)
    if n == 0 { return .factored }
    var info: Int32 = 0
    dpotrf_("L", &n, matrix.pointer, &n, &info)
    return info == 0 ? .factored : .notPositiveDefinite(size: Int(info))
  }

  /// x ← A⁻¹ x.
  public func solve(_ x: UnsafeMutablePointer<Double>) {
    var n = Int32(matrix.rows)
    if n == 0 { return }
    var one: Int32 = 1
    var info: Int32 = 0
    dpotrs_("L", &n, &one, matrix.pointer, &n, x, &n, &info)
  }
}

/// OpenBLAS as this package uses it.
public enum BLAS {
  private static let pinned: Void = openblas_set_num_threads(1)

  /// Keeps OpenBLAS to the calling thread: the problems are small, and its threads would spin beside the simulation.
  public static func useOneThread() { _ = pinned }
}
