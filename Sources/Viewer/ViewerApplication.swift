import CImGui
import COpenGL
import ConstraintSystem
import Foundation
import Laboratory
import LinearAlgebra
import Solvers

/// The viewer: a surface, the interface, the stage and the simulation's host, frame by frame.
public final class ViewerApplication {
  private let options: ViewerOptions
  private let host: SimulationHost
  private let model: ViewerModel
  private let gui: GUI
  private let interface: ViewerInterface
  private let renderer: StageRenderer
  private let hand = Hand()
  private var framebuffer: Framebuffer
  private var input = InputState()
  private var player: ScriptPlayer?
  private var video: VideoWriter?
  /// Frames drawn.
  private var count = 0
  private var rate = 60.0
  /// Time (s) of all frames, and of our part of it: interface and stage, without simulation and OpenGL.
  private var frameTime = 0.0
  private var ownTime = 0.0
  private var isIdle = false
  /// The last, so that it outlives everything that belongs to its context.
  private let surface: any DrawingSurface

  /// Length of a frame (s) where frames and steps are in lockstep.
  private static let frameLength = 1.0 / 60
  /// Samples a pixel of the stage.
  private static let samples = 4

  /// Opens what the options say. An input that cannot be read is shown as an error over the first scene. Throws
  /// `GraphicsError`, and `InputError` for options that cannot be taken.
  public init(_ options: ViewerOptions) throws {
    self.options = options
    for panel in options.panels ?? [] where !PanelCatalog.titles.contains(panel) {
      throw InputError(
        .usage, place: "--panel",
        "there is no panel \"\(panel)\", expected \(PanelCatalog.titles.joined(separator: ", "))")
    }
    let script = try options.script.map { try Script(readingFileAt: $0) }
    let isOffscreen = options.isOffscreen || options.screenshot != nil || options.video != nil
    surface =
      isOffscreen
      ? try OffscreenSurface(
        width: Int(Float(options.width) * (options.scale ?? 1)),
        height: Int(Float(options.height) * (options.scale ?? 1)),
        scale: options.scale ?? 1)
      : try WindowSurface(title: "Delassus", width: options.width, height: options.height)
    let session = try Self.session(options)
    let isLockstep = isOffscreen || script != nil || options.frames != nil
    var pace = SimulationHost.Pace()
    pace.isPaused = options.isPaused
    host = SimulationHost(session, mode: isLockstep ? .lockstep : .realTime, pace: pace)
    model = ViewerModel(host: host, scenes: (try? SceneFile.all()) ?? [], hidesClocks: isLockstep)
    if let panels = options.panels { model.panels = Set(panels) }
    if let layers = options.layers { model.layers = Set(layers.compactMap(Layer.init(rawValue:))) }
    model.arrangement = options.isSideBySide ? .sideBySide : .overlay
    model.hasSidebars = !options.isBare
    model.isSearchOpen = model.frame.message != nil
    gui = GUI(scale: options.scale ?? surface.scale)
    interface = ViewerInterface(gui)
    gui_create(FontFile.path, 15, gui.scale)
    gui_map_keys(KeyTable.textKeys, Int32(KeyTable.textKeys.count))
    renderer = StageRenderer()
    let size = surface.size
    framebuffer = try Framebuffer(width: max(1, size.width), height: max(1, size.height), samples: Self.samples)
    if let script { player = ScriptPlayer(script) }
    if let path = options.video {
      video = try VideoWriter(path, width: framebuffer.width, height: framebuffer.height)
    }
  }

  deinit {
    host.stop()
    gui_destroy()
  }

  /// The session of the options; what cannot be opened becomes its message.
  private static func session(_ options: ViewerOptions) throws -> ViewSession {
    let session: ViewSession
    do {
      if let input = options.input, !isRecording(input) {
        session = try ViewSession(
          scene: try SceneFile.find(input), setting: options.parameters, solver: options.solver)
      } else {
        session =
          options.input == nil
          ? try ViewSession(scene: FirstScene.file, setting: options.parameters, solver: options.solver)
          : try ViewSession(scene: FirstScene.file)
        if let input = options.input { try session.load(recording: input) }
      }
    } catch let error as InputError where error.kind != .usage {
      let first = try ViewSession(scene: FirstScene.file)
      first.message = "\(error)"
      return first
    } catch let error as SolverTextError {
      throw InputError(.usage, place: "--solver", "\(error)")
    }
    for solver in options.comparedSolvers { try session.addWorld(solver: solver) }
    for solver in options.shadowSolvers { try session.setShadow(solver, true) }
    return session
  }

