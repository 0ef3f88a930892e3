import ConstraintSystem
import Dynamics
import Glibc
import LinearAlgebra

/// Writes a table of a recording as CSV or JSON, a row at a time: a recording may hold more than memory does.
public struct RecordingExport {
  /// The tables; every row begins with run and step. Times in seconds, all else SI.
  public enum Table: String, Sendable, CaseIterable {
    /// Cost and quality of every step.
    case steps
    /// Report of every solve.
    case solves
    /// Residual after every iteration, where that was recorded.
    case iterations
    /// Pose and velocity of every moving body after every step.
    case states
    /// Force and torque of every joint in every step.
    case joints
    /// Place and force of every contact in every step.
    case contacts
  }

  /// Which rows.
  public struct Options: Sendable {
    /// The run; nil: all.
    public var run: Int?
    /// First step, and last; nil: the run's.
    public var from: Int?
    public var to: Int?

    /// All of them.
    public init() {}
  }

  private let recording: Recording
  private let runs: [Recording.Run]
  private let range: Range<Int>
  /// Asked now and then; true ends the table with the rows so far.
  public var shouldStop: () -> Bool = { false }

  /// Rows of a recording. Throws `InputError` for a run that is not there.
  public init(_ recording: Recording, _ options: Options = Options()) throws {
    self.recording = recording
    runs = try options.run.map { [try recording.run($0)] } ?? recording.runs
    let first = options.from ?? 0
    let last = options.to ?? Int.max - 1
    guard first >= 0, last >= first else {
      throw InputError(.usage, place: "--from, --to", "expected a first step and a last one that is not before it")
    }
    range = first..<last + 1
  }

  /// Writes a table to an open stream, which stays open. Throws `InputError`.
  public func write(_ table: Table, as format: TableStream.Format, to file: UnsafeMutablePointer<FILE>) throws {
    let stream = TableStream(file, format, table: table.rawValue, columns: ["run", "step"] + Self.columns(of: table))
    do {
      for run in runs { try write(table, of: run, to: stream) }
    } catch is Stop {}
    try stream.close()
  }

  private struct Stop: Error {}

  private func check(_ stream: TableStream) throws { if !stream.isWritable || shouldStop() { throw Stop() } }

  private static func columns(of table: Table) -> [String] {
    switch table {
    case .steps: RecordColumns.step.map(\.name)
    case .solves: ["purpose"] + RecordColumns.solve.map(\.name)
    case .iterations: ["iteration", "residual", "time"]
    case .states: ["body", "x", "y", "z", "qw", "qx", "qy", "qz", "vx", "vy", "vz", "wx", "wy", "wz"]
    case .joints: ["joint", "fx", "fy", "fz", "tx", "ty", "tz"]
    case .contacts: ["bodyA", "bodyB", "nx", "ny", "nz", "fn", "ft1", "ft2", "x", "y", "z", "gap"]
    }
  }

  private func write(_ table: Table, of run: Recording.Run, to stream: TableStream) throws {
    func head(_ step: Int) -> [TableStream.Field] { [.integer(run.number), .integer(step)] }
    switch table {
    case .steps:
      try recording.forEachStep(of: run, in: range) { record in
        try check(stream)
        stream.append(head(record.step) + RecordColumns.step.map { $0.exported(record) })
      }
    case .solves:
      try recording.forEachSolve(of: run, in: range) { step, purpose, report in
        try check(stream)
        stream.append(head(step) + [.text(purpose)] + RecordColumns.solve.map { $0.exported(report) })
      }
    case .iterations:
      try recording.forEachIteration(of: run, in: range) { step, iteration, residual, time in
        try check(stream)
        stream.append(head(step) + [.integer(iteration), .number(residual), .number(time)])
      }
    case .states: try writeStates(of: run, to: stream)
    case .joints:
      let joints = try recording.joints(of: run)
      try recording.forEachReaction(of: run, in: range) { step, reactions in
        try check(stream)
        for (joint, reaction) in zip(joints, reactions) {
          stream.append(head(step) + [.text(joint.name)] + Self.fields(reaction.force) + Self.fields(reaction.torque))
        }
      }
    case .contacts: try writeContacts(of: run, to: stream)
    }
  }

  /// Bodies in the order of their slots among the states.
  private static func moving(_ bodies: [Recording.BodyEntry]) -> [Int] {
    bodies.indices.filter { bodies[$0].slot != nil }.sorted { bodies[$0].slot! < bodies[$1].slot! }
  }

  private func writeStates(of run: Recording.Run, to stream: TableStream) throws {
    let bodies = try recording.bodies(of: run)
    let order = Self.moving(bodies)
    try recording.forEachState(of: run, in: range) { step, numbers in
      try check(stream)
      for (slot, body) in order.enumerated() {
        let state = numbers[13 * slot..<13 * slot + 13].map { TableStream.Field.number($0) }
        stream.append([.integer(run.number), .integer(step), .text(bodies[body].name)] + state)
      }
    }
  }

  /// Place and gap of a contact follow from the poses after its step: empty where states were not recorded.
  private func writeContacts(of run: Recording.Run, to stream: TableStream) throws {
    let bodies = try recording.bodies(of: run)
    var poses = bodies.map(\.pose)
    let order = Self.moving(bodies)
    try recording.forEachContacts(of: run, in: range) { step, contacts in
      try check(stream)
      guard !contacts.isEmpty else { return }
      let states = try recording.states(of: run, after: step)
      if let states {
        for (slot, body) in order.enumerated() {
          let s = Array(states[13 * slot..<13 * slot + 7])
          poses[body] = RigidTransform(
            position: Vector3(s[0], s[1], s[2]), orientation: Quaternion(s[3], s[4], s[5], s[6]))
        }
      }
      for contact in contacts {
        let a = Int(contact.bodyA)
        let b = Int(contact.bodyB)
        var row: [TableStream.Field] = [
          .integer(run.number), .integer(step), .text(bodies[a].name), .text(bodies[b].name),
        ]
        row += Self.fields(contact.normal.vector) + Self.fields(contact.force.vector)
        if states != nil {
          let (position, gap) = contact.place(poses[a], poses[b])
          row += Self.fields(position) + [.number(gap)]
        } else {
          row += [.none, .none, .none, .none]
        }
        stream.append(row)
      }
    }
  }

  private static func fields(_ vector: Vector3) -> [TableStream.Field] {
    [.number(vector.x), .number(vector.y), .number(vector.z)]
  }
}

extension RecordColumn {
  /// The value of a record as an exported field; hashes as 16 hexadecimal digits, since JSON's numbers end at 2⁵³.
  fileprivate func exported(_ record: Record) -> TableStream.Field {
    switch field {
    case .number(let path): .number(record[keyPath: path])
    case .integer(let path): .integer(record[keyPath: path])
    case .hash(let path): .text(Runner.hexadecimal(record[keyPath: path]))
    case .reason(let path): .text(record[keyPath: path].rawValue)
    }
  }
}
