import COpenBLAS

extension DenseMatrix {
  /// Singular values of this matrix, descending (LAPACK dgesdd). Overwrites the matrix; nil where the iteration fails.
  public func singularValues() -> [Double]? {
    if rows == 0 || columns == 0 { return [] }
    BLAS.useOneThread()
    var m = Int32(rows)
    var n = Int32(columns)
    var values = [Double](repeating: 0, count: min(rows, columns))
    var integers = [Int32](repeating: 0, count: 8 * min(rows, columns))
    var left = 0.0
    var right = 0.0
    var leftRows: Int32 = 1
    var rightRows: Int32 = 1
    var wanted = 0.0
    var workSize: Int32 = -1
    var info: Int32 = 0
    dgesdd_(
      "N", &m, &n, pointer, &m, &values, &left, &leftRows, &right, &rightRows, &wanted, &workSize, &integers, &info)
    workSize = Int32(wanted)
    var work = [Double](repeating: 0, count: Int(workSize))
    dgesdd_("N", &m, &n, pointer, &m, &values, &left, &leftRows, &right, &rightRows, &work, &workSize, &integers, &info)
    return info == 0 ? values : nil
  }

  /// This matrix ← s B Bᵀ + t 1, both triangles (BLAS dsyrk). B is rows × k by columns.
  public func assignGram(of b: DenseMatrix, scaledBy s: Double, plus t: Double) {
    resize(rows: b.rows, columns: b.rows)
    guard rows > 0 else { return }
    BLAS.useOneThread()
    let n = blasint(rows)
    cblas_dsyrk(
      CblasColMajor, CblasLower, CblasNoTrans, n, blasint(b.columns), s, b.pointer, n, 0, pointer, n)
    for column in 0..<rows {
      pointer[column * rows + column] += t
      for row in column + 1..<max(rows, column + 1) { pointer[row * rows + column] = pointer[column * rows + row] }
    }
  }
}
