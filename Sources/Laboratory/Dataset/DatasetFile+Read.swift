import ConstraintSystem
import Foundation

// Reading a dataset. The file is not trusted: every size and index is checked, numbers must be numbers.
extension Dataset {
  /// The dataset of a file. Throws `InputError`: `missing`, or `data` with the dataset's name.
  public static func read(_ path: String) throws -> Dataset {
    do {
      return try HDF5Library.exclusively {
        let file = try HDF5File(path: path, surveying: datasets)
        guard file.contains("version"), file.contains("systems") else {
          throw file.error("/", "has no version or no systems, expected a file that delassus dataset wrote")
        }
        let version = try file.integer("version")
        guard version == layoutVersion else {
          throw file.error("version", "is \(version), expected \(layoutVersion)")
        }
        let families = try families(file)
        var columns = try systems(file, families: families.count)
        try bodies(file, &columns)
        try blocks(file, &columns)
        try rows(file, &columns)
        var dataset = Dataset(
          families: families, columns: columns, seed: UInt64(max(0, try file.integer("seed"))),
          driver: file.text("driver") ?? "")
        dataset.countFamilies()
        return dataset
      }
    } catch let error as ProblemFileError {
      throw InputError(error)
    }
  }

  /// Counts every family's systems and events.
  mutating func countFamilies() {
    for index in families.indices {
      families[index].systems = 0
      families[index].events = 0
    }
    for system in 0..<count {
      families[columns.family[system]].systems += 1
      if columns.event[system] != DatasetEvent.quiet.rawValue { families[columns.family[system]].events += 1 }
    }
  }

  /// Everything that is read, for the survey.
  private static var datasets: [(name: String, kind: HDF5File.Kind)] {
    let texts = ["driver"] + ["name", "scene", "group", "split", "driver"].map { "families/\($0)" }
    let integers =
      ["version", "seed"] + ["worlds", "candidates", "leftOut", "failedWorlds"].map { "families/\($0)" }
      + [
        "family", "world", "seed", "step", "event", "law", "contacts", "bodyStart", "blockStart", "rowStart",
      ].map { "systems/\($0)" }
      + ["firstRow", "rowCount", "bodyA", "bodyB", "set", "age", "key"].map { "blocks/\($0)" }
    let numbers =
      ["systems/timestep", "systems/labelResidual"]
      + ["mass", "inverseMass", "inertia", "inverseInertia", "freeVelocity"].map { "bodies/\($0)" }
      + ["friction", "torsional", "rolling"].map { "blocks/\($0)" }
      + [
        "jacobian", "bias", "compliance", "rightHandSide", "diagonal", "lower", "upper", "lambda", "lambdaPrevious",
        "lambdaBefore",
      ].map { "rows/\($0)" }
    return texts.map { ($0, .text) } + integers.map { ($0, .integers) } + numbers.map { ($0, .numbers) }
  }

  private static let whole = 0...Int(Int32.max)

  private static func families(_ file: HDF5File) throws -> [Family] {
    func lines(_ name: String, count: Int?) throws -> [String] {
      guard let text = file.text("families/\(name)") else {
        throw file.error("families/\(name)", "is missing or no text of fixed length")
      }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if let count, lines.count != count {
        throw file.error("families/\(name)", "has \(lines.count) lines, expected \(count)")
      }
      return lines
    }
    let names = try lines("name", count: nil)
    let scenes = try lines("scene", count: names.count)
    let groups = try lines("group", count: names.count)
    let splits = try lines("split", count: names.count)
    let drivers = try lines("driver", count: names.count)
    let worlds = try file.integers("families/worlds", count: names.count, in: whole)
    let candidates = try file.integers("families/candidates", count: names.count, in: whole)
    let leftOut = try file.integers("families/leftOut", count: names.count, in: whole)
    let failed = try file.integers("families/failedWorlds", count: names.count, in: whole)
    return names.indices.map { index in
      var family = Family(
        name: names[index], scene: scenes[index], group: groups[index], split: splits[index])
      family.driver = drivers[index]
      family.worlds = worlds[index]
      family.candidates = candidates[index]
      family.leftOut = leftOut[index]
      family.failedWorlds = failed[index]
      return family
    }
  }

  private static func systems(_ file: HDF5File, families: Int) throws -> DatasetColumns {
    var columns = DatasetColumns()
    let count = try file.integers("systems/family").count
    columns.family = try file.integers("systems/family", count: count, in: 0...max(0, families - 1))
    columns.world = try file.integers("systems/world", count: count, in: whole)
    columns.seed = try file.integers("systems/seed", count: count, in: Int.min...Int.max).map(Int64.init)
    columns.step = try file.integers("systems/step", count: count, in: whole)
    columns.event = try file.integers("systems/event", count: count, in: 0...DatasetEvent.allCases.count - 1)
    columns.law = try file.integers("systems/law", count: count, in: 0...FrictionLaw.allCases.count - 1)
    columns.contacts = try file.integers("systems/contacts", count: count, in: whole)
    columns.timestep = try file.numbers("systems/timestep", count: count)
    if let index = columns.timestep.firstIndex(where: { !($0 > 0) }) {
      throw file.error("systems/timestep[\(index)]", "is \(columns.timestep[index]), expected a time above 0")
    }
    columns.labelResidual = try file.numbers("systems/labelResidual", count: count)
    columns.bodyStart = try starts(file, "systems/bodyStart", count: count)
    columns.blockStart = try starts(file, "systems/blockStart", count: count)
    columns.rowStart = try starts(file, "systems/rowStart", count: count)
    return columns
  }

