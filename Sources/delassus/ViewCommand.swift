import ArgumentParser
import Foundation
import Glibc
import Laboratory

/// `delassus view`: starts the viewer, which is a program of its own, so that this one needs no graphics.
struct ViewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view", abstract: "See a scene or a recording in 3D (starts delassus-view).",
    discussion: "All arguments go to delassus-view: see delassus-view --help.")

  @Argument(parsing: .captureForPassthrough, help: "What delassus-view is given.")
  var arguments: [String] = []

  func run() throws {
    let name = "delassus-view"
    // Beside this program, else in PATH.
    let beside = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent(name).path
    let program = beside.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil } ?? name
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    execvp(program, words)
    printError(
      """
      error: delassus-view is not there: it is built where GLFW, OpenGL, EGL, Dear ImGui and libpng are. \
      Install libglfw3-dev libgl-dev libopengl-dev libegl-dev libimgui-dev libpng-dev, then: \
      swift build -c release --product delassus-view
      """)
    throw ExitCode(69)
  }
}
