import ArgumentParser
import Foundation
import Laboratory

extension Evaluation.Start: ExpressibleByArgument {}

/// `delassus evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Judge solvers on a dataset: time and passes to a tolerance; prints a table.",
    discussion: """
      Every solver solves every system of the dataset from the system's own history, once a tolerance. Ratios are against \
      the first solver of the list. A solver that does not solve a system's friction law or sets is not counted there.
      """)

  @Argument(help: "A file that delassus dataset wrote.")
  var dataset: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Solvers, separated by spaces or semicolons, the baseline first; all, or a group (default: \(SolverList.standard)).",
      valueName: "solver"))
  var solvers: [String] = []

  @Option(help: ArgumentHelp("Residuals (m/s) at which solves stop, separated by commas.", valueName: "list"))
  var tolerances = "1e-2,1e-4,1e-6,1e-8"

  @Option(help: "What solves start from: warm, what the solver's guess makes of the history, or zero.")
  var start = Evaluation.Start.warm

  @Option(help: "Number of systems, evenly spread over the dataset (default: all).")
  var limit: Int?

  @Option(help: "Iterations of a solve at most, for solvers that name no number.")
  var iterations = 20_000

  @Option(help: ArgumentHelp("Time of a solve at most, for solvers that name none.", valueName: "s"))
  var timeLimit = 1.0

  @Option(help: "How often each solve is done, within 20 ms together; times are the least of them.")
  var repeats = 3

  @Option(help: ArgumentHelp("Write every solve: a line a system, solver and tolerance.", valueName: "file"))
  var csv: String?

  @Option(help: ArgumentHelp("Write what the policy of learned-update sees of every system.", valueName: "file"))
  var features: String?

  @Option(help: "Sweeps after which the policy looks.")
  var featuresAfter = PolicyTable.firstLook

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard limit ?? 1 > 0 else { throw ValidationError("--limit: expected a number above 0.") }
    guard (1...1_000_000_000).contains(iterations) else {
      throw ValidationError("--iterations: expected a number from 1 to 1000000000.")
    }
    guard timeLimit > 0, timeLimit <= 1e6 else { throw ValidationError("--time-limit: expected seconds above 0.") }
    guard (3...1000).contains(featuresAfter) else {
      throw ValidationError("--features-after: expected a number from 3 to 1000.")
    }
    guard (1...1000).contains(repeats) else { throw ValidationError("--repeats: expected a number from 1 to 1000.") }
  }

  func run() throws {
    try reportingErrors {
      var options = Evaluation.Options()
      options.tolerances = try parsedTolerances()
      options.start = start
      options.limit = limit
      options.iterations = iterations
      options.timeLimit = timeLimit
      options.repeats = repeats
      let list = try SolverList.parse((solvers.isEmpty ? [SolverList.standard] : solvers).joined(separator: " "))
      let evaluation = try Evaluation(Dataset.read(dataset), solvers: list, options: options)
      let file = try csv.map(EvaluationCSV.File.init)
      Interrupt.install()
      let bar = ProgressBar("systems", total: evaluation.systems.count)
      evaluation.shouldStop = { Interrupt.isRequested }
      evaluation.progress = bar.update
      evaluation.run()
      bar.finish()
      let report = EvaluationReport(evaluation, dataset: dataset)
      if json {
        print(try JSONText.encode(report))
      } else {
        print(TableText.render(EvaluationReport.columns, sections: report.sections), terminator: "")
        for line in report.legend { print(line) }
        print(report.machine.summary)
      }
      try file?.write(evaluation)
      if let features { try PolicyTable.write(evaluation, after: featuresAfter, to: features) }
      if Interrupt.isRequested { throw ExitCode.interrupted }
      if !evaluation.records.contains(where: \.isSupported) {
        printError("error: none of the solvers solves any of the systems")
        throw ExitCode.usage
      }
    }
  }

  private func parsedTolerances() throws -> [Double] {
    let parts = tolerances.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }.filter { $0 > 0 && $0.isFinite }
    guard values.count == parts.count, !values.isEmpty else {
      throw InputError(
        .usage, place: "--tolerances", "is \"\(tolerances)\", expected numbers above 0 separated by commas")
    }
    return values
  }
}
