import CGLFW
import CImGui
import LinearAlgebra

/// Turns mouse and keys into what the model does, where the interface does not take them.
final class Hand {
  private var last = SIMD2<Float>(0, 0)
  /// Buttons that went down on the stage.
  private var owned = [false, false, false]

  /// One frame of `duration` (s).
  func handle(_ input: InputState, _ model: ViewerModel, duration: Double) {
    let mouse = input.mouse
    let isOnStage = !gui_wants_mouse()
    let height = Double(max(model.viewport.height, 1))
    let (dx, dy) = (Double(mouse.x - last.x), Double(mouse.y - last.y))
    last = mouse

    for button in 0..<3 where input.pressed[button] { owned[button] = isOnStage }
    if input.pressed[0] && owned[0] {
      if input.isShift { model.shoot(at: mouse) } else { model.press(at: mouse) }
    }
    if model.isDragging { model.drag(to: mouse) }
    if input.released[0] || !input.buttons[0] { model.release() }
    if (owned[1] && input.buttons[1]) || (owned[2] && input.buttons[2]) || (input.wheel != 0 && isOnStage) {
      model.isCameraUntouched = false
    }
    if owned[1] && input.buttons[1] {
      if input.held.isDisjoint(with: Self.flightKeys) {
        model.camera.orbit(-4 * dx / height, 4 * dy / height)
      } else {
        model.camera.look(-2 * dx / height, 2 * dy / height)
      }
      fly(input, model, duration)
    }
    if owned[2] && input.buttons[2] { model.camera.pan(dx / height, dy / height) }
    for button in 0..<3 where !input.buttons[button] { owned[button] = false }
    if input.wheel != 0 && isOnStage { model.camera.zoom(input.wheel > 0 ? 0.88 : 1 / 0.88) }

    let isFlying = owned[1]
    for event in input.keys where event.isDown {
      // While a field is typed in only Esc is for the viewer.
      if gui_wants_text() && event.key != Int(GLFW_KEY_ESCAPE) { continue }
      if isFlying && Self.flightKeys.contains(event.key) { continue }
      KeyTable.handle(
        event.key, isControl: event.modifiers & Int(GLFW_MOD_CONTROL) != 0,
        isShift: event.modifiers & Int(GLFW_MOD_SHIFT) != 0, model)
    }
  }

  private static let flightKeys: Set<Int> = Set(
    [GLFW_KEY_W, GLFW_KEY_A, GLFW_KEY_S, GLFW_KEY_D, GLFW_KEY_Q, GLFW_KEY_E].map { Int($0) })

  private func fly(_ input: InputState, _ model: ViewerModel, _ duration: Double) {
    func axis(_ plus: Int32, _ minus: Int32) -> Double {
      (input.held.contains(Int(plus)) ? 1 : 0) - (input.held.contains(Int(minus)) ? 1 : 0)
    }
    let move = Vector3(
      axis(GLFW_KEY_D, GLFW_KEY_A), axis(GLFW_KEY_E, GLFW_KEY_Q), axis(GLFW_KEY_W, GLFW_KEY_S))
    guard move != .zero else { return }
    model.camera.fly(duration * max(model.sceneRadius, 0.5) * (input.isShift ? 3 : 1) * move)
  }
}
