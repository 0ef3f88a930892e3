import COpenGL

// OpenGL's constants come in as Int32, its functions want GLenum: these few conversions live here.

/// A constant of OpenGL as the functions take it.
@inline(__always)
func gl(_ constant: Int32) -> GLenum { GLenum(bitPattern: constant) }

/// A shader program.
final class ShaderProgram {
  private let name: GLuint
  private var locations: [String: GLint] = [:]

  /// Compiles and links. Precondition: the sources are the viewer's own, so an error is a defect of it.
  init(_ title: String, vertex: String, fragment: String) {
    name = glCreateProgram()
    for (kind, source) in [(GL_VERTEX_SHADER, vertex), (GL_FRAGMENT_SHADER, fragment)] {
      let shader = glCreateShader(gl(kind))
      ("#version 330 core\n" + source).withCString { text in
        var pointer: UnsafePointer<GLchar>? = text
        glShaderSource(shader, 1, &pointer, nil)
      }
      glCompileShader(shader)
      var status: GLint = 0
      glGetShaderiv(shader, gl(GL_COMPILE_STATUS), &status)
      precondition(status != 0, "shader \(title): \(Self.log(shader, glGetShaderInfoLog))")
      glAttachShader(name, shader)
      glDeleteShader(shader)
    }
    glLinkProgram(name)
    var status: GLint = 0
    glGetProgramiv(name, gl(GL_LINK_STATUS), &status)
    precondition(status != 0, "shader \(title): \(Self.log(name, glGetProgramInfoLog))")
  }

  deinit { glDeleteProgram(name) }

  private static func log(
    _ name: GLuint, _ read: (GLuint, GLsizei, UnsafeMutablePointer<GLsizei>?, UnsafeMutablePointer<GLchar>?) -> Void
  ) -> String {
    var text = [GLchar](repeating: 0, count: 4096)
    read(name, GLsizei(text.count), nil, &text)
    return String(cString: text)
  }

  func use() { glUseProgram(name) }

  private func location(_ uniform: String) -> GLint {
    if let known = locations[uniform] { return known }
    let found = glGetUniformLocation(name, uniform)
    locations[uniform] = found
    return found
  }

  func set(_ uniform: String, _ value: Float) { glUniform1f(location(uniform), value) }
  func set(_ uniform: String, _ value: Int32) { glUniform1i(location(uniform), value) }
  func set(_ uniform: String, _ value: SIMD2<Float>) { glUniform2f(location(uniform), value.x, value.y) }
  func set(_ uniform: String, _ value: SIMD3<Float>) { glUniform3f(location(uniform), value.x, value.y, value.z) }
  func set(_ uniform: String, _ value: SIMD4<Float>) {
    glUniform4f(location(uniform), value.x, value.y, value.z, value.w)
  }
  func set(_ uniform: String, _ matrix: Matrix4) {
    withUnsafeBytes(of: matrix.columns) {
      glUniformMatrix4fv(location(uniform), 1, 0, $0.bindMemory(to: Float.self).baseAddress)
    }
  }
}

/// A buffer of OpenGL that is filled anew for every frame and grows as needed.
final class StreamBuffer {
  let name: GLuint
  private var capacity = 0

  init() {
    var name: GLuint = 0
    glGenBuffers(1, &name)
    self.name = name
  }

  deinit {
    var name = self.name
    glDeleteBuffers(1, &name)
  }

  /// Replaces the content.
  func fill<Element: BitwiseCopyable>(_ elements: [Element]) {
    let size = elements.count * MemoryLayout<Element>.stride
    glBindBuffer(gl(GL_ARRAY_BUFFER), name)
    if size > capacity { capacity = max(size, 2 * capacity, 1 << 12) }
    // Without data: the driver gives fresh memory instead of waiting for the last frame.
    glBufferData(gl(GL_ARRAY_BUFFER), capacity, nil, gl(GL_STREAM_DRAW))
    elements.withUnsafeBytes { glBufferSubData(gl(GL_ARRAY_BUFFER), 0, size, $0.baseAddress) }
  }
}

/// Floats of one attribute: its place in the shader, their number and where they begin in an element.
struct VertexAttribute {
  var place: GLuint
  var count: GLint
  var offset: Int

  /// Declares the attributes of the buffer that is bound, one element a vertex or an instance.
  static func declare(_ attributes: [VertexAttribute], stride: Int, isInstanced: Bool) {
    for attribute in attributes {
      glEnableVertexAttribArray(attribute.place)
      glVertexAttribPointer(
        attribute.place, attribute.count, gl(GL_FLOAT), 0, GLsizei(stride),
        UnsafeRawPointer(bitPattern: attribute.offset))
      glVertexAttribDivisor(attribute.place, isInstanced ? 1 : 0)
    }
  }
}
