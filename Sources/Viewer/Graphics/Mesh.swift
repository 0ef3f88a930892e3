import COpenGL
import Dynamics
import LinearAlgebra

/// Triangles of a shape: positions and normals, in coordinates in which an instance scales them.
final class Mesh {
  /// Corners (m, or of the unit shape).
  let positions: [SIMD3<Float>]
  let normals: [SIMD3<Float>]
  /// Three corner numbers a triangle, counter-clockwise from outside.
  let triangles: [UInt32]
  /// Whether its edges are drawn: a box, whose corners are ±1.
  let hasBoxEdges: Bool
  /// Whether it is the surface of something solid, so that its back is never seen.
  let isClosed: Bool
  /// Distance of the farthest corner from the origin.
  let radius: Float

  private var buffers: [GLuint] = [0, 0]
  private var array: GLuint = 0

  init(
    positions: [SIMD3<Float>], normals: [SIMD3<Float>], triangles: [UInt32], hasBoxEdges: Bool = false,
    isClosed: Bool = true
  ) {
    self.isClosed = isClosed
    self.positions = positions
    self.normals = normals
    self.triangles = triangles
    self.hasBoxEdges = hasBoxEdges
    radius = positions.map { ($0 * $0).sum().squareRoot() }.max() ?? 0
  }

  /// The vertex array over the mesh and the `instances` buffer; made when it is first drawn.
  func bind(instances: StreamBuffer) {
    if array == 0 { upload(instances) }
    glBindVertexArray(array)
  }

  private func upload(_ instances: StreamBuffer) {
    glGenVertexArrays(1, &array)
    glGenBuffers(2, &buffers)
    glBindVertexArray(array)
    var vertices: [Float] = []
    for (p, n) in zip(positions, normals) { vertices += [p.x, p.y, p.z, n.x, n.y, n.z] }
    glBindBuffer(gl(GL_ARRAY_BUFFER), buffers[0])
    vertices.withUnsafeBytes { glBufferData(gl(GL_ARRAY_BUFFER), $0.count, $0.baseAddress, gl(GL_STATIC_DRAW)) }
    VertexAttribute.declare(
      [VertexAttribute(place: 0, count: 3, offset: 0), VertexAttribute(place: 1, count: 3, offset: 12)], stride: 24,
      isInstanced: false)
    glBindBuffer(gl(GL_ELEMENT_ARRAY_BUFFER), buffers[1])
    triangles.withUnsafeBytes {
      glBufferData(gl(GL_ELEMENT_ARRAY_BUFFER), $0.count, $0.baseAddress, gl(GL_STATIC_DRAW))
    }
    glBindBuffer(gl(GL_ARRAY_BUFFER), instances.name)
    VertexAttribute.declare(Instance.attributes, stride: MemoryLayout<Instance>.stride, isInstanced: true)
  }

  deinit {
    guard array != 0 else { return }
    glDeleteVertexArrays(1, &array)
    glDeleteBuffers(2, buffers)
  }
}

/// One copy of a mesh: place, turn, size and colour.
struct Instance: BitwiseCopyable {
  var position: (Float, Float, Float)
  /// x, y, z, w.
  var rotation: (Float, Float, Float, Float)
  var scale: (Float, Float, Float)
  /// Red, green, blue, and opacity.
  var color: (Float, Float, Float, Float)

  init(_ pose: RigidTransform, scale: SIMD3<Float>, color: SIMD4<Float>) {
    position = (Float(pose.position.x), Float(pose.position.y), Float(pose.position.z))
    let q = pose.orientation
    rotation = (Float(q.x), Float(q.y), Float(q.z), Float(q.w))
    self.scale = (scale.x, scale.y, scale.z)
    self.color = (color.x, color.y, color.z, color.w)
  }

  static let attributes = [
    VertexAttribute(place: 2, count: 3, offset: 0), VertexAttribute(place: 3, count: 4, offset: 12),
    VertexAttribute(place: 4, count: 3, offset: 28), VertexAttribute(place: 5, count: 4, offset: 40),
  ]
}

extension Mesh {
  /// The cube of corners ±1.
  static func box() -> Mesh { polyhedron(.box(halfExtents: Vector3(1, 1, 1)), hasBoxEdges: true) }

