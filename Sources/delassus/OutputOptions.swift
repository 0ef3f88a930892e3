import ArgumentParser
import Laboratory

/// What `compare` and `sweep` can print and write beside their table.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .customLong("report"),
    help: ArgumentHelp("Write a report with figures (HTML, one file; needs gnuplot).", valueName: "file"))
  var reportFile: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print comma-separated values.")
  var csv = false

  func validate() throws {
    guard !(json && csv) else { throw ValidationError("Give one of --json and --csv.") }
  }

  /// Throws `InputError` where a report is asked for and cannot be written: before minutes are spent on runs.
  func check() throws {
    if let reportFile { try HTMLReport.check(reportFile) }
  }
}
