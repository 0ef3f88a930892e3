import Foundation
import Laboratory
import Testing
import Viewer

/// The whole viewer off-screen, as `--screenshot` and `--script` run it. One at a time: a context belongs to a thread, and
/// Dear ImGui to the process.
@Suite(.serialized) struct ViewerTests {
  static func options(_ scene: String?, frames: Int, _ edit: (inout ViewerOptions) -> Void = { _ in }) -> ViewerOptions
  {
    var options = ViewerOptions()
    options.input = scene
    options.frames = frames
    options.isOffscreen = true
    (options.width, options.height) = (640, 360)
    edit(&options)
    return options
  }

  static func picture(_ options: ViewerOptions) throws -> Picture {
    let application = try ViewerApplication(options)
    try application.run()
    return application.picture
  }

  static let scenes = [
    "stack", "arch", "bridge", "net", "dominoes", "pile", "wall", "four-bar", "dzhanibekov", "slip-to-roll",
  ]

  /// Ten scenes: the same bits twice, another picture after a second.
  @Test(arguments: scenes) func picturesAreReproducible(_ scene: String) throws {
    let path = try #require(
      SceneFile.all().first { $0.name == scene }.map { "Scenes/\($0.category)/\($0.name).json" })
    func options(_ frames: Int) -> ViewerOptions {
      Self.options(path, frames: frames) {
        $0.shadowSolvers = ["newton"]
        $0.panels = ["Cost", "Convergence", "System"]
        $0.layers = ["contacts", "joints", "cones"]
      }
    }
    let first = try Self.picture(options(1))
    let later = try Self.picture(options(60))
    #expect(try Self.picture(options(60)) == later)
    #expect(first != later)
  }

  /// A white box on a plane: lit on top, darker at the side away from the sun, and its shadow darker than the ground.
  @Test func bodiesAreLitAndThrowShadows() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("lit.json").path
    try """
    { "summary": "a box over a plane", "gravity": [0, 0, 0], "bodies": [
      { "name": "ground", "kind": "static", "shape": { "type": "plane" } },
      { "name": "box", "position": [0, 1.5, 0], "shape": { "type": "box", "halfExtents": [1, 0.5, 1] } } ] }
    """.write(toFile: path, atomically: true, encoding: .utf8)
    let picture = try Self.picture(Self.options(path, frames: 2) { $0.isBare = true })
    func brightness(_ x: Int, _ y: Int) -> Int {
      (0..<3).reduce(0) { $0 + Int(picture.pixels[3 * (y * picture.width + x) + $1]) }
    }
    // The middle of the picture is the box; the darkest of the lower part is the shadow, brighter ground lies about it.
    var darkest = Int.max
    var brightest = 0
    for y in stride(from: 200, to: 350, by: 3) {
      for x in stride(from: 20, to: 620, by: 3) {
        darkest = min(darkest, brightness(x, y))
        brightest = max(brightest, brightness(x, y))
      }
    }
    // Sunlit ground has 0.5 + 0.8 · 0.8 of its colour, ground in shadow 0.5: 0.69 of that on a screen of gamma 2.2.
    #expect(3 * brightest > 4 * darkest && brightest > 200)
  }

  /// Text sizes, high density: the layout keeps its proportions, twice as many pixels.
  @Test func aDenseScreenShowsTheSameLayout() throws {
    let plain = try Self.picture(Self.options(nil, frames: 1) { ($0.width, $0.height) = (960, 540) })
    let dense = try Self.picture(
      Self.options(nil, frames: 1) {
        ($0.width, $0.height) = (960, 540)
        $0.scale = 2
      })
    #expect(dense.width == 2 * plain.width && dense.height == 2 * plain.height)
    // Averaged over blocks of 32 points both show the same.
    var largest = 0
    for by in stride(from: 0, to: plain.height - 31, by: 32) {
      for bx in stride(from: 0, to: plain.width - 31, by: 32) {
        func mean(_ picture: Picture, _ scale: Int) -> Int {
          var sum = 0
          for y in by * scale..<(by + 32) * scale {
            for x in bx * scale..<(bx + 32) * scale { sum += Int(picture.pixels[3 * (y * picture.width + x) + 1]) }
          }
          return sum / (32 * 32 * scale * scale)
        }
        largest = max(largest, abs(mean(plain, 1) - mean(dense, 2)))
      }
    }
    #expect(largest < 40)
  }
}
