import ConstraintSystem
import Dynamics

/// What a run does differently from its scene; nil keeps what the scene says.
public struct RunOptions: Sendable {
  /// Number of steps; nil: as many as cover the scene's own duration.
  public var steps: Int?
  /// Length of a step (s).
  public var timestep: Double?
  /// Number of substeps of a step.
  public var substeps: Int?
  /// Friction law of contacts.
  public var law: FrictionLaw?
  /// How position errors are kept from growing.
  public var stabilization: Stabilization?
  /// Whether joint forces stiffen the bodies that they hold.
  public var geometricStiffness: Bool?
  /// Control noise as a share of weight, see `StepSettings.noise`.
  public var noise: Double?
  /// What the noise is drawn from; also the scene's parameter "seed" where it has one.
  public var seed: UInt64?
  /// Bounds on what a solve may spend.
  public var budget = Budget()

  /// Nothing different.
  public init() {}

  /// Throws `InputError` for a number that no run can have.
  public func validate() throws {
    func require(_ holds: Bool, _ option: String, _ expected: String) throws {
      guard holds else { throw InputError(.usage, place: option, "expected \(expected)") }
    }
    if let steps { try require((0...1_000_000_000).contains(steps), "--steps", "a whole number from 0 to 1000000000") }
    if let timestep {
      try require(timestep > 0 && timestep <= 10, "--timestep", "seconds, more than 0 and at most 10")
    }
    if let noise { try require(noise >= 0 && noise <= 100, "--noise", "a number from 0 to 100") }
    if let seed { try require(seed < 1 << 53, "--seed", "a whole number below 2^53") }
    if let substeps { try require((1...100_000).contains(substeps), "--substeps", "a whole number from 1 to 100000") }
  }

  /// The scene's settings with what is different.
  func settings(of scene: Scene) -> StepSettings {
    var settings = scene.settings
    if let timestep { settings.timestep = timestep }
    if let substeps { settings.substeps = substeps }
    if let law { settings.law = law }
    if let stabilization { settings.stabilization = stabilization }
    if let geometricStiffness { settings.geometricStiffness = geometricStiffness }
    if let noise { settings.noise = noise }
    if let seed { settings.seed = seed }
    return settings
  }

  /// The number of steps: unless given, those of another time step cover the same time.
  func stepCount(of scene: Scene) -> Int {
    if let steps { return steps }
    guard let timestep else { return scene.steps }
    // The quotient of two decimal fractions may come out a little above the whole number that is meant.
    let exact = Double(scene.steps) * scene.settings.timestep / timestep
    return Int(min((exact * (1 - 1e-12)).rounded(.up), 1e9))
  }
}
