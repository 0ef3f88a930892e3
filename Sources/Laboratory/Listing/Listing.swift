import ConstraintSystem
import Dynamics
import LearnedSolvers
import Solvers

/// What there is to choose from: the object that `list --json` prints, and the text for people.
public struct Listing: Encodable {
  /// What `list` can be asked for.
  public enum Topic: String, CaseIterable, Sendable {
    case scenes, solvers, guesses, preconditioners
    case linearSolvers = "linear-solvers"
    case joints, shapes
  }

  /// One thing that can be named.
  public struct Entry: Encodable {
    var name: String
    var summary: String
    var category: String?
    var slots: [String]?
    var sets: [String]?
    var laws: [String]?
    /// true for a solver that ends whatever the residual; missing for all others.
    var approximate: Bool?
    var reference: String?
    var parameters: [Parameter]?
    var properties: [Property]?
  }

  /// A parameter of a scene.
  struct Parameter: Encodable {
    var name: String
    var summary: String
    var `default`: Double
    var minimum: Double
    var maximum: Double
    var isInteger: Bool
  }

  /// A key of a joint or shape in a scene file.
  struct Property: Encodable {
    var name: String
    var kind: String
    var summary: String
    var isRequired: Bool

    init(_ descriptor: PropertyDescriptor) {
      name = descriptor.name
      kind = descriptor.kind.rawValue
      summary = descriptor.summary
      isRequired = descriptor.isRequired
    }
  }

  /// The topics in the order in which they were asked for.
  public private(set) var topics: [(topic: Topic, entries: [Entry])] = []

  /// The entries of some topics. Throws `InputError` where the scenes cannot be read.
  public init(_ topics: [Topic] = Topic.allCases) throws {
    self.topics = try topics.map { ($0, try Self.entries(of: $0)) }
  }

  /// One key a topic.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (topic, entries) in topics { try container.encode(entries, forKey: Key(stringValue: topic.rawValue)) }
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private static func entry(_ solver: SolverDescriptor, name: String, summary: String) -> Entry {
    Entry(
      name: name, summary: summary, slots: solver.slots, sets: solver.sets, laws: solver.laws.map(\.rawValue),
      approximate: solver.isApproximate ? true : nil, reference: solver.reference)
  }

  private static func entries(of topic: Topic) throws -> [Entry] {
    switch topic {
    case .scenes:
      return try SceneFile.all().map { scene in
        Entry(
          name: scene.name, summary: scene.summary, category: scene.category,
          parameters: scene.parameters.map {
            Parameter(
              name: $0.name, summary: $0.summary, default: $0.defaultValue, minimum: $0.range.lowerBound,
              maximum: $0.range.upperBound, isInteger: $0.isInteger)
          })
      }
    case .solvers:
      let catalog = SolverCatalog.complete
      let assemblies = catalog.assemblies.map { assembly in
        let base = catalog.solvers.first { $0.name == assembly.text.prefix { $0 != ":" } }!
        return entry(base, name: assembly.name, summary: "\(assembly.summary): \(assembly.text)")
      }
      return catalog.solvers.map { entry($0, name: $0.name, summary: $0.summary) } + assemblies
    case .guesses: return SolverCatalog.complete.guesses.map { Entry(name: $0.name, summary: $0.summary) }
    case .preconditioners:
      return SolverCatalog.complete.preconditioners.map {
        Entry(name: $0.name, summary: $0.summary, reference: $0.reference)
      }
    case .linearSolvers:
      return SolverCatalog.complete.linearSolvers.map {
        Entry(name: $0.name, summary: $0.summary, slots: $0.slots, reference: $0.reference)
      }
    case .joints:
      return JointCatalog.all.map {
        Entry(name: $0.typeName, summary: $0.summary, properties: $0.properties.map(Property.init))
      }
    case .shapes:
      return ShapeCatalog.all.map {
        Entry(name: $0.typeName, summary: $0.summary, properties: $0.properties.map(Property.init))
      }
    }
  }
}
