import ConstraintSystem
import Foundation

// The HDF5 file of a dataset; its layout is documented in Documentation/Datasets.md.
extension Dataset {
  /// Writes the file, whole or not at all. Throws `InputError` (`cannotWrite`).
  public func write(to path: String) throws {
    do {
      try HDF5Library.exclusively {
        let file = try HDF5Output(path: path)
        for group in ["families", "systems", "bodies", "blocks", "rows"] { file.group(group) }
        file.integers("version", [Self.layoutVersion])
        file.wideIntegers("seed", [Int64(seed)])
        file.text("driver", driver)
        write(families: file)
        write(systems: file)
        write(parts: file)
        try file.close()
      }
    } catch let error as ProblemFileError {
      throw InputError(error)
    }
  }

  /// Throws `InputError` (`cannotWrite`) where a file cannot be written: before minutes are spent on its content.
  public static func check(_ path: String) throws {
    do {
      // Ends without `close`, which removes what was begun.
      try HDF5Library.exclusively { _ = try HDF5Output(path: path) }
    } catch let error as ProblemFileError {
      throw InputError(error)
    }
  }

  private func write(families file: HDF5Output) {
    func lines(_ key: KeyPath<Family, String>) -> String { families.map { $0[keyPath: key] }.joined(separator: "\n") }
    file.text("families/name", lines(\.name))
    file.text("families/scene", lines(\.scene))
    file.text("families/group", lines(\.group))
    file.text("families/split", lines(\.split))
    file.text("families/driver", lines(\.driver))
    file.integers("families/worlds", families.map(\.worlds))
    file.integers("families/candidates", families.map(\.candidates))
    file.integers("families/leftOut", families.map(\.leftOut))
    file.integers("families/failedWorlds", families.map(\.failedWorlds))
  }

  private func write(systems file: HDF5Output) {
    file.integers("systems/family", columns.family, isCompressed: true)
    file.integers("systems/world", columns.world, isCompressed: true)
    file.wideIntegers("systems/seed", columns.seed, isCompressed: true)
    file.integers("systems/step", columns.step, isCompressed: true)
    file.integers("systems/event", columns.event, isCompressed: true)
    file.integers("systems/law", columns.law, isCompressed: true)
    file.integers("systems/contacts", columns.contacts, isCompressed: true)
    file.numbers("systems/timestep", columns.timestep, isCompressed: true)
    file.numbers("systems/labelResidual", columns.labelResidual, isCompressed: true)
    file.integers("systems/bodyStart", columns.bodyStart, isCompressed: true)
    file.integers("systems/blockStart", columns.blockStart, isCompressed: true)
    file.integers("systems/rowStart", columns.rowStart, isCompressed: true)
  }

  private func write(parts file: HDF5Output) {
    file.numbers("bodies/mass", columns.mass, isCompressed: true)
    file.numbers("bodies/inverseMass", columns.inverseMass, isCompressed: true)
    file.numbers("bodies/inertia", columns.inertia, columns: 9, isCompressed: true)
    file.numbers("bodies/inverseInertia", columns.inverseInertia, columns: 9, isCompressed: true)
    file.numbers("bodies/freeVelocity", columns.freeVelocity, columns: 6, isCompressed: true)
    file.integers("blocks/firstRow", columns.firstRow, isCompressed: true)
    file.integers("blocks/rowCount", columns.rowCount, isCompressed: true)
    file.integers("blocks/bodyA", columns.bodyA, isCompressed: true)
    file.integers("blocks/bodyB", columns.bodyB, isCompressed: true)
    file.integers("blocks/set", columns.set, isCompressed: true)
    file.numbers("blocks/friction", columns.friction, isCompressed: true)
    file.numbers("blocks/torsional", columns.torsional, isCompressed: true)
    file.numbers("blocks/rolling", columns.rolling, isCompressed: true)
    file.integers("blocks/age", columns.age, isCompressed: true)
    file.integers("blocks/isNew", columns.age.map { $0 == 0 ? 1 : 0 }, isCompressed: true)
    file.wideIntegers("blocks/key", columns.key, isCompressed: true)
    file.numbers("rows/jacobian", columns.jacobian, columns: 12, isCompressed: true)
    file.numbers("rows/bias", columns.bias, isCompressed: true)
    file.numbers("rows/compliance", columns.compliance, isCompressed: true)
    file.numbers("rows/rightHandSide", columns.rightHandSide, isCompressed: true)
    file.numbers("rows/diagonal", columns.diagonal, isCompressed: true)
    file.numbers("rows/lower", columns.lower, isCompressed: true)
    file.numbers("rows/upper", columns.upper, isCompressed: true)
    file.numbers("rows/lambda", columns.lambda, isCompressed: true)
    file.numbers("rows/lambdaPrevious", columns.lambdaPrevious, isCompressed: true)
    file.numbers("rows/lambdaBefore", columns.lambdaBefore, isCompressed: true)
  }
}
