import LinearAlgebra

/// A sparse matrix as files give it: its size and its entries in any order. Entries at one place add up.
public struct TripletMatrix: Sendable {
  /// Number of rows.
  public var rows: Int
  /// Number of columns.
  public var columns: Int
  /// The entries, indices from 0.
  public var entries: [BlockRowMatrix.Entry]

  /// A matrix from its parts. Precondition: the indices lie inside.
  public init(rows: Int, columns: Int, entries: [BlockRowMatrix.Entry]) {
    self.rows = rows
    self.columns = columns
    self.entries = entries
  }

  /// A x.
  public func times(_ x: [Double]) -> [Double] {
    var y = [Double](repeating: 0, count: rows)
    for entry in entries { y[entry.row] += entry.value * x[entry.column] }
    return y
  }

  /// Aᵀ x.
  public func transposedTimes(_ x: [Double]) -> [Double] {
    var y = [Double](repeating: 0, count: columns)
    for entry in entries { y[entry.column] += entry.value * x[entry.row] }
    return y
  }

  /// The entries by rows, columns ascending, those of one place added.
  public func sorted() -> TripletMatrix {
    let order = entries.indices.sorted {
      (entries[$0].row, entries[$0].column, $0) < (entries[$1].row, entries[$1].column, $1)
    }
    var packed: [BlockRowMatrix.Entry] = []
    packed.reserveCapacity(entries.count)
    for index in order {
      let entry = entries[index]
      if let last = packed.last, last.row == entry.row, last.column == entry.column {
        packed[packed.count - 1].value += entry.value
      } else {
        packed.append(entry)
      }
    }
    return TripletMatrix(rows: rows, columns: columns, entries: packed)
  }

  /// ½ (A + Aᵀ). Precondition: A is square.
  public func symmetrized() -> TripletMatrix {
    precondition(rows == columns)
    let both = entries.flatMap { entry in
      [
        BlockRowMatrix.Entry(row: entry.row, column: entry.column, value: 0.5 * entry.value),
        BlockRowMatrix.Entry(row: entry.column, column: entry.row, value: 0.5 * entry.value),
      ]
    }
    return TripletMatrix(rows: rows, columns: columns, entries: both).sorted()
  }
}
