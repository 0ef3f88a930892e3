import Dynamics
import Foundation
import Laboratory
import LinearAlgebra
import Testing

/// Files that include others, and how files are found.
@Suite struct SceneIncludeTests {
  /// A folder of files that is gone after `body`.
  private func withFiles<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scenes-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return try body(folder.path)
  }

  private func failure(_ files: [String: String]) throws -> InputError? {
    try withFiles(files) { folder in
      do {
        _ = try SceneFile(readingFileAt: folder + "/main.json").build()
        return nil
      } catch { return error as? InputError }
    }
  }

  @Test func bodiesAndJointsComeFirstUnderTheirPrefix() throws {
    let part = """
      { "summary": "a pair", "parameters": { "m": { "default": 1, "minimum": 0.5, "maximum": 9, "summary": "kg" } },
        "gravity": [0, 0, 0],
        "bodies": [{ "name": "a", "mass": "m", "inertia": [1, 1, 1] }, { "name": "b", "mass": "2 * m", "inertia": [1, 1, 1] }],
        "joints": [{ "type": "ball", "name": "link", "a": "a", "b": "b", "anchor": [0, 0, 0] }],
        "forces": [{ "body": "b", "force": [1, 0, 0] }] }
      """
    let main = """
      { "summary": "two pairs", "define": { "m": 3 },
        "include": ["parts/pair.part.json", { "file": "parts/pair.part.json", "prefix": "right-", "set": { "m": "m + 1" } }],
        "bodies": [{ "name": "c", "mass": 7, "inertia": [1, 1, 1] }],
        "joints": [{ "type": "ball", "a": "right-b", "b": "c", "anchor": [0, 0, 0] }] }
      """
    let world = try withFiles(["main.json": main, "parts/pair.part.json": part]) {
      try SceneFile(readingFileAt: $0 + "/main.json").build().world
    }
    #expect(world.names == ["a", "b", "right-a", "right-b", "c"])
    #expect((0..<5).map { world.masses[$0].mass } == [1, 2, 4, 8, 7])
    #expect(world.jointNames == ["link", "right-link", "joint2"])
    #expect(world.joints[2].bodyA == BodyID(3))
    #expect(world.forces.map(\.body.index) == [1, 3])
    #expect(world.gravity == Vector3(0, -9.81, 0))
  }

  @Test func cyclesNameTheirChain() throws {
    let error = try #require(
      try failure([
        "main.json": "{ \"summary\": \"\", \"include\": [\"a.json\"] }",
        "a.json": "{ \"summary\": \"\", \"include\": [\"b.json\"] }",
        "b.json": "{ \"summary\": \"\", \"include\": [\"a.json\"] }",
      ]))
    #expect(error.message.contains("a.json → b.json → a.json"), "\(error.message)")
    #expect(error.kind == .data)
    let own = try #require(try failure(["main.json": "{ \"summary\": \"\", \"include\": [\"./main.json\"] }"]))
    #expect(own.message.contains("main.json → main.json"), "\(own.message)")
  }

  /// 40 files that each include the next one twice stand for 2⁴⁰.
  @Test func manyIncludesAreBounded() throws {
    var files = ["main.json": "{ \"summary\": \"\", \"include\": [\"f0.json\"] }", "f40.json": "{ \"summary\": \"\" }"]
    for i in 0..<40 {
      files["f\(i).json"] = "{ \"summary\": \"\", \"include\": [\"f\(i + 1).json\", \"f\(i + 1).json\"] }"
    }
    #expect(try #require(try failure(files)).message.contains("more than 1000 included files"))
  }

  @Test func whatIsWrongInAnIncludedFile() throws {
    let main = "{ \"summary\": \"\", \"include\": [{ \"file\": \"a.json\", \"set\": { \"m\": 3 } }] }"
    let missing = try #require(try failure(["main.json": main]))
    #expect(missing.place == "include[0].file" && missing.message.contains("no such file"))
    let parameter = try #require(try failure(["main.json": main, "a.json": "{ \"summary\": \"\" }"]))
    #expect(parameter.place == "include[0].set.m" && parameter.message.contains("has no parameter \"m\""))
    let inside = try #require(
      try failure([
        "main.json": "{ \"summary\": \"\", \"include\": [\"a.json\"] }",
        "a.json": "{ \"summary\": \"\", \"bodies\": [{ \"mass\": -1 }] }",
      ]))
    #expect(inside.file?.hasSuffix("a.json") == true && inside.place == "bodies[0].mass")
    let absolute = try #require(try failure(["main.json": "{ \"summary\": \"\", \"include\": [\"/dev/zero\"] }"]))
    #expect(absolute.message.contains("relative"))
  }

  @Test func filesThatCannotBeRead() throws {
    func kind(_ path: String) -> InputError.Kind? {
      do {
        _ = try SceneFile(readingFileAt: path)
        return nil
      } catch { return (error as? InputError)?.kind }
    }
    #expect(kind("/nowhere/x.json") == .missing)
    #expect(kind("/dev/zero") == .data)
    #expect(kind("/tmp") == .data)
    try withFiles(["large.json": "{}"]) { (folder: String) throws -> Void in
      #expect(truncate(folder + "/large.json", (64 << 20) + 1) == 0)
      #expect(kind(folder + "/large.json") == .data)
    }
  }

  @Test func namesAreLookedUpFolderByFolder() throws {
    func scene(_ summary: String) -> String { "{ \"summary\": \"\(summary)\" }" }
    try withFiles([
      "one/stacks/stack.json": scene("first"), "one/scene.schema.json": "{}", "one/parts/x.part.json": scene("part"),
      "two/stacks/stack.json": scene("second"), "two/chains/chain.json": scene("chain"), "two/top.json": scene("top"),
    ]) { (folder: String) throws -> Void in
      let library = SceneLibrary(folders: [folder + "/one", folder + "/none", folder + "/two"])
      #expect(try library.find("stack").summary == "first")
      #expect(try library.find("stack").category == "stacks")
      #expect(try library.find("chain").summary == "chain")
      #expect(try library.all().map(\.name) == ["top", "chain", "stack"])
      let error = #expect(throws: InputError.self) { try library.find("chian") }
      #expect(error?.kind == .missing)
      #expect(error?.message.contains("did you mean \"chain\"?") == true)
      #expect(try SceneFile.find(folder + "/two/top.json").summary == "top")
    }
  }
}
