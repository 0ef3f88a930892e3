import LinearAlgebra

/// The convex hull of a set of points. Mass, centre of mass and inertia are those of the filled polyhedron
/// (`ConvexPolyhedron`); the origin need not lie inside.
public struct ConvexHull: Shape {
  /// The polyhedron that collides.
  public let polyhedron: ConvexPolyhedron

  /// The hull of at least four `points` (m) that are not in a plane. Throws `ShapeError.invalidPoints`.
  public init(points: [Vector3]) throws { polyhedron = try ConvexPolyhedron.hull(of: points) }

  /// The hull that a polyhedron already is.
  public init(polyhedron: ConvexPolyhedron) { self.polyhedron = polyhedron }

  /// The name in scene files.
  public static let typeName = "hull"
  /// One line for listings.
  public static let summary = "convex hull of points; the origin is that of the points"
  /// The keys that it is read from.
  public static let properties = [
    PropertyDescriptor("points", .vectors, "at least four points that are not in a plane, m", required: true)
  ]

  /// Reads it from a scene; throws the source's error for a value that cannot be used.
  public init(reading source: any PropertySource) throws {
    do {
      try self.init(points: try source.vectors("points"))
    } catch let error as ShapeError {
      throw source.invalid("points", expected: error.description)
    }
  }

  /// The pieces that collide.
  public var pieces: [ShapePiece] {
    var geometry = Geometry(.hull)
    geometry.polyhedron = .passUnretained(polyhedron)
    return [ShapePiece(geometry)]
  }

  /// Mass properties at `density` (kg/m³).
  public func massProperties(density: Double) -> MassProperties? { polyhedron.massProperties(density: density) }
}
