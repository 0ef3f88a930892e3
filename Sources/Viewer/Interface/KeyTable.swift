import CGLFW

/// A key, or several that do the same.
package struct KeyBinding {
  /// As the help and the documentation name it.
  package let keys: String
  /// What it does.
  package let summary: String
  /// Keys as GLFW numbers them; none for the mouse, which `Hand` reads.
  let codes: [Int]
  let needsControl: Bool
  let action: (ViewerModel, _ code: Int, _ isShifted: Bool) -> Void

  init(
    _ keys: String, _ summary: String, _ codes: [Int32] = [], needsControl: Bool = false,
    _ action: @escaping (ViewerModel, Int, Bool) -> Void = { _, _, _ in }
  ) {
    self.keys = keys
    self.summary = summary
    self.codes = codes.map(Int.init)
    self.needsControl = needsControl
    self.action = action
  }
}

/// The one table of keys: for the handler, the help window and the documentation.
package enum KeyTable {
  package static let all: [KeyBinding] = [
    KeyBinding("Space, P", "pause", [GLFW_KEY_SPACE, GLFW_KEY_P]) { model, _, _ in model.togglePause() },
    KeyBinding(". ,", "step forward, back (Shift: ten)", [GLFW_KEY_PERIOD, GLFW_KEY_COMMA]) { model, code, isShifted in
      model.move(by: (code == Int(GLFW_KEY_PERIOD) ? 1 : -1) * (isShifted ? 10 : 1))
    },
    KeyBinding("R", "restart", [GLFW_KEY_R]) { model, _, _ in model.restart() },
    KeyBinding("[ ]", "previous, next scene", [GLFW_KEY_LEFT_BRACKET, GLFW_KEY_RIGHT_BRACKET]) { model, code, _ in
      model.nextScene(code == Int(GLFW_KEY_LEFT_BRACKET) ? -1 : 1)
    },
    KeyBinding("- =", "previous, next solver", [GLFW_KEY_MINUS, GLFW_KEY_EQUAL]) { model, code, _ in
      model.nextSolver(code == Int(GLFW_KEY_MINUS) ? -1 : 1)
    },
    KeyBinding("Tab", "panels on, off", [GLFW_KEY_TAB]) { model, _, _ in model.hasSidebars.toggle() },
    KeyBinding("F", "frame the scene or the selected body", [GLFW_KEY_F]) { model, _, _ in model.frameAll() },
    KeyBinding("1 … 9", "draw layers", Array(GLFW_KEY_1...GLFW_KEY_9)) { model, code, _ in
      model.toggle(Layer.allCases[code - Int(GLFW_KEY_1)])
    },
    KeyBinding(
      "C N J A I", "contacts, normals, joints, AABBs, islands",
      [GLFW_KEY_C, GLFW_KEY_N, GLFW_KEY_J, GLFW_KEY_A, GLFW_KEY_I]
    ) { model, code, _ in
      let layers: [Int32: Layer] = [
        GLFW_KEY_C: .contacts, GLFW_KEY_N: .normals, GLFW_KEY_J: .joints, GLFW_KEY_A: .boxes, GLFW_KEY_I: .islands,
      ]
      if let layer = layers[Int32(code)] { model.toggle(layer) }
    },
    KeyBinding("Ctrl+O", "scene search", [GLFW_KEY_O], needsControl: true) { model, _, _ in
      model.isSearchOpen.toggle()
      model.searchText = ""
    },
    KeyBinding("Ctrl+P", "screenshot", [GLFW_KEY_P], needsControl: true) { model, _, _ in
      model.wantsScreenshot = true
    },
    KeyBinding("F1, ?", "help", [GLFW_KEY_F1, GLFW_KEY_SLASH]) { model, code, isShifted in
      if code == Int(GLFW_KEY_F1) || isShifted { model.isHelpOpen.toggle() }
    },
    KeyBinding("Esc", "cancel, deselect", [GLFW_KEY_ESCAPE]) { model, _, _ in model.cancel() },
    KeyBinding("Ctrl+Q", "quit", [GLFW_KEY_Q], needsControl: true) { model, _, _ in model.wantsToQuit = true },
    KeyBinding("Left click, drag", "select a body, pull it"),
    KeyBinding("Shift+left click", "shoot a box"),
    KeyBinding("Right drag", "orbit"),
    KeyBinding("Middle drag", "pan"),
    KeyBinding("Wheel", "zoom"),
    KeyBinding("W A S D Q E", "fly, while the right button is held"),
  ]

  /// Does what a key does, if it does anything.
  static func handle(_ key: Int, isControl: Bool, isShift: Bool, _ model: ViewerModel) {
    guard let binding = all.first(where: { $0.codes.contains(key) && $0.needsControl == isControl }) else { return }
    binding.action(model, key, isShift)
  }

  /// The number of a key by its name in scripts: "Space", "Ctrl+O" without the modifier, "F1", "a", "[".
  static func code(_ name: String) -> Int? {
    let named: [String: Int32] = [
      "Space": GLFW_KEY_SPACE, "Tab": GLFW_KEY_TAB, "Esc": GLFW_KEY_ESCAPE, "Enter": GLFW_KEY_ENTER,
      "Backspace": GLFW_KEY_BACKSPACE, "Delete": GLFW_KEY_DELETE, "Left": GLFW_KEY_LEFT, "Right": GLFW_KEY_RIGHT,
      "Up": GLFW_KEY_UP, "Down": GLFW_KEY_DOWN, "Home": GLFW_KEY_HOME, "End": GLFW_KEY_END, "F1": GLFW_KEY_F1,
      "?": GLFW_KEY_SLASH,
    ]
    if let code = named[name] { return Int(code) }
    guard name.count == 1, let byte = name.uppercased().utf8.first, (33...93).contains(byte) else { return nil }
    return Int(byte)
  }

  /// The keys that fields of text need, in the order of Dear ImGui 1.86.
  static let textKeys: [Int32] = [
    GLFW_KEY_TAB, GLFW_KEY_LEFT, GLFW_KEY_RIGHT, GLFW_KEY_UP, GLFW_KEY_DOWN, GLFW_KEY_PAGE_UP, GLFW_KEY_PAGE_DOWN,
    GLFW_KEY_HOME, GLFW_KEY_END, GLFW_KEY_INSERT, GLFW_KEY_DELETE, GLFW_KEY_BACKSPACE, GLFW_KEY_SPACE, GLFW_KEY_ENTER,
    GLFW_KEY_ESCAPE, GLFW_KEY_KP_ENTER, GLFW_KEY_A, GLFW_KEY_C, GLFW_KEY_V, GLFW_KEY_X, GLFW_KEY_Y, GLFW_KEY_Z,
  ]
}
