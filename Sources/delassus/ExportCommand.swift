import ArgumentParser
import Glibc
import Laboratory

extension RecordingExport.Table: ExpressibleByArgument {}
extension TableStream.Format: ExpressibleByArgument {}

/// `delassus export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a table of a recording to standard output.",
    discussion: """
      Tables: steps (cost and quality), solves, iterations (where --keep iterations recorded them), states (pose of the \
      centre of mass, velocities), joints (force and torque on body b), contacts (normal, force along normal and tangents, \
      place, gap). Every row begins with run and step; times in seconds, all else SI.
      """)

  @Argument(help: "A recording that --record wrote.")
  var recording: String

  @Argument(help: "steps, solves, iterations, states, joints or contacts.")
  var table: RecordingExport.Table

  @Option(help: "csv or json.")
  var format = TableStream.Format.csv

  @Option(
    name: .customLong("run"), help: ArgumentHelp("The run, where there are several (default: all).", valueName: "n"))
  var number: Int?

  @Option(help: ArgumentHelp("First step.", valueName: "step"))
  var from: Int?

  @Option(help: ArgumentHelp("Last step.", valueName: "step"))
  var to: Int?

  func run() throws {
    try reportingErrors {
      var options = RecordingExport.Options()
      options.run = number
      options.from = from
      options.to = to
      var export = try RecordingExport(Recording(readingFileAt: recording), options)
      Interrupt.install()
      export.shouldStop = { Interrupt.isRequested }
      try export.write(table, as: format, to: stdout)
      if Interrupt.isRequested { throw ExitCode.interrupted }
    }
  }
}
