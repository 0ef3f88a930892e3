import ArgumentParser
import ConstraintSystem
import Dynamics
import Laboratory

extension FrictionLaw: ExpressibleByArgument {}
extension Stabilization: ExpressibleByArgument {}
extension ParameterSetting: ExpressibleByArgument {}

/// Options that `run` and `compare` share.
struct SceneOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), help: ArgumentHelp("Set a scene parameter; may be repeated.", valueName: "key=value"))
  var settings: [ParameterSetting] = []

  @Option(help: "Number of steps (default: the scene's, else 600).")
  var steps: Int?

  @Option(help: "Length of a step (s).")
  var timestep: Double?

  @Option(help: "Substeps of a step.")
  var substeps: Int?

  @Option(help: "Friction law of contacts.")
  var law: FrictionLaw?

  @Option(help: "How position errors are kept from growing.")
  var stabilization: Stabilization?

  @Flag(
    name: .customLong("geometric-stiffness"),
    help: "Let joint forces stiffen the bodies that they hold, for steps that are long against them.")
  var geometricStiffness = false

  @Option(help: "Random forces on every body, as a share of weight: without them a scene at rest looks free.")
  var noise: Double?

  @Option(help: "What the noise is drawn from, and the scene's parameter seed where it has one.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "What a solve may spend: tolerance=1e-6, iterations=50, passes=50, time=200us, separated by commas.",
      valueName: "budget"))
  var budget: String?

  /// The laboratory's form of the options.
  func runOptions() throws -> RunOptions {
    var options = RunOptions()
    options.steps = steps
    options.timestep = timestep
    options.substeps = substeps
    options.law = law
    options.stabilization = stabilization
    if geometricStiffness { options.geometricStiffness = true }
    options.noise = noise
    options.seed = seed
    if let budget { options.budget = try Budget(parsing: budget) }
    try options.validate()
    return options
  }

  /// The parameters that are set, in their order.
  var parameters: [(name: String, value: Double)] { settings.map { ($0.name, $0.value) } }

  /// The parameters of a scene: where it has one named seed, `--seed` sets it.
  func parameters(for file: SceneFile) -> [(name: String, value: Double)] {
    guard let seed, file.parameters.contains(where: { $0.name == "seed" }),
      !settings.contains(where: { $0.name == "seed" })
    else { return parameters }
    return parameters + [("seed", Double(seed))]
  }
}
