import CImGui
import Laboratory

/// The picture of A, or of H: entries by size, what each block does in the solution, and what is under the mouse.
struct SystemPanel: Panel {
  static let title = "System"
  static let summary = "the matrix of the last problem: entries, condition, active set"

  func draw(_ gui: GUI, _ model: ViewerModel, height: Float) {
    let top = gui.available.y
    for (index, kind) in SystemPicture.Kind.allCases.enumerated() {
      if index > 0 { gui.sameLine() }
      if gui.toggle(kind.rawValue, model.systemKind == kind, width: gui.px(34)) {
        model.systemKind = kind
        model.inspectedEntry = nil
      }
      gui.tip(kind == .delassus ? "A = J M⁻¹ Jᵀ, a block a constraint" : "H = M + Jᵀ G J, a block a body, G = 1/diag A")
    }
    guard let picture = model.frame.system else {
      return gui.text("No problem with rows yet.", .soft)
    }
    gui.sameLine()
    let n = Double(picture.rows)
    let density = n > 0 ? Double(picture.raster.nonZeros) / (n * n) : 0
    var text = "n = \(picture.rows), \(Quantity.percent(density)) filled"
    if let condition = picture.condition {
      text += ", κ(A) \(condition.isBound ? "≥" : "=") \(Quantity.scientific(condition.value))"
    }
    gui.text(text, .soft)
    let used = top - gui.available.y
    let legendHeight = 2.4 * gui.lineHeight
    let strip = gui.px(9)
    let side = min(gui.available.x - strip - gui.px(6), max(height - used - legendHeight, gui.px(80)))
    drawMatrix(gui, model, picture, side: side, strip: strip)
    var counts: [(SystemPicture.Activity, Int)] = []
    for activity in SystemPicture.Activity.allCases {
      let count = picture.activities.count { $0 == activity }
      if count > 0 { counts.append((activity, count)) }
    }
    gui.legend(counts.map { ("\($1) \($0.name)", Palette.activity($0)) })
    if let inspected = picture.inspected, model.inspectedEntry != nil { gui_tooltip(inspected.text) }
  }

  private func drawMatrix(_ gui: GUI, _ model: ViewerModel, _ picture: SystemPicture, side: Float, strip: Float) {
    let origin = gui_cursor()
    let start = GUIPoint(origin.x + strip + gui.px(3), origin.y)
    _ = gui_invisible_button("matrix", GuiVec2(strip + gui.px(3) + side, side))
    gui.note("matrix")
    let rect = GUIRect(start.x, start.y, side, side)
    gui_draw_fill(rect, GUIColor.plate.packed, 0)
    let cells = picture.raster
    let pixel = side / Float(cells.side)
    // Neighbours of one shade in a row are one rectangle: few, even of a full matrix.
    for row in 0..<cells.side {
      var column = 0
      while column < cells.side {
        let shade = Self.shade(cells, row, column)
        var end = column + 1
        while end < cells.side && Self.shade(cells, row, end) == shade { end += 1 }
        if shade >= 0 {
          let box = GUIRect(
            start.x + Float(column) * pixel, start.y + Float(row) * pixel, Float(end - column) * pixel,
            max(pixel, 1))
          gui_draw_fill(box, GUIColor(css: FigureColor.heat[shade].dark).packed, 0)
        }
        column = end
      }
    }
    for (index, activity) in picture.activities.enumerated() {
      let from = Float(picture.offsets[index]) / Float(max(picture.rows, 1)) * side
      let to = Float(picture.offsets[index + 1]) / Float(max(picture.rows, 1)) * side
      gui_draw_fill(
        GUIRect(origin.x, origin.y + from, strip, max(to - from - (to - from > 4 ? 1 : 0), 0.5)),
        Palette.activity(activity).packed, 0)
    }
    let mouse = gui.mouse
    if gui_item_is_hovered() && rect.contains(mouse) {
      let scale = Float(picture.rows) / side
      let entry = SIMD2(
        min(picture.rows - 1, Int((mouse.y - start.y) * scale)), min(picture.rows - 1, Int((mouse.x - start.x) * scale))
      )
      model.inspectedEntry = entry
      let color = GUIColor(0xffffff, alpha: 0.5).packed
      gui_draw_line(GuiVec2(start.x, mouse.y), GuiVec2(start.x + side, mouse.y), color, 1)
      gui_draw_line(GuiVec2(mouse.x, start.y), GuiVec2(mouse.x, start.y + side), color, 1)
    } else {
      model.inspectedEntry = nil
    }
  }

  /// Shade 0 … 15 of a cell by the root of its share of the largest; −1 for nothing.
  private static func shade(_ cells: MatrixRaster, _ row: Int, _ column: Int) -> Int {
    let size = cells.sizes[row * cells.side + column]
    guard size > 0 else { return -1 }
    return min(15, Int(16 * (size / cells.largest).squareRoot()))
  }
}
