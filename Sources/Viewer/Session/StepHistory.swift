import LinearAlgebra

/// States before the last steps and what was done in them, for going back: bounded in number and memory.
struct StepHistory {
  /// The state before a step.
  struct Entry {
    var step: Int
    /// States of all worlds, the driver first.
    var states: [StateArchive]
    /// The pull in the step, and how many bodies had been shot.
    var drag: Drag?
    var shotCount: Int
    /// Number of the solver and settings that the step was done with.
    var era: Int
    var byteCount: Int
  }

  private static let memory = 128 << 20
  private static let length = 1200
  private var entries: [Entry] = []
  private var byteCount = 0

  /// First step whose state is kept.
  var first: Int? { entries.first?.step }
  /// Number of steps whose states are kept.
  var count: Int { entries.count }

  /// The state before a step.
  func entry(before step: Int) -> Entry? {
    guard let first = entries.first?.step, step >= first, step - first < entries.count else { return nil }
    return entries[step - first]
  }

  /// Keeps the state before a step; later ones go, since the run takes another way from here.
  mutating func append(_ step: Int, _ states: [StateArchive], drag: Drag?, shotCount: Int, era: Int) {
    cut(from: step)
    if let last = entries.last, last.step != step - 1 { removeAll() }
    let bytes = states.reduce(0) { $0 + $1.sections.reduce(0) { $0 + 8 * $1.words.count } }
    entries.append(Entry(step: step, states: states, drag: drag, shotCount: shotCount, era: era, byteCount: bytes))
    byteCount += bytes
    // Old states go in bulk: moving the array for each would cost more than keeping it.
    guard entries.count > Self.length || byteCount > Self.memory else { return }
    let excess = max(1, entries.count / 8)
    byteCount -= entries.prefix(excess).reduce(0) { $0 + $1.byteCount }
    entries.removeFirst(excess)
  }

  /// Forgets the states before `step` and later ones.
  mutating func cut(from step: Int) {
    while let last = entries.last, last.step >= step {
      byteCount -= last.byteCount
      entries.removeLast()
    }
  }

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    byteCount = 0
  }
}
