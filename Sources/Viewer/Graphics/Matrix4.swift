import LinearAlgebra

/// A 4×4 matrix by columns, single precision, as OpenGL takes it.
struct Matrix4 {
  var columns: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>)

  init(_ a: SIMD4<Float>, _ b: SIMD4<Float>, _ c: SIMD4<Float>, _ d: SIMD4<Float>) { columns = (a, b, c, d) }

  static func * (m: Matrix4, v: SIMD4<Float>) -> SIMD4<Float> {
    m.columns.0 * v.x + m.columns.1 * v.y + m.columns.2 * v.z + m.columns.3 * v.w
  }

  static func * (a: Matrix4, b: Matrix4) -> Matrix4 {
    Matrix4(a * b.columns.0, a * b.columns.1, a * b.columns.2, a * b.columns.3)
  }

  /// Looks from `eye` along `forward`; right and up complete the frame. All unit vectors.
  static func view(eye: Vector3, right: Vector3, up: Vector3, forward: Vector3) -> Matrix4 {
    func row(_ v: Vector3) -> (Float, Float, Float, Float) { (Float(v.x), Float(v.y), Float(v.z), Float(-v.dot(eye))) }
    let (r, u, f) = (row(right), row(up), row(-forward))
    return Matrix4(SIMD4(r.0, u.0, f.0, 0), SIMD4(r.1, u.1, f.1, 0), SIMD4(r.2, u.2, f.2, 0), SIMD4(r.3, u.3, f.3, 1))
  }

  /// Perspective with half the vertical field of view's tangent.
  static func perspective(tangent: Float, aspect: Float, near: Float, far: Float) -> Matrix4 {
    Matrix4(
      SIMD4(1 / (tangent * aspect), 0, 0, 0), SIMD4(0, 1 / tangent, 0, 0),
      SIMD4(0, 0, (far + near) / (near - far), -1), SIMD4(0, 0, 2 * far * near / (near - far), 0))
  }

  /// A box of half size `radius` around the axis, `depth` deep.
  static func orthographic(radius: Float, depth: Float) -> Matrix4 {
    Matrix4(
      SIMD4(1 / radius, 0, 0, 0), SIMD4(0, 1 / radius, 0, 0), SIMD4(0, 0, -2 / depth, 0), SIMD4(0, 0, -1, 1))
  }
}

extension SIMD3<Float> {
  /// A vector, rounded.
  init(_ v: Vector3) { self.init(Float(v.x), Float(v.y), Float(v.z)) }
}
