import CGLFW
import Foundation
import Laboratory

/// Plays a script: turns its lines into the mouse and keys of frames.
final class ScriptPlayer {
  private let script: Script
  private var next = 0
  private var frame = 0
  /// Frames to be let pass.
  private var waiting = 0
  /// What is left to do of a line that takes several frames.
  private var queue: [(inout InputState) -> Void] = []
  private var remembered: [String: String] = [:]
  /// Pictures to be written when the frame is drawn.
  private var screenshots: [String] = []

  init(_ script: Script) { self.script = script }

  /// Whether all is done.
  var isDone: Bool { next >= script.lines.count && queue.isEmpty && waiting == 0 && screenshots.isEmpty }

  /// What happens in this frame. Throws `ScriptFailure` and `InputError`.
  func act(_ application: ViewerApplication, _ input: inout InputState) throws {
    defer { frame += 1 }
    if !queue.isEmpty {
      queue.removeFirst()(&input)
      return
    }
    if waiting > 0 {
      waiting -= 1
      return
    }
    // Lines that need no frame of their own are done together.
    while next < script.lines.count, queue.isEmpty, waiting == 0, screenshots.isEmpty {
      let line = script.lines[next]
      if line.words[0] == "at", frame < (Int(line.words[1]) ?? 0) { return }
      next += 1
      try begin(line, application, input)
      if !queue.isEmpty {
        queue.removeFirst()(&input)
        return
      }
    }
  }

  /// After a frame was drawn. Throws `InputError` where a picture cannot be written.
  func finishFrame(_ application: ViewerApplication) throws {
    for path in screenshots { try application.picture.write(to: path) }
    screenshots = []
  }

  private func fail(_ line: Script.Line, _ message: String) -> ScriptFailure {
    ScriptFailure(description: "\(script.path): line \(line.number): \(message)")
  }

  private func number(_ line: Script.Line, _ index: Int) throws -> Float {
    guard let value = Float(line.words[index]), value.isFinite else {
      throw fail(line, "expected a number, found \"\(line.words[index])\"")
    }
    return value
  }

  private func begin(_ line: Script.Line, _ application: ViewerApplication, _ input: InputState) throws {
    let model = application.scriptModel
    let words = line.words
    switch words[0] {
    case "wait": waiting = max(0, Int(try number(line, 1)))
    case "at": break
    case "key":
      let (code, modifiers) = try key(line)
      let held = Self.modifierKeys(modifiers)
      queue = [
        { input in
          for key in held { input.key(key, isDown: true, modifiers: 0) }
          input.key(code, isDown: true, modifiers: modifiers)
        },
        { input in
          input.key(code, isDown: false, modifiers: modifiers)
          for key in held { input.key(key, isDown: false, modifiers: 0) }
        },
      ]
    case "hold", "lift":
      let isDown = words[0] == "hold"
      let modifier = ["Shift": GLFW_KEY_LEFT_SHIFT, "Ctrl": GLFW_KEY_LEFT_CONTROL][words[1]].map { Int($0) }
      let code = try modifier ?? key(line).code
      queue = [{ $0.key(code, isDown: isDown, modifiers: $0.modifiers) }]
    case "type":
      let text = Array(words[1].unicodeScalars.map(\.value))
      queue = text.map { character in { $0.characters.append(character) } }
    case "move":
      let place = try place(line, application)
      queue = [{ $0.mouse = place }]
    case "press", "release":
      guard let button = ["left", "right", "middle"].firstIndex(of: words[1]) else {
        throw fail(line, "expected left, right or middle, found \"\(words[1])\"")
      }
      let isDown = words[0] == "press"
      queue = [{ $0.button(button, isDown: isDown) }]
    case "click": queue = Self.click(at: try widget(line, application, 0.5, 0.5)) + [{ _ in }]
    case "hover":
      let place = try widget(
        line, application, words.count > 2 ? number(line, 2) : 0.5, words.count > 3 ? number(line, 3) : 0.5)
      queue = [{ $0.mouse = place }, { _ in }]
    case "slide":
      let to = try widget(line, application, number(line, 2), 0.5)
      queue = [
        { $0.mouse = to }, { $0.button(0, isDown: true) }, { _ in }, { $0.button(0, isDown: false) }, { _ in },
      ]
    case "drag":
      let body = try body(line, words[1], model)
      guard let start = model.pixel(of: model.frame.worlds[0].poses[body].position) else {
        throw fail(line, "\"\(words[1])\" is behind the eye")
      }
      let offset = SIMD2(try number(line, 2), try number(line, 3))
      let frames = words.count > 4 ? max(1, Int(try number(line, 4))) : 20
      queue = [{ $0.mouse = start }, { $0.button(0, isDown: true) }]
      for step in 1...frames {
        let place = start + Float(step) / Float(frames) * offset
        queue.append { $0.mouse = place }
      }
    case "wheel":
      let turn = try number(line, 1)
      queue = [{ $0.wheel += turn }]
    case "expect": try expect(line, application)
    case "remember": remembered[words[1]] = try value(line, words[1], application)
    case "screenshot": screenshots.append(words[1])
    default: preconditionFailure("the script was checked when it was read")
    }
  }