  private static func starts(_ file: HDF5File, _ name: String, count: Int) throws -> [Int] {
    let starts = try file.integers(name, count: count + 1, in: whole)
    guard starts[0] == 0 else { throw file.error("\(name)[0]", "is \(starts[0]), expected 0") }
    for index in 0..<count where starts[index + 1] < starts[index] {
      throw file.error("\(name)[\(index + 1)]", "is \(starts[index + 1]), expected at least \(starts[index])")
    }
    return starts
  }

  private static func bodies(_ file: HDF5File, _ columns: inout DatasetColumns) throws {
    let count = columns.bodyStart[columns.count]
    columns.mass = try file.numbers("bodies/mass", count: count)
    columns.inverseMass = try file.numbers("bodies/inverseMass", count: count)
    for (name, values) in [("mass", columns.mass), ("inverseMass", columns.inverseMass)] {
      if let index = values.firstIndex(where: { !($0 > 0) }) {
        throw file.error("bodies/\(name)[\(index)]", "is \(values[index]), expected a number above 0")
      }
    }
    columns.inertia = try file.numbers("bodies/inertia", count: 9 * count)
    columns.inverseInertia = try file.numbers("bodies/inverseInertia", count: 9 * count)
    columns.freeVelocity = try file.numbers("bodies/freeVelocity", count: 6 * count)
  }

  private static func blocks(_ file: HDF5File, _ columns: inout DatasetColumns) throws {
    let count = columns.blockStart[columns.count]
    columns.firstRow = try file.integers("blocks/firstRow", count: count, in: whole)
    columns.rowCount = try file.integers("blocks/rowCount", count: count, in: 1...6)
    columns.bodyA = try file.integers("blocks/bodyA", count: count, in: -1...Int(Int32.max))
    columns.bodyB = try file.integers("blocks/bodyB", count: count, in: -1...Int(Int32.max))
    columns.set = try file.integers("blocks/set", count: count, in: 0...ConstraintSet.allCases.count - 1)
    columns.age = try file.integers("blocks/age", count: count, in: 0...255)
    columns.key = try file.integers("blocks/key", count: count, in: Int.min...Int.max).map(Int64.init)
    columns.friction = try coefficients(file, "friction", count)
    columns.torsional = try coefficients(file, "torsional", count)
    columns.rolling = try coefficients(file, "rolling", count)
    for system in 0..<columns.count {
      let bodies = columns.bodies(of: system).count
      var next = 0
      for block in columns.blocks(of: system) {
        guard columns.firstRow[block] == next else {
          throw file.error("blocks/firstRow[\(block)]", "is \(columns.firstRow[block]), expected \(next)")
        }
        next += columns.rowCount[block]
        for (name, body) in [("bodyA", columns.bodyA[block]), ("bodyB", columns.bodyB[block])] where body >= bodies {
          throw file.error("blocks/\(name)[\(block)]", "is \(body), expected a body below \(bodies)")
        }
        guard columns.bodyA[block] != columns.bodyB[block] || columns.bodyA[block] < 0 else {
          throw file.error("blocks/bodyB[\(block)]", "is the block's body a, expected another one")
        }
        if columns.set[block] == ConstraintSet.cone.rawValue, columns.rowCount[block] < 3 {
          throw file.error(
            "blocks/rowCount[\(block)]", "is \(columns.rowCount[block]), expected at least 3 rows of a contact")
        }
      }
      guard next == columns.rows(of: system).count else {
        throw file.error(
          "systems/rowStart[\(system + 1)]", "gives the system \(columns.rows(of: system).count) rows, expected \(next)"
        )
      }
    }
  }

  private static func coefficients(_ file: HDF5File, _ name: String, _ count: Int) throws -> [Double] {
    let values = try file.numbers("blocks/\(name)", count: count)
    if let index = values.firstIndex(where: { $0 < 0 }) {
      throw file.error("blocks/\(name)[\(index)]", "is \(values[index]), expected a number that is not negative")
    }
    return values
  }

  private static func rows(_ file: HDF5File, _ columns: inout DatasetColumns) throws {
    let count = columns.rowStart[columns.count]
    columns.jacobian = try file.numbers("rows/jacobian", count: 12 * count)
    columns.bias = try file.numbers("rows/bias", count: count)
    columns.compliance = try file.numbers("rows/compliance", count: count)
    if let index = columns.compliance.firstIndex(where: { $0 < 0 }) {
      throw file.error("rows/compliance[\(index)]", "is \(columns.compliance[index]), expected 0 or more")
    }
    columns.rightHandSide = try file.numbers("rows/rightHandSide", count: count)
    columns.diagonal = try file.numbers("rows/diagonal", count: count)
    columns.lower = try file.numbers("rows/lower", count: count, allowsInfinity: true)
    columns.upper = try file.numbers("rows/upper", count: count, allowsInfinity: true)
    for index in 0..<count where !(columns.lower[index] <= columns.upper[index]) {
      throw file.error(
        "rows/lower[\(index)]", "is \(columns.lower[index]), expected at most upper, \(columns.upper[index])")
    }
    columns.lambda = try file.numbers("rows/lambda", count: count)
    columns.lambdaPrevious = try file.numbers("rows/lambdaPrevious", count: count)
    columns.lambdaBefore = try file.numbers("rows/lambdaBefore", count: count)
  }
}
