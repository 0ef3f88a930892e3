import Dynamics
import Solvers

/// What the values of one scene file are read with: its names, the world that is built, and the budget of the whole.
final class SceneContext {
  /// The file, for messages.
  let file: String
  /// Names of expressions.
  let scope = ExpressionScope()
  /// What is built.
  let world: World
  /// What goes before the names of this file's bodies and joints.
  let prefix: String
  /// What may still be read and built.
  let budget: SceneBudget

  init(file: String, world: World, prefix: String, budget: SceneBudget) {
    self.file = file
    self.world = world
    self.prefix = prefix
    self.budget = budget
  }

  /// The error for something at a place of the file.
  func error(_ place: JSONPlace, _ message: String) -> InputError {
    let locals = scope.localDescription
    return InputError(
      .data, file: file, place: place.description, locals.isEmpty ? message : "\(message) (\(locals))")
  }
}

/// Bounds on what a scene file makes the reader do: a hostile one ends with an error before memory or patience do.
final class SceneBudget {
  /// Largest number of bodies, of joints, of forces and of oracles.
  static let maximumEntries = 1_000_000
  /// Largest number of passes through loops.
  static let maximumPasses = 10_000_000
  /// Largest number of values read.
  static let maximumValues = 100_000_000
  /// Largest number of included files, counting repetitions.
  static let maximumIncludes = 1000

  var values = 0
  var passes = 0
  var includes = 0
  /// Entries by section: bodies, joints, forces, oracles.
  var entries: [SceneSection: Int] = [:]
}

/// A list of a scene file that generators fill.
enum SceneSection: String, CaseIterable {
  case bodies, joints, forces, oracles

  /// Name of one entry in the schema.
  var entry: String {
    switch self {
    case .bodies: "body"
    case .joints: "joint"
    case .forces: "force"
    case .oracles: "oracle"
    }
  }
}

/// A place in a JSON text as a path: `bodies[3].shape.radius`.
indirect enum JSONPlace: CustomStringConvertible {
  case root
  case key(String, JSONPlace)
  case index(Int, JSONPlace)

  var description: String {
    switch self {
    case .root: ""
    case .key(let key, .root): key
    case .key(let key, let parent): "\(parent.description).\(key)"
    case .index(let index, let parent): "\(parent.description)[\(index)]"
    }
  }
}
