import ConstraintSystem
import Dynamics
import Laboratory
import LinearAlgebra

/// What the render thread asks the simulation's for, beside poses.
package struct FrameOptions: Equatable, Sendable {
  var contacts = false
  var joints = false
  var islands = false
  var convergence = false
  /// The picture of a matrix.
  var system: SystemPicture.Kind?
  /// Row and column under the mouse in that picture.
  var inspectedEntry: SIMD2<Int>?
  /// Whether what depends on the clock is left out, so that two runs give the same pictures.
  var isReproducible = false

  package init() {}
}

/// A contact as it is drawn.
struct ContactMark {
  /// The middle between the surfaces (m) and the normal from body a to b.
  var position: Vector3
  var normal: Vector3
  /// Force on body b (N).
  var force: Vector3
  var mode: ContactMode
  var friction: Double
}

/// A joint as it is drawn.
struct JointMark {
  var lines: [(Vector3, Vector3)]
  /// ‖C‖ of its rows (m).
  var error: Double
}

/// One world as the simulation's thread left it.
struct WorldFrame {
  /// The solver's text.
  var solver: String
  var poses: [RigidTransform]
  var velocities: [Vector6]
  var contacts: [ContactMark] = []
  var joints: [JointMark] = []
  /// Island of every body, −1 for one that does not move.
  var islands: [Int32] = []
  /// The last steps.
  var trace: [TraceSample] = []
  /// First step after which a body was farther than `ViewSession.partingDistance` from the driver's.
  var partedAt: Int?
  /// What ended it.
  var failure: String?
}

/// A solver that solves the driver's problems, and what its last solve cost.
struct ShadowFrame {
  var solver: String
  var record: StepRecord?
  var isUnsupported: Bool
}

/// What the viewer shows of a moment: made by the simulation's thread, read by the one that draws.
package final class ViewFrame {
  let cast: Cast
  let origin: ViewSession.Origin
  /// Steps done, and time (s).
  package let step: Int
  let time: Double
  let timestep: Double
  /// Steps that can be gone to.
  package let range: ClosedRange<Int>
  /// The driver first.
  let worlds: [WorldFrame]
  let shadows: [ShadowFrame]
  /// The driver's last step; nil before the first.
  let record: StepRecord?
  let settings: StepSettings
  let drag: Drag?
  let shotCount: Int
  /// An error to be shown.
  package let message: String?
  let system: SystemPicture?
  let convergence: [ConvergenceCurve]
  /// Changes with every change that could be seen.
  let revision: Int

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
