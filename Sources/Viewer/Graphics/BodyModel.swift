import Dynamics
import LinearAlgebra

/// What a body looks like: its pieces as scaled meshes.
struct BodyModel {
  /// A piece: a mesh, where it is in coordinates of the centre of mass, and its size.
  struct Piece {
    var mesh: Mesh
    /// The same with fewer triangles, for pieces that are small in the picture.
    var coarse: Mesh
    var local: RigidTransform
    var scale: SIMD3<Float>
  }

  var pieces: [Piece] = []
  /// Frames of half-spaces y ≤ 0, relative to the centre of mass.
  var planes: [RigidTransform] = []
  /// Distance of the farthest point from the centre of mass (m); planes are left out.
  var radius = 0.0
}

/// The meshes of all shapes, each once.
final class MeshLibrary {
  private enum Key: Hashable {
    case box, sphere, coarseSphere, cylinder
    case capsule(Double, Double)
    case hull(ObjectIdentifier)
    case mesh(ObjectIdentifier)
  }

  private var meshes: [Key: Mesh] = [:]

  /// The model of a body. `center`: its centre of mass in the frame of its shape (m).
  func model(of shape: (any Shape)?, center: Vector3) -> BodyModel {
    var model = BodyModel()
    guard let shape else {
      // A body without a shape is a small sphere.
      model.pieces = [
        BodyModel.Piece(
          mesh: mesh(.sphere), coarse: mesh(.coarseSphere), local: .identity, scale: SIMD3(repeating: 0.1))
      ]
      model.radius = 0.1
      return model
    }
    for piece in shape.pieces {
      let local = RigidTransform(position: piece.local.position - center, orientation: piece.local.orientation)
      let size = piece.geometry.size
      let (r, h) = (Float(size.x), Float(size.y))
      let (key, scale): (Key, SIMD3<Float>)
      switch piece.geometry.kind {
      case .plane:
        model.planes.append(local)
        continue
      case .box: (key, scale) = (.box, SIMD3(size))
      case .sphere: (key, scale) = (.sphere, SIMD3(r, r, r))
      case .cylinder: (key, scale) = (.cylinder, SIMD3(r, h, r))
      case .capsule: (key, scale) = (.capsule(size.x, size.y), SIMD3(repeating: 1))
      case .hull:
        guard let hull = piece.geometry.polyhedron?.takeUnretainedValue() else { continue }
        (key, scale) = (.hull(ObjectIdentifier(hull)), SIMD3(repeating: 1))
        if meshes[key] == nil { meshes[key] = .polyhedron(hull) }
      case .mesh:
        guard let tree = piece.geometry.mesh?.takeUnretainedValue() else { continue }
        (key, scale) = (.mesh(ObjectIdentifier(tree)), SIMD3(repeating: 1))
        if meshes[key] == nil { meshes[key] = .mesh(tree) }
      case .triangle: continue
      }
      let mesh = mesh(key)
      let coarse = key == .sphere ? self.mesh(.coarseSphere) : mesh
      model.pieces.append(BodyModel.Piece(mesh: mesh, coarse: coarse, local: local, scale: scale))
      model.radius = max(model.radius, local.position.length + Double(mesh.radius * scale.max()))
    }
    return model
  }

  private func mesh(_ key: Key) -> Mesh {
    if let known = meshes[key] { return known }
    let made: Mesh
    switch key {
    case .box: made = .box()
    case .sphere, .hull, .mesh: made = .sphere()
    case .coarseSphere: made = .sphere(segments: 10)
    case .cylinder: made = .cylinder()
    case .capsule(let radius, let halfLength): made = .capsule(radius: Float(radius), halfLength: Float(halfLength))
    }
    meshes[key] = made
    return made
  }

  /// Forgets the meshes of hulls and terrains, whose shapes may be gone.
  func removeShapes() {
    meshes = meshes.filter {
      switch $0.key {
      case .hull, .mesh: false
      default: true
      }
    }
  }
}

extension BodyModel {
  /// Distance (m) along a ray from `origin` in the unit direction `direction` at which it meets the body; nil where it
  /// misses. Coordinates of the centre of mass.
  func hit(_ origin: Vector3, _ direction: Vector3) -> Double? {
    let middle = -origin.dot(direction)
    guard origin.lengthSquared - middle * middle <= radius * radius else { return nil }
    var nearest: Double?
    for piece in pieces {
      let o = SIMD3<Float>(piece.local.applyInverse(origin)) / piece.scale
      let d = SIMD3<Float>(piece.local.orientation.inverseRotate(direction)) / piece.scale
      if let t = piece.mesh.hit(o, d), t < nearest ?? .infinity { nearest = t }
    }
    return nearest
  }
}

extension Mesh {
  /// The smallest t ≥ 0 at which o + t d lies on a triangle (Möller, Trumbore 1997); nil where there is none.
  func hit(_ o: SIMD3<Float>, _ d: SIMD3<Float>) -> Double? {
    var nearest: Float?
    for index in stride(from: 0, to: triangles.count, by: 3) {
      let a = positions[Int(triangles[index])]
      let e1 = positions[Int(triangles[index + 1])] - a
      let e2 = positions[Int(triangles[index + 2])] - a
      let p = Self.cross(d, e2)
      let determinant = (e1 * p).sum()
      guard determinant.magnitude > 1e-12 else { continue }
      let s = o - a
      let u = (s * p).sum() / determinant
      let q = Self.cross(s, e1)
      let v = (d * q).sum() / determinant
      let t = (e2 * q).sum() / determinant
      if u >= 0 && v >= 0 && u + v <= 1 && t >= 0 && t < nearest ?? .infinity { nearest = t }
    }
    return nearest.map(Double.init)
  }

  private static func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }
}
