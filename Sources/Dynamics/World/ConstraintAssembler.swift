import ConstraintSystem
import LinearAlgebra

/// How position errors are kept from growing.
public enum Stabilization: String, Sendable, CaseIterable, Codable {
  /// β = (γ/h) C in the velocity rows, γ = 0.2 (Baumgarte 1972).
  case baumgarte
  /// Rows as damped springs (30 Hz for contacts, 60 Hz for joints, ζ = 5 and 2), then a pass without them (Catto 2023).
  case soft
  /// β = 0 in the velocity rows; after the step a second problem moves the positions back onto C = 0.
  case projection
}

/// Turns joints and contacts into rows of a problem: the one place that knows time step, stage and stabilisation.
///
/// The velocity stage asks for v⁺; the position stage asks for pseudo-velocities Δx/h that undo the error C, with
/// v* = 0 and without motors and springs. A joint writes the same rows for both.
public final class ConstraintAssembler {
  /// What the rows are for.
  public enum Stage: Sendable {
    /// The step's velocities.
    case velocity
    /// The velocities again without the springs of `soft` (relaxation).
    case relaxation
    /// The positions after the step.
    case position
    /// The velocities of a step that moves positions first: rigid rows ask for `errorShare` of C/h.
    case displacement
    /// Constraints at displaced poses: rows of C/h, see `PositionModel`.
    case evaluation
  }

  /// The problem that is being written.
  public private(set) var problem: ConstraintProblem
  /// The world whose poses are read.
  public unowned(unsafe) let world: World
  /// Step length h (s).
  public private(set) var timestep = 0.0
  /// Time (s) at the end of the step: what schedules are read at.
  public private(set) var time = 0.0
  /// Time (s) that the bodies' poses belong to: a step's start for velocities, its end for positions.
  public var poseTime: Double { stage == .position || stage == .evaluation ? time : time - timestep }
  /// What the rows are for.
  public private(set) var stage = Stage.velocity
  /// How position errors are kept from growing.
  public private(set) var stabilization = Stabilization.projection

  /// How long (s) forces act: what a bound on a force is multiplied by to bound an impulse.
  public private(set) var forceTime = 0.0

  /// C of every joint's row in the last velocity problem (m or rad), at the poses before the step; 0 for open limits,
  /// springs and motors. Joints come first in a problem.
  let jointErrors = Buffer<Double>()
  private var rowError = 0.0
  /// Part of J Δ/h in C/h of every joint's row that the stage `evaluation` wrote: 0 for a rigid row, 1 for a motor, c/(hk + c) for
  /// a spring.
  let rateShares = Buffer<Double>()
  private var rateShare = 0.0
  private var errorShare = 1.0

  private var bodyA = -1
  private var bodyB = -1
  var columnA = -1
  var columnB = -1
  private var key: UInt64 = 0

  init(world: World) {
    self.world = world
    problem = ConstraintProblem()
  }

  func begin(
    _ problem: ConstraintProblem, stage: Stage, stabilization: Stabilization, timestep: Double, time: Double,
    forceTime: Double? = nil, errorShare: Double = 1
  ) {
    self.errorShare = errorShare
    self.forceTime = forceTime ?? timestep
    self.problem = problem
    self.stage = stage
    self.stabilization = stabilization
    self.timestep = timestep
    self.time = time
    if stage == .velocity || stage == .displacement { jointErrors.removeAll() }
    rateShares.removeAll()
  }

  /// Empties the problem's rows for the next constraint of the stage `evaluation`.
  func clearRows() {
    problem.removeRows()
    rateShares.removeAll()
  }

  /// Names the constraint whose blocks follow: its bodies and its identity from step to step.
  func beginConstraint(bodyA: BodyID?, bodyB: BodyID, key: UInt64) {
    self.bodyA = bodyA?.index ?? -1
    self.bodyB = bodyB.index
    columnA = self.bodyA < 0 ? -1 : Int(world.columns[self.bodyA])
    columnB = Int(world.columns[self.bodyB])
    self.key = key
  }

  /// Pose of body a's centre of mass; the identity for the world.
  public var poseA: RigidTransform { bodyA < 0 ? .identity : world.poses.pointer[bodyA] }
  /// Pose of body b's centre of mass.
  public var poseB: RigidTransform { world.poses.pointer[bodyB] }

  /// Opens a block of equality rows, of limits or of motors. `part` (0 … 255) tells a joint's blocks apart.
  public func beginBlock(_ set: ConstraintSet, part: Int) {
    problem.beginBlock(bodyA: columnA, bodyB: columnB, set: set, key: key | UInt64(part))
  }

  /// A rigid equality row with the error C (m or rad).
  public func rigidRow(_ row: JacobianRow, error: Double) {
    rowError = error
    switch (stage, stabilization) {
    case (.position, _), (.evaluation, _): add(row, bias: error / timestep)
    case (.displacement, _): add(row, bias: errorShare * error / timestep)
    case (.velocity, .baumgarte): add(row, bias: 0.2 * error / timestep)
    case (.velocity, .soft):
      let spring = SoftRow(frequency: 60, dampingRatio: 2, inverseMass: effectiveInverseMass(row), timestep: timestep)
      add(row, bias: spring.biasRate * error, compliance: spring.compliance)
    case (.velocity, .projection), (.relaxation, _): add(row, bias: 0)
    }
  }

