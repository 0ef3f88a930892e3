import Dynamics
import Solvers

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
  /// The content of the file.
  let document: SceneDocument

  /// Reads a document's header. Throws `InputError` (`data`).
  init(_ document: SceneDocument, category: String) throws {
    let header = try document.header()
    name = document.name
    self.category = category
    summary = header.summary
    parameters = header.parameters
    self.document = document
  }

  /// Reads a file. Throws `InputError`: `missing` or `data`.
  public init(readingFileAt path: String) throws {
    let document = try SceneDocument(readingFileAt: path)
    try self.init(document, category: document.folder.split(separator: "/").last.map(String.init) ?? "")
  }

  /// Reads a scene from texts by path, as `Scene.sources` has them. Throws `InputError`: `missing` or `data`.
  public init(archive: [String: [UInt8]], main path: String) throws {
    try self.init(SceneDocument(readingFileAt: path, from: .archive(archive)), category: "")
  }

  /// Reads a text as the file of a path; includes are looked up beside it. Throws `InputError` (`data`).
  package init(text: String, path: String) throws {
    try self.init(SceneDocument(path: path, bytes: Array(text.utf8)), category: "")
  }

  /// Finds a scene by path or by name in `./Scenes`, `$DELASSUS_SCENES` and beside the executable's package, and reads
  /// it. Throws `InputError`: `missing` with the nearest name, or `data`.
  public static func find(_ nameOrPath: String) throws -> SceneFile {
    if nameOrPath.contains("/") || nameOrPath.hasSuffix(".json") { return try SceneFile(readingFileAt: nameOrPath) }
    return try SceneLibrary.standard.find(nameOrPath)
  }

  /// Every scene that can be found by name, by category and name.
  public static func all() throws -> [SceneFile] { try SceneLibrary.standard.all() }

  /// A fresh world with the parameters set; those not named keep their defaults. Throws `InputError`: `usage` for an
  /// unknown parameter or a value out of range, `data` for what the file says wrong.
  public func build(setting values: [(name: String, value: Double)] = []) throws -> Scene {
    var all: [(name: String, value: Double)] = parameters.map { ($0.name, $0.defaultValue) }
    for (key, value) in values {
      guard let index = parameters.firstIndex(where: { $0.name == key }) else {
        let hint = NearestName.hint(key, among: parameters.map(\.name))
        throw InputError(.usage, place: key, "the scene \"\(name)\" has no parameter \"\(key)\"" + hint)
      }
      if let objection = parameters[index].objection(to: value) { throw InputError(.usage, place: key, objection) }
      all[index].value = value
    }
    return try SceneBuilder.build(document, parameters: all)
  }
}
