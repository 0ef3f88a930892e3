import Foundation
import Testing
import Viewer

/// One table of keys and one of panels: nothing is missing from either, nor from the documentation.
@Suite struct CatalogTests {
  @Test func theDocumentationHasEveryKey() throws {
    let text = try String(contentsOfFile: "Documentation/Viewer.md", encoding: .utf8)
    #expect(KeyTable.all.count >= 20)
    for binding in KeyTable.all {
      #expect(text.contains("| \(binding.keys) | \(binding.summary) |"), "\(binding.keys)")
    }
  }

  @Test func everyPanelIsInItsCatalog() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: "Sources/Viewer/Panels")
      .filter { $0.hasSuffix("Panel.swift") && $0 != "Panel.swift" }
    #expect(files.count == PanelCatalog.titles.count && PanelCatalog.titles.count >= 5)
  }

  @Test func theFirstSceneIsGood() throws {
    let scene = try FirstScene.file.build()
    #expect(scene.name == "wrecking-ball" && scene.world.bodyCount > 30 && scene.parameters.count >= 1)
  }
}
