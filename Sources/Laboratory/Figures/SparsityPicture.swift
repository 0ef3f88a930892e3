import Foundation
import LinearAlgebra

/// The picture of a sparse matrix as SVG: a square an entry, darker where it is larger, and its size below.
public struct SparsityPicture {
  private let matrix: SymmetricBlockMatrix
  /// What stands above it.
  public let title: String

  /// A picture of `matrix`.
  public init(_ matrix: SymmetricBlockMatrix, title: String) {
    self.matrix = matrix
    self.title = title
  }

  private var raster: MatrixRaster { MatrixRaster(matrix) }

  /// Writes the picture. Throws `InputError`.
  public func draw(to file: String) throws { try Gnuplot.write(Data(svg.utf8), to: file) }

  /// Share of the entries that are not zero.
  var density: Double {
    let n = Double(matrix.dimension)
    return n > 0 ? Double(raster.nonZeros) / (n * n) : 0
  }

  private static let side = 560.0
  private static let margin = 40.0

  package var svg: String { drawing(isTitled: true) }

  /// The picture with its title or without, where a page has it already.
  func drawing(isTitled: Bool) -> String {
    let cells = raster
    let (side, margin) = (Self.side, Self.margin)
    let pixel = side / Double(cells.side)
    let gap = pixel > 4 ? 0.08 * pixel : 0
    let size = Int(side + 2 * margin)
    let top = isTitled ? 0 : Int(margin) - 6
    let heading =
      "<text x=\"\(Int(margin + side / 2))\" y=\"27\" font-size=\"16\" text-anchor=\"middle\">"
      + "\(isTitled ? SVGText.escaped(title) : "")</text>"
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 \(top) \(size) \(size + 46 - top)" \
      width="\(size)" height="\(size + 46 - top)" \
      font-family="DejaVu Sans, Helvetica, sans-serif" fill="\(FigureColor.ink.light)">
      <rect width="\(size)" height="\(size + 46)" fill="\(FigureColor.paper.light)"/>
      \(heading)
      <rect x="\(margin)" y="\(margin)" width="\(side)" height="\(side)" fill="\(FigureColor.plate.light)" \
      stroke="\(FigureColor.frame.light)"/>

      """
    // A path a shade: a square is a dozen characters instead of eighty. The root lets small entries be seen.
    var paths = FigureColor.heat.map { _ in "" }
    let square = String(format: "h%.2fv%.2fh-%.2fz", pixel - 2 * gap, pixel - 2 * gap, pixel - 2 * gap)
    for row in 0..<cells.side {
      for column in 0..<cells.side where cells.sizes[row * cells.side + column] > 0 {
        let shade = (cells.sizes[row * cells.side + column] / cells.largest).squareRoot()
        paths[min(15, Int(16 * shade))] +=
          String(
            format: "M%.2f %.2f", margin + Double(column) * pixel + gap, margin + Double(row) * pixel + gap) + square
      }
    }
    for (color, path) in zip(FigureColor.heat, paths) where !path.isEmpty {
      text += "<path fill=\"\(color.light)\" d=\"\(path)\"/>\n"
    }
    let n = matrix.dimension
    let share = n > 0 ? Double(cells.nonZeros) / (Double(n) * Double(n)) : 0
    text += "<text x=\"\(Int(margin + side / 2))\" y=\"\(Int(margin + side + 26))\" font-size=\"13\" "
    text += "text-anchor=\"middle\">n = \(n), \(cells.nonZeros) non-zeros (\(Quantity.percent(share)))</text>\n"
    text += legend(y: margin + side + 40, largest: cells.largest)
    return text + "</svg>\n"
  }

  private func legend(y: Double, largest: Double) -> String {
    let bar = 208.0
    let start = Self.margin + (Self.side - bar) / 2 - 60
    var text = "<text x=\"\(Int(start - 8))\" y=\"\(Int(y + 11))\" font-size=\"12\" text-anchor=\"end\">0</text>\n"
    for (index, color) in FigureColor.heat.enumerated() {
      text += "<rect x=\"\(start + 13 * Double(index))\" y=\"\(y)\" width=\"13.2\" height=\"13\" "
      text += "fill=\"\(color.light)\"/>\n"
    }
    text += "<text x=\"\(Int(start + bar + 8))\" y=\"\(Int(y + 11))\" font-size=\"12\">"
    return text + "\(Quantity.plain(largest)) largest |a|, root scale</text>\n"
  }
}
