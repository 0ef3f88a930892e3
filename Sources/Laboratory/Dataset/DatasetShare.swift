/// One family's share of a dataset while it is being made: takes the outcomes of worlds in the order of their numbers,
/// half of the systems events and half quiet steps, until there are enough.
struct DatasetShare {
  /// Number of worlds taken.
  private(set) var worlds = 0
  /// Number of their velocity problems.
  private(set) var candidates = 0
  /// Number of systems left out for their label.
  private(set) var leftOut = 0
  /// Number of worlds that failed.
  private(set) var failedWorlds = 0
  /// What moved them.
  private(set) var driver = ""

  private let quota: Int
  /// Worlds are not gone on with beyond this number: a family may have no quiet steps, or no events.
  private let largestWorlds: Int
  private var started = 0
  private var waiting: [Int: DatasetWorld.Outcome] = [:]
  private var taken: [DatasetColumns] = []
  /// Systems beyond their kind's half, to fill up with.
  private var spare: [DatasetColumns] = []
  private var events = 0
  private var quiet = 0

  init(quota: Int) {
    self.quota = quota
    largestWorlds = quota == 0 ? 0 : 4 + quota
  }

  /// Number of systems taken.
  var count: Int { events + quiet }

  private var isDone: Bool { count >= quota || worlds >= largestWorlds }

  /// The number of the next world to begin; nil where enough are done or on their way.
  mutating func nextWorld(ahead: Int) -> Int? {
    guard !isDone, started < largestWorlds else { return nil }
    started += 1
    return started - 1
  }

  /// Takes a world's outcome, or keeps it until those before it are there.
  mutating func take(_ outcome: DatasetWorld.Outcome, world: Int) {
    waiting[world] = outcome
    while !isDone, let next = waiting.removeValue(forKey: worlds) { add(next) }
    if isDone { waiting.removeAll() }
  }

  private mutating func add(_ outcome: DatasetWorld.Outcome) {
    worlds += 1
    candidates += outcome.candidates
    leftOut += outcome.leftOut
    if outcome.hasFailed { failedWorlds += 1 }
    if !outcome.driver.isEmpty { driver = outcome.driver }
    for system in 0..<outcome.columns.count {
      var column = DatasetColumns()
      column.append(outcome.columns, system: system)
      if outcome.columns.event[system] == DatasetEvent.quiet.rawValue {
        if quiet < quota / 2 {
          quiet += 1
          taken.append(column)
          continue
        }
      } else if events < quota - quota / 2 {
        events += 1
        taken.append(column)
        continue
      }
      if spare.count < quota { spare.append(column) }
    }
  }

  /// Adds the systems in the order of worlds and steps.
  func append(to columns: inout DatasetColumns) {
    let all = taken + spare.prefix(max(0, quota - taken.count))
    for column in all.sorted(by: { ($0.world[0], $0.step[0]) < ($1.world[0], $1.step[0]) }) {
      columns.append(column, system: 0)
    }
  }
}
