import CImGui
import Foundation

/// A small plot in a panel: axes with round numbers, lines, stacked areas; drawn by Dear ImGui's lists.
struct PlotArea {
  /// An axis: its range, and whether it is logarithmic.
  struct Axis {
    var low: Double
    var high: Double
    var isLogarithmic = false

    /// An axis around values; nil where there are none.
    static func linear(_ values: some Sequence<Double>, fromZero: Bool = false) -> Axis? {
      var (low, high) = (Double.infinity, -Double.infinity)
      for value in values where value.isFinite {
        low = min(low, value)
        high = max(high, value)
      }
      guard low <= high else { return nil }
      if fromZero {
        low = min(low, 0)
        high = max(high, 0)
      }
      if high - low <= 1e-12 * max(high.magnitude, low.magnitude) {
        let room = high.magnitude > 0 ? 0.1 * high.magnitude : 1
        (low, high) = (fromZero ? low : low - room, high + room)
      }
      return Axis(low: low, high: high + (fromZero ? 0.06 : 0.04) * (high - low))
    }

    /// Whole decades around the positive values; nil where there are none.
    static func decades(_ values: some Sequence<Double>, floor: Double = 1e-18) -> Axis? {
      var (low, high) = (Double.infinity, 0.0)
      for value in values where value.isFinite && value > 0 {
        low = min(low, max(value, floor))
        high = max(high, max(value, floor))
      }
      guard high > 0 else { return nil }
      let bottom = Foundation.floor(log10(low) + 1e-9)
      return Axis(low: bottom, high: max(ceil(log10(high) - 1e-9), bottom + 1), isLogarithmic: true)
    }

    /// Where a value is, 0 … 1; a logarithmic axis holds what is below it at its foot.
    func place(_ value: Double) -> Double {
      let x = isLogarithmic ? (value > 0 ? max(log10(value), low) : low) : value
      return (x - low) / (high - low)
    }

    /// Round numbers along the axis and their texts.
    func tics(_ count: Int) -> [(place: Double, text: String)] {
      if isLogarithmic {
        let step = max(1, Int(((high - low) / Double(max(count, 1))).rounded(.up)))
        return stride(from: Int(low), through: Int(high), by: step).map {
          ((Double($0) - low) / (high - low), $0 == 0 ? "1" : $0 == 1 ? "10" : "1e\($0)")
        }
      }
      let raw = (high - low) / Double(max(count, 1))
      let power = pow(10, Foundation.floor(log10(raw)))
      let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= raw * 0.999 } ?? raw
      return stride(from: (low / step).rounded(.up), through: (high / step).rounded(.down) + 1e-9, by: 1).map {
        (($0 * step - low) / (high - low), Self.text($0 * step, step))
      }
    }

