import Dynamics
import Foundation
import Laboratory
import LearnedSolvers
import LinearAlgebra
import Solvers

/// What the one who draws knows: the camera, what is open and selected, and the ways to tell the simulation.
final class ViewerModel {
  let host: SimulationHost
  let stage = StageBuilder()
  /// The newest frame.
  private(set) var frame: ViewFrame
  /// Scenes that can be chosen.
  let scenes: [SceneFile]

  var camera = Camera()
  var layers: Set<Layer> = [.joints]
  var panels: Set<String> = ["Shadow solvers", "Cost"]
  var arrangement = StageBuilder.Arrangement.overlay
  var hasSidebars = true
  var isHelpOpen = false
  var isSearchOpen = false
  var searchText = ""
  /// Recordings of the present folder, as they were when the search was opened.
  var recordings: [String] = []
  var selected: Int?
  var systemKind = SystemPicture.Kind.delassus
  var inspectedEntry: SIMD2<Int>?
  /// Text of the solver field, and of the one that adds a world.
  var solverText = ""
  var worldText = "pgs"
  /// Whether readings of the clock are left out, so that pictures are the same every time.
  let hidesClocks: Bool
  /// A picture is wanted by the user.
  var wantsScreenshot = false
  var wantsToQuit = false
  /// The part of the frame that shows the stage.
  var viewport = StageRenderer.Viewport(x: 0, y: 0, width: 1, height: 1)

  /// Size of the scene (m), measured when it is framed; and of one of its bodies.
  private(set) var sceneRadius = 5.0
  private(set) var typicalRadius = 1.0
  /// What is being dragged: the world in whose picture, and the depth of the point along the view (m).
  private var grip: (world: Int, depth: Double)?
  private var framedOrigin = ""
  /// Whether the camera stands where it was put by the viewer, not by the user.
  var isCameraUntouched = true

  init(host: SimulationHost, scenes: [SceneFile], hidesClocks: Bool) {
    self.host = host
    self.scenes = scenes
    self.hidesClocks = hidesClocks
    frame = host.frame
    solverText = frame.worlds[0].solver
  }

  /// Takes the newest frame and says what the next ones need.
  func update() {
    let before = frame.worlds[0].solver
    frame = host.frame
    if frame.worlds[0].solver != before { solverText = frame.worlds[0].solver }
    var options = FrameOptions()
    let contactLayers: Set<Layer> = [.contacts, .normals, .forces, .cones]
    options.contacts = !layers.isDisjoint(with: contactLayers)
    options.joints = layers.contains(.joints)
    options.islands = layers.contains(.islands)
    options.convergence = hasSidebars && panels.contains("Convergence")
    options.system = hasSidebars && panels.contains("System") ? systemKind : nil
    options.inspectedEntry = inspectedEntry
    options.isReproducible = hidesClocks
    host.update { $0.options = options }
    stage.update(frame.cast)
    if let selected, selected >= frame.cast.names.count { self.selected = nil }
  }

  /// Bodies that the System panel points at.
  var highlighted: [Int] {
    guard panels.contains("System"), inspectedEntry != nil else { return [] }
    return frame.system?.inspected?.bodies ?? []
  }

  var isPaused: Bool { host.pace.isPaused }

  // MARK: Time

  func togglePause() { host.update { $0.isPaused.toggle() } }
  func toggleReverse() { host.update { $0.isReversed.toggle() } }
  func pause() { host.update { $0.isPaused = true } }
  func setSpeed(_ speed: Double) { host.update { $0.speed = min(max(speed, 0.01), 100) } }

  func move(by count: Int) {
    pause()
    host.perform { $0.attempt { try $0.move(by: count) } }
  }

  func seek(_ step: Int) {
    pause()
    host.perform { $0.attempt { try $0.seek(step) } }
  }

  func restart() { host.perform { $0.attempt { try $0.restart() } } }

  // MARK: Scenes and solvers

  func open(_ file: SceneFile, setting parameters: [(name: String, value: Double)] = [], keepsSolver: Bool = false) {
    selected = nil
    inspectedEntry = nil
    if !keepsSolver { framedOrigin = "" }
    host.perform {
      $0.attempt {
        try $0.load(file, setting: parameters, keepsSolver: keepsSolver)
        $0.message = nil
      }
    }
  }

  /// Opens a recording.
  func open(recording path: String) {
    selected = nil
    inspectedEntry = nil
    framedOrigin = ""
    host.perform {
      $0.attempt {
        try $0.load(recording: path)
        $0.message = nil
      }
    }
  }

  func nextScene(_ step: Int) {
    guard !scenes.isEmpty else { return }
    let index = scenes.firstIndex { $0.name == frame.origin.name }
    let next = index.map { ($0 + step + scenes.count) % scenes.count } ?? 0
    open(scenes[next])
  }

  func setParameter(_ name: String, _ value: Double) {
    guard case .scene(let file, var parameters) = frame.origin,
      let index = parameters.firstIndex(where: { $0.name == name })
    else { return }
    parameters[index].value = value
    open(file, setting: parameters, keepsSolver: true)
  }

  func setSolver(_ text: String) { host.perform { $0.attempt { try $0.change(solver: text) } } }

  func nextSolver(_ step: Int) {
    let names = SolverCatalog.complete.choices.map(\.name)
    let name = frame.worlds[0].solver.prefix { $0 != ":" }
    let index = names.firstIndex { $0 == name } ?? 0
    setSolver(names[(index + step + names.count) % names.count])
  }

