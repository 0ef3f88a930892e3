import ConstraintSystem
import Dynamics
import LinearAlgebra

/// A scene, ready to run: what a scene file gives once its parameters are set.
public struct Scene {
  /// Name of the file without its ending.
  public var name: String
  /// One or two sentences for listings.
  public var summary: String
  /// Every parameter with the value it has now, in the file's order.
  public var parameters: [(name: String, value: Double)]
  /// Bodies, joints and forces at time 0.
  public var world: World
  /// Time step, substeps, law, stabilisation.
  public var settings: StepSettings
  /// Steps that a run takes unless told otherwise.
  public var steps: Int
  /// Solver that a run takes unless told otherwise; nil: `newton`.
  public var solver: String?
  /// Closed-form or published values that the run is checked against.
  public var oracles: [any Oracle]
  /// Path of the file that it came from; empty for a scene made in code.
  public var file: String
  /// The texts of that file and of those that it includes, by path: what it takes to build the scene again.
  public var sources: [String: [UInt8]]

  /// A scene from its parts.
  public init(
    name: String, summary: String, parameters: [(name: String, value: Double)], world: World, settings: StepSettings,
    steps: Int, solver: String?, oracles: [any Oracle], file: String = "", sources: [String: [UInt8]] = [:]
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.world = world
    self.settings = settings
    self.steps = steps
    self.solver = solver
    self.oracles = oracles
    self.file = file
    self.sources = sources
  }

  /// Hash of the sources, paths left out, in the order of paths: 16 hexadecimal digits.
  public var sourceHash: String {
    ByteHash.text(of: sources.sorted { $0.key < $1.key }.map(\.value).joined())
  }
}

/// A value that a scene is known to produce, watched while it runs.
public protocol Oracle: AnyObject {
  /// Called after every step.
  func observe(_ simulation: Simulation, _ record: StepRecord)
  /// The verdict; called after the last step.
  var result: OracleResult { get }
}

/// What an oracle found.
public struct OracleResult: Codable, Sendable {
  /// What was watched.
  public var name: String
  /// The closed-form or published value.
  public var expected: Double
  /// What the run gave; nil where the event did not happen.
  @Measured public var found: Double?
  /// Largest |found − expected| that passes.
  public var tolerance: Double
  /// Whether it passed.
  public var passed: Bool

  /// A verdict.
  public init(name: String, expected: Double, found: Double?, tolerance: Double) {
    self.name = name
    self.expected = expected
    self.found = found
    self.tolerance = tolerance
    passed = found.map { ($0 - expected).magnitude <= tolerance } ?? false
  }
}
