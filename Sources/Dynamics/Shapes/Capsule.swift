import LinearAlgebra

/// The points within r of the segment from (0, −h, 0) to (0, h, 0).
///
/// A cylinder of mass m_c = 2π r² h ρ and two half balls of together m_s = 4/3 π r³ ρ, whose centres of mass lie 3r/8
/// beyond the segment's ends:
///
///     I_y = m_c r²/2 + 2/5 m_s r²
///     I_x = I_z = m_c (r²/4 + h²/3) + m_s (2/5 r² + h² + 3/4 h r)
public struct Capsule: Shape {
  /// r (m).
  public let radius: Double
  /// h: half of the segment's length (m).
  public let halfLength: Double

  /// A capsule of `radius` and `halfLength` of its segment (m, both > 0).
  public init(radius: Double, halfLength: Double) {
    precondition(radius > 0 && halfLength > 0, "radius and half length of a capsule must be greater than 0")
    self.radius = radius
    self.halfLength = halfLength
  }

  /// The name in scene files.
  public static let typeName = "capsule"
  /// One line for listings.
  public static let summary = "points within a radius of a segment along y, its middle at the origin"
  /// The keys that it is read from.
  public static let properties = [
    PropertyDescriptor("radius", .number, "radius, m", required: true),
    PropertyDescriptor("halfLength", .number, "half of the segment's length, m", required: true),
  ]

  /// Reads it from a scene; throws the source's error for a value that cannot be used.
  public init(reading source: any PropertySource) throws {
    self.init(radius: try source.extent("radius"), halfLength: try source.extent("halfLength"))
  }

  /// The pieces that collide.
  public var pieces: [ShapePiece] { [ShapePiece(Geometry(.capsule, size: Vector3(radius, halfLength, 0)))] }

  /// Mass properties at `density` (kg/m³).
  public func massProperties(density: Double) -> MassProperties? {
    let r = radius
    let h = halfLength
    let cylinder = density * 2 * Double.pi * r * r * h
    let ball = density * 4 / 3 * Double.pi * r * r * r
    let axial = cylinder * r * r / 2 + 0.4 * ball * r * r
    let transverse = cylinder * (r * r / 4 + h * h / 3) + ball * (0.4 * r * r + h * h + 0.75 * h * r)
    return MassProperties(
      mass: cylinder + ball, centerOfMass: .zero,
      inertia: Matrix3(diagonal: Vector3(transverse, axial, transverse)))
  }
}
