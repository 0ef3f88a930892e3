import Dynamics
import LinearAlgebra
import Solvers

/// An oracle that a scene file can name: one file a kind, one line in `OracleCatalog`.
protocol SceneOracle: Oracle {
  /// Name of the kind in scene files: "position", "travel", …
  static var typeName: String { get }
  /// One line: what is watched.
  static var summary: String { get }
  /// The keys that `init(reading:)` understands beside those of every oracle.
  static var keys: [SceneKey] { get }

  /// Reads the oracle; the bodies of the node's world are at their start.
  init(reading node: SceneNode, _ expectation: Expectation) throws
}

/// Every oracle by name: one line each. Adding an oracle adds its file and its line, nothing else.
enum OracleCatalog {
  /// All kinds, in the order of the schema.
  static let all: [any SceneOracle.Type] = [
    PositionOracle.self,
    VelocityOracle.self,
    AccelerationOracle.self,
    DisplacementOracle.self,
    MovesOracle.self,
    TravelOracle.self,
    ImpactTimeOracle.self,
    RollingTimeOracle.self,
    PeriodOracle.self,
    ContactForceOracle.self,
    JointReactionOracle.self,
  ]

  /// The keys of every oracle, beside a generator's.
  static let commonKeys =
    SceneGenerator.keys + [
      SceneKey("type", .choice(all.map { $0.typeName }), "what is watched", required: true),
      SceneKey("name", .name, "name in reports, default the type and what it watches"),
      SceneKey("expected", .number, "the closed-form or published value", required: true),
      SceneKey("tolerance", .number, "largest |found − expected| that passes"),
      SceneKey("relativeTolerance", .number, "the same as a part of |expected|, in place of \"tolerance\""),
      SceneKey("source", .text, "where the value comes from"),
    ]

  /// The oracle of `node`.
  static func read(_ node: SceneNode) throws -> any Oracle {
    guard case .object = node.value else { throw node.mismatch("an object with the key \"type\"") }
    let name = try node.required("type").choice(all.map { $0.typeName }, "oracle")
    let type = all.first { $0.typeName == name }!
    try node.check(commonKeys + type.keys)
    return try type.init(reading: node, try Expectation(reading: node))
  }
}

/// What an oracle expects.
struct Expectation {
  let name: String
  let expected: Double
  let tolerance: Double

  init(reading node: SceneNode) throws {
    expected = try node.required("expected").number()
    switch (node["tolerance"], node["relativeTolerance"]) {
    case (let absolute?, nil): tolerance = try absolute.number(in: 0...1e300, "a tolerance ≥ 0")
    case (nil, let relative?):
      tolerance = try relative.number(in: 0...1e300, "a tolerance ≥ 0") * expected.magnitude
    default: throw node.error("expected \"tolerance\" or \"relativeTolerance\"")
    }
    let what = try ["body", "joint"].compactMap { try node[$0]?.name() }.first
    name =
      try node["name"]?.name() ?? ([try node.required("type").text(), what].compactMap { $0 }.joined(separator: " "))
  }

  /// The verdict on what was found.
  func result(_ found: Double?) -> OracleResult {
    OracleResult(name: name, expected: expected, found: found, tolerance: tolerance)
  }
}

extension SceneNode {
  /// The body that an oracle watches; the key "body".
  func watchedBody() throws -> BodyID {
    let node = try required("body")
    guard let body = try node.body() else { throw node.error("expected a body, the world does not move") }
    return body
  }

  /// A time (s) from 0.
  func time(_ key: String) throws -> Double { try required(key).number(in: 0...1e12, "a time ≥ 0") }

  /// A span of time (s); the keys "from" and "to".
  func span() throws -> ClosedRange<Double> {
    let from = try self["from"].map { try $0.number(in: 0...1e12, "a time ≥ 0") } ?? 0
    let to = try required("to").number()
    guard to > from else { throw try required("to").error("expected a time after \(from) s, found \(to) s") }
    return from...to
  }
}

extension SceneKey {
  static let watchedBody = SceneKey("body", .name, "the body that is watched", required: true)
  static let from = SceneKey("from", .number, "begin of the span (s), default 0")
  static let to = SceneKey("to", .number, "end of the span (s)", required: true)
}

/// The value of a quantity at one time, linear between the steps around it.
struct TimedSample {
  let time: Double
  private(set) var value: Double?
  private var last: (time: Double, value: Double)?

  init(at time: Double) { self.time = time }

  /// Takes the quantity's value at a time; times ascend.
  mutating func take(_ now: Double, _ quantity: Double) {
    defer { last = (now, quantity) }
    if value != nil { return }
    // A time that is meant to be a step's end differs from it by rounding.
    let slack = 1e-9 * max(1, time)
    if (now - time).magnitude <= slack { value = quantity }
    if now > time + slack, let last {
      value = last.value + (quantity - last.value) * (time - last.time) / (now - last.time)
    }
  }
}
