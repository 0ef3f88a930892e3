import ConstraintSystem
import Dynamics

/// Worlds of one scene with parameters drawn from ranges: what a dataset is made of.
public struct DatasetFamily: Sendable {
  /// Which part of an experiment its systems belong to.
  public enum Split: String, Sendable, CaseIterable, Codable {
    /// Trained on.
    case training
    /// The training families with other seeds: to choose models by.
    case validation
    /// Families, sizes and mass ratios that training never sees.
    case heldOut = "held-out"
  }

  /// Name, unique in a dataset.
  public var name: String
  /// The scene.
  public var scene: SceneFile
  /// What its systems are counted with in evaluations; the split's name unless given.
  public var group: String
  /// Training or held out.
  public var split: Split
  /// Parameters of the scene that are drawn; the others keep their defaults.
  public var parameters: [(name: String, draw: ParameterDraw)]
  /// Friction law; nil: the scene's.
  public var law: FrictionLaw?
  /// Steps of a world; nil: the scene's, at most `longestDefault`.
  public var steps: ParameterDraw?
  /// Control noise as a share of weight.
  public var noise: ParameterDraw
  /// Length of a step (s); nil: the scene's.
  public var timestep: ParameterDraw?
  /// Substeps of a step; nil: the scene's.
  public var substeps: ParameterDraw?
  /// Share of the dataset, relative to other families.
  public var weight: Double
  /// Systems kept of one world at most.
  public var samples: Int

  /// Steps of a world of a family that names none, at most.
  static let longestDefault = 300

  /// A scene as it is: every parameter at its default, no noise.
  public init(_ scene: SceneFile) {
    name = scene.name
    self.scene = scene
    split = .training
    group = scene.name
    parameters = []
    noise = .choice([0])
    weight = 1
    samples = 40
  }

  /// The scene and the options of one world. Throws `InputError`.
  func build(seed: UInt64, _ random: inout RandomSequence) throws -> (scene: Scene, options: RunOptions) {
    var values = parameters.map { (name: $0.name, value: $0.draw.value(random.next())) }
    if let parameter = scene.parameters.first(where: { $0.name == "seed" }),
      !values.contains(where: { $0.name == "seed" })
    {
      let largest = parameter.range.upperBound
      values.append((name: "seed", value: (random.next() * largest).rounded(.down)))
    }
    var options = RunOptions()
    options.noise = noise.value(random.next())
    options.seed = seed
    options.law = law
    options.steps = steps.map { Int($0.value(random.next())) }
    options.timestep = timestep.map { $0.value(random.next()) }
    options.substeps = substeps.map { Int($0.value(random.next())) }
    let scene = try scene.build(setting: values)
    if options.steps == nil { options.steps = min(options.stepCount(of: scene), Self.longestDefault) }
    try options.validate()
    return (scene, options)
  }
}