  /// A convex polyhedron with flat faces.
  static func polyhedron(_ polyhedron: ConvexPolyhedron, hasBoxEdges: Bool = false) -> Mesh {
    var positions: [SIMD3<Float>] = []
    var normals: [SIMD3<Float>] = []
    var triangles: [UInt32] = []
    for face in 0..<polyhedron.faceCount {
      let first = UInt32(positions.count)
      let range = Int(polyhedron.faceStarts[face])..<Int(polyhedron.faceStarts[face + 1])
      for corner in range {
        positions.append(SIMD3(polyhedron.vertices[Int(polyhedron.faceVertices[corner])]))
        normals.append(SIMD3(polyhedron.faceNormals[face]))
      }
      for corner in 2..<UInt32(range.count) { triangles += [first, first + corner - 1, first + corner] }
    }
    return Mesh(positions: positions, normals: normals, triangles: triangles, hasBoxEdges: hasBoxEdges)
  }

  /// The unit sphere, with a number of meridians.
  static func sphere(segments: Int = 28) -> Mesh {
    revolved(arc(radius: 1, center: 0, from: -90, to: 90, count: segments / 2), segments: segments)
  }

  /// The cylinder of radius 1 and half height 1 along y.
  static func cylinder() -> Mesh {
    revolved([
      Profile(r: 0, y: -1, normal: SIMD2(0, -1)), Profile(r: 1, y: -1, normal: SIMD2(0, -1)),
      Profile(r: 1, y: -1, normal: SIMD2(1, 0)), Profile(r: 1, y: 1, normal: SIMD2(1, 0)),
      Profile(r: 1, y: 1, normal: SIMD2(0, 1)), Profile(r: 0, y: 1, normal: SIMD2(0, 1)),
    ])
  }

  /// A capsule along y.
  static func capsule(radius: Float, halfLength: Float) -> Mesh {
    revolved(
      arc(radius: radius, center: -halfLength, from: -90, to: 0, count: 8)
        + arc(radius: radius, center: halfLength, from: 0, to: 90, count: 8))
  }

  /// The triangles of a mesh, flat.
  static func mesh(_ tree: TriangleTree) -> Mesh {
    var positions: [SIMD3<Float>] = []
    var normals: [SIMD3<Float>] = []
    for index in 0..<tree.triangles.count where tree.normals[index] != .zero {
      let corners = tree.triangles[index]
      for corner in 0..<3 {
        positions.append(SIMD3(tree.vertices[Int(corners[corner])]))
        normals.append(SIMD3(tree.normals[index]))
      }
    }
    return Mesh(
      positions: positions, normals: normals, triangles: (0..<UInt32(positions.count)).map { $0 }, isClosed: false)
  }

  /// A point of a profile that turns about y: radius, height, normal in that plane.
  private struct Profile {
    var r: Float
    var y: Float
    var normal: SIMD2<Float>
  }

  private static func arc(radius: Float, center: Float, from: Double, to: Double, count: Int) -> [Profile] {
    (0...count).map { index in
      let angle = (from + (to - from) * Double(index) / Double(count)) * .pi / 180
      let (sine, cosine) = Trigonometry.sineAndCosine(angle)
      return Profile(
        r: radius * Float(max(cosine, 0)), y: center + radius * Float(sine), normal: SIMD2(Float(cosine), Float(sine)))
    }
  }

  private static func revolved(_ profile: [Profile], segments: Int = 28) -> Mesh {
    var positions: [SIMD3<Float>] = []
    var normals: [SIMD3<Float>] = []
    var triangles: [UInt32] = []
    for segment in 0...segments {
      let (sine, cosine) = Trigonometry.sineAndCosine(2 * Double.pi * Double(segment) / Double(segments))
      let (s, c) = (Float(sine), Float(cosine))
      for point in profile {
        positions.append(SIMD3(point.r * c, point.y, point.r * s))
        normals.append(SIMD3(point.normal.x * c, point.normal.y, point.normal.x * s))
      }
    }
    let n = UInt32(profile.count)
    for segment in 0..<UInt32(segments) {
      for point in 0..<n - 1 {
        let a = segment * n + point
        triangles += [a, a + 1, a + n + 1, a, a + n + 1, a + n]
      }
    }
    return Mesh(positions: positions, normals: normals, triangles: triangles)
  }
}
