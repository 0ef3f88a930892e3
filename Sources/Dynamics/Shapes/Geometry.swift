import LinearAlgebra

/// What kind of geometry collides; its raw value is the row of the narrowphase table.
public enum GeometryKind: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  /// A ball around the origin.
  case sphere
  /// The points within a radius of a segment along y.
  case capsule
  /// A cylinder along y.
  case cylinder
  /// A box around the origin.
  case box
  /// A convex polyhedron.
  case hull
  /// A triangle: one face of a mesh.
  case triangle
  /// The half-space y ≤ 0.
  case plane
  /// Triangles with a tree over them; the detector hands them on one by one.
  case mesh
}

/// One geometry as plain data, in its own frame: what the narrowphase reads.
///
/// `size` means: sphere (r, 0, 0); capsule (r, half length of the segment, 0); cylinder (r, half height, 0); box half
/// extents. Lengths in m.
public struct Geometry: BitwiseCopyable, @unchecked Sendable {
  /// Which geometry.
  public var kind: GeometryKind
  /// Its dimensions (m), see above.
  public var size: Vector3
  /// The corners of a triangle (m).
  public var triangle: (Vector3, Vector3, Vector3)
  /// The polyhedron of a hull; its shape keeps it alive.
  public var polyhedron: Unmanaged<ConvexPolyhedron>?
  /// The triangles of a mesh; its shape keeps them alive.
  public var mesh: Unmanaged<TriangleTree>?

  /// A geometry of a kind and its dimensions.
  public init(_ kind: GeometryKind, size: Vector3 = .zero) {
    self.kind = kind
    self.size = size
    triangle = (.zero, .zero, .zero)
    polyhedron = nil
    mesh = nil
  }
}

extension Geometry {
  /// Box around the geometry at `pose` (world axes, m); tight but for a mesh, infinite for a plane.
  public func bounds(at pose: RigidTransform) -> BoundingBox {
    let center = pose.position
    switch kind {
    case .sphere: return BoundingBox(center: center, halfExtents: Vector3(size.x, size.x, size.x))
    case .capsule:
      let axis = size.y * pose.orientation.rotate(.unitY)
      return BoundingBox(center: center, halfExtents: axis.magnitudes + Vector3(size.x, size.x, size.x))
    case .cylinder:
      // A disc of radius r with unit normal u reaches r √(1 − uᵢ²) along axis i.
      let u = pose.orientation.rotate(.unitY)
      let rim = Vector3(
        max(0, 1 - u.x * u.x).squareRoot(), max(0, 1 - u.y * u.y).squareRoot(), max(0, 1 - u.z * u.z).squareRoot())
      return BoundingBox(center: center, halfExtents: size.y * u.magnitudes + size.x * rim)
    case .box: return BoundingBox(lower: -size, upper: size).transformed(by: pose)
    case .hull:
      guard let polyhedron else { return BoundingBox(lower: center, upper: center) }
      return polyhedron._withUnsafeGuaranteedRef { $0.bounds(at: pose) }
    case .triangle:
      let a = pose.apply(triangle.0)
      let b = pose.apply(triangle.1)
      let c = pose.apply(triangle.2)
      return BoundingBox(lower: a.minimum(b).minimum(c), upper: a.maximum(b).maximum(c))
    case .plane: return .infinite
    case .mesh:
      guard let mesh else { return BoundingBox(lower: center, upper: center) }
      return mesh._withUnsafeGuaranteedRef { $0.bounds.transformed(by: pose) }
    }
  }
}
