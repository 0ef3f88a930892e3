import LinearAlgebra

/// A cylinder along y of radius r between y = −h and y = h.
///
///     m = 2π r² h ρ,   I_y = m r²/2,   I_x = I_z = m (r²/4 + h²/3)
public struct Cylinder: Shape {
  /// r (m).
  public let radius: Double
  /// h (m).
  public let halfHeight: Double

  /// A cylinder of `radius` and `halfHeight` (m, both > 0).
  public init(radius: Double, halfHeight: Double) {
    precondition(radius > 0 && halfHeight > 0, "radius and half height of a cylinder must be greater than 0")
    self.radius = radius
    self.halfHeight = halfHeight
  }

  /// The name in scene files.
  public static let typeName = "cylinder"
  /// One line for listings.
  public static let summary = "cylinder along y, its middle at the origin"
  /// The keys that it is read from.
  public static let properties = [
    PropertyDescriptor("radius", .number, "radius, m", required: true),
    PropertyDescriptor("halfHeight", .number, "half of its height, m", required: true),
  ]

  /// Reads it from a scene; throws the source's error for a value that cannot be used.
  public init(reading source: any PropertySource) throws {
    self.init(radius: try source.extent("radius"), halfHeight: try source.extent("halfHeight"))
  }

  /// The pieces that collide.
  public var pieces: [ShapePiece] { [ShapePiece(Geometry(.cylinder, size: Vector3(radius, halfHeight, 0)))] }

  /// Mass properties at `density` (kg/m³).
  public func massProperties(density: Double) -> MassProperties? {
    let r = radius
    let h = halfHeight
    let mass = density * 2 * Double.pi * r * r * h
    let transverse = mass * (r * r / 4 + h * h / 3)
    return MassProperties(
      mass: mass, centerOfMass: .zero,
      inertia: Matrix3(diagonal: Vector3(transverse, mass * r * r / 2, transverse)))
  }
}