  func setShadow(_ solver: String, _ isOn: Bool) { host.perform { $0.attempt { try $0.setShadow(solver, isOn) } } }
  func addWorld(_ solver: String) { host.perform { $0.attempt { try $0.addWorld(solver: solver) } } }
  func removeWorld(_ index: Int) { host.perform { $0.removeWorld(index) } }

  func change(_ edit: @escaping (inout StepSettings) -> Void) {
    host.perform { $0.attempt { try $0.change(edit) } }
  }

  // MARK: Looking

  /// Shows everything again where all that moves has left the picture, unless the user looks elsewhere on purpose.
  func followWhatLeft() {
    guard isCameraUntouched, !isDragging else { return }
    let poses = frame.worlds[0].poses
    var hasMoving = false
    for (body, kind) in frame.cast.kinds.enumerated() where kind == .dynamic && body < poses.count {
      hasMoving = true
      if let place = camera.project(poses[body].position, aspect: viewport.aspect),
        place.x.magnitude <= 1 && place.y.magnitude <= 1
      {
        return
      }
    }
    if hasMoving { frameAll() }
  }

  /// Shows the selected body, or everything.
  func frameAll() {
    isCameraUntouched = true
    if let selected, selected < frame.worlds[0].poses.count {
      let reach = 3 * max(stage.models[selected].radius, 0.01)
      camera.frame(
        BoundingBox(
          center: frame.worlds[0].poses[selected].position, halfExtents: Vector3(reach, reach, reach)),
        aspect: viewport.aspect)
    } else {
      let box = stage.bounds(frame)
      measure(box.halfExtents.length)
      let offset = stage.offset(frame.worlds.count - 1, frame, arrangement, radius: sceneRadius)
      camera.frame(box.swept(by: offset), aspect: viewport.aspect)
    }
  }

  /// Shows all of a scene that has just come.
  func frameNewScene() {
    let origin = "\(frame.origin.name) \(frame.origin.isRecording)"
    guard origin != framedOrigin else { return }
    framedOrigin = origin
    selected = nil
    camera = Camera()
    frameAll()
  }

  private func measure(_ radius: Double) {
    sceneRadius = radius
    let radii = zip(stage.models, frame.cast.kinds).filter { $1 == .dynamic && !$0.pieces.isEmpty }.map(\.0.radius)
    typicalRadius = radii.isEmpty ? 1 : radii.sorted()[radii.count / 2]
  }

  func toggle(_ layer: Layer) { layers.formSymmetricDifference([layer]) }
  func toggle(panel: String) { panels.formSymmetricDifference([panel]) }

  // MARK: Hands

  /// The ray through a pixel.
  func ray(at pixel: SIMD2<Float>) -> Ray {
    camera.ray(
      x: 2 * (Double(pixel.x) - Double(viewport.x)) / Double(viewport.width) - 1,
      y: 2 * (Double(pixel.y) - Double(viewport.y)) / Double(viewport.height) - 1, aspect: viewport.aspect)
  }

  /// The pixel that a point of the world is at; nil behind the eye.
  func pixel(of point: Vector3) -> SIMD2<Float>? {
    camera.project(point, aspect: viewport.aspect).map {
      SIMD2(
        Float(viewport.x) + Float($0.x + 1) / 2 * Float(viewport.width),
        Float(viewport.y) + Float($0.y + 1) / 2 * Float(viewport.height))
    }
  }

  /// Selects the body at a pixel and, where it moves, takes hold of it.
  func press(at pixel: SIMD2<Float>) {
    let ray = ray(at: pixel)
    guard let hit = stage.pick(ray, frame, self) else {
      selected = nil
      return
    }
    selected = hit.body
    guard frame.cast.kinds[hit.body] == .dynamic, !frame.origin.isRecording else { return }
    let offset = stage.offset(hit.world, frame, arrangement, radius: sceneRadius)
    let local = frame.worlds[hit.world].poses[hit.body].applyInverse(hit.point - offset)
    grip = (hit.world, (hit.point - ray.origin).dot(camera.axes.forward))
    let drag = Drag(body: hit.body, local: local, target: hit.point - offset)
    host.perform { $0.drag = drag }
  }

  var isDragging: Bool { grip != nil }

  /// Pulls what is held to the ray through a pixel, in the plane across the view in which it was taken.
  func drag(to pixel: SIMD2<Float>) {
    guard let grip else { return }
    let ray = ray(at: pixel)
    let point = ray.origin + grip.depth / max(ray.direction.dot(camera.axes.forward), 1e-6) * ray.direction
    let target = point - stage.offset(grip.world, frame, arrangement, radius: sceneRadius)
    host.perform { $0.drag?.target = target }
  }

  func release() {
    guard grip != nil else { return }
    grip = nil
    host.perform { $0.drag = nil }
  }

  /// Shoots a box from the eye along the ray through a pixel.
  func shoot(at pixel: SIMD2<Float>) {
    let ray = ray(at: pixel)
    // As fast as something that fell from three times the scene's height.
    let speed = (2 * 9.81 * 6 * max(sceneRadius, 0.2)).squareRoot()
    let size = min(max(0.35 * typicalRadius, 0.02), 0.12 * max(sceneRadius, 0.1))
    let start = ray.origin + min(0.3 * camera.distance, 3 * sceneRadius) * ray.direction
    host.perform { $0.attempt { try $0.shoot(from: start, velocity: speed * ray.direction, size: size) } }
  }

  /// Closes what is open, lets go, selects nothing.
  func cancel() {
    if isHelpOpen || isSearchOpen {
      isHelpOpen = false
      isSearchOpen = false
    } else {
      release()
      selected = nil
      inspectedEntry = nil
      host.perform { $0.message = nil }
    }
  }
}
