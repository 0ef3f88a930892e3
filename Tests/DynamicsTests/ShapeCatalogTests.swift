import Dynamics
import Foundation
import Testing

/// Nothing that lies in the folder of shapes is missing from the catalog.
@Suite struct ShapeCatalogTests {
  @Test func everyFileIsInTheCatalog() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Dynamics/Shapes")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    let shapes = try files.count { try String(contentsOf: $0, encoding: .utf8).contains("static let typeName = ") }
    #expect(ShapeCatalog.all.count == shapes && shapes >= 8)
    #expect(Set(ShapeCatalog.all.map { $0.typeName }).count == shapes)
  }
}
