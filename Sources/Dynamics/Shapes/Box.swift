import LinearAlgebra

/// A box around its origin with half extents (a, b, c).
///
///     m = 8 a b c ρ,   I = m/3 diag(b² + c², c² + a², a² + b²)
public struct Box: Shape {
  /// Half of the lengths of its edges (m).
  public let halfExtents: Vector3

  /// A box of `halfExtents` (m, each > 0).
  public init(halfExtents: Vector3) {
    precondition(halfExtents.x > 0 && halfExtents.y > 0 && halfExtents.z > 0, "half extents must be greater than 0")
    self.halfExtents = halfExtents
  }

  /// The name in scene files.
  public static let typeName = "box"
  /// One line for listings.
  public static let summary = "box around the origin"
  /// The keys that it is read from.
  public static let properties = [
    PropertyDescriptor("halfExtents", .vector, "half of the lengths of its edges, m", required: true)
  ]

  /// Reads it from a scene; throws the source's error for a value that cannot be used.
  public init(reading source: any PropertySource) throws {
    let e = try source.vector("halfExtents")
    for component in [e.x, e.y, e.z] where !(component >= 1e-9 && component <= 1e9) {
      throw source.invalid("halfExtents", expected: "three lengths from 1e-9 to 1e9 m, found \(component)")
    }
    self.init(halfExtents: e)
  }

  /// The pieces that collide.
  public var pieces: [ShapePiece] { [ShapePiece(Geometry(.box, size: halfExtents))] }

  /// Mass properties at `density` (kg/m³).
  public func massProperties(density: Double) -> MassProperties? {
    let e = halfExtents
    let mass = density * 8 * e.x * e.y * e.z
    let s = e.scaled(by: e)
    return MassProperties(
      mass: mass, centerOfMass: .zero,
      inertia: mass / 3 * Matrix3(diagonal: Vector3(s.y + s.z, s.z + s.x, s.x + s.y)))
  }
}