  private static func isRecording(_ input: String) -> Bool {
    input.hasSuffix(".sqlite") || input.hasSuffix(".db")
      || (FileHandle(forReadingAtPath: input).flatMap { try? $0.read(upToCount: 15) }) == Data("SQLite format 3".utf8)
  }

  /// Draws frames until the user leaves, the script is through or the frames are done. Throws `InputError` where a
  /// file cannot be written, and `ScriptFailure` where a script finds something else than it expects.
  public func run() throws {
    var last = Clock.now()
    while !surface.isClosing && !model.wantsToQuit {
      if let frames = options.frames, count >= frames { break }
      if let player, player.isDone { break }
      let now = Clock.now()
      let duration = model.hidesClocks ? Self.frameLength : min(now - last, 0.25)
      if now > last { rate += 0.05 * (1 / max(now - last, 1e-4) - rate) }
      last = now
      try drawFrame(duration)
    }
    if let path = options.screenshot { try framebuffer.read().write(to: path) }
    try video?.close()
    host.stop()
  }

  private func drawFrame(_ duration: Double) throws {
    let start = Clock.now()
    if let player {
      // Nobody else moves the mouse of a script.
      var ignored = InputState()
      surface.poll(&ignored, patience: 0)
      try player.act(self, &input)
    } else {
      // A picture that stands still is looked at less often.
      surface.poll(&input, patience: isIdle ? 0.05 : 0)
    }
    if model.hidesClocks { host.advance(Self.frameLength) }
    let ownStart = Clock.now()
    let shown = model.frame.revision
    model.update()
    isIdle = model.isPaused && model.frame.revision == shown && !model.isDragging && input.isQuiet
    let size = surface.size
    if (size.width != framebuffer.width || size.height != framebuffer.height) && size.width > 0 && size.height > 0 {
      framebuffer = try Framebuffer(width: size.width, height: size.height, samples: Self.samples)
    }
    let (width, height) = (framebuffer.width, framebuffer.height)
    model.viewport = interface.viewport(model, width: width, height: height)
    model.frameNewScene()
    model.followWhatLeft()
    feed(input)
    gui.beginFrame()
    gui_begin_frame(Float(width), Float(height), Float(duration))
    interface.draw(model, width: width, height: height, rate: rate)
    gui_end_frame()
    hand.handle(input, model, duration: duration)
    input.endFrame()

    let stage = model.stage.stage(model.frame, model)
    let own = Clock.now() - ownStart
    renderer.draw(
      stage, camera: model.camera, in: model.viewport, height: height, scale: gui.scale, target: framebuffer.bind)
    framebuffer.resolve()
    framebuffer.bindResolved()
    gui_draw()
    framebuffer.show()
    surface.present()
    count += 1
    ownTime += own
    frameTime += Clock.now() - start
    try video?.append(framebuffer.read())
    if model.wantsScreenshot {
      model.wantsScreenshot = false
      let picture = framebuffer.read()
      let path = "delassus-\(model.frame.origin.name)-\(model.frame.step).png"
      host.perform {
        $0.attempt { _ in
          try picture.write(to: path)
          print("wrote \(path)")
        }
      }
    }
    try player?.finishFrame(self)
  }

  private func feed(_ input: InputState) {
    // A click that began and ended between two frames is down for one.
    let buttons = zip(input.buttons, input.pressed).map { $0 || $1 }
    gui_input_mouse(input.mouse.x, input.mouse.y, buttons, input.wheel)
    for event in input.keys { gui_input_key(Int32(event.key), event.isDown) }
    gui_input_modifiers(input.isControl, input.isShift, false)
    for character in input.characters { gui_input_character(character) }
  }

  // MARK: For scripts and tests

  /// Frames drawn, and the means of their time, whole and of our own part of it (s).
  public var statistics: (frames: Int, frameTime: Double, ownTime: Double) {
    let n = Double(max(count, 1))
    return (count, frameTime / n, ownTime / n)
  }

  /// The last frame.
  package var picture: Picture { framebuffer.read() }

  var scriptModel: ViewerModel { model }
  var scriptGUI: GUI { gui }
}
