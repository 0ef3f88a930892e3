import LinearAlgebra

/// A constraint between two bodies, or a body and the world.
///
/// A joint is one file: its equation C(x, q) = 0, its Jacobian, its rows with limits, motors and springs, its anchor
/// for reactions and drawing, and its reading from a scene. `JointCatalog` names it.
///
/// Row convention: u = J_a · twist(a) + J_b · twist(b) = dC/dt. Body a may be nil (the world); body b never is.
public protocol Joint: AnyObject {
  /// Name of the type in scene files: "ball", "hinge", …
  static var typeName: String { get }
  /// One line for `delassus list joints`: the equation and what it leaves free.
  static var summary: String { get }
  /// The keys that `init(reading:)` understands beside "type", "name", "a", "b", "breakingForce", "collide".
  static var properties: [PropertyDescriptor] { get }

  /// Body a, or nil for the world.
  var bodyA: BodyID? { get }
  /// Body b.
  var bodyB: BodyID { get }

  /// Reads the joint from a scene; the bodies are at their start poses in `world`.
  init(reading source: any PropertySource, in world: World) throws

  /// Writes the joint's rows for the poses and the stage of the assembler.
  func assemble(_ rows: ConstraintAssembler)

  /// The point (world, m) at which the reaction is stated.
  func anchor(in world: World) -> Vector3

  /// Lines (world, m) that show the joint.
  func drawingLines(in world: World) -> [(Vector3, Vector3)]

  /// What the joint carries from step to step beside the poses, such as counted turns: part of a checkpoint. The number
  /// of values never changes.
  var state: [Double] { get set }
}

extension Joint {
  /// Nothing, as for most joints.
  public var state: [Double] {
    get { [] }
    set {}
  }

  /// From body a's anchor to the centres of mass, unless the joint says better.
  public func drawingLines(in world: World) -> [(Vector3, Vector3)] {
    let anchor = self.anchor(in: world)
    var lines = [(anchor, world.poses[bodyB.index].position)]
    if let a = bodyA { lines.append((anchor, world.poses[a.index].position)) }
    return lines
  }
}

/// Names a joint of a world.
public struct JointID: Hashable, Sendable, BitwiseCopyable {
  /// Index into the world's joints.
  public let index: Int

  /// The joint at `index`.
  public init(_ index: Int) { self.index = index }
}

/// What a joint did in the last step: the force and torque on body b, averaged over the step's substeps.
public struct Reaction: Sendable, BitwiseCopyable {
  /// Force on body b (N), world frame.
  public var force: Vector3
  /// Torque on body b about the joint's anchor (N·m), world frame.
  public var torque: Vector3

  /// A reaction from its parts.
  public init(force: Vector3 = .zero, torque: Vector3 = .zero) {
    self.force = force
    self.torque = torque
  }
}

/// One key that a joint reads: for the schema, the listing and the nearest-name hint.
public struct PropertyDescriptor: Sendable {
  /// What a value looks like in a scene file.
  public enum Kind: String, Sendable {
    /// A number.
    case number
    /// Three numbers.
    case vector
    /// true or false.
    case flag
    /// A number or a schedule: {"table": [[t, v], …]} or {"sine": {…}}.
    case signal
    /// The name of a body.
    case body
    /// A word.
    case text
    /// A list of triples of numbers.
    case vectors
    /// A list of triples of whole numbers.
    case triples
    /// A list of shapes: {"shape": {"type": …}, "position": …, "orientation": …}.
    case shapes
  }

  /// The key.
  public var name: String
  /// What its value looks like.
  public var kind: Kind
  /// One line with the unit and the default.
  public var summary: String
  /// Whether it must be given.
  public var isRequired: Bool

  /// A key and what it means.
  public init(_ name: String, _ kind: Kind, _ summary: String, required: Bool = false) {
    self.name = name
    self.kind = kind
    self.summary = summary
    self.isRequired = required
  }
}

/// Where a joint or a shape reads its properties from; implemented over scene files by the laboratory.
///
/// Every reader throws an error that names the file, the path of the value and what was expected.
public protocol PropertySource {
  /// Whether the key is there.
  func has(_ key: String) -> Bool
  /// A finite number.
  func number(_ key: String) throws -> Double
  /// Three finite numbers.
  func vector(_ key: String) throws -> Vector3
  /// true or false.
  func flag(_ key: String) throws -> Bool
  /// A word.
  func text(_ key: String) throws -> String
  /// A number or a schedule.
  func signal(_ key: String) throws -> Signal
  /// A body by name; nil for "world".
  func body(_ key: String) throws -> BodyID?
  /// A list of points.
  func vectors(_ key: String) throws -> [Vector3]
  /// A list of triples of whole numbers that fit into 32 bits.
  func triples(_ key: String) throws -> [SIMD3<Int32>]
  /// A list of shapes, each with its pose in the frame of the shape that reads them (the identity unless given).
  func shapes(_ key: String) throws -> [PlacedShape]
  /// The error for a value that is there but cannot be used: names file and path, says what was `expected`.
  func invalid(_ key: String, expected: String) -> any Error
}

extension PropertySource {
  /// Refused by a source that has no such lists.
  public func triples(_ key: String) throws -> [SIMD3<Int32>] {
    throw invalid(key, expected: "a source that can hold lists of triples")
  }
  /// Refused by a source that has no shapes.
  public func shapes(_ key: String) throws -> [PlacedShape] {
    throw invalid(key, expected: "a source that can hold shapes")
  }
  /// A number, or `fallback` where the key is missing.
  public func number(_ key: String, default fallback: Double) throws -> Double {
    has(key) ? try number(key) : fallback
  }
  /// A vector, or `fallback` where the key is missing.
  public func vector(_ key: String, default fallback: Vector3) throws -> Vector3 {
    has(key) ? try vector(key) : fallback
  }
  /// A flag, or `fallback` where the key is missing.
  public func flag(_ key: String, default fallback: Bool) throws -> Bool { has(key) ? try flag(key) : fallback }
  /// A signal, or nil where the key is missing.
  public func optionalSignal(_ key: String) throws -> Signal? { has(key) ? try signal(key) : nil }
  /// A number, or nil where the key is missing.
  public func optionalNumber(_ key: String) throws -> Double? { has(key) ? try number(key) : nil }
  /// A number > 0.
  public func positive(_ key: String) throws -> Double {
    let value = try number(key)
    guard value > 0 else { throw invalid(key, expected: "a number greater than 0, found \(value)") }
    return value
  }
  /// A direction as a unit vector.
  public func direction(_ key: String) throws -> Vector3 {
    let value = try vector(key)
    guard value.length > 1e-9 else { throw invalid(key, expected: "a vector that is not zero") }
    return value.normalized()
  }
}
