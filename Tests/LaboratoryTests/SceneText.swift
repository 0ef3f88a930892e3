import Dynamics
import Laboratory

/// Short scenes for tests.
enum SceneText {
  /// The scene of a text with these entries beside a summary.
  static func build(_ content: String, setting values: [(name: String, value: Double)] = []) throws -> Scene {
    try SceneFile(text: "{ \"summary\": \"a test\", \(content) }", path: "test.json").build(setting: values)
  }

  /// A scene of these bodies; the shapes are given, so that only the key in question is wrong.
  static func bodies(_ bodies: String) throws -> Scene { try build("\"bodies\": [\(bodies)]") }

  /// What is wrong with a scene; nil where nothing is.
  static func failure(_ content: String, setting values: [(name: String, value: Double)] = []) -> InputError? {
    do {
      _ = try build(content, setting: values)
      return nil
    } catch {
      return error as? InputError
    }
  }
}
