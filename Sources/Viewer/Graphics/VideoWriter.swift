import Foundation
import Laboratory

/// Frames as a film, by ffmpeg.
final class VideoWriter {
  private let process = Process()
  private let pipe = Pipe()
  private let path: String

  /// Begins a film. Throws `InputError` where there is no ffmpeg.
  init(_ path: String, width: Int, height: Int) throws {
    self.path = path
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard let program = folders.map({ "\($0)/ffmpeg" }).first(where: FileManager.default.isExecutableFile) else {
      throw InputError(.usage, place: "--video", "needs ffmpeg, which is not in PATH: install the package ffmpeg")
    }
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = [
      "-loglevel", "error", "-y", "-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", "\(width)x\(height)",
      "-framerate", "60", "-i", "-", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", path,
    ]
    process.standardInput = pipe
    signal(SIGPIPE, SIG_IGN)
    do {
      try process.run()
    } catch {
      throw InputError(.usage, place: "--video", "ffmpeg cannot be started: \(error.localizedDescription)")
    }
  }

  /// Adds a frame. Throws `InputError` where ffmpeg has given up.
  func append(_ picture: Picture) throws {
    do {
      try pipe.fileHandleForWriting.write(contentsOf: Data(picture.pixels))
    } catch {
      throw InputError(.cannotWrite, file: path, "ffmpeg cannot write the film")
    }
  }

  /// Ends the film. Throws `InputError`.
  func close() throws {
    try? pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw InputError(.cannotWrite, file: path, "ffmpeg cannot write the film (status \(process.terminationStatus))")
    }
  }
}
