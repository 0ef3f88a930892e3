import Dynamics
import LinearAlgebra

/// Writes the reaction of every joint after every step: time (s), joint, force on body b (N) and torque on it about the
/// joint's anchor (N·m), world frame, averages over the step.
public final class ReactionLog: RunObserver {
  private let table: CSVWriter

  /// A log in the file at `path`.
  public init(path: String) {
    table = CSVWriter(path: path, columns: ["time", "joint", "fx", "fy", "fz", "tx", "ty", "tz"])
  }

  /// Nothing: there are no reactions before the first step.
  public func begin(_ simulation: Simulation) {}

  /// Writes the reactions of a step.
  public func observe(_ simulation: Simulation, _ record: StepRecord) {
    let world = simulation.world
    for index in 0..<world.joints.count {
      table.append(world.time)
      table.append(world.jointNames[index])
      table.append(world.reactions[index].force)
      table.append(world.reactions[index].torque)
      table.endRow()
    }
  }

  /// Closes the file. Throws `InputError` of the kind `cannotWrite` if it could not be written.
  public func close() throws { try table.close() }
}

extension CSVWriter {
  /// Appends three numbers.
  func append(_ vector: Vector3) {
    append(vector.x)
    append(vector.y)
    append(vector.z)
  }
}
