import LinearAlgebra

/// A number that may vary with time: a force, a motor's target, a stiffness.
public enum Signal: Sendable {
  /// The same at all times.
  case constant(Double)
  /// Linear between the points (time in s, value), times ascending; the end values hold outside.
  case table([SIMD2<Double>])
  /// offset + amplitude · sin(2π · frequency · t + phase); frequency in Hz, phase in rad.
  case sine(amplitude: Double, frequency: Double, phase: Double, offset: Double)
  /// Any function of time (s), from code.
  case function(@Sendable (Double) -> Double)

  /// The value at `time` (s).
  public func value(at time: Double) -> Double {
    switch self {
    case .constant(let value): return value
    case .sine(let amplitude, let frequency, let phase, let offset):
      return offset + amplitude * Trigonometry.sine(2 * Double.pi * frequency * time + phase)
    case .function(let function): return function(time)
    case .table(let points):
      guard let first = points.first else { return 0 }
      if time <= first.x { return first.y }
      var previous = first
      for point in points.dropFirst() {
        if time < point.x {
          return previous.y + (point.y - previous.y) * (time - previous.x) / (point.x - previous.x)
        }
        previous = point
      }
      return previous.y
    }
  }
}

/// A vector that may vary with time.
public enum VectorSignal: Sendable {
  /// The same at all times.
  case constant(Vector3)
  /// A fixed direction times a signal.
  case along(Vector3, Signal)
  /// Any function of time (s), from code.
  case function(@Sendable (Double) -> Vector3)

  /// The value at `time` (s).
  public func value(at time: Double) -> Vector3 {
    switch self {
    case .constant(let value): return value
    case .along(let direction, let signal): return signal.value(at: time) * direction
    case .function(let function): return function(time)
    }
  }
}
