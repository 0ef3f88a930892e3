import LinearAlgebra

/// What a body looks like to collision detection, and what it weighs.
///
/// A shape is one file: its geometry, its mass and inertia with their source, its bounds and its reading from a scene.
/// `ShapeCatalog` names it; convex shapes have a row in the table of `Narrowphase`. Shapes never change.
public protocol Shape: Sendable {
  /// Name of the type in scene files: "sphere", "box", …
  static var typeName: String { get }
  /// One line for listings: what it is and where its origin lies.
  static var summary: String { get }
  /// The keys that `init(reading:)` understands beside "type".
  static var properties: [PropertyDescriptor] { get }

  /// Reads the shape from a scene.
  init(reading source: any PropertySource) throws

  /// The pieces that collide, in the order of their child keys.
  var pieces: [ShapePiece] { get }

  /// Mass (kg), centre of mass (m) and inertia (kg·m²) at `density` (kg/m³); nil for a shape without a volume (plane,
  /// open mesh).
  func massProperties(density: Double) -> MassProperties?

  /// Box around the shape at `pose` (world axes, m); infinite for a plane.
  func bounds(at pose: RigidTransform) -> BoundingBox
}

/// A part of a shape with one geometry.
public struct ShapePiece: Sendable {
  /// What it looks like.
  public var geometry: Geometry
  /// Where it is in the shape's frame.
  public var local: RigidTransform

  /// A piece from its parts.
  public init(_ geometry: Geometry, local: RigidTransform = .identity) {
    self.geometry = geometry
    self.local = local
  }
}

/// A shape and where it is in the frame of the shape that holds it.
public struct PlacedShape: Sendable {
  /// What it is.
  public var shape: any Shape
  /// Pose of its frame.
  public var pose: RigidTransform

  /// A shape from its parts.
  public init(_ shape: any Shape, pose: RigidTransform = .identity) {
    self.shape = shape
    self.pose = pose
  }
}

extension Shape {
  /// The box around the boxes of all pieces.
  public func bounds(at pose: RigidTransform) -> BoundingBox {
    var box = BoundingBox.empty
    for piece in pieces { box = box.union(piece.geometry.bounds(at: pose * piece.local)) }
    return box
  }
}

/// Points or indices that make no shape.
public enum ShapeError: Error, Equatable, CustomStringConvertible {
  /// The points of a hull: what was expected of them.
  case invalidPoints(String)
  /// The triangles of a mesh: what was expected of them.
  case invalidTriangles(String)
  /// The children of a compound: what was expected of them.
  case invalidChildren(String)

  /// What was expected.
  public var description: String {
    switch self {
    case .invalidPoints(let expected), .invalidTriangles(let expected), .invalidChildren(let expected): expected
    }
  }
}

extension PropertySource {
  /// A length (m): above 0, and small enough that neither its cube nor a mass from it overflows.
  func extent(_ key: String) throws -> Double {
    let value = try positive(key)
    guard value >= 1e-9 && value <= 1e9 else {
      throw invalid(key, expected: "a length from 1e-9 to 1e9 m, found \(value)")
    }
    return value
  }
}
