import COpenGL
import Dynamics
import LinearAlgebra

/// Draws bodies, planes, shadows and lines of a stage into a part of the bound framebuffer.
final class StageRenderer {
  /// What is drawn.
  struct Stage {
    /// Instances by mesh.
    var solids: [(mesh: Mesh, instances: [Instance])] = []
    /// Translucent ones, drawn over what is in the same place.
    var ghosts: [(mesh: Mesh, instances: [Instance])] = []
    /// Half-spaces y ≤ 0 of their frames.
    var planes: [RigidTransform] = []
    /// Lines in the picture, and lines over it.
    var lines: [LinePainter.Line] = []
    var overlay: [LinePainter.Line] = []
    /// A ball around what casts shadows.
    var center = Vector3.zero
    var radius = 1.0
  }

  /// A rectangle of pixels, y from the top.
  struct Viewport {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    var aspect: Double { Double(width) / Double(max(height, 1)) }
  }

  private let bodies = ShaderProgram("bodies", vertex: Shaders.bodyVertex, fragment: Shaders.bodyFragment)
  private let shadows = ShaderProgram("shadows", vertex: Shaders.shadowVertex, fragment: Shaders.shadowFragment)
  private let planes = ShaderProgram("planes", vertex: Shaders.planeVertex, fragment: Shaders.planeFragment)
  private let backdrop = ShaderProgram("backdrop", vertex: Shaders.backdropVertex, fragment: Shaders.backdropFragment)
  private let shadowMap = ShadowMap()
  private let lines = LinePainter()
  private let instances = StreamBuffer()
  private var empty: GLuint = 0
  /// Towards the sun.
  private static let sun = Vector3(0.45, 0.80, 0.40).normalized()

  init() { glGenVertexArrays(1, &empty) }

  deinit { glDeleteVertexArrays(1, &empty) }

  /// Draws; `target` binds the framebuffer of `height` pixels, `scale` is the number of pixels of a line of width 1.
  func draw(
    _ stage: Stage, camera: Camera, in viewport: Viewport, height: Int, scale: Float, target: () -> Void
  ) {
    let light = ShadowMap.matrix(sun: Self.sun, center: stage.center, radius: stage.radius)
    glEnable(gl(GL_DEPTH_TEST))
    glDepthFunc(gl(GL_LEQUAL))
    shadowMap.begin()
    shadows.use()
    shadows.set("light", light)
    for (mesh, instances) in stage.solids { draw(mesh, instances) }

    target()
    glViewport(
      GLint(viewport.x), GLint(height - viewport.y - viewport.height), GLsizei(viewport.width),
      GLsizei(viewport.height))
    glEnable(gl(GL_SCISSOR_TEST))
    glScissor(
      GLint(viewport.x), GLint(height - viewport.y - viewport.height), GLsizei(viewport.width),
      GLsizei(viewport.height))
    glClear(GLbitfield(GL_DEPTH_BUFFER_BIT))
    glBindVertexArray(empty)
    backdrop.use()
    glDrawArrays(gl(GL_TRIANGLES), 0, 3)
    shadowMap.bindTexture()
    let matrix = camera.matrix(aspect: viewport.aspect)
    drawPlanes(stage.planes, camera, matrix, light)
    drawBodies(stage, camera, matrix, light)
    let size = SIMD2(Float(viewport.width), Float(viewport.height))
    lines.draw(stage.lines, matrix: matrix, viewport: size, scale: scale, isOnTop: false)
    lines.draw(stage.overlay, matrix: matrix, viewport: size, scale: scale, isOnTop: true)
    glDisable(gl(GL_SCISSOR_TEST))
  }

  private func setLight(_ program: ShaderProgram, _ camera: Camera, _ matrix: Matrix4, _ light: Matrix4) {
    program.use()
    program.set("matrix", matrix)
    program.set("light", light)
    program.set("sun", SIMD3<Float>(Self.sun))
    program.set("eye", SIMD3<Float>(camera.eye))
    program.set("shadowMap", Int32(0))
    program.set("texel", 1 / Float(ShadowMap.size))
  }

  private func drawBodies(_ stage: Stage, _ camera: Camera, _ matrix: Matrix4, _ light: Matrix4) {
    setLight(bodies, camera, matrix, light)
    for (mesh, instances) in stage.solids {
      bodies.set("hasEdges", Int32(mesh.hasBoxEdges ? 1 : 0))
      draw(mesh, instances)
    }
    guard !stage.ghosts.isEmpty else { return }
    glEnable(gl(GL_BLEND))
    glBlendFunc(gl(GL_SRC_ALPHA), gl(GL_ONE_MINUS_SRC_ALPHA))
    glEnable(gl(GL_POLYGON_OFFSET_FILL))
    glPolygonOffset(-1, -1)
    for (mesh, instances) in stage.ghosts {
      bodies.set("hasEdges", Int32(mesh.hasBoxEdges ? 1 : 0))
      draw(mesh, instances)
    }
    glDisable(gl(GL_POLYGON_OFFSET_FILL))
    glDisable(gl(GL_BLEND))
  }

  private func drawPlanes(_ frames: [RigidTransform], _ camera: Camera, _ matrix: Matrix4, _ light: Matrix4) {
    glEnable(gl(GL_BLEND))
    glBlendFunc(gl(GL_SRC_ALPHA), gl(GL_ONE_MINUS_SRC_ALPHA))
    setLight(planes, camera, matrix, light)
    // Lines of a power of ten that are neither dust nor out of sight.
    var pitch = 1.0
    while pitch * 40 < camera.distance { pitch *= 10 }
    while pitch * 4 > camera.distance { pitch /= 10 }
    planes.set("pitch", Float(pitch))
    let reach = max(6 * camera.distance, 12)
    planes.set("reach", Float(reach))
    planes.set("isSolid", Int32(frames.isEmpty ? 0 : 1))
    glBindVertexArray(empty)
    if frames.isEmpty { glDepthMask(0) }
    // Where there is no plane, a grid of lines at height 0.
    for frame in frames.isEmpty ? [.identity] : frames {
      let normal = frame.orientation.rotate(Vector3(0, 1, 0))
      let u = frame.orientation.rotate(Vector3(1, 0, 0))
      let v = frame.orientation.rotate(Vector3(0, 0, 1))
      let local = frame.applyInverse(camera.target)
      let center = frame.apply(Vector3(local.x, 0, local.z))
      planes.set("center", SIMD3<Float>(center))
      planes.set("normal", SIMD3<Float>(normal))
      planes.set("u", SIMD3<Float>(u))
      planes.set("v", SIMD3<Float>(v))
      // Single precision has no grid far from the origin; only the place within ten lines matters.
      func wrapped(_ x: Double) -> Float { Float(x - (x / (100 * pitch)).rounded() * 100 * pitch) }
      planes.set("offset", SIMD2<Float>(wrapped(local.x), wrapped(local.z)))
      glDrawArrays(gl(GL_TRIANGLE_STRIP), 0, 4)
    }
    glDepthMask(1)
    glDisable(gl(GL_BLEND))
  }

  private func draw(_ mesh: Mesh, _ instances: [Instance]) {
    guard !instances.isEmpty else { return }
    self.instances.fill(instances)
    if mesh.isClosed { glEnable(gl(GL_CULL_FACE)) } else { glDisable(gl(GL_CULL_FACE)) }
    mesh.bind(instances: self.instances)
    glDrawElementsInstanced(
      gl(GL_TRIANGLES), GLsizei(mesh.triangles.count), gl(GL_UNSIGNED_INT), nil, GLsizei(instances.count))
    glDisable(gl(GL_CULL_FACE))
  }
}
