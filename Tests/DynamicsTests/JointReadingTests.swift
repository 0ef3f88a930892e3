import Dynamics
import Foundation
import LinearAlgebra
import Testing

/// Joints from scenes: what is written is what the constructors make, and what cannot be used is named.
@Suite struct JointReadingTests {
  /// The keys of one joint as a dictionary.
  struct Source: PropertySource {
    enum Value {
      case number(Double), vector(Vector3), flag(Bool), signal(Signal), body(BodyID?)
    }
    struct Invalid: Error {
      var key: String
      var expected: String
    }

    var values: [String: Value]

    func has(_ key: String) -> Bool { values[key] != nil }
    func number(_ key: String) throws -> Double {
      guard case .number(let value)? = values[key] else { throw invalid(key, expected: "a number") }
      return value
    }
    func vector(_ key: String) throws -> Vector3 {
      guard case .vector(let value)? = values[key] else { throw invalid(key, expected: "three numbers") }
      return value
    }
    func flag(_ key: String) throws -> Bool {
      guard case .flag(let value)? = values[key] else { throw invalid(key, expected: "true or false") }
      return value
    }
    func text(_ key: String) throws -> String { throw invalid(key, expected: "a word") }
    func signal(_ key: String) throws -> Signal {
      if case .number(let value)? = values[key] { return .constant(value) }
      guard case .signal(let value)? = values[key] else { throw invalid(key, expected: "a number or a schedule") }
      return value
    }
    func body(_ key: String) throws -> BodyID? {
      guard case .body(let value)? = values[key] else { throw invalid(key, expected: "a body") }
      return value
    }
    func vectors(_ key: String) throws -> [Vector3] { throw invalid(key, expected: "points") }
    func invalid(_ key: String, expected: String) -> any Error { Invalid(key: key, expected: expected) }
  }

  static let a = BodyID(0)
  static let b = BodyID(1)
  static let anchor = Vector3(0.5, 0, 0)

  static func world() throws -> World {
    let world = World()
    try world.addBox()
    try world.addBox(at: .unitX)
    return world
  }

  /// Every value that a joint understands, good for all of them at once.
  static func everything(for type: any Joint.Type) -> [String: Source.Value] {
    var values: [String: Source.Value] = ["a": .body(a), "b": .body(b)]
    for property in type.properties {
      switch property.name {
      case "anchor": values["anchor"] = .vector(anchor)
      case "anchorA": values["anchorA"] = .vector(.zero)
      case "anchorB": values["anchorB"] = .vector(.unitX)
      case "groundA": values["groundA"] = .vector(Vector3(0, 3, 0))
      case "groundB": values["groundB"] = .vector(Vector3(1, 3, 0))
      case "axis", "axisA": values[property.name] = .vector(.unitZ)
      case "axisB": values["axisB"] = .vector(.unitY)
      case "coneAngle": values["coneAngle"] = .number(0.5)
      case "ratio": values["ratio"] = .number(2)
      case "length": break
      case "lower", "slideLower", "turnLower": values[property.name] = .number(type == DistanceJoint.self ? 0.1 : -0.4)
      case "slack": values["slack"] = .flag(true)
      default:
        values[property.name] = property.kind == .signal ? .signal(.constant(1)) : .number(1.5)
      }
    }
    return values
  }

  /// Only what must be there.
  static func required(for type: any Joint.Type) -> [String: Source.Value] {
    let names = type.properties.filter(\.isRequired).map(\.name) + ["b"] + (needsA(type) ? ["a"] : [])
    return everything(for: type).filter { names.contains($0.key) }
  }

  static func needsA(_ type: any Joint.Type) -> Bool { type == GearJoint.self || type == PulleyJoint.self }

  @Test func catalogIsComplete() throws {
    #expect(JointCatalog.all.count >= 9)
    // Every file of the folder that is named after a joint has its line.
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let files = try FileManager.default.contentsOfDirectory(
      atPath: root.appendingPathComponent("Sources/Dynamics/Joints").path
    ).filter { $0.hasSuffix("Joint.swift") && $0 != "Joint.swift" }
    #expect(Set(files) == Set(JointCatalog.all.map { "\($0).swift" }))
    #expect(Set(JointCatalog.all.map { $0.typeName }).count == JointCatalog.all.count)
    for type in JointCatalog.all {
      #expect(Set(type.properties.map(\.name)).count == type.properties.count, "\(type.typeName)")
    }
  }

  @Test func readsEveryJoint() throws {
    for type in JointCatalog.all {
      let world = try Self.world()
      let full = try type.init(reading: Source(values: Self.everything(for: type)), in: world)
      #expect(full.bodyA == Self.a && full.bodyB == Self.b)
      try world.add(full)
      // It stands as it was made: a step without gravity, motors and springs apart, moves nothing.
      let plain = try Self.world()
      plain.gravity = .zero
      try plain.add(type.init(reading: Source(values: Self.required(for: type)), in: plain))
      try plain.simulation("newton").step()
      #expect(plain.poses[1].position.distance(.unitX) < 1e-12, "\(type.typeName)")
      #expect(!full.drawingLines(in: world).isEmpty)
    }
  }

  @Test func missingKeysAreNamed() throws {
    for type in JointCatalog.all {
      let world = try Self.world()
      for name in Self.required(for: type).keys where name != "a" {
        var values = Self.required(for: type)
        values[name] = nil
        #expect(throws: Source.Invalid.self, "\(type.typeName) without \(name)") {
          try type.init(reading: Source(values: values), in: world)
        }
      }
    }
  }

  @Test(arguments: [
    ("hinge", "axis", Source.Value.vector(.zero)), ("hinge", "upper", .number(-1)), ("hinge", "lower", .number(-4)),
    ("hinge", "damping", .number(-1)), ("ball", "compliance", .number(-1)), ("ball", "coneAngle", .number(4)),
    ("universal", "axisB", .vector(Vector3(0, 0.1, 1))), ("distance", "upper", .number(0)),
    ("distance", "length", .number(1)), ("distance", "anchorB", .vector(.zero)), ("gear", "ratio", .number(0)),
    ("gear", "a", .body(nil)), ("pulley", "groundA", .vector(.zero)), ("pulley", "length", .number(-1)),
    ("fixed", "b", .body(nil)), ("fixed", "b", .body(a)), ("slider", "stiffness", .number(-2)),
  ]) func badValuesAreNamed(_ name: String, _ key: String, _ value: Source.Value) throws {
    let type = try #require(JointCatalog.all.first { $0.typeName == name })
    var values = Self.everything(for: type)
    values[key] = value
    let error = #expect(throws: Source.Invalid.self) {
      try type.init(reading: Source(values: values), in: Self.world())
    }
    // A contradiction of two keys is named at either.
    let pair = key == "length" && name == "distance" ? "lower" : key
    #expect(error?.key == pair, "\(error?.expected ?? "")")
  }
}