  /// A damped spring: force = −k C − c dC/dt, implicit. k in N/m (N·m/rad), c in N·s/m (N·m·s/rad).
  ///
  /// Call it only where `wantsSprings`; the position stage has none.
  public func springRow(_ row: JacobianRow, error: Double, stiffness: Double, damping: Double) {
    let spring = SoftRow(stiffness: stiffness, damping: damping, timestep: timestep, forceTime: forceTime)
    rateShare = max(0, 1 - timestep * spring.biasRate)
    add(row, bias: spring.biasRate * error, compliance: spring.compliance)
  }

  /// A one-sided row, λ ≥ 0: keeps `gap` (m or rad; negative = violated) from becoming negative; u = d gap/dt.
  ///
  /// A positive gap may close within the step but not beyond.
  public func limitRow(_ row: JacobianRow, gap: Double) {
    rowError = min(0, gap)
    add(row, bias: oneSidedBias(gap), lower: 0)
  }

  /// A motor: drives u to `target` (m/s or rad/s) with at most `maximum` (N or N·m).
  ///
  /// Call it only where `wantsMotors`.
  public func motorRow(_ row: JacobianRow, target: Double, maximum: Double) {
    rateShare = 1
    add(row, bias: -target, lower: -maximum * forceTime, upper: maximum * forceTime)
  }

  /// A one-sided spring whose impulse stays in [lower, upper] (N·s).
  public func boundedSpringRow(
    _ row: JacobianRow, error: Double, stiffness: Double, damping: Double, lower: Double, upper: Double
  ) {
    let spring = SoftRow(stiffness: stiffness, damping: damping, timestep: timestep, forceTime: forceTime)
    rateShare = max(0, 1 - timestep * spring.biasRate)
    add(row, bias: spring.biasRate * error, compliance: spring.compliance, lower: lower, upper: upper)
  }

  /// Whether the stage has springs and motors: all but the position stage.
  public var wantsForces: Bool { stage != .position }

  /// β of a one-sided row: what a gap may close, or how a violation is undone.
  func oneSidedBias(_ gap: Double) -> Double {
    if gap > 0 || stage == .position || stage == .evaluation { return gap / timestep }
    if stage == .displacement { return errorShare * gap / timestep }
    switch stabilization {
    case .baumgarte: return 0.2 * gap / timestep
    case .soft: return stage == .relaxation ? 0 : max(0.2 * gap / timestep, -4)
    case .projection: return 0
    }
  }

  /// J M⁻¹ Jᵀ of one row.
  func effectiveInverseMass(_ row: JacobianRow) -> Double {
    var sum = 0.0
    if columnA >= 0 { sum += row.a.dot(problem.bodies.pointer[columnA].inverseTimes(row.a)) }
    if columnB >= 0 { sum += row.b.dot(problem.bodies.pointer[columnB].inverseTimes(row.b)) }
    return sum
  }

  private func add(
    _ row: JacobianRow, bias: Double, compliance: Double = 0, lower: Double = -.infinity, upper: Double = .infinity
  ) {
    // A body that moves by itself (kinematic) has no column: its velocity is part of the bias.
    // In the stage `evaluation` it has moved already, and only rates know of it.
    let drift = stage == .position ? 0 : (stage == .evaluation ? rateShare : 1)
    var beta = bias
    if drift != 0 {
      if columnA < 0 && bodyA >= 0 { beta += drift * row.a.dot(world.velocities.pointer[bodyA]) }
      if columnB < 0 { beta += drift * row.b.dot(world.velocities.pointer[bodyB]) }
    }
    problem.addRow(row, bias: beta, compliance: compliance, lower: lower, upper: upper)
    if stage == .velocity || stage == .displacement { jointErrors.append(rowError) }
    if stage == .evaluation { rateShares.append(rateShare) }
    rowError = 0
    rateShare = 0
  }
}

/// Softness and bias of a row that is a damped spring, integrated implicitly (Catto, "Soft Constraints", GDC 2011):
/// σ = 1/(h_f (hk + c)), β = hk/(hk + c) · C/h, where the force acts for h_f = h (the first substep may differ, see
/// `StepSettings.startsHalfway`).
public struct SoftRow: Sendable {
  /// σ (1/kg or 1/(kg·m²)).
  public let compliance: Double
  /// β / C (1/s).
  public let biasRate: Double

  /// From stiffness k (N/m) and damping c (N·s/m); k = c = 0 gives a row without any force.
  public init(stiffness k: Double, damping c: Double, timestep h: Double, forceTime: Double? = nil) {
    let a = h * k + c
    compliance = a > 0 ? 1 / ((forceTime ?? h) * a) : 1e300
    biasRate = a > 0 ? k / a : 0
  }

  /// From a frequency (Hz) and a damping ratio ζ of the row's effective mass 1/`inverseMass`.
  public init(frequency: Double, dampingRatio: Double, inverseMass: Double, timestep h: Double) {
    let omega = 2 * Double.pi * frequency
    let mass = inverseMass > 0 ? 1 / inverseMass : 0
    self.init(stiffness: mass * omega * omega, damping: 2 * mass * dampingRatio * omega, timestep: h)
  }
}
