import Foundation

/// Published problems outside of the package: `DELASSUS_CASES`, else `../shared/cases` from its root.
enum ExternalCases {
  static let folder: String = {
    if let set = ProcessInfo.processInfo.environment["DELASSUS_CASES"] { return set }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return root.appendingPathComponent("../shared/cases").standardized.path
  }()

  static let hasFCLIB = FileManager.default.fileExists(atPath: folder + "/fclib/reference.json")

  static func fclib(_ name: String) -> String { "\(folder)/fclib/\(name)" }

  /// What an independent program found for each file.
  struct Reference: Decodable {
    struct Solution: Decodable {
      var norm_r: Double
      var norm_u: Double
      var err_siconos: Double
    }
    var kind: String
    var contacts: Int
    var rows: Int
    var nnz: Int
    var asym: Double
    var rank: Int
    var mu: [Double]
    var norm_q: Double
    var reference: Solution
  }

  static func references() throws -> [String: Reference] {
    let data = try Data(contentsOf: URL(fileURLWithPath: fclib("reference.json")))
    return try JSONDecoder().decode([String: Reference].self, from: data)
  }

  /// A file in the folder for temporary ones, removed by `body`'s end.
  static func temporary<Result>(_ ending: String, _ body: (String) throws -> Result) rethrows -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString).\(ending)")
    defer { try? FileManager.default.removeItem(at: path) }
    return try body(path.path)
  }
}
