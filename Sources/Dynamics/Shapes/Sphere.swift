import LinearAlgebra

/// A ball of radius r around its origin.
///
///     m = 4/3 π r³ ρ,   I = 2/5 m r²   (solid)   or   2/3 m r²   (hollow)
///
/// A hollow one has the mass of the solid, as if all of it were moved into a thin shell: the two differ in nothing but
/// k = I/(m r²), which is what rolling depends on (a sliding ball rolls at v = v₀/(1 + k)).
public struct Sphere: Shape {
  /// r (m).
  public let radius: Double
  /// Whether its mass is a thin shell.
  public let hollow: Bool

  /// A ball of `radius` (m, > 0).
  public init(radius: Double, hollow: Bool = false) {
    precondition(radius > 0, "the radius of a sphere must be greater than 0")
    self.radius = radius
    self.hollow = hollow
  }

  /// The name in scene files.
  public static let typeName = "sphere"
  /// One line for listings.
  public static let summary = "ball around the origin"
  /// The keys that it is read from.
  public static let properties = [
    PropertyDescriptor("radius", .number, "radius, m", required: true),
    PropertyDescriptor("hollow", .flag, "mass of the solid ball, inertia of a thin shell (false)"),
  ]

  /// Reads it from a scene; throws the source's error for a value that cannot be used.
  public init(reading source: any PropertySource) throws {
    self.init(radius: try source.extent("radius"), hollow: try source.flag("hollow", default: false))
  }

  /// The pieces that collide.
  public var pieces: [ShapePiece] { [ShapePiece(Geometry(.sphere, size: Vector3(radius, 0, 0)))] }

  /// Mass properties at `density` (kg/m³).
  public func massProperties(density: Double) -> MassProperties? {
    let mass = density * 4 / 3 * Double.pi * radius * radius * radius
    let moment = (hollow ? 2.0 / 3 : 2.0 / 5) * mass * radius * radius
    return MassProperties(
      mass: mass, centerOfMass: .zero, inertia: Matrix3(diagonal: Vector3(moment, moment, moment)))
  }
}
