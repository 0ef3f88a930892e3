import ArgumentParser
import Laboratory
import Viewer
import Glibc

extension ParameterSetting: ExpressibleByArgument {}

/// `1280x720` of `--size`.
struct FrameSize: ExpressibleByArgument {
  var width: Int
  var height: Int

  init?(argument: String) {
    let pair = argument.split(separator: "x").compactMap { Int($0) }
    guard pair.count == 2, pair.allSatisfy({ (64...8192).contains($0) }) else { return nil }
    (width, height) = (pair[0], pair[1])
  }
}

/// `delassus-view`.
@main
struct View: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delassus-view", abstract: "See the solver struggle: a scene or a recording in 3D.",
    discussion: """
      F1 shows the keys. Without a display, --screenshot draws into a file.

      Exit status: 0 done; 64 wrong usage; 65 bad script; 69 no display or no OpenGL; 70 a script's expectation failed; \
      73 cannot write.
      """)

  @Argument(help: "A scene file, the name of a scene, or a recording (default: a scene that is part of the program).")
  var input: String?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Set a scene parameter; may be repeated.", valueName: "key=value"))
  var settings: [ParameterSetting] = []

  @Option(help: "The solver that moves the world (default: the scene's, else newton).")
  var solver: String?

  @Option(parsing: .upToNextOption, help: "Solvers of further worlds of the same scene.")
  var compare: [String] = []

  @Option(parsing: .upToNextOption, help: "Solvers that solve every problem too.")
  var shadow: [String] = []

  @Option(parsing: .upToNextOption, help: "Panels that are open: \(PanelNames.all).")
  var panel: [String] = []

  @Option(parsing: .upToNextOption, help: "What is drawn over the bodies: \(LayerNames.all).")
  var layer: [String] = []

  @Option(help: ArgumentHelp("Size of a frame.", valueName: "WxH"))
  var size: FrameSize?

  @Option(help: "Pixels of a unit of the interface (default: the display's).")
  var scale: Float?

  @Flag(help: "Show compared worlds next to each other instead of in one place.")
  var sideBySide = false

  @Flag(help: "Show the stage alone, without panels.")
  var bare = false

  @Flag(help: "Begin paused.")
  var paused = false

  @Option(help: ArgumentHelp("Draw without a window and write the last frame (PNG).", valueName: "file"))
  var screenshot: String?

  @Option(help: ArgumentHelp("Draw without a window and write all frames (MP4, by ffmpeg).", valueName: "file"))
  var video: String?

  @Option(help: "End after so many frames of a sixtieth of a second (with --screenshot: 1).")
  var frames: Int?

  @Option(help: ArgumentHelp("Play a script of mouse, keys and expectations.", valueName: "file"))
  var script: String?

  @Flag(help: "No window, also where a script is played.")
  var offscreen = false

  @Flag(help: "Print the mean time of a frame at the end.")
  var timing = false

  func validate() throws {
    if let frames, frames < 1 { throw ValidationError("--frames: expected at least 1") }
    if let scale, !(0.5...4).contains(scale) { throw ValidationError("--scale: expected 0.5 to 4") }
    for name in layer where !LayerNames.isName(name) {
      throw ValidationError("--layer: there is no layer \"\(name)\", expected \(LayerNames.all)")
    }
    if video != nil && frames == nil && script == nil { throw ValidationError("--video needs --frames or --script") }
  }

  func run() throws {
    var options = ViewerOptions()
    options.input = input
    options.parameters = settings.map { ($0.name, $0.value) }
    options.solver = solver
    options.comparedSolvers = compare
    options.shadowSolvers = shadow
    if let size { (options.width, options.height) = (size.width, size.height) }
    options.scale = scale
    options.panels = panel.isEmpty ? nil : panel
    options.layers = layer.isEmpty ? nil : layer
    options.isSideBySide = sideBySide
    options.isBare = bare
    options.isPaused = paused
    options.screenshot = screenshot
    options.video = video
    options.frames = frames ?? (screenshot != nil && script == nil ? 1 : nil)
    options.script = script
    options.isOffscreen = offscreen
    do {
      let application = try ViewerApplication(options)
      try application.run()
      if timing { printTiming(application) }
    } catch let error as InputError {
      throw failure(error, status: error.kind.rawValue)
    } catch let error as ScriptFailure {
      throw failure(error, status: 70)
    } catch let error as GraphicsError {
      throw failure(error, status: 69)
    }
  }

  private func printTiming(_ application: ViewerApplication) {
    let (frames, whole, own) = application.statistics
    print(
      "\(frames) frames, \(Quantity.time(microseconds: 1e6 * whole)) a frame, of it ours \(Quantity.time(microseconds: 1e6 * own))"
    )
  }

  private func failure(_ error: any Error, status: Int32) -> ExitCode {
    fputs("error: \(error)\n", stderr)
    return ExitCode(status)
  }
}
