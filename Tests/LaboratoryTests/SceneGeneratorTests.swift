import Dynamics
import Laboratory
import LinearAlgebra
import Testing

/// Entries that stand for many.
@Suite struct SceneGeneratorTests {
  private func names(_ entry: String) throws -> [String] { try SceneText.bodies(entry).world.names }

  @Test func countsAndRanges() throws {
    #expect(try names("{ \"for\": { \"i\": 3 }, \"name\": \"b{i}\", \"mass\": 1 }") == ["b0", "b1", "b2"])
    #expect(try names("{ \"for\": { \"i\": [2, 4] }, \"name\": \"b{i}\", \"mass\": 1 }") == ["b2", "b3", "b4"])
    #expect(try names("{ \"for\": { \"i\": [-1, 0] }, \"name\": \"b{i}\", \"mass\": 1 }") == ["b-1", "b0"])
    #expect(try names("{ \"for\": { \"i\": 0 }, \"name\": \"b{i}\", \"mass\": 1 }").isEmpty)
    #expect(try names("{ \"for\": { \"i\": [1, 0] }, \"name\": \"b{i}\", \"mass\": 1 }").isEmpty)
    #expect(try names("{ \"for\": { \"i\": [5, 0] }, \"name\": \"b{i}\", \"mass\": 1 }").isEmpty)
  }

  @Test func nestedLoopsRunTheLastVariableFastest() throws {
    let entry = "{ \"for\": { \"j\": 3, \"i\": \"3 - j\" }, \"name\": \"{j}{i}\", \"mass\": 1 }"
    #expect(try names(entry) == ["00", "01", "02", "10", "11", "20"])
  }

  @Test func conditionsAndLocalNumbers() throws {
    let entry = """
      { "for": { "i": 6 }, "let": { "half": "i / 2", "isEven": "half == floor(half)" }, "if": "isEven && i > 0",
        "name": "b{half}", "mass": "i" }
      """
    let world = try SceneText.bodies(entry).world
    #expect(world.names == ["b1", "b2"])
    #expect(world.masses[1].mass == 4)
    #expect(
      try names("{ \"if\": false, \"mass\": 1 }, { \"if\": true, \"mass\": 1 }, { \"if\": \"2 - 2\", \"mass\": 1 }")
        .count == 1)
  }

  @Test func groups() throws {
    let entry = """
      { "for": { "i": 2 }, "let": { "x": "10 * i" }, "each": [
        { "name": "a{i}", "mass": 1, "position": ["x", 0, 0] },
        { "for": { "j": "i + 1" }, "name": "b{i}{j}", "mass": 1, "position": ["x + j", 0, 0] } ] }
      """
    let world = try SceneText.bodies(entry).world
    #expect(world.names == ["a0", "b00", "a1", "b10", "b11"])
    #expect((0..<5).map { world.poses[$0].position.x } == [0, 0, 10, 10, 11])
  }

  @Test func namesOfLoopsEndWithThem() throws {
    let content =
      "\"bodies\": [{ \"for\": { \"i\": 2 }, \"mass\": 1 }, { \"for\": { \"i\": 2 }, \"mass\": 1 }, { \"mass\": \"i\" }]"
    #expect(SceneText.failure(content)?.place == "bodies[2].mass")
  }

  @Test func jointsForcesAndOracles() throws {
    let scene = try SceneText.build(
      """
      "parameters": { "n": { "default": 4, "minimum": 1, "maximum": 99, "integer": true, "summary": "bodies" } },
      "define": { "last": "n - 1" },
      "bodies": [{ "for": { "i": "n" }, "name": "b{i}", "mass": 1, "inertia": [1, 1, 1], "position": ["i", 0, 0] }],
      "joints": [{ "for": { "i": [1, "last"] }, "type": "ball", "a": "b{i - 1}", "b": "b{i}", "anchor": ["i - 0.5", 0, 0] }],
      "forces": [{ "for": { "i": "n" }, "body": "b{i}", "force": [0, "i", 0] }],
      "oracles": [{ "for": { "i": "n" }, "if": "i != 2", "type": "moves", "body": "b{i}", "beyond": 1, "expected": 0, "tolerance": 0 }]
      """, setting: [(name: "n", value: 6)])
    #expect(scene.world.bodyCount == 6)
    #expect(scene.world.joints.count == 5)
    #expect(scene.world.joints.last?.bodyB == BodyID(5))
    #expect(scene.world.forces.count == 6)
    #expect(scene.oracles.map(\.result.name) == ["moves b0", "moves b1", "moves b3", "moves b4", "moves b5"])
    #expect(scene.parameters.map(\.value) == [6])
  }
}
