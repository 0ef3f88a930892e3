import ConstraintSystem
import Dynamics
import Laboratory
import LearnedSolvers
import LinearAlgebra
import Solvers

/// A world on the viewer's stage and the solver that moves it.
final class ViewWorld {
  /// The solver's text.
  private(set) var solver: String
  private(set) var simulation: Simulation
  /// Its last step; nil before the first.
  var record: StepRecord?
  var trace = Trace()
  /// First step after which it was elsewhere than the driver's world.
  var partedAt: Int?
  /// What ended it; it stands still then.
  var failure: String?

  private let friction = Buffer<ContactForce>()
  private let errors = Buffer<Double>()

  /// A simulation that is there.
  init(_ simulation: Simulation) {
    self.simulation = simulation
    solver = simulation.solver.text
  }

  /// A scene's world under a solver. Throws `SolverTextError`.
  convenience init(_ scene: Scene, solver: String) throws {
    self.init(Simulation(world: scene.world, solver: try SolverCatalog.complete.make(solver), settings: scene.settings))
  }

  /// Goes on with another solver. Throws `SolverTextError`, and `StateArchiveError` where it cannot take over.
  func change(solver text: String) throws {
    let assembly = try SolverCatalog.complete.make(text)
    let state = simulation.checkpoint()
    let next = Simulation(world: simulation.world, solver: assembly, settings: simulation.settings)
    try next.restore(state)
    next.willSolve = simulation.willSolve
    simulation = next
    solver = text
    failure = nil
  }

  /// One step under a pull. Throws `SimulationError`.
  func step(_ drag: Drag?) throws {
    let world = simulation.world
    let pull = drag?.forces(in: simulation) ?? []
    world.forces += pull
    defer { world.forces.removeLast(pull.count) }
    keep(try simulation.step())
  }

  /// Notes what a step came to.
  func keep(_ record: StepRecord) {
    self.record = record
    trace.append(record)
  }

  /// Largest distance of a body from where it is in another world (m).
  func distance(from other: ViewWorld) -> Double {
    let (a, b) = (simulation.world, other.simulation.world)
    var squared = 0.0
    for body in 0..<min(a.bodyCount, b.bodyCount) {
      squared = max(squared, (a.poses[body].position - b.poses[body].position).lengthSquared)
    }
    return squared.squareRoot()
  }

  func frame(_ options: FrameOptions) -> WorldFrame {
    let world = simulation.world
    var frame = WorldFrame(solver: solver, poses: world.poses.array, velocities: world.velocities.array)
    frame.trace = trace.samples
    frame.partedAt = partedAt
    frame.failure = failure
    if options.contacts { frame.contacts = contactMarks() }
    if options.joints { frame.joints = jointMarks() }
    if options.islands { frame.islands = islands() }
    return frame
  }

  private func contactMarks() -> [ContactMark] {
    // Before a step, and after going back, there is no solution to show.
    guard record != nil else { return [] }
    friction.removeAll()
    simulation.appendContacts(to: friction)
    let poses = simulation.world.poses
    var scale = 0.0
    for index in 0..<friction.count { scale = max(scale, friction[index].magnitude) }
    return (0..<friction.count).map { index in
      let contact = friction[index]
      let normal = contact.normal.vector
      let (t1, t2) = normal.tangents
      let force = contact.force.vector
      let mu = simulation.contactFriction(index)
      return ContactMark(
        position: contact.place(poses[Int(contact.bodyA)], poses[Int(contact.bodyB)]).position, normal: normal,
        force: force.x * normal + force.y * t1 + force.z * t2,
        mode: ContactMode(
          normal: force.x, tangential: (force.y * force.y + force.z * force.z).squareRoot(), friction: mu,
          scale: scale), friction: mu)
    }
  }

  private func jointMarks() -> [JointMark] {
    let world = simulation.world
    simulation.jointErrors(into: errors)
    return world.joints.indices.filter { world.intact[$0] }.map {
      JointMark(lines: world.joints[$0].drawingLines(in: world), error: errors[$0])
    }
  }

  private func islands() -> [Int32] {
    let problem = simulation.problem
    return (0..<simulation.world.bodyCount).map { body in
      let column = Int(simulation.world.columns[body])
      return column >= 0 && column < problem.islandOfBody.count ? problem.islandOfBody[column] : -1
    }
  }
}
