import Dynamics

/// A scene file that was found and read, before its parameters are set.
public struct SceneFile: Sendable {
  /// A parameter that `--set` changes.
  public struct Parameter: Sendable {
    /// The key.
    public var name: String
    /// One line with the unit.
    public var summary: String
    /// The value unless it is set.
    public var defaultValue: Double
    /// Values that it may take.
    public var range: ClosedRange<Double>
    /// Whether only whole numbers make sense.
    public var isInteger: Bool
  }

  /// Name: the file's without its ending.
  public var name: String
  /// Folder that it lies in under `Scenes`: its category.
  public var category: String
  /// One or two sentences for listings.
  public var summary: String
  /// The parameters, in the file's order.
  public var parameters: [Parameter]

  /// Finds a scene by path or by name in `./Scenes`, `$DELASSUS_SCENES` and beside the executable's package, and reads
  /// it. Throws `InputError`: `missing` with the nearest name, or `data`.
  public static func find(_ nameOrPath: String) throws -> SceneFile {
    throw InputError(.missing, file: nameOrPath, "no such scene")
  }

  /// Every scene that can be found by name, by category and name.
  public static func all() throws -> [SceneFile] { [] }

  /// A fresh world with the parameters set; those not named keep their defaults. Throws `InputError`: `usage` for an
  /// unknown parameter or a value out of range, `data` for what the file says wrong.
  public func build(setting values: [(name: String, value: Double)] = []) throws -> Scene {
    throw InputError(.data, file: name, "cannot be built")
  }
}
