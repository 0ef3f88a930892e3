import LinearAlgebra

extension TripletMatrix {
  /// A = J M⁻¹ Jᵀ + diag(σ) of a problem, both triangles, as `DelassusMatrix` gives it to solvers; of a given A its
  /// entries. Zeros inside blocks are left out.
  public init(delassus problem: ConstraintProblem) {
    var entries: [BlockRowMatrix.Entry] = []
    if let given = problem.givenMatrix {
      given.forEachEntry { row, column, value in
        if value != 0 { entries.append(BlockRowMatrix.Entry(row: row, column: column, value: value)) }
      }
    } else if problem.rowCount > 0 {
      let delassus = DelassusMatrix()
      _ = delassus.assemble(problem)
      let matrix = delassus.matrix
      entries.reserveCapacity(matrix.nonZeroCount)
      matrix.forEachBlock { row, column, first in
        let width = matrix.size(ofBlock: column)
        for i in 0..<matrix.size(ofBlock: row) {
          for j in 0..<width {
            let value = matrix.values[first + i * width + j]
            let r = matrix.offset(ofBlock: row) + i
            let c = matrix.offset(ofBlock: column) + j
            // Of a diagonal block the lower triangle counts, as in the solvers' kernels.
            guard value != 0, row != column || c <= r else { continue }
            entries.append(BlockRowMatrix.Entry(row: r, column: c, value: value))
            if r != c { entries.append(BlockRowMatrix.Entry(row: c, column: r, value: value)) }
          }
        }
      }
    }
    self.init(rows: problem.rowCount, columns: problem.rowCount, entries: entries)
  }
}
