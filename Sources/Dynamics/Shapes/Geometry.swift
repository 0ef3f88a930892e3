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

/// A convex polyhedron: vertices, faces and edges. Coordinates in the shape's frame (m).
public final class ConvexPolyhedron {
  /// Corners.
  public let vertices = Buffer<Vector3>()
  /// Corners of every face, counter-clockwise seen from outside, one face after the other.
  public let faceVertices = Buffer<Int32>()
  /// Where every face's corners begin; one more entry than faces.
  public let faceStarts = Buffer<Int32>()
  /// Outward unit normal of every face.
  public let faceNormals = Buffer<Vector3>()
  /// Offset of every face: n · x = offset on it (m).
  public let faceOffsets = Buffer<Double>()
  /// Every edge once: its two corners and the faces on its left and right.
  public let edges = Buffer<SIMD4<Int32>>()

  /// A polyhedron without faces, to be filled in.
  public init() {}
}

/// The triangles of a static mesh with a bounding volume hierarchy over them.
public final class TriangleTree {
  /// A tree of no triangles.
  public init() {}
}
