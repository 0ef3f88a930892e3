import COpenGL

/// Where a frame is drawn: colour and depth with several samples a pixel, resolved into a texture that is shown, read and
/// written to files.
final class Framebuffer {
  let width: Int
  let height: Int
  private let samples: Int
  private var drawing: GLuint = 0
  private var resolved: GLuint = 0
  private var buffers: [GLuint] = [0, 0, 0]

  init(width: Int, height: Int, samples: Int) throws {
    self.width = width
    self.height = height
    var limit: GLint = 1
    glGetIntegerv(gl(GL_MAX_SAMPLES), &limit)
    self.samples = min(samples, Int(limit))
    glGenRenderbuffers(3, &buffers)
    glGenFramebuffers(1, &drawing)
    glGenFramebuffers(1, &resolved)
    glBindFramebuffer(gl(GL_FRAMEBUFFER), drawing)
    attach(0, GL_COLOR_ATTACHMENT0, GL_RGBA8, samples: self.samples)
    attach(1, GL_DEPTH_ATTACHMENT, GL_DEPTH_COMPONENT24, samples: self.samples)
    glBindFramebuffer(gl(GL_FRAMEBUFFER), resolved)
    attach(2, GL_COLOR_ATTACHMENT0, GL_RGBA8, samples: 0)
    guard glCheckFramebufferStatus(gl(GL_FRAMEBUFFER)) == gl(GL_FRAMEBUFFER_COMPLETE) else {
      throw GraphicsError("OpenGL cannot draw into an image of \(width)x\(height) pixels")
    }
  }

  private func attach(_ buffer: Int, _ place: Int32, _ format: Int32, samples: Int) {
    glBindRenderbuffer(gl(GL_RENDERBUFFER), buffers[buffer])
    glRenderbufferStorageMultisample(gl(GL_RENDERBUFFER), GLsizei(samples), gl(format), GLsizei(width), GLsizei(height))
    glFramebufferRenderbuffer(gl(GL_FRAMEBUFFER), gl(place), gl(GL_RENDERBUFFER), buffers[buffer])
  }

  deinit {
    glDeleteFramebuffers(1, &drawing)
    glDeleteFramebuffers(1, &resolved)
    glDeleteRenderbuffers(3, buffers)
  }

  /// What is drawn from now on goes here.
  func bind() {
    glBindFramebuffer(gl(GL_FRAMEBUFFER), drawing)
    glViewport(0, 0, GLsizei(width), GLsizei(height))
  }

  /// Averages the samples.
  func resolve() { copy(from: drawing, to: resolved) }

  /// Averages the samples into the text and interface of the same frame: what is drawn next has one sample a pixel.
  func bindResolved() {
    glBindFramebuffer(gl(GL_FRAMEBUFFER), resolved)
    glViewport(0, 0, GLsizei(width), GLsizei(height))
  }

  /// Shows the frame in the window.
  func show() { copy(from: resolved, to: 0) }

  private func copy(from source: GLuint, to target: GLuint) {
    glBindFramebuffer(gl(GL_READ_FRAMEBUFFER), source)
    glBindFramebuffer(gl(GL_DRAW_FRAMEBUFFER), target)
    let (w, h) = (GLint(width), GLint(height))
    glBlitFramebuffer(0, 0, w, h, 0, 0, w, h, GLbitfield(GL_COLOR_BUFFER_BIT), gl(GL_NEAREST))
  }

  /// The picture, RGB, rows from top to bottom.
  func read() -> Picture {
    glBindFramebuffer(gl(GL_READ_FRAMEBUFFER), resolved)
    glPixelStorei(gl(GL_PACK_ALIGNMENT), 1)
    var pixels = [UInt8](repeating: 0, count: 3 * width * height)
    glReadPixels(0, 0, GLsizei(width), GLsizei(height), gl(GL_RGB), gl(GL_UNSIGNED_BYTE), &pixels)
    var flipped: [UInt8] = []
    flipped.reserveCapacity(pixels.count)
    for row in (0..<height).reversed() { flipped += pixels[3 * width * row..<3 * width * (row + 1)] }
    return Picture(width: width, height: height, pixels: flipped)
  }
}
