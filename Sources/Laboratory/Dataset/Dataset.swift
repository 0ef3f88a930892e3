import ConstraintSystem

/// Systems for training and judging learned solvers: constraint problems with history, labelled with their solution.
public struct Dataset: Sendable {
  /// Version of the file's layout.
  public static let layoutVersion = 1

  /// What the file says of a family.
  public struct Family: Codable, Sendable, Equatable {
    /// Name.
    public var name: String
    /// Name of the scene.
    public var scene: String
    /// What its systems are counted with in evaluations.
    public var group: String
    /// training, validation or held-out.
    public var split: String
    /// Number of worlds that were simulated.
    public var worlds = 0
    /// Number of steps that could have been kept.
    public var candidates = 0
    /// Number of systems kept.
    public var systems = 0
    /// Number of those that are events.
    public var events = 0
    /// Number of systems left out because their label was not good enough.
    public var leftOut = 0
    /// Number of worlds that could not be built, or broke down before their last step.
    public var failedWorlds = 0
    /// What moved the worlds.
    public var driver = ""
  }

  /// The families; `columns.family` counts in them.
  public var families: [Family]
  /// The systems.
  public var columns: DatasetColumns
  /// What everything was drawn from.
  public var seed: UInt64
  /// The solver that moved the worlds, as the user typed it.
  public var driver: String

  /// A dataset from its parts.
  public init(families: [Family], columns: DatasetColumns, seed: UInt64, driver: String) {
    self.families = families
    self.columns = columns
    self.seed = seed
    self.driver = driver
  }

  /// Number of systems.
  public var count: Int { columns.count }
  /// Number of systems that are events.
  public var eventCount: Int { columns.event.count { $0 != DatasetEvent.quiet.rawValue } }
}
