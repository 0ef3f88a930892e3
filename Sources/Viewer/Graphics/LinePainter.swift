import COpenGL
import LinearAlgebra

/// Lines of any width, in pixels, as quads that the vertex shader spans; a line of no length is a dot.
final class LinePainter {
  /// One line.
  struct Line: BitwiseCopyable {
    var start: (Float, Float, Float)
    var end: (Float, Float, Float)
    var color: (Float, Float, Float, Float)
    var width: Float

    init(_ start: Vector3, _ end: Vector3, _ color: SIMD4<Float>, width: Float) {
      self.start = (Float(start.x), Float(start.y), Float(start.z))
      self.end = (Float(end.x), Float(end.y), Float(end.z))
      self.color = (color.x, color.y, color.z, color.w)
      self.width = width
    }
  }

  private let program = ShaderProgram("lines", vertex: vertexShader, fragment: fragmentShader)
  private let buffer = StreamBuffer()
  private var array: GLuint = 0

  init() {
    glGenVertexArrays(1, &array)
    glBindVertexArray(array)
    glBindBuffer(gl(GL_ARRAY_BUFFER), buffer.name)
    VertexAttribute.declare(
      [
        VertexAttribute(place: 0, count: 3, offset: 0), VertexAttribute(place: 1, count: 3, offset: 12),
        VertexAttribute(place: 2, count: 4, offset: 24), VertexAttribute(place: 3, count: 1, offset: 40),
      ], stride: MemoryLayout<Line>.stride, isInstanced: true)
  }

  deinit { glDeleteVertexArrays(1, &array) }

  /// Draws `lines`; `scale` is the number of pixels a width of 1 takes.
  func draw(_ lines: [Line], matrix: Matrix4, viewport: SIMD2<Float>, scale: Float, isOnTop: Bool) {
    guard !lines.isEmpty else { return }
    buffer.fill(lines)
    program.use()
    program.set("matrix", matrix)
    program.set("viewport", viewport)
    program.set("scale", scale)
    if isOnTop { glDisable(gl(GL_DEPTH_TEST)) }
    glEnable(gl(GL_BLEND))
    glDepthMask(0)
    glBindVertexArray(array)
    glDrawArraysInstanced(gl(GL_TRIANGLE_STRIP), 0, 4, GLsizei(lines.count))
    glDepthMask(1)
    glDisable(gl(GL_BLEND))
    glEnable(gl(GL_DEPTH_TEST))
  }

  private static let vertexShader = """
    layout(location = 0) in vec3 from; layout(location = 1) in vec3 to;
    layout(location = 2) in vec4 color; layout(location = 3) in float width;
    uniform mat4 matrix; uniform vec2 viewport; uniform float scale;
    out vec4 shade;
    void main() {
      vec4 a = matrix * vec4(from, 1), b = matrix * vec4(to, 1);
      // What lies behind the eye is cut off, or the line would flip over.
      float near = 1e-4;
      if (a.w < near && b.w >= near) a = mix(a, b, (near - a.w) / (b.w - a.w));
      if (b.w < near && a.w >= near) b = mix(b, a, (near - b.w) / (a.w - b.w));
      vec2 direction = (b.xy / b.w - a.xy / a.w) * viewport;
      float size = length(direction);
      direction = size > 1e-3 ? direction / size : vec2(1, 0);
      vec4 end = (gl_VertexID & 1) == 0 ? a : b;
      float along = (gl_VertexID & 1) == 0 ? -1.0 : 1.0;
      float across = (gl_VertexID & 2) == 0 ? -1.0 : 1.0;
      vec2 offset = (size > 1e-3 ? vec2(0) : direction * along) + vec2(-direction.y, direction.x) * across;
      end.xy += offset * width * scale / viewport * end.w;
      gl_Position = end;
      shade = color;
    }
    """
  private static let fragmentShader = """
    in vec4 shade; out vec4 result;
    void main() { result = shade; }
    """
}
