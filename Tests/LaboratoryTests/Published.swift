import Foundation

/// Where the problems that others published lie: the environment says, or the folder beside the package.
enum Published {
  /// The folder of FCLIB's problems.
  static let fclib: URL = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path =
      ProcessInfo.processInfo.environment["DELASSUS_CASES"]
      ?? root.deletingLastPathComponent().appendingPathComponent("shared/cases").path
    return URL(fileURLWithPath: path).appendingPathComponent("fclib")
  }()

  /// Whether they are there.
  static let isThere = FileManager.default.fileExists(atPath: fclib.appendingPathComponent("reference.json").path)
}
