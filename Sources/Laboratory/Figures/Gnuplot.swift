import Foundation

/// gnuplot as a program: a script in, a picture out.
package enum Gnuplot {
  /// Throws `InputError` where gnuplot is not installed; `file` is what it was wanted for.
  @discardableResult
  package static func find(for file: String) throws -> URL {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    for folder in folders {
      let path = "\(folder)/gnuplot"
      if FileManager.default.isExecutableFile(atPath: path) { return URL(fileURLWithPath: path) }
    }
    throw InputError(
      .cannotWrite, file: file, "cannot be drawn: there is no gnuplot in PATH; install it (Debian: gnuplot-nox)")
  }

  /// What a script makes gnuplot write to its standard output, the picture, and what it says beside that. The latter is
  /// no failure: it may be a warning of the system's fonts, and a picture that lacks a mark is better than none. Throws
  /// `InputError` where gnuplot fails; `file` is what the picture is wanted for.
  package static func run(_ script: String, for file: String) throws -> (picture: Data, complaint: String) {
    let process = Process()
    process.executableURL = try find(for: file)
    let folder = FileManager.default.temporaryDirectory
    let source = folder.appendingPathComponent("delassus-\(UUID().uuidString).gp")
    // A file and no pipe: a pipe that nobody empties while the picture is read would stop gnuplot.
    let complaints = folder.appendingPathComponent("delassus-\(UUID().uuidString).log")
    defer {
      try? FileManager.default.removeItem(at: source)
      try? FileManager.default.removeItem(at: complaints)
    }
    do {
      try Data(script.utf8).write(to: source)
      try Data().write(to: complaints)
      process.arguments = [source.path]
      let output = Pipe()
      process.standardOutput = output
      process.standardError = try FileHandle(forWritingTo: complaints)
      try process.run()
      let picture = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      let complaint = String(decoding: try Data(contentsOf: complaints), as: UTF8.self)
      guard process.terminationStatus == 0, !picture.isEmpty else {
        let line = complaint.split(separator: "\n").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
        throw InputError(.cannotWrite, file: file, "gnuplot failed: \(line)")
      }
      return (picture, complaint)
    } catch let error as InputError {
      throw error
    } catch {
      throw InputError(.cannotWrite, file: file, "cannot be drawn: \(error.localizedDescription)")
    }
  }

  /// Writes a picture. Throws `InputError`.
  static func write(_ picture: Data, to file: String) throws {
    do {
      try picture.write(to: URL(fileURLWithPath: file))
    } catch {
      throw InputError(.cannotWrite, file: file, "cannot be written: \(error.localizedDescription)")
    }
  }

  /// A text in single quotes, in which gnuplot reads nothing but the quote itself.
  static func quoted(_ text: String) -> String {
    "'" + text.replacingOccurrences(of: "'", with: "''").filter { !$0.isNewline } + "'"
  }
}
