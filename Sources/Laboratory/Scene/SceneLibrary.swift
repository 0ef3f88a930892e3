import Foundation
import Solvers

/// Folders of scene files, looked through in order: `<folder>/<category>/<name>.json`, or `<folder>/<name>.json`.
package struct SceneLibrary {
  /// The folders; those that are not there are passed over.
  package let folders: [String]

  /// The scenes of some folders.
  package init(folders: [String]) { self.folders = folders }

  /// `./Scenes`, the folders of `$DELASSUS_SCENES` (separated by colons), and `Scenes` of the package that the
  /// executable was built from or installed into.
  static var standard: SceneLibrary {
    let given = ProcessInfo.processInfo.environment["DELASSUS_SCENES"] ?? ""
    return SceneLibrary(folders: ["Scenes"] + given.split(separator: ":").map(String.init) + besideExecutable)
  }

  /// `Scenes` in the executable's folder and in those above it.
  private static var besideExecutable: [String] {
    guard let executable = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return [] }
    var folder = executable.deletingLastPathComponent()
    var folders: [String] = []
    while folder.path != "/" && folders.count < 8 {
      folders.append(folder.appendingPathComponent("Scenes").path)
      folder.deleteLastPathComponent()
    }
    return folders
  }

  /// A file that has the form of a scene's.
  struct Entry {
    var name: String
    var category: String
    var path: String
  }

  /// All files, by category and name; of two with one name the first folder's.
  func entries() -> [Entry] {
    var entries: [Entry] = []
    var names: Set<String> = []
    for folder in folders {
      var here: [Entry] = []
      for item in Self.contents(of: folder) {
        if let name = Self.sceneName(item) {
          here.append(Entry(name: name, category: "", path: "\(folder)/\(item)"))
          continue
        }
        for file in Self.contents(of: "\(folder)/\(item)") {
          guard let name = Self.sceneName(file) else { continue }
          here.append(Entry(name: name, category: item, path: "\(folder)/\(item)/\(file)"))
        }
      }
      for entry in here where names.insert(entry.name).inserted { entries.append(entry) }
    }
    return entries.sorted { ($0.category, $0.name) < ($1.category, $1.name) }
  }

  private static func contents(of folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  /// The name of a scene's file; nil for the schema and for files that others include.
  private static func sceneName(_ file: String) -> String? {
    guard file.hasSuffix(".json"), !file.hasSuffix(".schema.json"), !file.hasSuffix(".part.json") else { return nil }
    return String(file.dropLast(5))
  }

  /// The scene of a name. Throws `InputError`: `missing` with the nearest name, or `data`.
  package func find(_ name: String) throws -> SceneFile {
    let entries = entries()
    if let entry = entries.first(where: { $0.name == name }) { return try Self.read(entry) }
    throw InputError(
      .missing, file: name,
      entries.isEmpty
        ? "no scenes in \(folders.joined(separator: ", "))"
        : "no such scene" + NearestName.hint(name, among: entries.map(\.name)))
  }

  /// Every scene, by category and name. Throws `InputError` (`data`).
  package func all() throws -> [SceneFile] { try entries().map(Self.read) }

  private static func read(_ entry: Entry) throws -> SceneFile {
    try SceneFile(SceneDocument(readingFileAt: entry.path), category: entry.category)
  }
}
