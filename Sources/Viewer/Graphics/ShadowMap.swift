import COpenGL
import LinearAlgebra

/// Depths as the sun sees them.
final class ShadowMap {
  static let size = 2048
  private var framebuffer: GLuint = 0
  private var texture: GLuint = 0

  init() {
    glGenTextures(1, &texture)
    glBindTexture(gl(GL_TEXTURE_2D), texture)
    let size = GLsizei(Self.size)
    glTexImage2D(
      gl(GL_TEXTURE_2D), 0, GL_DEPTH_COMPONENT24, size, size, 0, gl(GL_DEPTH_COMPONENT), gl(GL_FLOAT), nil)
    for (name, value) in [
      (GL_TEXTURE_MIN_FILTER, GL_LINEAR), (GL_TEXTURE_MAG_FILTER, GL_LINEAR), (GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE),
      (GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE), (GL_TEXTURE_COMPARE_MODE, GL_COMPARE_REF_TO_TEXTURE),
      (GL_TEXTURE_COMPARE_FUNC, GL_LEQUAL),
    ] {
      glTexParameteri(gl(GL_TEXTURE_2D), gl(name), value)
    }
    glGenFramebuffers(1, &framebuffer)
    glBindFramebuffer(gl(GL_FRAMEBUFFER), framebuffer)
    glFramebufferTexture2D(gl(GL_FRAMEBUFFER), gl(GL_DEPTH_ATTACHMENT), gl(GL_TEXTURE_2D), texture, 0)
    glDrawBuffer(gl(GL_NONE))
    glReadBuffer(gl(GL_NONE))
  }

  deinit {
    glDeleteFramebuffers(1, &framebuffer)
    glDeleteTextures(1, &texture)
  }

  /// What is drawn next goes into the map.
  func begin() {
    glBindFramebuffer(gl(GL_FRAMEBUFFER), framebuffer)
    glViewport(0, 0, GLsizei(Self.size), GLsizei(Self.size))
    glClear(GLbitfield(GL_DEPTH_BUFFER_BIT))
  }

  func bindTexture() {
    glActiveTexture(gl(GL_TEXTURE0))
    glBindTexture(gl(GL_TEXTURE_2D), texture)
  }

  /// From the world to the map that holds a ball around `center`.
  static func matrix(sun: Vector3, center: Vector3, radius: Double) -> Matrix4 {
    let forward = -sun
    let right = Vector3(0, 1, 0).cross(sun).normalized(fallback: Vector3(1, 0, 0))
    let up = right.cross(forward)
    // Moves by whole texels: edges of shadows stay where they are.
    let texel = 2 * radius / Double(size)
    func snap(_ axis: Vector3) -> Double { (center.dot(axis) / texel).rounded() * texel }
    let place = snap(right) * right + snap(up) * up + center.dot(forward) * forward
    let eye = place - 2 * radius * forward
    return .orthographic(radius: Float(radius), depth: Float(4 * radius))
      * .view(eye: eye, right: right, up: up, forward: forward)
  }
}
