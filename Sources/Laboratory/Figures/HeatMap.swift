import Foundation

/// What a sweep over two parameters found: a coloured cell a pair of values.
public struct HeatMap: Sendable {
  /// Heading: what is shown, and of which solver.
  public var title: String
  /// The parameter to the right, and its values in their order.
  public var xName: String
  public var xValues: [Double]
  /// The parameter upwards.
  public var yName: String
  public var yValues: [Double]
  /// What the cells are, with its unit.
  public var valueLabel: String
  /// `values[y][x]`; nil where a cell has none.
  public var values: [[Double?]]
  /// How a value is written; three digits unless given.
  public var text: @Sendable (Double) -> String

  /// A map from its parts.
  public init(
    title: String, xName: String, xValues: [Double], yName: String, yValues: [Double], valueLabel: String,
    values: [[Double?]], text: @escaping @Sendable (Double) -> String = { Quantity.plain($0) }
  ) {
    self.title = title
    self.xName = xName
    self.xValues = xValues
    self.yName = yName
    self.yValues = yValues
    self.valueLabel = valueLabel
    self.values = values
    self.text = text
  }

  /// The scale's ends. Several maps of one quantity are comparable where all are drawn with the range of all.
  public static func range(_ maps: [HeatMap]) -> ClosedRange<Double>? {
    let values = maps.flatMap { $0.values.joined().compactMap { $0 } }.filter(\.isFinite)
    guard let low = values.min(), let high = values.max() else { return nil }
    return low...high
  }

  /// The figure; nil where no cell has a value. `range` is what the colours run over, the map's own unless given.
  public func figure(range given: ClosedRange<Double>? = nil) -> Figure? {
    guard let range = given ?? Self.range([self]), !xValues.isEmpty, !yValues.isEmpty else { return nil }
    // Over more than a factor of twenty an even scale would show the largest cells alone.
    let isLogarithmic = range.lowerBound > 0 && range.upperBound > 20 * range.lowerBound
    func share(_ value: Double) -> Double {
      guard range.upperBound > range.lowerBound else { return 0.5 }
      let value = min(max(value, range.lowerBound), range.upperBound)
      return isLogarithmic
        ? log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
        : (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }
    let rowNames = yValues.map(TicText.short)
    let width = 960.0
    let left = 60 + (rowNames.map(PlotLegend.width).max() ?? 0)
    let cellWidth = min(110, (width - left - 150) / Double(xValues.count))
    let cellHeight = min(44, max(14, 420 / Double(yValues.count)))
    let bottom = 52.0
    var canvas = PixelCanvas(width: width, height: bottom + Double(yValues.count) * cellHeight + 14)
    let right = left + Double(xValues.count) * cellWidth
    for (row, name) in rowNames.enumerated() {
      canvas.text(name, at: (left - 8, bottom + (Double(row) + 0.5) * cellHeight), anchor: "right", color: .soft)
    }
    canvas.text(yName, at: (8, bottom + Double(yValues.count) * cellHeight + 4))
    // As many names below as there is room for.
    let columnNames = xValues.map(TicText.short)
    let stride = max(1, Int(((columnNames.map(PlotLegend.width).max() ?? 0) / cellWidth + 0.3).rounded(.up)))
    for (column, name) in columnNames.enumerated() where column % stride == 0 {
      canvas.text(
        name, at: (left + (Double(column) + 0.5) * cellWidth, bottom - 12), anchor: "center", color: .soft)
    }
    canvas.text(xName, at: ((left + right) / 2, bottom - 34), anchor: "center")
    // All cells have their number in them, or none: a few would look as if they were special.
    let isWritten =
      cellHeight >= 16
      && values.joined().allSatisfy { PlotLegend.width(of: $0.map(text) ?? Quantity.none) < cellWidth + 4 }
    for (row, values) in values.enumerated() {
      for (column, value) in values.enumerated() {
        let x = left + Double(column) * cellWidth
        let y = bottom + Double(row) * cellHeight
        let place = "\(xName) \(TicText.short(xValues[column])), \(yName) \(TicText.short(yValues[row]))"
        let color = value.map { FigureColor.heat(share($0)) } ?? .plate
        let written = value.map(text) ?? Quantity.none
        canvas.box(
          x: (x + 1)...(x + cellWidth - 1), y: (y + 1)...(y + cellHeight - 1), color: color,
          name: "\(place): \(written)")
        guard isWritten else { continue }
        let isDark = value.map { share($0) > 0.45 } ?? false
        canvas.text(
          written, at: (x + cellWidth / 2, y + cellHeight / 2), anchor: "center",
          color: value == nil ? .soft : isDark ? .onHigh : .onLow, size: 11)
      }
    }
    addScale(&canvas, x: right + 30, y: bottom, height: Double(yValues.count) * cellHeight, range)
    guard let drawing = canvas.drawing() else { return nil }
    return Figure(
      kind: "heat-map", title: title, caption: caption(range, isLogarithmic), table: table, drawing: drawing)
  }

  private func addScale(
    _ canvas: inout PixelCanvas, x: Double, y: Double, height: Double, _ range: ClosedRange<Double>
  ) {
    let step = height / Double(FigureColor.heat.count)
    for (index, color) in FigureColor.heat.enumerated() {
      let start = y + Double(index) * step
      canvas.box(x: x...(x + 14), y: start...(start + step), color: color, name: valueLabel)
    }
    canvas.text(text(range.lowerBound), at: (x + 20, y + 6), color: .soft, size: 11)
    canvas.text(text(range.upperBound), at: (x + 20, y + height - 6), color: .soft, size: 11)
  }

  private func caption(_ range: ClosedRange<Double>, _ isLogarithmic: Bool) -> String {
    var text = "\(valueLabel)\(isLogarithmic ? ", colours by ratio" : ""). "
    let cells = values.enumerated().flatMap { row, values in
      values.enumerated().compactMap { column, value in value.map { (value: $0, row: row, column: column) } }
    }.filter(\.value.isFinite)
    func place(_ row: Int, _ column: Int) -> String {
      "\(xName) \(TicText.short(xValues[column])), \(yName) \(TicText.short(yValues[row]))"
    }
    if let low = cells.min(by: { $0.value < $1.value }), let high = cells.max(by: { $0.value < $1.value }) {
      text += "From \(self.text(low.value)) at \(place(low.row, low.column)) "
      text += "to \(self.text(high.value)) at \(place(high.row, high.column)). "
    }
    let missing = values.joined().filter { $0 == nil }.count
    if missing > 0 { text += "\(missing == 1 ? "One cell has" : "\(missing) cells have") no value." }
    return text.trimmingSpaces
  }

  private var table: FigureTable {
    FigureTable(
      columns: [xName, yName, valueLabel],
      rows: values.enumerated().flatMap { row, values in
        values.enumerated().map { column, value in
          [.number(xValues[column]), .number(yValues[row]), .number(value.flatMap { $0.isFinite ? $0 : nil })]
        }
      })
  }
}
