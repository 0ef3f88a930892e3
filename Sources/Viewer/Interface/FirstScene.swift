import Laboratory

/// The scene that the viewer opens on without an argument: part of the program, so that it needs no file.
package enum FirstScene {
  /// It. Throws `InputError` only if the program is broken.
  package static var file: SceneFile {
    get throws {
      try SceneFile(
        text: String(decoding: PackageResources.wrecking_ball_json, as: UTF8.self), path: "wrecking-ball.json")
    }
  }
}
