import Dynamics
import LinearAlgebra

/// Schedules: numbers and vectors that vary with time.
extension SceneNode {
  /// The keys of a signal that is no plain number; one of them.
  static let signalKeys = [
    SceneKey(
      "table", .list(.numbers(count: 2)), "[time (s), value] pairs, times ascending; linear between, constant outside"),
    SceneKey("sine", .object("sine"), "offset + amplitude · sin(2π · frequency · t + phase)"),
  ]
  static let sineKeys = [
    SceneKey("amplitude", .number, "amplitude, unit of the value", required: true),
    SceneKey("frequency", .number, "frequency (Hz)", required: true),
    SceneKey("phase", .number, "phase (rad), default 0"),
    SceneKey("offset", .number, "mean value, default 0"),
  ]
  static let vectorSignalKeys = [
    SceneKey("direction", .vector, "direction (world); its length does not matter", required: true),
    SceneKey("signal", .signal, "magnitude along it", required: true),
  ]

  /// A number or a schedule.
  func signal() throws -> Signal {
    guard case .object(let fields) = value else { return .constant(try number()) }
    try check(Self.signalKeys)
    guard fields.count == 1 else { throw error("expected \"table\" or \"sine\", found \(fields.count) keys") }
    if let table = self["table"] { return .table(try table.signalTable()) }
    let sine = try required("sine")
    try sine.check(Self.sineKeys)
    return .sine(
      amplitude: try sine.required("amplitude").number(), frequency: try sine.required("frequency").number(),
      phase: try sine["phase"]?.number() ?? 0, offset: try sine["offset"]?.number() ?? 0)
  }

  private func signalTable() throws -> [SIMD2<Double>] {
    var points: [SIMD2<Double>] = []
    for item in try items(of: "a list of [time, value] pairs") {
      let pair = try item.items(count: 2, of: "a pair [time, value]")
      let point = SIMD2(try pair[0].number(), try pair[1].number())
      if let last = points.last, point.x <= last.x {
        throw item.error("expected a time after \(last.x) s, found \(point.x) s")
      }
      points.append(point)
    }
    guard !points.isEmpty else { throw error("expected at least one [time, value] pair") }
    return points
  }

  /// Three numbers, or a direction with a signal.
  func vectorSignal() throws -> VectorSignal {
    guard case .object = value else { return .constant(try vector()) }
    try check(Self.vectorSignalKeys)
    return .along(try required("direction").direction(), try required("signal").signal())
  }
}
