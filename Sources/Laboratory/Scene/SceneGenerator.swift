import Solvers

/// Entries that stand for many: the lists of bodies, joints, forces and oracles.
///
///     { "for": { "j": "base", "i": "base - j" }, "let": { "x": "i + 0.5 * j" }, "if": "i != 3", "name": "box{j}-{i}", … }
///
/// `for` gives variables, the first one outermost; each runs over 0 ..< n, or over [first, last] with both ends. Then
/// `let` gives local numbers, each may use those before it. Then an `if` that is false leaves the entry out. An entry
/// with `each` stands for the entries of that list, which may be generators in turn.
struct SceneGenerator {
  static let keys = [
    SceneKey(
      "for", .map(.any([.number, .numbers(count: 2)])), "loop variables, outermost first: a count, or [first, last]"),
    SceneKey("let", .map(.number), "local numbers, each may use those before it"),
    SceneKey("if", .flag, "leaves the entry out where it is false"),
  ]
  /// The keys of an entry that stands for others.
  static func groupKeys(_ section: SceneSection) -> [SceneKey] {
    let entries = SceneKey.Kind.any([.object(section.entry), .object(section.entry + "Group")])
    return keys + [SceneKey("each", .list(entries), "the entries that this one stands for", required: true)]
  }

  let section: SceneSection
  let context: SceneContext

  /// Calls `visit` for every entry that the list stands for. They are counted first, before any is visited.
  func forEach(in list: SceneNode, _ visit: (SceneNode) throws -> Void) throws {
    let random = context.scope.random
    var count = context.budget.entries[section] ?? 0
    let passes = context.budget.passes
    try expand(list) { node in
      count += 1
      guard count <= SceneBudget.maximumEntries else {
        throw node.error("more than \(SceneBudget.maximumEntries) \(section.rawValue)")
      }
    }
    context.budget.passes = passes
    context.scope.random = random
    try expand(list) { node in
      context.budget.entries[section, default: 0] += 1
      // Only a condition on random() can make the second count differ from the first.
      guard context.budget.entries[section]! <= SceneBudget.maximumEntries else {
        throw node.error("more than \(SceneBudget.maximumEntries) \(section.rawValue)")
      }
      try visit(node)
    }
  }

  private func expand(_ list: SceneNode, _ visit: (SceneNode) throws -> Void) throws {
    for entry in try list.items(of: "a list of \(section.rawValue)") {
      let depth = context.scope.locals.count
      try loop(entry, over: try entry["for"]?.fields() ?? [], from: 0, visit)
      context.scope.removeLocals(from: depth)
    }
  }

  /// The loop over variable number `index` and those inside of it.
  private func loop(
    _ entry: SceneNode, over variables: [(key: String, node: SceneNode)], from index: Int,
    _ visit: (SceneNode) throws -> Void
  ) throws {
    guard index < variables.count else { return try pass(entry, visit) }
    let scope = context.scope
    let (name, node) = variables[index]
    let range = try range(node)
    if range.count > SceneBudget.maximumPasses { throw tooManyPasses(node) }
    if range.isEmpty { return }
    try checkName(name, node)
    let depth = scope.locals.count
    scope.pushLocal(name, Double(range.lowerBound))
    for value in range {
      context.budget.passes += 1
      if context.budget.passes > SceneBudget.maximumPasses { throw tooManyPasses(node) }
      scope.setLocal(at: depth, Double(value))
      try loop(entry, over: variables, from: index + 1, visit)
    }
    scope.removeLocals(from: depth)
  }

  /// One pass: local numbers, condition, the entry itself or its entries.
  private func pass(_ entry: SceneNode, _ visit: (SceneNode) throws -> Void) throws {
    let scope = context.scope
    let depth = scope.locals.count
    for (name, node) in try entry["let"]?.fields() ?? [] {
      try checkName(name, node)
      scope.pushLocal(name, try node.number())
    }
    if try entry["if"]?.flag() ?? true {
      if let each = entry["each"] {
        try entry.check(Self.groupKeys(section))
        try expand(each, visit)
      } else {
        try visit(entry)
      }
    }
    scope.removeLocals(from: depth)
  }

  private func checkName(_ name: String, _ node: SceneNode) throws {
    if let objection = context.scope.objection(toNaming: name) { throw node.error(objection) }
  }

  private func range(_ node: SceneNode) throws -> Range<Int> {
    let bound = 1_000_000_000
    guard case .list = node.value else { return 0..<(try node.integer(in: 0...bound)) }
    let ends = try node.items(count: 2, of: "a count, or a pair [first, last]")
    let first = try ends[0].integer(in: -bound...bound)
    let last = try ends[1].integer(in: -bound...bound)
    // An empty loop may say so by last = first − 1; anything below is empty as well.
    return first..<max(first, last + 1)
  }

  private func tooManyPasses(_ node: SceneNode) -> InputError {
    node.error("more than \(SceneBudget.maximumPasses) passes through loops")
  }
}
