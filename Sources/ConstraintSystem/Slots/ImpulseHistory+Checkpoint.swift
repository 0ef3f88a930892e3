import LinearAlgebra

// The impulses of the last two steps as sections of a checkpoint.
extension ImpulseHistory {
  /// Adds the history to a checkpoint, its sections' names after `name`.
  public func save(to archive: inout StateArchive, as name: String = "impulse") {
    archive.add("\(name) depth", words: [UInt64(depth)])
    save(latest, as: "last \(name)s", to: &archive, if: depth > 0)
    save(previous, as: "\(name)s before", to: &archive, if: depth > 1)
  }

  private func save(_ frame: Frame, as name: String, to archive: inout StateArchive, if isKept: Bool) {
    guard isKept else { return }
    archive.add("\(name): step", numbers: [frame.timestep])
    archive.add("\(name): keys", frame.keys)
    archive.add("\(name): rows", frame.rows)
    archive.add(name, frame.lambda)
  }

  /// Reads the history of a checkpoint. Throws `StateArchiveError`.
  public func restore(_ archive: StateArchive, as name: String = "impulse") throws {
    let depth = try archive.words("\(name) depth", count: 1)[0]
    guard depth <= 2 else { throw StateArchiveError("\(name) depth", "is \(depth), expected 0, 1 or 2") }
    removeAll()
    if depth > 0 { try restore(&latest, as: "last \(name)s", from: archive) }
    if depth > 1 { try restore(&previous, as: "\(name)s before", from: archive) }
    self.depth = Int(depth)
  }

  private func restore(_ frame: inout Frame, as name: String, from archive: StateArchive) throws {
    frame.timestep = try archive.numbers("\(name): step", count: 1)[0]
    try archive.read("\(name): keys", into: frame.keys, filling: 0, isFinite: false)
    try archive.read("\(name): rows", into: frame.rows, count: frame.keys.count, filling: .zero, isFinite: false)
    try archive.read(name, into: frame.lambda, filling: 0)
    for index in 0..<frame.rows.count {
      let rows = frame.rows[index]
      guard rows.x >= 0, rows.y >= 0, Int(rows.x) + Int(rows.y) <= frame.lambda.count else {
        throw StateArchiveError("\(name): rows", "block \(index) lies outside of the impulses")
      }
    }
    frame.index()
  }
}
