import Dynamics

/// Writes the state of every body at the start and after every step: time (s), body, position of its centre of mass
/// (m), orientation as a unit quaternion, velocity (m/s) and angular velocity (rad/s), all in the world frame.
public final class StateLog: RunObserver {
  private let table: CSVWriter

  /// A log in the file at `path`.
  public init(path: String) {
    table = CSVWriter(
      path: path,
      columns: [
        "time", "body", "x", "y", "z", "qw", "qx", "qy", "qz", "vx", "vy", "vz", "wx", "wy", "wz",
      ])
  }

  /// Writes the start.
  public func begin(_ simulation: Simulation) { write(simulation.world) }

  /// Writes the state after a step.
  public func observe(_ simulation: Simulation, _ record: StepRecord) { write(simulation.world) }

  /// Closes the file. Throws `InputError` of the kind `cannotWrite` if it could not be written.
  public func close() throws { try table.close() }

  private func write(_ world: World) {
    for index in 0..<world.bodyCount {
      let pose = world.poses[index]
      let velocity = world.velocities[index]
      table.append(world.time)
      table.append(world.names[index])
      table.append(pose.position)
      table.append(pose.orientation.w)
      table.append(pose.orientation.imaginary)
      table.append(velocity.linear)
      table.append(velocity.angular)
      table.endRow()
    }
  }
}
