import ConstraintSystem
import LinearAlgebra

/// A motor: drives a joint's coordinate at a velocity with a bounded force. Both may vary with time.
public struct JointMotor: Sendable {
  /// Velocity (m/s or rad/s).
  public var target: Signal
  /// Largest force (N or N·m), ≥ 0.
  public var maximum: Signal

  /// A motor; without a `maximum` it is as strong as it must be.
  public init(target: Signal, maximum: Signal = .constant(.infinity)) {
    self.target = target
    self.maximum = maximum
  }
}

/// A damped spring along a joint's coordinate: force = −k (x − rest) − c ẋ, integrated implicitly.
public struct JointSpring: Sendable {
  /// k (N/m or N·m/rad), ≥ 0.
  public var stiffness: Double
  /// c (N·s/m or N·m·s/rad), ≥ 0.
  public var damping: Double
  /// Coordinate at which the spring is relaxed (m or rad); a schedule makes it a servo.
  public var rest: Signal

  /// A spring from its parts.
  public init(stiffness: Double, damping: Double = 0, rest: Signal = .constant(0)) {
    self.stiffness = stiffness
    self.damping = damping
    self.rest = rest
  }
}

/// What acts along one free coordinate x of a joint (an angle or a travel): limits, a motor, a spring.
///
///     x − lower ≥ 0,  upper − x ≥ 0          one block each, λ ≥ 0
///     ẋ = target, |λ| ≤ maximum · h          the motor's block
///     λ/h = −k (x − rest) − c ẋ              the spring's block
///
/// The limits are blocks of their own because both at once in one would be singular. They stand in the problem at all
/// times, as the row then knows how far x may go within the step, and the pattern stays.
public struct JointFreedom: Sendable {
  /// Smallest x (m or rad), −∞ for none.
  public var lower: Double
  /// Largest x (m or rad), ∞ for none.
  public var upper: Double
  /// The motor, if there is one.
  public var motor: JointMotor?
  /// The spring, if there is one.
  public var spring: JointSpring?

  /// A coordinate that moves freely, or what acts along it.
  public init(
    lower: Double = -.infinity, upper: Double = .infinity, motor: JointMotor? = nil, spring: JointSpring? = nil
  ) {
    self.lower = lower
    self.upper = upper
    self.motor = motor
    self.spring = spring
  }

  /// Whether nothing acts along the coordinate.
  @inlinable
  public var isFree: Bool { lower == -.infinity && upper == .infinity && motor == nil && spring == nil }

  /// Writes the blocks `part` … `part` + 3 for the coordinate `x` with ẋ = `row`.
  func assemble(_ rows: ConstraintAssembler, _ x: Double, _ row: JacobianRow, part: Int) {
    if lower == upper {
      rows.beginBlock(.free, part: part)
      rows.rigidRow(row, error: x - lower)
    } else {
      if lower > -.infinity {
        rows.beginBlock(.box, part: part)
        rows.limitRow(row, gap: x - lower)
      }
      if upper < .infinity {
        rows.beginBlock(.box, part: part + 1)
        rows.limitRow(-row, gap: upper - x)
      }
    }
    guard rows.wantsForces else { return }
    if let motor {
      rows.beginBlock(.box, part: part + 2)
      rows.motorRow(
        row, target: motor.target.value(at: rows.time), maximum: max(0, motor.maximum.value(at: rows.time)))
    }
    if let spring {
      rows.beginBlock(.free, part: part + 3)
      rows.springRow(
        row, error: x - spring.rest.value(at: rows.time), stiffness: spring.stiffness, damping: spring.damping)
    }
  }
}

// Reading from scenes.
extension JointFreedom {
  /// The keys of a coordinate in `unit` ("m" or "rad"); `prefix` tells two coordinates of a joint apart: "turn" makes
  /// "turnLower" of "lower".
  static func properties(prefix: String = "", unit: String, force: String) -> [PropertyDescriptor] {
    [
      PropertyDescriptor(key(prefix, "lower"), .number, "smallest coordinate (\(unit)), default none"),
      PropertyDescriptor(key(prefix, "upper"), .number, "largest coordinate (\(unit)), default none"),
      PropertyDescriptor(key(prefix, "motorTarget"), .signal, "velocity of a motor (\(unit)/s), default no motor"),
      PropertyDescriptor(key(prefix, "motorMaximum"), .signal, "its largest force (\(force)), default unlimited"),
      PropertyDescriptor(key(prefix, "stiffness"), .number, "stiffness of a spring (\(force)/\(unit)), default 0"),
      PropertyDescriptor(key(prefix, "damping"), .number, "damping (\(force)·s/\(unit)), default 0"),
      PropertyDescriptor(key(prefix, "rest"), .signal, "coordinate of the relaxed spring (\(unit)), default 0"),
    ]
  }

  /// Reads a coordinate; `range` (rad or m) bounds the limits.
  init(reading source: any PropertySource, prefix: String = "", range: ClosedRange<Double>? = nil) throws {
    self.init()
    let lowerKey = Self.key(prefix, "lower")
    let upperKey = Self.key(prefix, "upper")
    for key in [lowerKey, upperKey] where source.has(key) {
      let value = try source.number(key)
      if let range, !range.contains(value) {
        throw source.invalid(key, expected: "a number from \(range.lowerBound) to \(range.upperBound), found \(value)")
      }
      if key == lowerKey { lower = value } else { upper = value }
    }
    guard lower <= upper else {
      throw source.invalid(upperKey, expected: "a number of at least \(lowerKey), \(lower), found \(upper)")
    }
    let maximum = try source.optionalSignal(Self.key(prefix, "motorMaximum"))
    if let target = try source.optionalSignal(Self.key(prefix, "motorTarget")) {
      motor = JointMotor(target: target, maximum: maximum ?? .constant(.infinity))
    } else if maximum != nil {
      throw source.invalid(
        Self.key(prefix, "motorMaximum"), expected: "\(Self.key(prefix, "motorTarget")) beside it")
    }
    let stiffness = try source.nonNegative(Self.key(prefix, "stiffness"))
    let damping = try source.nonNegative(Self.key(prefix, "damping"))
    let rest = try source.optionalSignal(Self.key(prefix, "rest"))
    if stiffness > 0 || damping > 0 {
      spring = JointSpring(stiffness: stiffness, damping: damping, rest: rest ?? .constant(0))
    } else if rest != nil {
      throw source.invalid(Self.key(prefix, "rest"), expected: "\(Self.key(prefix, "stiffness")) beside it")
    }
  }

  private static func key(_ prefix: String, _ name: String) -> String {
    prefix.isEmpty ? name : prefix + name.prefix(1).uppercased() + name.dropFirst()
  }
}

extension PropertySource {
  /// A number ≥ 0; 0 where the key is missing.
  func nonNegative(_ key: String) throws -> Double {
    let value = try number(key, default: 0)
    guard value >= 0 else { throw invalid(key, expected: "a number of at least 0, found \(value)") }
    return value
  }

  /// The bodies of a joint: "a" may be missing or "world", "b" may not.
  func jointBodies() throws -> (a: BodyID?, b: BodyID) {
    let a = has("a") ? try body("a") : nil
    guard let b = try body("b") else {
      throw invalid("b", expected: "the name of a body: where one end is the world, it is \"a\"")
    }
    if a == b { throw invalid("b", expected: "another body than \"a\"") }
    return (a, b)
  }
}
