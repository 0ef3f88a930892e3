import ConstraintSystem

/// The picture of A of the problems that a comparison has kept, one a scene.
enum SparsityFigure {
  static let kind = FigureKind(
    name: "matrix", summary: "the Delassus matrix A of one problem of a scene (SVG alone)"
  ) { make($0) }

  private static func make(_ source: FigureSource) -> [Figure] {
    let known = Set(source.scenes.map(\.name))
    return source.data.problems.filter { known.contains($0.scene) && $0.problem.rowCount > 0 }.map { sample in
      let assembled = DelassusMatrix()
      _ = assembled.assemble(sample.problem)
      let picture = SparsityPicture(
        assembled.matrix, title: source.title("The Delassus matrix", sample.scene))
      return Figure(
        kind: kind.name, title: picture.title, caption: caption(sample, picture), table: table(assembled),
        drawing: .svg(picture.svg, inline: picture.drawing(isTitled: false)))
    }
  }

  private static func caption(_ sample: SampleProblem, _ picture: SparsityPicture) -> String {
    let rows = sample.problem.rowCount
    var text = "A of step \(sample.step): \(rows) rows in \(sample.problem.blocks.count) constraints, "
    text += "\(Quantity.percent(picture.density)) of its entries are not zero"
    if sample.problem.islandCount > 1 { text += "; \(sample.problem.islandCount) islands, solved one by one" }
    text += ". Two constraints meet in a block where they share a body"
    if rows > MatrixRaster.finest {
      text += "; a square stands for several rows and shows the largest of their entries"
    }
    return text + "."
  }

  /// Lower triangle. A dense matrix of some thousand rows would make the page large, so its small entries are left out.
  private static func table(_ assembled: DelassusMatrix) -> FigureTable {
    let matrix = assembled.matrix
    var table = FigureTable(columns: ["row", "column", "value"])
    var largest = 0.0
    matrix.forEachBlock { row, column, first in
      for index in 0..<(matrix.size(ofBlock: row) * matrix.size(ofBlock: column)) {
        largest = max(largest, matrix.values[first + index].magnitude)
      }
    }
    for bound in [0, 1e-6, 1e-3, 1e-1] {
      table.rows.removeAll(keepingCapacity: true)
      matrix.forEachBlock { row, column, first in
        let width = matrix.size(ofBlock: column)
        for i in 0..<matrix.size(ofBlock: row) {
          for j in 0..<width where table.rows.count <= mostEntries {
            let value = matrix.values[first + i * width + j]
            let r = matrix.offset(ofBlock: row) + i
            let c = matrix.offset(ofBlock: column) + j
            guard value.magnitude > bound * largest, r >= c else { continue }
            table.rows.append([.number(Double(r)), .number(Double(c)), .number(value)])
          }
        }
      }
      if table.rows.count <= mostEntries { break }
    }
    return table
  }

  private static let mostEntries = 30_000
}
