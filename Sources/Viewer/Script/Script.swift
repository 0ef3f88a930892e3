import Foundation
import Laboratory

/// What a person does, as a text: a line an action, played frame by frame.
///
///     wait 30                  frames in which nothing is done
///     at 60                    waits for a frame
///     key Ctrl+O               presses a key
///     hold W / lift W          holds a key down, lets go of it
///     type stack               types a text
///     move 640 360             moves the mouse to a pixel, or onto a body: move box3
///     press left / release left
///     click Pause              clicks a widget by its label, in quotes where it has spaces
///     hover matrix 0.5 0.5     moves the mouse onto a widget, to a share of its width and height
///     slide massRatio 0.8      drags a slider to a share of its width
///     drag box3 120 -40 30     takes a body, moves by pixels in a number of frames and keeps holding it
///     wheel 1                  turns the wheel
///     expect step >= 30        fails where a value is another (see `ScriptValues`)
///     remember step            keeps a value: $step in a later expect
///     screenshot FILE.png      writes the frame
///
/// Empty lines and what follows # are left out.
struct Script {
  /// An action and the line that it stands in.
  struct Line {
    var number: Int
    var words: [String]
  }

  let path: String
  private(set) var lines: [Line] = []

  /// Numbers of words that an action takes, itself included.
  private static let sizes: [String: ClosedRange<Int>] = [
    "wait": 2...2, "at": 2...2, "key": 2...2, "hold": 2...2, "lift": 2...2, "type": 2...2, "move": 2...3,
    "press": 2...2, "release": 2...2, "click": 2...2, "hover": 2...4, "slide": 3...3, "drag": 4...5, "wheel": 2...2,
    "expect": 4...4, "remember": 2...2, "screenshot": 2...2,
  ]

  /// Reads a script. Throws `InputError`: `missing`, or `data` with the line.
  init(readingFileAt path: String) throws {
    self.path = path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputError(.missing, file: path, "there is no such file")
    }
    let text = String(decoding: data, as: UTF8.self)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = try Self.words(line, path, index + 1)
      guard let name = words.first else { continue }
      guard let size = Self.sizes[name] else {
        throw InputError(
          .data, file: path, place: "line \(index + 1)",
          "there is no action \"\(name)\", expected \(Self.sizes.keys.sorted().joined(separator: ", "))")
      }
      guard size.contains(words.count) else {
        throw InputError(
          .data, file: path, place: "line \(index + 1)", "\"\(name)\" takes \(size.upperBound - 1) words after it")
      }
      lines.append(Line(number: index + 1, words: words))
    }
  }

  /// Words, with those in quotes kept together.
  private static func words(_ line: Substring, _ path: String, _ number: Int) throws -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
        word = word ?? ""
      } else if character == "#" && !isQuoted && word == nil {
        break
      } else if character.isWhitespace && !isQuoted {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard !isQuoted else {
      throw InputError(.data, file: path, place: "line \(number)", "a quote is not closed")
    }
    if let word { words.append(word) }
    return words
  }
}

/// A script that found something else than it expected, or could not do what it says.
public struct ScriptFailure: Error, CustomStringConvertible {
  /// File, line and what was found.
  public let description: String
}