  private static func click(at place: SIMD2<Float>) -> [(inout InputState) -> Void] {
    [{ $0.mouse = place }, { $0.button(0, isDown: true) }, { $0.button(0, isDown: false) }]
  }

  private func key(_ line: Script.Line) throws -> (code: Int, modifiers: Int) {
    var name = line.words[1]
    var modifiers = 0
    for (prefix, bit) in [("Ctrl+", GLFW_MOD_CONTROL), ("Shift+", GLFW_MOD_SHIFT)] where name.hasPrefix(prefix) {
      name.removeFirst(prefix.count)
      modifiers |= Int(bit)
    }
    if name == "?" { modifiers |= Int(GLFW_MOD_SHIFT) }
    guard let code = KeyTable.code(name) else { throw fail(line, "there is no key \"\(line.words[1])\"") }
    return (code, modifiers)
  }

  private static func modifierKeys(_ modifiers: Int) -> [Int] {
    (modifiers & Int(GLFW_MOD_CONTROL) != 0 ? [Int(GLFW_KEY_LEFT_CONTROL)] : [])
      + (modifiers & Int(GLFW_MOD_SHIFT) != 0 ? [Int(GLFW_KEY_LEFT_SHIFT)] : [])
  }

  private func body(_ line: Script.Line, _ name: String, _ model: ViewerModel) throws -> Int {
    guard let body = model.frame.cast.names.firstIndex(of: name) else {
      throw fail(line, "the scene has no body \"\(name)\"")
    }
    return body
  }

  private func place(_ line: Script.Line, _ application: ViewerApplication) throws -> SIMD2<Float> {
    if line.words.count == 3 { return SIMD2(try number(line, 1), try number(line, 2)) }
    let model = application.scriptModel
    let body = try body(line, line.words[1], model)
    guard let pixel = model.pixel(of: model.frame.worlds[0].poses[body].position) else {
      throw fail(line, "\"\(line.words[1])\" is behind the eye")
    }
    return pixel
  }

  private func widget(
    _ line: Script.Line, _ application: ViewerApplication, _ x: Float, _ y: Float
  ) throws -> SIMD2<Float> {
    let widgets = application.scriptGUI.widgets
    guard let rect = widgets.first(where: { $0.label == line.words[1] })?.rect else {
      throw fail(
        line, "there is no widget \"\(line.words[1])\"; there are \(widgets.map(\.label).joined(separator: ", "))")
    }
    return SIMD2(rect.low.x + x * rect.width, rect.low.y + y * rect.height)
  }

  // MARK: Expectations

  private func value(_ line: Script.Line, _ name: String, _ application: ViewerApplication) throws -> String {
    guard let value = ScriptValues.value(name, application) else { throw fail(line, "there is no value \"\(name)\"") }
    return value
  }

  private func expect(_ line: Script.Line, _ application: ViewerApplication) throws {
    let found = try value(line, line.words[1], application)
    var expected = line.words[3]
    if expected.hasPrefix("$") {
      guard let kept = remembered[String(expected.dropFirst())] else {
        throw fail(line, "\(expected) was not remembered")
      }
      expected = kept
    }
    let holds: Bool
    switch (line.words[2], Double(found), Double(expected)) {
    case ("=", let a?, let b?): holds = a == b
    case ("=", _, _): holds = found == expected
    case ("!=", let a?, let b?): holds = a != b
    case ("!=", _, _): holds = found != expected
    case ("<", let a?, let b?): holds = a < b
    case ("<=", let a?, let b?): holds = a <= b
    case (">", let a?, let b?): holds = a > b
    case (">=", let a?, let b?): holds = a >= b
    case ("contains", _, _): holds = found.contains(expected)
    default: throw fail(line, "cannot compare \"\(found)\" \(line.words[2]) \"\(expected)\"")
    }
    guard holds else {
      throw fail(line, "expected \(line.words[1]) \(line.words[2]) \(expected), found \(found)")
    }
  }
}
