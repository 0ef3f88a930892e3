import ConstraintSystem
import Dynamics
import Laboratory
import LinearAlgebra

/// What the render thread asks the simulation's for, beside poses.
package struct FrameOptions: Equatable, Sendable {
  package var contacts = false
  package var joints = false
  package var islands = false
  package var convergence = false
  /// The picture of a matrix.
  package var system: SystemPicture.Kind?
  /// Row and column under the mouse in that picture.
  package var inspectedEntry: SIMD2<Int>?
  /// Whether what depends on the clock is left out, so that two runs give the same pictures.
  package var isReproducible = false

  package init() {}
}

/// A contact as it is drawn.
package struct ContactMark {
  /// The middle between the surfaces (m) and the normal from body a to b.
  package var position: Vector3
  package var normal: Vector3
  /// Force on body b (N).
  package var force: Vector3
  package var mode: ContactMode
  package var friction: Double
}

/// A joint as it is drawn.
package struct JointMark {
  package var lines: [(Vector3, Vector3)]
  /// ‖C‖ of its rows (m).
  package var error: Double
}

/// One world as the simulation's thread left it.
package struct WorldFrame {
  /// The solver's text.
  package var solver: String
  package var poses: [RigidTransform]
  package var velocities: [Vector6]
  package var contacts: [ContactMark] = []
  package var joints: [JointMark] = []
  /// Island of every body, −1 for one that does not move.
  package var islands: [Int32] = []
  /// The last steps.
  package var trace: [TraceSample] = []
  /// First step after which a body was farther than `ViewSession.partingDistance` from the driver's.
  package var partedAt: Int?
  /// What ended it.
  package var failure: String?
}

/// A solver that solves the driver's problems, and what its last solve cost.
package struct ShadowFrame {
  package var solver: String
  package var record: StepRecord?
  package var isUnsupported: Bool
}

/// What the viewer shows of a moment: made by the simulation's thread, read by the one that draws.
package final class ViewFrame {
  package let cast: Cast
  package let origin: ViewSession.Origin
  /// Steps done, and time (s).
  package let step: Int
  package let time: Double
  package let timestep: Double
  /// Steps that can be gone to.
  package let range: ClosedRange<Int>
  /// The driver first.
  package let worlds: [WorldFrame]
  package let shadows: [ShadowFrame]
  /// The driver's last step; nil before the first.
  package let record: StepRecord?
  package let settings: StepSettings
  package let drag: Drag?
  package let shotCount: Int
  /// An error to be shown.
  package let message: String?
  package let system: SystemPicture?
  package let convergence: [ConvergenceCurve]
  /// Changes with every change that could be seen.
  package let revision: Int

  init(
    cast: Cast, origin: ViewSession.Origin, step: Int, time: Double, timestep: Double, range: ClosedRange<Int>,
    worlds: [WorldFrame], shadows: [ShadowFrame], record: StepRecord?, settings: StepSettings, drag: Drag?,
    shotCount: Int, message: String?, system: SystemPicture?, convergence: [ConvergenceCurve], revision: Int
  ) {
    self.cast = cast
    self.origin = origin
    self.step = step
    self.time = time
    self.timestep = timestep
    self.range = range
    self.worlds = worlds
    self.shadows = shadows
    self.record = record
    self.settings = settings
    self.drag = drag
    self.shotCount = shotCount
    self.message = message
    self.system = system
    self.convergence = convergence
    self.revision = revision
  }
}
