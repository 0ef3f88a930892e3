import ConstraintSystem
import Foundation

/// Runs a session: on a thread of its own, or step by step with the frames of who draws.
///
/// The two threads meet at a lock that is held for the swap of a reference. Who draws never waits for a step, and a step never
/// for a picture: frames are made between steps, at most one for each that was taken.
package final class SimulationHost: @unchecked Sendable {
  /// What drives the time.
  package enum Mode: Sendable {
    /// A thread, in real time.
    case realTime
    /// `advance` alone: frames and steps are in lockstep, the same every time.
    case lockstep
  }

  private let session: ViewSession
  private let mode: Mode
  private let condition = NSCondition()
  private var commands: [(ViewSession) -> Void] = []
  private var latest: ViewFrame
  private var isTaken = false
  private var isStopped = false
  private var hasEnded = false
  private var clock = Pace()

  /// How the time runs.
  package struct Pace: Equatable, Sendable {
    /// Whether it stands still.
    package var isPaused = false
    /// Whether it runs back.
    package var isReversed = false
    /// Seconds of the world in a second.
    package var speed = 1.0
    /// What frames have to show.
    package var options = FrameOptions()

    /// Real time, nothing beside poses.
    package init() {}
  }

  /// Largest time (s) that is made up for: a simulation slower than real time falls behind instead of running after it.
  private static let longestDelay = 0.1
  private var owed = 0.0

  package init(_ session: ViewSession, mode: Mode, pace: Pace = Pace()) {
    self.session = session
    self.mode = mode
    clock = pace
    latest = session.frame(pace.options)
    if mode == .realTime {
      let thread = Thread { [self] in run() }
      thread.name = "simulation"
      thread.stackSize = 8 << 20
      thread.start()
    } else {
      hasEnded = true
    }
  }

  /// How the time runs; a run that ends by itself pauses.
  package var pace: Pace { condition.withLock { clock } }

  /// Changes how the time runs and what is shown.
  package func update(_ edit: (inout Pace) -> Void) {
    condition.withLock {
      let before = clock
      edit(&clock)
      if clock != before { condition.signal() }
    }
  }

  /// Does something with the session, between steps.
  package func perform(_ command: @escaping (ViewSession) -> Void) {
    condition.withLock {
      commands.append(command)
      condition.signal()
    }
  }

  /// The newest frame.
  package var frame: ViewFrame {
    condition.withLock {
      isTaken = true
      return latest
    }
  }

  /// Lockstep: obeys, then does the steps of `duration` (s) of real time.
  package func advance(_ duration: Double) {
    precondition(mode == .lockstep, "the simulation has a thread of its own")
    for command in takeCommands() { command(session) }
    if !clock.isPaused {
      owed += duration * clock.speed
      let h = session.driver.simulation.settings.timestep
      // A tenth of a thousandth of a step more: sums of sixtieths must not lose one.
      while owed > 0.9999 * h {
        owed -= h
        if !step(clock) {
          clock.isPaused = true
          owed = 0
        }
      }
    }
    latest = session.frame(clock.options)
  }

  /// Ends the thread and waits for it.
  package func stop() {
    condition.withLock {
      isStopped = true
      condition.broadcast()
      while !hasEnded { condition.wait() }
    }
  }

  /// One step on or back; false where there is none.
  private func step(_ pace: Pace) -> Bool { pace.isReversed ? session.retreat() : session.advance() }

  private func takeCommands() -> [(ViewSession) -> Void] {
    condition.withLock {
      defer { commands = [] }
      return commands
    }
  }

  private func run() {
    var last = Clock.now()
    var shown = -1
    var shownOptions = FrameOptions()
    while true {
      for command in takeCommands() { command(session) }
      let now = Clock.now()
      let pace = condition.withLock { clock }
      owed = pace.isPaused ? 0 : min(owed + (now - last) * pace.speed, Self.longestDelay * max(1, pace.speed))
      last = now
      let h = session.driver.simulation.settings.timestep
      let isDue = !pace.isPaused && owed >= h
      if isDue {
        owed -= h
        if !step(pace) { condition.withLock { clock.isPaused = true } }
      }
      let revision = session.frameRevision
      if condition.withLock({ isTaken }) && (revision != shown || pace.options != shownOptions) {
        let frame = session.frame(pace.options)
        shown = revision
        shownOptions = pace.options
        condition.withLock {
          latest = frame
          isTaken = false
        }
      }
      let isDone = condition.withLock {
        if !isDue && commands.isEmpty && !isStopped {
          _ = condition.wait(
            until: Date(timeIntervalSinceNow: pace.isPaused ? 0.01 : min(0.004, max(h - owed, 0.0005))))
        }
        return isStopped
      }
      if isDone { break }
    }
    condition.withLock {
      hasEnded = true
      condition.broadcast()
    }
  }
}
