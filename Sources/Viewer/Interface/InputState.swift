import CGLFW

/// What hands do between two frames, from a window or from a script: the same for both.
struct InputState {
  /// A key that went down or up, with modifiers as in GLFW.
  struct KeyEvent {
    var key: Int
    var isDown: Bool
    var modifiers: Int
  }

  /// Place of the mouse in pixels, y from the top.
  var mouse = SIMD2<Float>(-1, -1)
  /// Left, right, middle.
  var buttons = [false, false, false]
  /// Buttons that went down and up since the last frame: none is lost, however short.
  var pressed = [false, false, false]
  var released = [false, false, false]
  var wheel: Float = 0
  var keys: [KeyEvent] = []
  var characters: [UInt32] = []
  /// Keys that are down.
  var held: Set<Int> = []
  var modifiers = 0

  var isControl: Bool { modifiers & Int(GLFW_MOD_CONTROL) != 0 }
  var isShift: Bool { modifiers & Int(GLFW_MOD_SHIFT) != 0 }

  mutating func key(_ key: Int, isDown: Bool, modifiers: Int) {
    keys.append(KeyEvent(key: key, isDown: isDown, modifiers: modifiers))
    if isDown { held.insert(key) } else { held.remove(key) }
    var modifiers = modifiers
    // GLFW tells the modifiers before the key itself counts.
    let own: [Int: Int32] = [
      Int(GLFW_KEY_LEFT_CONTROL): GLFW_MOD_CONTROL, Int(GLFW_KEY_RIGHT_CONTROL): GLFW_MOD_CONTROL,
      Int(GLFW_KEY_LEFT_SHIFT): GLFW_MOD_SHIFT, Int(GLFW_KEY_RIGHT_SHIFT): GLFW_MOD_SHIFT,
    ]
    if let bit = own[key] { modifiers = isDown ? modifiers | Int(bit) : modifiers & ~Int(bit) }
    self.modifiers = modifiers
  }

  mutating func button(_ button: Int, isDown: Bool) {
    buttons[button] = isDown
    if isDown { pressed[button] = true } else { released[button] = true }
  }

  /// Whether nothing happens and nothing is held.
  var isQuiet: Bool {
    keys.isEmpty && characters.isEmpty && held.isEmpty && wheel == 0 && !buttons.contains(true)
      && !pressed.contains(true) && !released.contains(true)
  }

  /// Takes over what `other` collected and leaves it ready for more.
  mutating func take(_ other: inout InputState) {
    self = other
    other.endFrame()
  }

  /// What lasts stays, what happened goes.
  mutating func endFrame() {
    pressed = [false, false, false]
    released = [false, false, false]
    wheel = 0
    keys = []
    characters = []
  }
}
