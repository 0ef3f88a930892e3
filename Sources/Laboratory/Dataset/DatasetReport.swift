import Foundation

/// What a dataset holds and what it cost, as `delassus dataset --json` prints it.
public struct DatasetReport: Codable, Sendable {
  /// The file.
  public var file: String
  /// Its size.
  @Measured public var bytes: Double?
  /// Version of the layout.
  public var version: Int
  /// What everything was drawn from.
  public var seed: UInt64
  /// The solver that moved the worlds.
  public var driver: String
  /// Number of systems.
  public var systems: Int
  /// Number of systems that were asked for.
  public var wanted: Int
  /// Number of those that are events.
  public var events: Int
  /// Number of systems left out for their label.
  public var leftOut: Int
  /// Number of bodies of all systems.
  public var bodies: Int
  /// Number of blocks.
  public var blocks: Int
  /// Number of rows.
  public var rows: Int
  /// Largest residual of a label (m/s).
  @Measured public var labelResidual: Double?
  /// Wall time (s).
  public var seconds: Double
  /// Systems a minute.
  public var systemsPerMinute: Double
  /// The families.
  public var families: [Dataset.Family]

  /// The report of a dataset that was written to `file` and took `seconds`.
  public init(_ dataset: Dataset, file: String, wanted: Int, seconds: Double) {
    self.file = file
    self.wanted = wanted
    bytes = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber)?.doubleValue
    version = Dataset.layoutVersion
    seed = dataset.seed
    driver = dataset.driver
    systems = dataset.count
    events = dataset.eventCount
    leftOut = dataset.families.reduce(0) { $0 + $1.leftOut }
    bodies = dataset.columns.mass.count
    blocks = dataset.columns.key.count
    rows = dataset.columns.bias.count
    labelResidual = dataset.columns.labelResidual.max()
    self.seconds = seconds
    systemsPerMinute = seconds > 0 ? 60 * Double(systems) / seconds : 0
    families = dataset.families
  }

  /// The columns of the table.
  public static let columns: [TableColumn] = [
    TableColumn(title: "family", isNumber: false), TableColumn(title: "group", isNumber: false),
    TableColumn(title: "driver", isNumber: false), TableColumn(title: "worlds", isNumber: true),
    TableColumn(title: "systems", isNumber: true), TableColumn(title: "events", isNumber: true),
    TableColumn(title: "left out", isNumber: true), TableColumn(title: "failed", isNumber: true),
  ]

  /// The rows of the table, one a family.
  public var cells: [[String]] {
    families.map { family in
      [
        family.name, family.group, family.driver, "\(family.worlds)", "\(family.systems)", "\(family.events)",
        "\(family.leftOut)", "\(family.failedWorlds)",
      ]
    }
  }

  /// Lines below the table.
  public var legend: [String] {
    [
      "\(systems) systems (\(wanted) wanted), \(events) events; \(bodies) bodies, \(blocks) blocks, \(rows) rows",
      "\(file): \(Quantity.bytes(bytes)), \(Quantity.significant(seconds)) s, "
        + "\(Int(systemsPerMinute)) systems a minute; largest residual of a label \(Quantity.scientific(labelResidual))",
      "left out: labels above 1e-8 m/s; failed: worlds that could not be built or broke down",
    ]
  }
}
