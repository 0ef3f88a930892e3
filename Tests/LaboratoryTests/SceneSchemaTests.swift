import Dynamics
import Foundation
import Laboratory
import Testing

/// The published schema says what the reader accepts.
@Suite struct SceneSchemaTests {
  static let scenes = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Scenes")

  /// The file is the text that is made from the reader's tables. After a change of those, write it anew by
  /// `DELASSUS_WRITE_SCHEMA=1 swift test --filter SceneSchemaTests`.
  @Test func theFileIsTheReadersTables() throws {
    let file = Self.scenes.appendingPathComponent("scene.schema.json")
    if ProcessInfo.processInfo.environment["DELASSUS_WRITE_SCHEMA"] == "1" {
      try Data(SceneSchema.text.utf8).write(to: file)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == SceneSchema.text)
  }

  /// Every joint and shape is in it with every one of its keys, and every reference has its definition.
  @Test func everyCatalogEntryIsThere() throws {
    let schema = try JSONReader.read(Array(SceneSchema.text.utf8))
    let definitions = try #require(schema["$defs"])
    func keys(_ definition: String, _ type: String) throws -> [String] {
      guard case .list(let choices)? = definitions[definition]?["oneOf"] else { throw CancellationError() }
      for choice in choices {
        guard case .list(let names)? = choice["properties"]?["type"]?["enum"], case .text(let name)? = names.first,
          name == type, case .object(let fields)? = choice["properties"]
        else { continue }
        return fields.map(\.key)
      }
      return []
    }
    #expect(JointCatalog.all.count >= 9 && ShapeCatalog.all.count >= 8)
    for joint in JointCatalog.all {
      let found = try keys("joint", joint.typeName)
      for property in joint.properties { #expect(found.contains(property.name), "\(joint.typeName).\(property.name)") }
      #expect(Set(found).count == found.count)
      #expect(Set(["type", "name", "a", "b", "breakingForce", "collide", "for", "if", "let"]).isSubset(of: found))
    }
    for shape in ShapeCatalog.all {
      #expect(try keys("shape", shape.typeName) == ["type"] + shape.properties.map(\.name))
    }
    for match in SceneSchema.text.matches(of: ##/"#\/\$defs\/(\w+)"/##) {
      #expect(definitions[String(match.1)] != nil, "\(match.1)")
    }
  }
}