    private static func text(_ value: Double, _ step: Double) -> String {
      if value == 0 { return "0" }
      if step >= 1e5 || step < 1e-4 { return String(format: "%.3g", value) }
      return String(format: "%.\(max(0, Int((-log10(step) - 1e-9).rounded(.up))))f", value)
    }
  }

  let x: Axis
  let y: Axis
  /// Where the curves are.
  let rect: GUIRect
  private let gui: GUI
  private let title: String

  /// Draws the frame and the axes of a plot as wide as there is room.
  ///
  /// Of several plots above each other all but the lowest have no `xTitle`: they share its axis, and all their `margin`.
  init(
    _ gui: GUI, _ name: String, x: Axis, y: Axis, xTitle: String?, yTitle: String, height: Float, margin: Float? = nil
  ) {
    self.gui = gui
    self.x = x
    self.y = y
    let width = gui.available.x
    let origin = gui_cursor()
    _ = gui_invisible_button(name, GuiVec2(width, height))
    gui.note(name)
    let line = gui.size(of: "0").y
    let yTics = y.tics(max(1, Int(height / (2.2 * line))))
    let left = margin ?? Self.margin(gui, y, height: height)
    let last = gui.size(of: x.tics(4).last?.text ?? "").x / 2
    rect = GUIRect(
      low: origin + GuiVec2(left, gui.px(3)),
      high: origin + GuiVec2(width - max(gui.px(6), last), height - (xTitle == nil ? gui.px(3) : line + gui.px(7))))
    gui_draw_fill(rect, GUIColor.plate.packed, 0)
    var lowest = Float.infinity
    for tic in yTics {
      let p = rect.high.y - Float(tic.place) * rect.height
      gui_draw_line(GuiVec2(rect.low.x, p), GuiVec2(rect.high.x, p), GUIColor.grid.packed, 1)
      let size = gui.size(of: tic.text)
      // Within the plot's height, so that plots above each other keep theirs apart.
      let top = min(max(p - size.y / 2, rect.low.y - gui.px(2)), rect.high.y - size.y + gui.px(2))
      guard lowest - top >= line else { continue }
      lowest = top
      gui_draw_text(GuiVec2(rect.low.x - size.x - gui.px(5), top), GUIColor.soft.packed, tic.text)
    }
    let titleWidth = gui.size(of: xTitle ?? "").x
    let xTics = x.tics(max(2, Int(rect.width / gui.px(70))))
    for tic in xTics {
      let p = rect.low.x + Float(tic.place) * rect.width
      gui_draw_line(GuiVec2(p, rect.low.y), GuiVec2(p, rect.high.y), GUIColor.grid.packed, 1)
      let size = gui.size(of: tic.text)
      // The title stands at the right end.
      guard xTitle != nil, p + size.x / 2 < rect.high.x - titleWidth - gui.px(8) else { continue }
      gui_draw_text(GuiVec2(p - size.x / 2, rect.high.y + gui.px(3)), GUIColor.soft.packed, tic.text)
    }
    gui_draw_text(GuiVec2(rect.high.x - titleWidth, rect.high.y + gui.px(3)), GUIColor.soft.packed, xTitle ?? "")
    title = yTitle
  }

  /// Room (pixels) that the numbers of a y axis need.
  static func margin(_ gui: GUI, _ y: Axis, height: Float) -> Float {
    let tics = y.tics(max(1, Int(height / (2.2 * gui.size(of: "0").y))))
    return (tics.map { gui.size(of: $0.text).x }.max() ?? 0) + gui.px(8)
  }

  /// Writes what y is into the upper left corner, over the curves: call it last.
  func drawTitle() {
    let place = rect.low + GuiVec2(gui.px(5), gui.px(2))
    let size = gui.size(of: title)
    gui_draw_fill(
      GUIRect(place.x - gui.px(2), place.y, size.x + gui.px(4), size.y), GUIColor.plate.opacity(0.75).packed, gui.px(2))
    gui_draw_text(place, GUIColor.soft.packed, title)
  }

  /// A point of the plot in pixels.
  func point(_ px: Double, _ py: Double) -> GUIPoint {
    GuiVec2(
      rect.low.x + Float(min(max(x.place(px), -1), 2)) * rect.width,
      rect.high.y - Float(min(max(y.place(py), -1), 2)) * rect.height)
  }

  /// A line through points; what is not finite leaves a gap.
  func line(_ points: some Sequence<(Double, Double)>, _ color: GUIColor, width: Float = 1.5, hasDots: Bool = false) {
    gui_push_clip(rect)
    var path: [GUIPoint] = []
    func flush() {
      if path.count > 1 { gui_draw_path(path, Int32(path.count), color.packed, gui.px(width)) }
      path.removeAll(keepingCapacity: true)
    }
    for (px, py) in points {
      guard px.isFinite, py.isFinite else {
        flush()
        continue
      }
      let place = point(px, py)
      if hasDots { gui_draw_disc(place, gui.px(2.2), color.packed) }
      path.append(place)
    }
    flush()
    gui_pop_clip()
  }

  /// A horizontal line with its name.
  func bound(_ value: Double, _ name: String) {
    let place = y.place(value)
    guard (0...1).contains(place) else { return }
    let p = rect.high.y - Float(place) * rect.height
    gui_draw_line(GuiVec2(rect.low.x, p), GuiVec2(rect.high.x, p), GUIColor.faint.packed, gui.px(1))
    let size = gui.size(of: name)
    gui_draw_text(GuiVec2(rect.high.x - size.x - gui.px(4), p - size.y), GUIColor.soft.packed, name)
  }

  /// A column between two heights.
  func column(_ from: Double, _ to: Double, _ bottom: Double, _ top: Double, _ color: GUIColor) {
    let (a, b) = (point(from, top), point(to, bottom))
    guard b.y > a.y else { return }
    gui_push_clip(rect)
    gui_draw_fill(GUIRect(low: a, high: GuiVec2(max(b.x, a.x + 1), b.y)), color.packed, 0)
    gui_pop_clip()
  }
}

extension GUI {
  /// Coloured names in as many lines as they need.
  func legend(_ entries: [(name: String, color: GUIColor)]) {
    var room = available.x
    for (index, entry) in entries.enumerated() {
      let width = size(of: entry.name).x + px(22)
      if index > 0 && width <= room { sameLine(px(8)) } else if index > 0 { room = available.x }
      room -= width + px(8)
      let place = gui_cursor()
      gui_draw_fill(GUIRect(place.x, place.y + size(of: "0").y / 2 - px(4), px(9), px(9)), entry.color.packed, px(2))
      gui_dummy(GuiVec2(px(9), px(9)))
      sameLine(px(5))
      text(entry.name, .soft)
    }
  }
}
