import Foundation

/// The text of an SVG, changed so that it fits where it goes.
struct SVGText {
  private let text: String

  init(_ text: String) { self.text = text }

  /// gnuplot names its plots by numbers, which browsers show below the mouse: the names of what is plotted instead.
  func named(_ names: [String]) -> String {
    var number = 0
    return Self.replacing(#"<g id="gnuplot_plot_\d+"\s*>\s*<title>[^<]*</title>"#, in: text) { _ in
      number += 1
      let name = number <= names.count ? names[number - 1] : ""
      return "<g id=\"plot_\(number)\">" + (name.isEmpty ? "" : "<title>\(Self.escaped(name))</title>")
    }
  }

  /// The element alone, for a page with others: ids that begin with `prefix`, colours as custom properties with
  /// fallbacks, the page's fonts, and neither a ground nor anything that is not seen.
  func inlined(prefix: String, label: String) -> String {
    guard let start = text.range(of: "<svg") else { return "" }
    var result = String(text[start.lowerBound...])
    for (pattern, replacement) in Self.leftOut { result = Self.replacing(pattern, in: result) { _ in replacement } }
    result = Self.replacing(#"( id=|href=|url\()(["']?#?)([A-Za-z_][A-Za-z0-9_-]*)"#, in: result) { groups in
      // Only what points into the picture, or names a part of it.
      groups[1] == " id=" || groups[2].hasSuffix("#") ? groups[1] + groups[2] + prefix + "-" + groups[3] : groups[0]
    }
    result = Self.replacing(#"rgb\(\s*(\d+),\s*(\d+),\s*(\d+)\)|#[0-9a-f]{6}"#, in: result) { groups in
      let numbers = groups[1...].compactMap { Int($0) }
      let value = numbers.count == 3 ? String(format: "#%02x%02x%02x", numbers[0], numbers[1], numbers[2]) : groups[0]
      return Self.properties[value] ?? value
    }
    result = Self.replacing(#"(fill|stroke|color)="black""#, in: result) { groups in
      "\(groups[1])=\"\(FigureColor.ink.css)\""
    }
    return Self.replacing("^<svg", in: result) { _ in
      "<svg class=\"plot\" role=\"img\" aria-label=\"\(Self.escaped(label))\""
    }
  }

  /// Text of an element or an attribute.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }

  private static let properties = Dictionary(uniqueKeysWithValues: FigureColor.all.map { ($0.light, $0.css) })

  private static let leftOut: [(String, String)] = [
    (#"<title>Gnuplot</title>\s*<desc>[^<]*</desc>\s*"#, ""),
    (#"<filter[\s\S]*?</filter>\s*"#, ""),
    (#"<rect [^>]*fill="none"/>\s*"#, ""),
    (#"\s*xmlns:xlink="[^"]*""#, ""),
    ("xlink:href", "href"),
    (#" font-family="[^"]*""#, ""),
    // gnuplot opens a group for every change of pen, drawn with or not.
    (#"<g [^>]*>\s*</g>\s*"#, ""),
    (#"[ \t]*\n\s*"#, "\n"),
  ]

  /// Replaces every match; the groups of a match are handed over, the whole first, those that did not take part empty.
  static func replacing(_ pattern: String, in text: String, _ body: ([String]) -> String) -> String {
    guard let expression = try? NSRegularExpression(pattern: pattern) else {
      preconditionFailure("the pattern \(pattern) is no regular expression")
    }
    let source = text as NSString
    var result = ""
    var end = 0
    for match in expression.matches(in: text, range: NSRange(location: 0, length: source.length)) {
      result += source.substring(with: NSRange(location: end, length: match.range.location - end))
      result += body(
        (0..<match.numberOfRanges).map { group in
          let range = match.range(at: group)
          return range.location == NSNotFound ? "" : source.substring(with: range)
        })
      end = match.range.location + match.range.length
    }
    return result + source.substring(from: end)
  }
}
