import Foundation

/// gnuplot as a program: a script in, an SVG out.
enum Gnuplot {
  /// Throws `InputError` where gnuplot is not installed; `file` is what it was wanted for.
  static func find(for file: String) throws -> URL {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    for folder in folders {
      let path = "\(folder)/gnuplot"
      if FileManager.default.isExecutableFile(atPath: path) { return URL(fileURLWithPath: path) }
    }
    throw InputError(
      .cannotWrite, file: file, "cannot be drawn: there is no gnuplot in PATH; install it (Debian: gnuplot-nox)")
  }

  /// Runs a script that writes to gnuplot's standard output, and keeps that as `file`. Throws `InputError`.
  static func draw(_ script: String, to file: String) throws {
    let process = Process()
    process.executableURL = try find(for: file)
    let source = FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString).gp")
    defer { try? FileManager.default.removeItem(at: source) }
    do {
      try Data(script.utf8).write(to: source)
      process.arguments = [source.path]
      let output = Pipe()
      let errors = Pipe()
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      let picture = output.fileHandleForReading.readDataToEndOfFile()
      let complaint = errors.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      guard process.terminationStatus == 0, !picture.isEmpty else {
        let line = String(decoding: complaint, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
        throw InputError(.cannotWrite, file: file, "gnuplot failed: \(line)")
      }
      try picture.write(to: URL(fileURLWithPath: file))
    } catch let error as InputError {
      throw error
    } catch {
      throw InputError(.cannotWrite, file: file, "cannot be written: \(error.localizedDescription)")
    }
  }
}
