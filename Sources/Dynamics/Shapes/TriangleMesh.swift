import LinearAlgebra

/// Triangles that need not be closed: terrain, funnels, rooms. It collides from both sides and has no mass, so that it
/// is for static and kinematic bodies, or for dynamic ones whose mass is given. Meshes do not collide with each other
/// nor with planes.
public struct TriangleMesh: Shape {
  /// The triangles and the hierarchy over them.
  public let tree: TriangleTree

  /// Most triangles of a mesh.
  public static let triangleLimit = 4_000_000

  /// A mesh from its corners (m) and the three corner numbers of every triangle, counter-clockwise seen from its front.
  /// Throws `ShapeError.invalidTriangles`, or `.invalidPoints` for coordinates that are not finite or beyond 1e9 m.
  public init(vertices: [Vector3], triangles: [SIMD3<Int32>]) throws {
    guard !triangles.isEmpty, triangles.count <= Self.triangleLimit else {
      throw ShapeError.invalidTriangles("1 to \(Self.triangleLimit) triangles, found \(triangles.count)")
    }
    guard vertices.count <= 3 * Self.triangleLimit else {
      throw ShapeError.invalidPoints("at most \(3 * Self.triangleLimit) vertices, found \(vertices.count)")
    }
    for (index, point) in vertices.enumerated() where !(point.isFinite && point.magnitudes.maximum <= 1e9) {
      throw ShapeError.invalidPoints(
        "coordinates of at most 1e9 m; vertex \(index) is (\(point.x), \(point.y), \(point.z))")
    }
    for (index, triangle) in triangles.enumerated() {
      for corner in 0..<3 where !vertices.indices.contains(Int(triangle[corner])) {
        throw ShapeError.invalidTriangles(
          "vertex numbers from 0 to \(vertices.count - 1); triangle \(index) names \(triangle[corner])")
      }
    }
    tree = TriangleTree(vertices: vertices, triangles: triangles)
    guard !tree.isEmpty else { throw ShapeError.invalidTriangles("a triangle with an area greater than 0") }
  }

  /// The name in scene files.
  public static let typeName = "mesh"
  /// One line for listings.
  public static let summary = "triangles, two-sided; without mass"
  /// The keys that it is read from.
  public static let properties = [
    PropertyDescriptor("vertices", .vectors, "corners, m", required: true),
    PropertyDescriptor("triangles", .triples, "three vertex numbers a triangle, from 0", required: true),
  ]

  /// Reads it from a scene; throws the source's error for a value that cannot be used.
  public init(reading source: any PropertySource) throws {
    let vertices = try source.vectors("vertices")
    let triangles = try source.triples("triangles")
    do {
      try self.init(vertices: vertices, triangles: triangles)
    } catch ShapeError.invalidPoints(let expected) {
      throw source.invalid("vertices", expected: expected)
    } catch let error as ShapeError {
      throw source.invalid("triangles", expected: error.description)
    }
  }

  /// The pieces that collide.
  public var pieces: [ShapePiece] {
    var geometry = Geometry(.mesh)
    geometry.mesh = .passUnretained(tree)
    return [ShapePiece(geometry)]
  }

  /// None: it has no volume.
  public func massProperties(density: Double) -> MassProperties? { nil }
}
