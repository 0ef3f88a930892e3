import CEGL
import CGLFW
import COpenGL
import Foundation

/// A context of OpenGL 3.3 and where its frames go.
protocol DrawingSurface: AnyObject {
  /// Size of a frame in pixels; it may change.
  var size: (width: Int, height: Int) { get }
  /// Number of pixels for one of a plain screen: 2 on one of high density.
  var scale: Float { get }
  /// Hands over what the user did since the last call; waits for something up to `patience` (s).
  func poll(_ input: inout InputState, patience: Double)
  /// Whether the user wants to leave.
  var isClosing: Bool { get }
  /// The frame, in framebuffer 0, is done.
  func present()
}

/// No window and no display: EGL without a surface.
final class OffscreenSurface: DrawingSurface {
  let size: (width: Int, height: Int)
  let scale: Float
  let isClosing = false
  private let display: EGLDisplay
  private let context: EGLContext

  /// Throws `GraphicsError` where EGL cannot draw without a surface.
  init(width: Int, height: Int, scale: Float = 1) throws {
    size = (width, height)
    self.scale = scale
    let advice = "install libegl1 and libgl1-mesa-dri"
    guard let display = eglGetPlatformDisplay(EGLenum(EGL_PLATFORM_SURFACELESS_MESA), nil, nil),
      eglInitialize(display, nil, nil) != 0
    else { throw GraphicsError("EGL finds no device that draws without a display; \(advice)") }
    guard eglBindAPI(EGLenum(EGL_OPENGL_API)) != 0 else { throw GraphicsError("EGL has no OpenGL; \(advice)") }
    let attributes: [EGLint] = [
      EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3, EGL_CONTEXT_OPENGL_PROFILE_MASK,
      EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE,
    ]
    var config: EGLConfig?
    var count: EGLint = 0
    let wanted: [EGLint] = [EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE]
    eglChooseConfig(display, wanted, &config, 1, &count)
    guard let context = eglCreateContext(display, config, delassus_egl_no_context(), attributes),
      eglMakeCurrent(display, delassus_egl_no_surface(), delassus_egl_no_surface(), context) != 0
    else {
      eglTerminate(display)
      throw GraphicsError("there is no OpenGL 3.3; \(advice)")
    }
    self.display = display
    self.context = context
  }

  deinit {
    eglMakeCurrent(display, delassus_egl_no_surface(), delassus_egl_no_surface(), delassus_egl_no_context())
    eglDestroyContext(display, context)
    eglTerminate(display)
    eglReleaseThread()
  }

  func poll(_ input: inout InputState, patience: Double) {}
  func present() { glFinish() }
}

/// A window.
final class WindowSurface: DrawingSurface {
  private let window: OpaquePointer
  /// What the callbacks collect between polls.
  fileprivate var collected = InputState()

  /// Throws `GraphicsError` where there is no display or no OpenGL 3.3.
  init(title: String, width: Int, height: Int) throws {
    let advice =
      "set DISPLAY (over ssh: ssh -X; without a screen: xvfb-run), or take pictures with --screenshot, which needs none"
    glfwSetErrorCallback(nil)
    guard glfwInit() != 0 else { throw GraphicsError("there is no display to open a window on; \(advice)") }
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3)
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3)
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE)
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE)
    guard let window = glfwCreateWindow(Int32(width), Int32(height), title, nil, nil) else {
      glfwTerminate()
      throw GraphicsError("the display has no OpenGL 3.3: install a driver, such as libgl1-mesa-dri; or \(advice)")
    }
    self.window = window
    glfwMakeContextCurrent(window)
    glfwSwapInterval(1)
    glfwSetWindowUserPointer(window, Unmanaged.passUnretained(self).toOpaque())
    glfwSetKeyCallback(window) { window, key, _, action, modifiers in
      WindowSurface.of(window).collected.key(Int(key), isDown: action != GLFW_RELEASE, modifiers: Int(modifiers))
    }
    glfwSetCharCallback(window) { window, character in
      WindowSurface.of(window).collected.characters.append(character)
    }
    glfwSetScrollCallback(window) { window, _, dy in WindowSurface.of(window).collected.wheel += Float(dy) }
    glfwSetMouseButtonCallback(window) { window, button, action, _ in
      if button < 3 { WindowSurface.of(window).collected.button(Int(button), isDown: action == GLFW_PRESS) }
    }
    glfwSetCursorPosCallback(window) { window, x, y in
      let surface = WindowSurface.of(window)
      // Cursor places are in units of the screen, frames in pixels.
      var (w, h): (Int32, Int32) = (1, 1)
      glfwGetWindowSize(window, &w, &h)
      let size = surface.size
      surface.collected.mouse = SIMD2(
        Float(x) * Float(size.width) / Float(max(w, 1)), Float(y) * Float(size.height) / Float(max(h, 1)))
    }
  }

  private static func of(_ window: OpaquePointer?) -> WindowSurface {
    Unmanaged<WindowSurface>.fromOpaque(glfwGetWindowUserPointer(window)!).takeUnretainedValue()
  }

  deinit {
    glfwDestroyWindow(window)
    glfwTerminate()
  }

  var size: (width: Int, height: Int) {
    var (w, h): (Int32, Int32) = (0, 0)
    glfwGetFramebufferSize(window, &w, &h)
    return (Int(w), Int(h))
  }

  var scale: Float {
    var (x, y): (Float, Float) = (1, 1)
    glfwGetWindowContentScale(window, &x, &y)
    return max(x, y, 1)
  }

  var isClosing: Bool { glfwWindowShouldClose(window) != 0 }

  func poll(_ input: inout InputState, patience: Double) {
    if patience > 0 { glfwWaitEventsTimeout(patience) } else { glfwPollEvents() }
    input.take(&collected)
  }

  func present() { glfwSwapBuffers(window) }
}
