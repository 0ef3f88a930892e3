import ConstraintSystem
import LinearAlgebra

/// A gear: the turn of body b about an axis is `ratio` times the turn of body a about another, both axes at rest in the
/// world; joints of their own hold the two wheels.
///
///     C = θ_b − ratio · θ_a = 0,   Ċ = d_b·ω_b − ratio d_a·ω_a                                          (1 row)
///
/// θ and d are angle and gradient of `TwistAngle` (d is the axis as long as the wheel does not tilt). Two spur gears of
/// n_a and n_b teeth have ratio −n_a/n_b, a belt +r_a/r_b.
///
/// θ counts turns, so that the wheels do not creep: of the values φ + 2πk the one nearest to θ of the last call + ω
/// times the time since then. That holds for any speed, as a step turns a body by h ω exactly.
public final class GearJoint: Joint {
  /// The name in scene files.
  public static let typeName = "gear"
  /// One line for listings.
  public static let summary = "θ_b = ratio · θ_a about two axes at rest: gears, belts, chains"
  /// The keys in scene files.
  public static let properties = [
    PropertyDescriptor("axisA", .vector, "axis of a's turn (world)", required: true),
    PropertyDescriptor("axisB", .vector, "axis of b's turn (world)", required: true),
    PropertyDescriptor("ratio", .number, "turns of b for one of a, negative for spur gears", required: true),
  ]

  private let first: BodyID
  /// Body a, the wheel that `ratio` counts from.
  public var bodyA: BodyID? { first }
  /// Body b.
  public let bodyB: BodyID
  /// Turns of b for one of a.
  public let ratio: Double
  private var turnA: TurnCounter
  private var turnB: TurnCounter

  /// Couples the turn of body b about the world direction `axisB` to that of body a about `axisA`. Both angles (rad)
  /// are 0 now.
  public init(_ a: BodyID, axis axisA: Vector3, _ b: BodyID, axis axisB: Vector3, ratio: Double, in world: World) {
    first = a
    bodyB = b
    self.ratio = ratio
    turnA = TurnCounter(a, axis: axisA.normalized(fallback: .unitZ), in: world)
    turnB = TurnCounter(b, axis: axisB.normalized(fallback: .unitZ), in: world)
  }

  /// Reads the joint from a scene; throws the source's errors.
  public convenience init(reading source: any PropertySource, in world: World) throws {
    let (a, b) = try source.jointBodies()
    guard let a else { throw source.invalid("a", expected: "the name of a body") }
    let ratio = try source.number("ratio")
    guard ratio != 0 else { throw source.invalid("ratio", expected: "a number that is not 0") }
    self.init(
      a, axis: try source.direction("axisA"), b, axis: try source.direction("axisB"), ratio: ratio, in: world)
  }

  /// Writes the rows above.
  public func assemble(_ rows: ConstraintAssembler) {
    let a = turnA.update(rows.poseA.orientation, rows.world.velocities.pointer[first.index].angular, rows)
    let b = turnB.update(rows.poseB.orientation, rows.world.velocities.pointer[bodyB.index].angular, rows)
    let row = JacobianRow(
      a: Vector6(linear: .zero, angular: -ratio * a), b: Vector6(linear: .zero, angular: b))
    rows.beginBlock(.free, part: 0)
    rows.rigidRow(row, error: turnB.angle - ratio * turnA.angle)
  }

  /// Angle (rad) and time (s) of both counters.
  public var state: [Double] {
    get { turnA.state + turnB.state }
    set {
      turnA.state = Array(newValue.prefix(2))
      turnB.state = Array(newValue.suffix(2))
    }
  }

  /// b's centre of mass (m, world).
  public func anchor(in world: World) -> Vector3 { world.poses.pointer[bodyB.index].position }

  /// From centre to centre.
  public func drawingLines(in world: World) -> [(Vector3, Vector3)] {
    [(world.poses[first.index].position, world.poses[bodyB.index].position)]
  }
}

/// The angle of a body about an axis at rest, turns included.
private struct TurnCounter {
  /// θ (rad) when it was last asked for.
  private(set) var angle = 0.0
  private var time = Double.nan
  private let rest: Quaternion
  private let axis: Vector3

  init(_ body: BodyID, axis: Vector3, in world: World) {
    rest = world.poses[body.index].orientation
    self.axis = axis
  }

  var state: [Double] {
    get { [angle, time] }
    set { (angle, time) = (newValue[0], newValue[1]) }
  }

  /// Brings θ to the present pose and gives its gradient.
  @inline(__always)
  mutating func update(_ orientation: Quaternion, _ omega: Vector3, _ rows: ConstraintAssembler) -> Vector3 {
    let twist = TwistAngle(.identity, orientation, rest: rest, axis: axis)
    let elapsed = rows.poseTime - time
    // After a jump in time (a reset, the first call) the last angle is the best guess.
    let moved = elapsed.magnitude < 2 * rows.timestep ? elapsed * twist.direction.dot(omega) : 0
    let turns = ((angle + moved - twist.angle) / (2 * .pi)).rounded()
    angle = twist.angle + 2 * .pi * turns
    time = rows.poseTime
    return twist.direction
  }
}
