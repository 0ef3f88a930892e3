import ConstraintSystem
import Foundation
import Laboratory
import LinearAlgebra
import Testing
import Viewer

/// The simulation's thread and the one that draws.
@Suite(.serialized) struct HostTests {
  /// Waits until something holds, at most some seconds.
  private static func wait(_ seconds: Double = 20, until holds: () -> Bool) -> Bool {
    let deadline = Clock.now() + seconds
    while Clock.now() < deadline {
      if holds() { return true }
      Thread.sleep(forTimeInterval: 0.002)
    }
    return holds()
  }

  @Test func timeRunsAsItIsTold() throws {
    let session = try ViewSession(scene: SessionTests.scene("stacks/stack"), solver: "newton")
    let host = SimulationHost(session, mode: .realTime)
    let start = Clock.now()
    #expect(Self.wait { host.frame.step >= 30 })
    // Thirty steps of a sixtieth take half a second; never less, but for the first frames.
    #expect(Clock.now() - start > 0.4)
    host.update { $0.isPaused = true }
    _ = Self.wait(0.2) { false }
    let paused = host.frame.step
    _ = Self.wait(0.2) { false }
    #expect(host.frame.step == paused)
    host.perform { $0.attempt { try $0.move(by: 1) } }
    #expect(Self.wait { host.frame.step == paused + 1 })
    host.perform { $0.attempt { try $0.move(by: -2) } }
    #expect(Self.wait { host.frame.step == paused - 1 })
    host.perform { $0.attempt { try $0.change(solver: "nosuch") } }
    #expect(Self.wait { host.frame.message?.contains("nosuch") == true })
    host.stop()
  }

  /// A step of hundreds of milliseconds does not hold up who draws: taking a frame is the swap of a reference. A whole
  /// millisecond is allowed for the machine's other work, at the median of many.
  @Test func drawingDoesNotWaitForSteps() throws {
    let session = try ViewSession(
      scene: SessionTests.scene("stacks/pyramid"), setting: [("base", 40)], solver: "pgs:iterations=2000")
    let host = SimulationHost(session, mode: .realTime)
    var waits: [Double] = []
    var steps: Set<Int> = []
    _ = Self.wait(1.5) {
      let start = Clock.now()
      steps.insert(host.frame.step)
      waits.append(Clock.now() - start)
      return false
    }
    #expect(waits.sorted()[waits.count / 2] < 1e-3)
    // It was slow, or nothing was shown: 1.5 s hold 90 steps of real time.
    #expect(steps.count < 60)
    host.stop()
  }

  /// Frames and steps in lockstep: as many steps as the time holds, at any pace.
  @Test(arguments: [0.25, 1.0, 3.0]) func lockstepKeepsThePace(speed: Double) throws {
    let session = try ViewSession(scene: SessionTests.scene("stacks/stack"), solver: "newton")
    var pace = SimulationHost.Pace()
    pace.speed = speed
    let host = SimulationHost(session, mode: .lockstep, pace: pace)
    for _ in 0..<80 { host.advance(1.0 / 60) }
    #expect(host.frame.step == Int((80 * speed).rounded()))
    host.stop()
  }
}
