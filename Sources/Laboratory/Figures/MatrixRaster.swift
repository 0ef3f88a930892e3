import LinearAlgebra

/// A sparse matrix as a square of cells: each the largest magnitude among its entries.
package struct MatrixRaster {
  /// Cells up to which every entry has one of its own; in larger matrices a cell is several rows high.
  package static let finest = 256

  /// Rows of a cell.
  package let rowsPerCell: Int
  /// Number of cells in a row.
  package let side: Int
  /// Largest magnitude in every cell, row by row.
  package private(set) var sizes: [Double]
  /// Number of entries of the matrix that are not zero.
  package private(set) var nonZeros = 0
  /// Largest magnitude.
  package private(set) var largest = 0.0

  /// The cells of `matrix`, both triangles.
  package init(_ matrix: SymmetricBlockMatrix) {
    let n = matrix.dimension
    rowsPerCell = max(1, (n + Self.finest - 1) / Self.finest)
    side = max(1, (n + rowsPerCell - 1) / rowsPerCell)
    sizes = [Double](repeating: 0, count: side * side)
    matrix.forEachBlock { row, column, first in
      let rows = matrix.size(ofBlock: row)
      let width = matrix.size(ofBlock: column)
      for i in 0..<rows {
        for j in 0..<width {
          let value = matrix.values[first + i * width + j].magnitude
          guard value > 0 else { continue }
          let r = (matrix.offset(ofBlock: row) + i) / rowsPerCell
          let c = (matrix.offset(ofBlock: column) + j) / rowsPerCell
          nonZeros += row == column ? 1 : 2
          largest = max(largest, value)
          for place in [r * side + c, c * side + r] { sizes[place] = max(sizes[place], value) }
        }
      }
    }
  }
}
