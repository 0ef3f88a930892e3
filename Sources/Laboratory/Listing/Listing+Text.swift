extension Listing {
  /// The listing for people: a heading a topic, an entry a line, and below it what the entry takes.
  public var text: String {
    topics.map { topic, entries in
      var lines = [Self.title(of: topic) + " (\(entries.count))"]
      let width = entries.map(\.name.count).max() ?? 0
      var category: String?
      for entry in entries {
        if let group = entry.category, group != category {
          lines.append("  \(group)")
          category = group
        }
        let indent = category == nil ? "  " : "    "
        let margin = indent + String(repeating: " ", count: width + 2)
        let padding = String(repeating: " ", count: width - entry.name.count + 2)
        lines += Self.wrap(entry.summary, first: indent + entry.name + padding, rest: margin)
        for detail in Self.details(of: entry) { lines += Self.wrap(detail, first: margin, rest: margin + "  ") }
      }
      return lines.joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private static func title(of topic: Topic) -> String {
    switch topic {
    case .scenes: "Scenes"
    case .solvers: "Solvers"
    case .guesses: "Guesses"
    case .preconditioners: "Preconditioners"
    case .linearSolvers: "Linear solvers"
    case .joints: "Joints"
    case .shapes: "Shapes"
    }
  }

  private static func details(of entry: Entry) -> [String] {
    var details: [String] = []
    if let laws = entry.laws, let sets = entry.sets {
      details.append(
        "laws \(laws.joined(separator: ", ")); sets \(sets.joined(separator: ", "))"
          + (entry.approximate == true ? "; approximate" : ""))
    }
    if let slots = entry.slots, !slots.isEmpty { details.append("slots \(slots.joined(separator: ", "))") }
    if let reference = entry.reference, !reference.isEmpty { details.append(reference) }
    for parameter in entry.parameters ?? [] {
      details.append("\(parameter.name) = \(Quantity.digits(parameter.default)): \(parameter.summary)")
    }
    for property in entry.properties ?? [] {
      details.append("\(property.name)\(property.isRequired ? "" : "?") (\(property.kind)): \(property.summary)")
    }
    return details
  }

  /// Breaks a text at spaces so that no line exceeds 100 characters.
  static func wrap(_ text: String, first: String, rest: String, width: Int = 100) -> [String] {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty && line.count + 1 + word.count > width {
        lines.append(line)
        line = rest
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }
}
