import LinearAlgebra

/// A convex piece for the general way: a core with a support function, and the radius of the ball swept over it.
///
/// Spheres are a point and capsules a segment with a radius, so that their normals and depths come from the distance
/// of the cores, exactly, as long as the cores are apart. All others are their own core.
struct ConvexCore {
  let kind: GeometryKind
  let size: Vector3
  /// Radius around the core (m).
  let radius: Double
  let triangle: (Vector3, Vector3, Vector3)
  let vertices: UnsafeMutablePointer<Vector3>
  let vertexCount: Int
  let polyhedron: Unmanaged<ConvexPolyhedron>?

  init(_ geometry: Geometry) {
    kind = geometry.kind
    size = geometry.size
    triangle = geometry.triangle
    polyhedron = geometry.polyhedron
    radius = kind == .sphere || kind == .capsule ? size.x : 0
    if let polyhedron {
      (vertices, vertexCount) = polyhedron._withUnsafeGuaranteedRef { ($0.vertices.pointer, $0.vertices.count) }
    } else {
      vertices = Self.nothing
      vertexCount = 0
    }
  }

  /// Stands for the vertices of a piece that has none.
  private static let nothing: UnsafeMutablePointer<Vector3> = {
    let pointer = UnsafeMutablePointer<Vector3>.allocate(capacity: 1)
    pointer.initialize(to: .zero)
    return pointer
  }()

  /// Whether the core is round about its y axis.
  @inline(__always) var isAxial: Bool { kind == .cylinder || kind == .capsule }

  /// The core's point farthest along `d` (own frame; any length).
  @inline(__always)
  func support(_ d: Vector3) -> Vector3 {
    switch kind {
    case .box:
      return Vector3(d.x < 0 ? -size.x : size.x, d.y < 0 ? -size.y : size.y, d.z < 0 ? -size.z : size.z)
    case .hull:
      return supportOfVertices(d)
    case .cylinder:
      let y = d.y < 0 ? -size.y : size.y
      let radial = (d.x * d.x + d.z * d.z).squareRoot()
      if !(radial > 0) { return Vector3(0, y, 0) }
      let s = size.x / radial
      return Vector3(s * d.x, y, s * d.z)
    case .capsule:
      return Vector3(0, d.y < 0 ? -size.y : size.y, 0)
    case .triangle:
      let a = d.dot(triangle.0)
      let b = d.dot(triangle.1)
      let c = d.dot(triangle.2)
      return a >= b ? (a >= c ? triangle.0 : triangle.2) : (b >= c ? triangle.1 : triangle.2)
    default:
      return .zero
    }
  }

  private func supportOfVertices(_ d: Vector3) -> Vector3 {
    var best = 0
    var farthest = -Double.infinity
    for k in 0..<vertexCount {
      let along = d.dot(vertices[k])
      if along > farthest {
        farthest = along
        best = k
      }
    }
    return vertices[best]
  }
}

/// Two cores in a's frame and their Minkowski difference A − B.
struct ConvexPair {
  let a: ConvexCore
  let b: ConvexCore
  let frame: PairFrame

  /// The point of A − B farthest along `d` and the point of A that makes it.
  @inline(__always)
  func support(_ d: Vector3) -> SupportPoint {
    let onA = a.support(d)
    let onB = frame.toA(b.support(frame.rotation.transposeTimes(-d)))
    return SupportPoint(difference: onA - onB, onA: onA)
  }

  /// Gap of the cores along the unit normal `n` from a to b (m): −(largest n·x of A − B).
  @inline(__always) func gap(along n: Vector3) -> Double { -n.dot(support(n).difference) }
}

/// A point of A − B.
struct SupportPoint: BitwiseCopyable {
  /// The point of A minus that of B.
  var difference: Vector3
  /// The point of A.
  var onA: Vector3
}
