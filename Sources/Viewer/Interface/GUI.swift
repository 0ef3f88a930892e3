import CImGui

/// A colour of the interface: 0xRRGGBB and opacity.
struct GUIColor: Equatable {
  /// As Dear ImGui packs it.
  let packed: UInt32

  init(_ rgb: UInt32, alpha: Double = 1) {
    let a = UInt32(max(0, min(255, alpha * 255)))
    packed = a << 24 | (rgb & 0xff) << 16 | (rgb & 0xff00) | rgb >> 16 & 0xff
  }

  /// "#rrggbb".
  init(css: String, alpha: Double = 1) { self.init(UInt32(css.dropFirst(), radix: 16) ?? 0, alpha: alpha) }

  func opacity(_ alpha: Double) -> GUIColor {
    GUIColor((packed & 0xff) << 16 | packed & 0xff00 | packed >> 16 & 0xff, alpha: alpha)
  }

  static let text = GUIColor(0xe4e8ed)
  static let soft = GUIColor(0x98a1ad)
  static let faint = GUIColor(0x5b6470)
  static let grid = GUIColor(0x2b3139)
  static let accent = GUIColor(0x6cb2ff)
  static let good = GUIColor(0x5fc08a)
  static let bad = GUIColor(0xff7a6b)
  static let plate = GUIColor(0x12151a)
}

typealias GUIPoint = GuiVec2
typealias GUIRect = GuiRect

extension GuiVec2 {
  static func + (a: GuiVec2, b: GuiVec2) -> GuiVec2 { GuiVec2(x: a.x + b.x, y: a.y + b.y) }
  init(_ x: Float, _ y: Float) { self.init(x: x, y: y) }
}

extension GuiRect {
  var width: Float { high.x - low.x }
  var height: Float { high.y - low.y }
  var center: GuiVec2 { GuiVec2((low.x + high.x) / 2, (low.y + high.y) / 2) }
  init(_ x: Float, _ y: Float, _ width: Float, _ height: Float) {
    self.init(low: GuiVec2(x, y), high: GuiVec2(x + width, y + height))
  }
  func contains(_ p: GuiVec2) -> Bool { p.x >= low.x && p.x < high.x && p.y >= low.y && p.y < high.y }
}

/// The interface of one frame: Dear ImGui's widgets, each noted by its label so that scripts can find it.
///
/// A label is what the user reads; what follows "##" tells equal ones apart and is not shown.
final class GUI {
  /// Pixels for one of a plain screen.
  let scale: Float
  /// Where every widget of this frame is, by its label.
  private(set) var widgets: [(label: String, rect: GUIRect)] = []

  init(scale: Float) { self.scale = scale }

  func beginFrame() { widgets.removeAll(keepingCapacity: true) }

  /// Notes the last item under a label.
  func note(_ label: String) {
    guard gui_item_is_visible() else { return }
    let shown = label.range(of: "##").map {
      $0.lowerBound == label.startIndex ? label[$0.upperBound...] : label[..<$0.lowerBound]
    }
    widgets.append((String(shown ?? label[...]), gui_item_rect()))
  }

  /// A length of a plain screen in pixels.
  func px(_ length: Float) -> Float { length * scale }

  var lineHeight: Float { gui_line_height() }
  var available: GUIPoint { gui_available() }
  var mouse: GUIPoint { gui_mouse() }

  func window(_ name: String, _ rect: GUIRect, isPlain: Bool = false, alpha: Float = 1, _ body: () -> Void) {
    if gui_begin_window(name, rect, isPlain, alpha) { body() }
    gui_end_window()
  }

  func child(_ name: String, height: Float, _ body: () -> Void) {
    if gui_begin_child(name, GuiVec2(0, height), false) { body() }
    gui_end_child()
  }

  func text(_ text: String, _ color: GUIColor = .text) { gui_text(text, color.packed) }
  func wrapped(_ text: String, _ color: GUIColor = .text) { gui_text_wrapped(text, color.packed) }
  func size(of text: String, wrap: Float = -1) -> GUIPoint { gui_text_size(text, wrap) }
  func sameLine(_ spacing: Float = -1) { gui_same_line(spacing) }
  func separator() { gui_separator() }
  func space() { gui_spacing() }

  /// Shows what the last item is about while the mouse is over it.
  func tip(_ text: String) { if gui_item_is_hovered() { gui_tooltip(text) } }

  func button(_ label: String, width: Float = 0) -> Bool {
    defer { note(label) }
    return gui_button(label, GuiVec2(width, 0))
  }

  func toggle(_ label: String, _ isOn: Bool, width: Float = 0) -> Bool {
    defer { note(label) }
    return gui_toggle_button(label, isOn, GuiVec2(width, 0))
  }

  /// A tick box; true where it was changed.
  func checkbox(_ label: String, _ value: inout Bool) -> Bool {
    defer { note(label) }
    return gui_checkbox(label, &value)
  }

  func selectable(_ label: String, _ isSelected: Bool) -> Bool {
    defer { note(label) }
    return gui_selectable(label, isSelected)
  }

  func slider(
    _ label: String, _ value: inout Double, _ range: ClosedRange<Double>, format: String = "%.3g",
    isLogarithmic: Bool = false, width: Float = -1
  ) -> Bool {
    defer { note(label) }
    var number = Float(value)
    gui_next_width(width)
    guard gui_slider(label, &number, Float(range.lowerBound), Float(range.upperBound), format, isLogarithmic) else {
      return false
    }
    value = Double(number)
    return true
  }

  func slider(_ label: String, _ value: inout Int, _ range: ClosedRange<Int>, width: Float = -1) -> Bool {
    defer { note(label) }
    var number = Int32(clamping: value)
    gui_next_width(width)
    guard gui_slider_int(label, &number, Int32(clamping: range.lowerBound), Int32(clamping: range.upperBound)) else {
      return false
    }
    value = Int(number)
    return true
  }

  /// A field of text; true where it was changed, or with `onEnter` where Enter was pressed in it.
  func field(_ label: String, hint: String, _ text: inout String, onEnter: Bool = false, width: Float = -1) -> Bool {
    defer { note(label) }
    var bytes = [CChar](text.utf8CString.prefix(255)) + [CChar](repeating: 0, count: 256)
    gui_next_width(width)
    let isDone = gui_input_text(label, hint, &bytes, 256, onEnter)
    text = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return isDone
  }

  /// A list to choose from, opened by a click.
  func combo(_ label: String, _ preview: String, width: Float = -1, _ body: () -> Void) {
    gui_next_width(width)
    let isOpen = gui_begin_combo(label, preview)
    note(label)
    if isOpen {
      body()
      gui_end_combo()
    }
  }

  /// A heading that opens and closes what is below it.
  func header(_ label: String, isOpen: Bool = true) -> Bool {
    defer { note(label) }
    return gui_header(label, isOpen)
  }

  func withID(_ id: Int, _ body: () -> Void) {
    gui_push_id(Int32(id))
    body()
    gui_pop_id()
  }

  func disabled(_ isDisabled: Bool, _ body: () -> Void) {
    if isDisabled { gui_set_enabled(false) }
    body()
    if isDisabled { gui_set_enabled(true) }
  }
}
