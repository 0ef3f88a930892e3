import Foundation
import LinearAlgebra

/// The picture of a sparse matrix as SVG: a square an entry, darker where it is larger, and its size below.
public struct SparsityPicture {
  private let matrix: SymmetricBlockMatrix
  private let title: String

  /// A picture of `matrix`.
  public init(_ matrix: SymmetricBlockMatrix, title: String) {
    self.matrix = matrix
    self.title = title
  }

  /// Rows up to which every entry is drawn by itself; larger matrices are drawn in cells of several rows.
  private static let finest = 256

  /// Writes the picture. Throws `InputError`.
  public func draw(to file: String) throws {
    do {
      try Data(svg.utf8).write(to: URL(fileURLWithPath: file))
    } catch {
      throw InputError(.cannotWrite, file: file, "cannot be written: \(error.localizedDescription)")
    }
  }

  package var svg: String {
    let n = matrix.dimension
    let cell = max(1, (n + Self.finest - 1) / Self.finest)
    let cells = max(1, (n + cell - 1) / cell)
    // Largest magnitude in every cell, on a scale of the root so that small entries are seen.
    var sizes = [Double](repeating: 0, count: cells * cells)
    var largest = 0.0
    var nonZeros = 0
    matrix.forEachBlock { row, column, first in
      let rows = matrix.size(ofBlock: row)
      let width = matrix.size(ofBlock: column)
      for i in 0..<rows {
        for j in 0..<width {
          let value = matrix.values[first + i * width + j].magnitude
          guard value > 0 else { continue }
          let r = matrix.offset(ofBlock: row) + i
          let c = matrix.offset(ofBlock: column) + j
          nonZeros += row == column ? 1 : 2
          largest = max(largest, value)
          for place in [r / cell * cells + c / cell, c / cell * cells + r / cell] {
            sizes[place] = max(sizes[place], value)
          }
        }
      }
    }
    let side = 560.0
    let pixel = side / Double(cells)
    let gap = pixel > 4 ? 0.08 * pixel : 0
    let margin = 40.0
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(side + 2 * margin)) \(Int(side + 2 * margin + 46))" \
      width="\(Int(side + 2 * margin))" height="\(Int(side + 2 * margin + 46))" \
      font-family="DejaVu Sans, Helvetica, sans-serif" fill="#333333">
      <rect width="100%" height="100%" fill="#ffffff"/>
      <text x="\(Int(margin + side / 2))" y="27" font-size="16" text-anchor="middle">\(Self.escaped(title))</text>
      <rect x="\(margin)" y="\(margin)" width="\(side)" height="\(side)" fill="#fbfbfd" stroke="#888888"/>

      """
    for row in 0..<cells {
      for column in 0..<cells where sizes[row * cells + column] > 0 {
        let shade = (sizes[row * cells + column] / largest).squareRoot()
        text += "<rect x=\"\(Self.number(margin + Double(column) * pixel + gap))\" "
        text += "y=\"\(Self.number(margin + Double(row) * pixel + gap))\" width=\"\(Self.number(pixel - 2 * gap))\" "
        text += "height=\"\(Self.number(pixel - 2 * gap))\" fill=\"\(Self.color(shade))\"/>\n"
      }
    }
    let share = n > 0 ? Double(nonZeros) / (Double(n) * Double(n)) : 0
    text += "<text x=\"\(Int(margin + side / 2))\" y=\"\(Int(margin + side + 26))\" font-size=\"13\" "
    text += "text-anchor=\"middle\">n = \(n), \(nonZeros) non-zeros (\(Quantity.percent(share)))</text>\n"
    text += legend(x: margin, y: margin + side + 40, width: side, largest: largest)
    return text + "</svg>\n"
  }

  private func legend(x: Double, y: Double, width: Double, largest: Double) -> String {
    let bar = 200.0
    let start = x + (width - bar) / 2
    var text = "<text x=\"\(Int(start - 8))\" y=\"\(Int(y + 11))\" font-size=\"12\" text-anchor=\"end\">0</text>\n"
    for step in 0..<50 {
      text += "<rect x=\"\(Self.number(start + bar * Double(step) / 50))\" y=\"\(y)\" width=\"4.2\" height=\"13\" "
      text += "fill=\"\(Self.color((Double(step) + 0.5) / 50))\"/>\n"
    }
    text += "<text x=\"\(Int(start + bar + 8))\" y=\"\(Int(y + 11))\" font-size=\"12\">"
    return text + "\(Quantity.plain(largest)) largest |a|, root scale</text>\n"
  }

  /// From a light blue to nearly black.
  private static func color(_ shade: Double) -> String {
    let stops: [SIMD3<Double>] = [SIMD3(214, 228, 244), SIMD3(66, 133, 190), SIMD3(8, 29, 88)]
    let place = min(max(shade, 0), 1) * 2
    let first = min(Int(place), 1)
    let mixed = stops[first] + (stops[first + 1] - stops[first]) * (place - Double(first))
    return String(format: "#%02x%02x%02x", Int(mixed.x), Int(mixed.y), Int(mixed.z))
  }

  private static func number(_ value: Double) -> String { String(format: "%.2f", value) }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
  }
}
