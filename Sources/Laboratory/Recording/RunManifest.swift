import ConstraintSystem
import Dynamics
import Foundation
import LearnedSolvers
import Solvers

/// The program that made a recording.
public enum Program {
  /// Version of the package.
  public static let version = "0.1.0"
}

/// Everything that decides how a run goes: with the scene's files it is enough to run it again.
public struct RunManifest: Codable, Sendable, Equatable {
  /// Name of the scene.
  public var scene: String
  /// Path of its file, as it was given; the recording keeps the text.
  public var file: String
  /// Hash of the scene's files, see `Scene.sourceHash`.
  public var sceneHash: String
  /// Every parameter of the scene with its value.
  public var parameters: [String: Double]
  /// The solver as the user typed it.
  public var solver: String
  /// Bound on the residual (m/s) that the solver was given.
  public var tolerance: Double
  /// Its largest number of iterations; nil: its own.
  public var iterations: Int?
  /// Its time budget (s); nil: none. A run with one cannot be repeated bit by bit.
  public var timeLimit: Double?
  /// Passes over all constraints that a solve may take; nil: no bound.
  public var passes: Int?
  /// Control noise as a share of weight, and what it was drawn from.
  public var noise: Double
  public var seed: UInt64
  /// Length of a step (s).
  public var timestep: Double
  /// Substeps of a step.
  public var substeps: Int
  /// Friction law of contacts.
  public var law: FrictionLaw
  /// How position errors are kept from growing.
  public var stabilization: Stabilization
  /// Whether joint forces stiffen the bodies that they hold.
  public var geometricStiffness: Bool
  /// Gap (m) below which a resting contact is kept.
  public var contactMargin: Double
  /// Whether forces act for h/2 in the first substep.
  public var startsHalfway: Bool
  /// Number of the first step: that of the checkpoint that the run started from, else 0.
  public var firstStep: Int
  /// Number of steps that were asked for.
  public var steps: Int
  /// Steps between checkpoints.
  public var checkpointInterval: Int
  /// Version of the program.
  public var version: String
  /// Number of threads of the simulation.
  public var threads: Int
  /// Whether OpenBLAS takes part: its kernels follow the processor, so that another machine may find other bits.
  public var usesBLAS: Bool
  /// Where the run took place.
  public var machine: Machine

  /// The manifest of a run that is about to begin.
  public init(_ scene: Scene, _ simulation: Simulation, steps: Int, checkpointInterval: Int) {
    self.scene = scene.name
    file = scene.file
    sceneHash = scene.sourceHash
    parameters = Dictionary(scene.parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    solver = simulation.solver.text
    tolerance = simulation.solver.stop.tolerance
    iterations = simulation.solver.stop.iterations
    timeLimit = simulation.solver.stop.timeLimit
    passes = simulation.solver.passes
    let settings = simulation.settings
    noise = settings.noise
    seed = settings.seed
    timestep = settings.timestep
    substeps = settings.substeps
    law = settings.law
    stabilization = settings.stabilization
    geometricStiffness = settings.geometricStiffness
    contactMargin = settings.contactMargin
    startsHalfway = settings.startsHalfway
    firstStep = simulation.stepCount
    self.steps = steps
    self.checkpointInterval = checkpointInterval
    version = Program.version
    threads = 1
    usesBLAS = SolverCatalog.complete.usesBLAS(solver)
    machine = .current
  }

  /// How the run steps.
  public var settings: StepSettings {
    var settings = StepSettings()
    settings.noise = noise
    settings.seed = seed
    settings.timestep = timestep
    settings.substeps = substeps
    settings.law = law
    settings.stabilization = stabilization
    settings.geometricStiffness = geometricStiffness
    settings.contactMargin = contactMargin
    settings.startsHalfway = startsHalfway
    return settings
  }

  /// When the solver stops.
  public var stop: StopRule { StopRule(tolerance: tolerance, iterations: iterations, timeLimit: timeLimit) }
}

extension RunManifest {
  /// A hash of every value by its key, `parameters.count` for one inside of another: what tells which of them was changed.
  /// Lines `key=hash` in the order of keys. nil where `text` is no JSON object.
  static func digest(ofText text: String) -> String? {
    guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else { return nil }
    var lines: [String] = []
    func add(_ values: [String: Any], _ prefix: String) {
      for (key, value) in values {
        if let inner = value as? [String: Any] {
          add(inner, prefix + key + ".")
        } else {
          lines.append("\(prefix)\(key)=\(ByteHash.text(of: "\(value)".utf8))")
        }
      }
    }
    add(object, "")
    return lines.sorted().joined(separator: "\n")
  }

  /// The keys whose values are not those of a digest.
  static func keys(ofText text: String, thatDifferFrom digest: String) -> [String] {
    let kept = Set(digest.split(separator: "\n"))
    let found = Set((Self.digest(ofText: text) ?? "").split(separator: "\n"))
    return Set(kept.symmetricDifference(found).map { String($0.prefix { $0 != "=" }) }).sorted()
  }
}
