import ConstraintSystem
import Dynamics
import Foundation
import Laboratory
import LinearAlgebra
import Testing
import Viewer

/// What the viewer does with worlds, without drawing them.
@Suite struct SessionTests {
  static func scene(_ name: String) throws -> SceneFile {
    try SceneFile(readingFileAt: "Scenes/\(name).json")
  }

  static func frame(_ session: ViewSession, _ edit: (inout FrameOptions) -> Void = { _ in }) -> ViewFrame {
    var options = FrameOptions()
    options.isReproducible = true
    edit(&options)
    return session.frame(options)
  }

  static func position(_ session: ViewSession, _ body: String, world: Int = 0) throws -> Vector3 {
    let frame = frame(session)
    return frame.worlds[world].poses[try #require(frame.cast.names.firstIndex(of: body))].position
  }

  /// Looking must not change what is looked at: the same bits as a run without viewer, with everything switched on.
  @Test(arguments: ["stacks/stack", "chains/chain", "impact/dominoes"])
  func aWatchedRunIsTheSameRun(_ name: String) throws {
    let file = try Self.scene(name)
    var options = RunOptions()
    options.steps = 40
    let result = try Runner(scene: file.build(), solver: "newton", options: options).run()
    let session = try ViewSession(scene: file, solver: "newton")
    try session.setShadow("pgs", true)
    try session.addWorld(solver: "ldl")
    var hash: UInt64 = 0
    for _ in 0..<40 {
      #expect(session.advance())
      let frame = Self.frame(session) {
        $0.contacts = true
        $0.joints = true
        $0.islands = true
        $0.system = .delassus
      }
      hash = try #require(frame.record).stateHash
    }
    #expect(String(hash, radix: 16) == result.stateHash.drop { $0 == "0" })
  }

  /// Back and forth gives the same bits, drags and shots included: a step back restores and repeats.
  @Test func timeRunsBothWays() throws {
    let session = try ViewSession(scene: Self.scene("stacks/stack"), solver: "newton")
    var states: [[RigidTransform]] = [Self.frame(session).worlds[0].poses]
    for step in 0..<30 {
      if step == 8 { session.drag = Drag(body: 5, local: Vector3(0.5, 0, 0), target: Vector3(2, 5, 0)) }
      if step == 12 { session.drag = nil }
      if step == 15 {
        try session.shoot(from: Vector3(-6, 12, 0), velocity: Vector3(20, 0, 0), size: 0.4)
      }
      session.advance()
      states.append(Self.frame(session).worlds[0].poses)
    }
    #expect(states[30].count == states[14].count + 1)
    for target in [29, 16, 14, 9, 1, 0, 10, 27, 30] {
      try session.seek(target)
      #expect(session.step == target)
      #expect(Self.frame(session).worlds[0].poses == states[target], "step \(target)")
    }
    #expect(session.range == 0...30)
  }

  /// The pull holds any point of any body: after six seconds it is within a millimetre of a target that stands still,
  /// whatever the step: what lasts longest is the turning about the held point, which goes at 4 I/(I + m r²) = 1.1/s.
  @Test(arguments: [1.0 / 30, 1.0 / 60, 1.0 / 240])
  func thePullReachesItsTarget(timestep: Double) throws {
    let file = try SceneFile(
      text: """
        { "summary": "one long box", "bodies": [
          { "name": "bar", "position": [0, 5, 0], "shape": { "type": "box", "halfExtents": [1.5, 0.1, 0.3] } } ] }
        """, path: "bar.json")
    let session = try ViewSession(scene: file)
    try session.change { $0.timestep = timestep }
    let local = Vector3(1.4, 0.1, -0.2)
    let target = Vector3(2.5, 6.5, 0.6)
    session.drag = Drag(body: 0, local: local, target: target)
    for _ in 0..<Int(6 / timestep) { session.advance() }
    let pose = Self.frame(session).worlds[0].poses[0]
    #expect((pose.apply(local) - target).length < 1e-3)
  }

  /// One drag, all worlds.
  @Test func thePullActsInEveryWorld() throws {
    let session = try ViewSession(scene: Self.scene("stacks/stack"), solver: "newton")
    try session.addWorld(solver: "pgs")
    try session.addWorld(solver: "nncg")
    let body = try #require(Self.frame(session).cast.names.firstIndex(of: "box19"))
    let target = Vector3(3, 22, 0)
    session.drag = Drag(body: body, local: .zero, target: target)
    for _ in 0..<60 { session.advance() }
    let frame = Self.frame(session)
    #expect(frame.worlds.count == 3)
    for world in frame.worlds { #expect((world.poses[body].position - target).length < 0.01) }
  }

  /// Worlds that part say when: exact solvers stay within a millimetre, five sweeps do not hold twenty boxes.
  @Test func worldsSayWhenTheyPart() throws {
    let session = try ViewSession(scene: Self.scene("stacks/stack"), solver: "newton")
    try session.addWorld(solver: "ldl")
    try session.addWorld(solver: "pgs:iterations=5")
    for _ in 0..<40 { session.advance() }
    var frame = Self.frame(session)
    #expect(frame.worlds[1].partedAt == nil)
    let parted = try #require(frame.worlds[2].partedAt)
    try session.seek(parted)
    frame = Self.frame(session)
    let distance = zip(frame.worlds[0].poses, frame.worlds[2].poses).map { ($0.position - $1.position).length }.max()
    #expect(try #require(distance) <= ViewSession.partingDistance)
    try session.seek(parted + 1)
    frame = Self.frame(session)
    let after = zip(frame.worlds[0].poses, frame.worlds[2].poses).map { ($0.position - $1.position).length }.max()
    #expect(try #require(after) > ViewSession.partingDistance)
    session.removeWorld(2)
    #expect(Self.frame(session).worlds.count == 2)
  }

  /// Another solver takes over in the middle, with the same state before and after.
  @Test func theSolverChangesWhileItRuns() throws {
    let session = try ViewSession(scene: Self.scene("stacks/stack"), solver: "newton")
    for _ in 0..<5 { session.advance() }
    let before = Self.frame(session)
    try session.change(solver: "pgs:iterations=300")
    let after = Self.frame(session)
    #expect(after.worlds[0].solver == "pgs:iterations=300")
    #expect(after.worlds[0].poses == before.worlds[0].poses && after.step == before.step)
    #expect(session.advance())
    let error = #expect(throws: InputError.self) { try session.change(solver: "pgss") }
    #expect(error?.message.contains("pgs") == true)
    #expect(Self.frame(session).worlds[0].solver == "pgs:iterations=300")
  }

  /// What was is shown as it was, whatever solver is chosen since.
  @Test func anotherSolverDoesNotChangeThePast() throws {
    let session = try ViewSession(scene: Self.scene("stacks/stack"), solver: "newton")
    var states = [Self.frame(session).worlds[0].poses]
    for step in 0..<20 {
      if step == 10 { try session.change(solver: "pgs:iterations=5") }
      if step == 15 { try session.change { $0.substeps = 2 } }
      session.advance()
      states.append(Self.frame(session).worlds[0].poses)
    }
    for target in [18, 15, 14, 10, 9, 3, 0, 12] {
      try session.seek(target)
      #expect(Self.frame(session).worlds[0].poses == states[target], "step \(target)")
    }
  }

  /// A shadow solver begins with the problem that is there, and counts as the solver does by itself.
  @Test func shadowsSolveTheDriversProblems() throws {
    let session = try ViewSession(scene: Self.scene("stacks/stack"), solver: "newton")
    for _ in 0..<3 { session.advance() }
    try session.setShadow("nncg", true)
    #expect(try #require(Self.frame(session).shadows.first?.record).report.iterations > 0)
    try session.setShadow("newton", true)
    session.advance()
    let frame = Self.frame(session)
    #expect(frame.shadows.map(\.solver) == ["nncg", "newton"])
    for shadow in frame.shadows { #expect(shadow.record?.step == 3) }
    #expect(try #require(frame.shadows[1].record).residual.maximum <= 1e-6)
    try session.setShadow("nncg", false)
    #expect(Self.frame(session).shadows.map(\.solver) == ["newton"])
    // Dantzig's method has boxes alone: it says so instead of a number.
    try session.setShadow("dantzig", true)
    session.advance()
    #expect(Self.frame(session).shadows.last?.isUnsupported == true)
  }

  /// Five shadow solvers on a stack of twenty: more than sixty steps a second, pictures of the frame included. The limit
  /// is a third of what one core of 2020 does, so that a busy machine does not fail it.
  @Test func fiveShadowSolversKeepUp() throws {
    let session = try ViewSession(scene: Self.scene("stacks/stack"), solver: "newton")
    for solver in ["newton", "ldl", "nncg", "apgd", "pgs"] { try session.setShadow(solver, true) }
    for _ in 0..<10 { session.advance() }
    let start = Clock.now()
    for _ in 0..<120 {
      session.advance()
      _ = Self.frame(session)
    }
    let rate = 120 / (Clock.now() - start)
    print("five shadow solvers on stack: \(Int(rate)) steps a second")
    #expect(rate > 60)
  }

  /// A force that grows without bound ends the run with step, body and stage, and the last good state stays.
  @Test func anExplosionKeepsTheLastGoodFrame() throws {
    let file = try SceneFile(
      text: """
        { "summary": "pulled beyond all numbers", "bodies": [
          { "name": "ball", "position": [0, 5, 0], "shape": { "type": "sphere", "radius": 0.01 } } ],
          "forces": [ { "body": "ball", "force": { "direction": [1, 0, 0],
            "signal": { "table": [[0.1, 0], [0.2, 1.7e308], [0.3, 1.7e308]] } } } ] }
        """, path: "boom.json")
    let session = try ViewSession(scene: file)
    var last: [RigidTransform] = []
    var steps = 0
    while session.advance() && steps < 100 {
      steps += 1
      last = Self.frame(session).worlds[0].poses
    }
    let frame = Self.frame(session)
    let message = try #require(frame.message)
    #expect(message.contains("step \(steps)") && message.contains("ball") && message.contains("stage"))
    #expect(frame.worlds[0].poses == last && frame.step == steps)
    try session.seek(2)
    #expect(Self.frame(session).message == nil)
  }

  /// A recording is walked through in any order, and every state is the recorded one.
  @Test func aRecordingIsScrubbed() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("viewer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("run.sqlite").path
    try Self.record("impact/dominoes", steps: 150, to: path)
    let recording = try Recording(readingFileAt: path)
    let session = try ViewSession(scene: FirstScene.file)
    try session.load(recording: path)
    #expect(session.range == 0...150 && session.step == 0)
    for target in [75, 74, 10, 140, 1, 150, 99] {
      try session.seek(target)
      let states = try #require(try recording.states(of: recording.run(), after: target - 1))
      let frame = Self.frame(session)
      // Body 0 is the ground, without a slot.
      let position = frame.worlds[0].poses[1].position
      #expect([position.x, position.y, position.z] == Array(states[0..<3]), "step \(target)")
      #expect(frame.record?.step == target - 1)
    }
    // Backwards, and another solver's word on the frame.
    for step in (90..<99).reversed() {
      try session.move(by: -1)
      #expect(session.step == step)
    }
    try session.setShadow("pgs", true)
    #expect(try #require(Self.frame(session).shadows.first?.record).report.iterations > 0)
    // What a recording cannot do it says; what goes on from it can.
    #expect(throws: InputError.self) { try session.shoot(from: .zero, velocity: .zero, size: 0.1) }
    try session.leaveRecording()
    #expect(session.step == 90 && !session.origin.isRecording)
    try session.shoot(from: Vector3(0, 3, 0), velocity: .zero, size: 0.1)
    #expect(session.advance())
  }

  static func record(_ scene: String, steps: Int, to path: String) throws {
    let scene = try Self.scene(scene).build()
    var options = RunOptions()
    options.steps = steps
    let runner = try Runner(scene: scene, solver: "newton", options: options)
    let file = RecordingFile(path: path)
    let recorder = RunRecorder(file, scene: scene, steps: steps)
    runner.observers = [recorder]
    recorder.finish(runner.run(), wasInterrupted: false)
    try file.close()
  }

  /// A's known patterns: block tridiagonal for a chain; of a wall every contact is coupled to those of its two bodies.
  @Test func thePictureOfAHasTheKnownPattern() throws {
    let chain = try ViewSession(scene: Self.scene("chains/chain"), solver: "newton")
    chain.advance()
    let picture = try #require(Self.frame(chain) { $0.system = .delassus }.system)
    #expect(picture.rows == 150 && picture.raster.rowsPerCell == 1)
    for row in 0..<150 {
      for column in 0..<150 where picture.raster.sizes[row * 150 + column] > 0 {
        #expect((row / 3 - column / 3).magnitude <= 1)
      }
    }
    // Every block with its neighbour: the chain holds together. (Entries within a block may vanish.)
    for block in 0..<49 {
      let corner = 3 * block * 150 + 3 * (block + 1)
      var isCoupled = false
      for row in 0..<3 {
        for column in 0..<3 where picture.raster.sizes[corner + row * 150 + column] > 0 { isCoupled = true }
      }
      #expect(isCoupled)
    }
    #expect(picture.activities.allSatisfy { $0 == .joint })
    #expect(try #require(picture.condition).value > 1e3)

    let wall = try ViewSession(
      scene: Self.scene("stacks/wall"), setting: [("width", 4), ("height", 3)], solver: "newton")
    wall.advance()
    let frame = Self.frame(wall) { $0.system = .delassus }
    let contacts = try #require(frame.system)
    #expect(contacts.rows == 3 * (try #require(frame.record).contacts))
    let cells = contacts.raster
    var symmetric = true
    var filled = 0
    for row in 0..<cells.side {
      for column in 0..<cells.side {
        if cells.sizes[row * cells.side + column] > 0 { filled += 1 }
        symmetric = symmetric && cells.sizes[row * cells.side + column] == cells.sizes[column * cells.side + row]
      }
    }
    #expect(symmetric && filled < cells.side * cells.side)
    let bodies = try #require(Self.frame(wall) { $0.system = .bodySpace }.system)
    // 4 bricks, 3 and two halves, 4 bricks.
    #expect(bodies.rows == 6 * 13)
    // The mouse on a diagonal entry: the contact's name and its bodies.
    let inspected = try #require(
      Self.frame(wall) {
        $0.system = .delassus
        $0.inspectedEntry = SIMD2(0, 0)
      }.system?.inspected)
    #expect(inspected.text.contains("contact 1 of") && !inspected.bodies.isEmpty)
  }

  /// Contacts know what they do: a box that slides on the ground slides, one at rest sticks.
  @Test func contactsShowTheirModes() throws {
    let slide = try ViewSession(scene: Self.scene("friction/slide-stop"))
    for _ in 0..<10 { slide.advance() }
    let sliding = Self.frame(slide) { $0.contacts = true }.worlds[0].contacts
    #expect(sliding.count == 4)
    #expect(sliding.contains { $0.mode == .sliding } && !sliding.contains { $0.mode == .sticking })
    let stack = try ViewSession(scene: Self.scene("stacks/stack"), solver: "newton")
    for _ in 0..<10 { stack.advance() }
    let resting = Self.frame(stack) { $0.contacts = true }.worlds[0].contacts
    #expect(resting.count == 80 && resting.allSatisfy { $0.mode == .sticking })
    // The weights: forces on the ground add up to that of twenty boxes, to the solver's tolerance.
    let ground = resting.filter { $0.position.y < 0.01 }.reduce(0) { $0 + $1.force.y.magnitude }
    #expect((ground - 20 * 9810).magnitude < 1)
  }
}
