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

/// Mass, centre of mass in the body's frame and inertia about it.
public struct MassProperties: Sendable, BitwiseCopyable {
  /// m (kg).
  public var mass: Double
  /// Centre of mass in the body's frame (m).
  public var centerOfMass: Vector3
  /// Inertia about the centre of mass, body axes (kg·m²).
  public var inertia: Matrix3

  /// Mass properties from their parts.
  public init(mass: Double, centerOfMass: Vector3, inertia: Matrix3) {
    self.mass = mass
    self.centerOfMass = centerOfMass
    self.inertia = inertia
  }
}

/// A box along the world's axes (m).
public struct BoundingBox: Sendable, BitwiseCopyable {
  /// Smallest coordinates.
  public var lower: Vector3
  /// Largest coordinates.
  public var upper: Vector3

  /// A box from its corners.
  @inlinable
  public init(lower: Vector3, upper: Vector3) {
    self.lower = lower
    self.upper = upper
  }
}
