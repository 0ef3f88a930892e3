import ConstraintSystem
import LinearAlgebra

/// How a simulation steps.
public struct StepSettings: Sendable {
  /// Length of a step (s).
  public var timestep = 1.0 / 60
  /// Number of equal substeps of a step.
  public var substeps = 1
  /// Friction law of contacts.
  public var law = FrictionLaw.convex
  /// How position errors are kept from growing.
  public var stabilization = Stabilization.projection
  /// Whether forces act for h/2 in the very first substep.
  ///
  /// Semi-implicit Euler is the leapfrog scheme, whose velocities belong to the middles between the poses. Velocities
  /// that are given for the time of the first poses are h/2 early for it, and with a whole first kick the motion is off
  /// by about h/2 from then on: all of the scheme's first-order error. With the half kick poses are second order (free
  /// fall and the stopping distance of a sliding box are exact), and velocities are those of t − h/2. Without it a
  /// step from rest gives v = h M⁻¹ f.
  public var startsHalfway = true
  /// Whether the joints' forces of the last substep stiffen the bodies that they hold, see `GeometricStiffness`; for steps
  /// that are long against the motion across those forces. Position stepping has none.
  public var geometricStiffness = false
  /// Gap (m) below which a resting contact is kept in the problem.
  public var contactMargin = 0.01
  /// Whether λ, penetration and joint errors are measured after every step, outside its clock.
  public var measures = true
  /// Control noise: random forces and torques, as a share of weight (see `ControlNoise`); 0 for none.
  public var noise = 0.0
  /// What the noise is drawn from.
  public var seed: UInt64 = 0
  /// Whether what the stages hand on is hashed, outside the step's clock: for recordings.
  public var hashesStages = false

  /// The defaults: 1/60 s, one substep, convex friction, projection.
  public init() {}
}

/// A run that cannot go on.
public enum SimulationError: Error, CustomStringConvertible {
  /// A number that is not finite, first seen at a step, in a body, after a stage.
  case notFinite(step: Int, body: String, stage: StepStage)
  /// The solver does not solve the law or the sets of the problem.
  case unsupported(solver: String, law: FrictionLaw)

  /// One sentence.
  public var description: String {
    switch self {
    case .notFinite(let step, let body, let stage):
      "step \(step): the state of body \"\(body)\" is not finite after the stage \"\(stage.rawValue)\""
    case .unsupported(let solver, let law):
      "the solver \"\(solver)\" does not solve the friction law \"\(law.rawValue)\""
    }
  }
}

/// A world that moves: it owns the problem and calls the solver, once a substep.
public final class Simulation {
  /// What moves.
  public let world: World
  /// The filled solver slots.
  public let solver: SolverAssembly
  /// How it steps; may be changed between steps.
  public var settings: StepSettings
  /// Called with the velocity problem of every substep before it is solved, outside the step's clock.
  public var willSolve: ((ConstraintProblem) -> Void)?
  /// Number of steps done.
  public internal(set) var stepCount = 0
  /// Velocity problem of the last substep.
  public let problem = ConstraintProblem()
  /// Its λ (N·s).
  public let lambda = Buffer<Double>()
  /// Hash of all states so far.
  public internal(set) var stateHash: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Number of the present substep since time 0.
  var substepNumber = 0
  /// How long (s) forces act in this substep: h but for the first of `startsHalfway`.
  var forceTime = 0.0
  let positionProblem = ConstraintProblem()
  let positionLambda = Buffer<Double>()
  let velocity = Buffer<Vector6>()
  let correction = Buffer<Vector6>()
  let relaxed = Buffer<Vector6>()
  /// Factor on the position corrections of every island.
  let islandScale = Buffer<Double>()
  let contacts = ContactRows()
  let assembler: ConstraintAssembler
  let judge = NaturalMap()
  let islands = IslandFinder()
  let stiffness = StiffnessEstimate()
  let geometric = GeometricStiffness()
  /// First block of every joint in the velocity problem, −1 where it has none.
  let jointBlocks = Buffer<Int32>()
  /// Reactions of this substep, and the arms (m) that their torques are about.
  let reactions = Buffer<Reaction>()
  let arms = Buffer<Vector3>()
  let chord = ChordImpulses()
  let positions: WorldPositionModel
  /// Joints that this substep loaded beyond their strength.
  let overloaded = Buffer<Int32>()

  /// A simulation of `world` by `solver`.
  public init(world: World, solver: SolverAssembly, settings: StepSettings = StepSettings()) {
    self.world = world
    self.solver = solver
    self.settings = settings
    assembler = ConstraintAssembler(world: world)
    positions = WorldPositionModel(world: world, assembler: assembler)
  }

  /// Number of substeps of a step: the settings', each cut as the solver's stepping wants it.
  public var substepCount: Int { settings.substeps * solver.stepping.substeps }
  /// Whether this run's steps have geometric stiffness.
  var isStiffened: Bool { settings.geometricStiffness && !solver.stepping.isPosition }
  /// The stabilisation in force: a solver that brings soft rows has its own.
  var stabilization: Stabilization { solver.stepping.isSoft ? .soft : settings.stabilization }
}
