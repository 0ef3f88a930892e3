import ArgumentParser
import ConstraintSystem
import Laboratory

extension DatasetFamily.Split: ExpressibleByArgument {}

/// `delassus dataset`.
struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Write training data for learned solvers: problems with history and solution.",
    discussion: """
      Worlds of every family are drawn from the seed and moved by the driver; half of the systems that are kept are events \
      (new contacts, breaks, impacts, first steps), half quiet steps. Each is labelled with its solution to 1e-10. The \
      layout of the file is documented in Documentation/Datasets.md. The number of jobs changes nothing in it.

      A driver that does not solve a family's friction law gives way to one that does.
      """)

  @Argument(help: "Scenes (names or files), or JSON files of families such as Training/families.json.")
  var families: [String] = []

  @Option(help: ArgumentHelp("The file to write (HDF5).", valueName: "file"))
  var out: String

  @Option(help: "Only the families of a split; validation is the training families with other seeds.")
  var split: DatasetFamily.Split?

  @Option(help: "Number of systems.")
  var systems = 1000

  @Option(help: "What parameters, noise and choices are drawn from.")
  var seed: UInt64 = 0

  @Option(help: "Worlds that are simulated at a time.")
  var jobs = 2

  @Option(help: "The solver that moves the worlds and makes the history; labels are exact whatever it is.")
  var driver = "newton"

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard !families.isEmpty else { throw ValidationError("Expected a scene, or a file of families.") }
    guard (1...10_000_000).contains(systems) else {
      throw ValidationError("--systems: expected a number from 1 to 10000000.")
    }
    guard (1...1024).contains(jobs) else { throw ValidationError("--jobs: expected a number from 1 to 1024.") }
    guard seed < 1 << 53 else { throw ValidationError("--seed: expected a whole number below 2^53.") }
  }

  func run() throws {
    try reportingErrors {
      let list = try DatasetFamilies.select(DatasetFamilies.read(families), split: split)
      let maker = try DatasetMaker(list, systems: systems, seed: seed, jobs: jobs, driver: driver)
      try Dataset.check(out)
      Interrupt.install()
      let bar = ProgressBar("systems", total: systems)
      maker.shouldStop = { Interrupt.isRequested }
      maker.progress = bar.update
      let start = Clock.now()
      let dataset = try maker.run()
      bar.finish()
      guard dataset.count > 0 || Interrupt.isRequested else {
        printError("error: no world gave a system: nothing is written")
        throw ExitCode.failed
      }
      try dataset.write(to: out)
      let report = DatasetReport(dataset, file: out, wanted: systems, seconds: Clock.now() - start)
      if json {
        print(try JSONText.encode(report))
      } else {
        print(TableText.render(DatasetReport.columns, sections: [report.cells]), terminator: "")
        for line in report.legend { print(line) }
      }
      if Interrupt.isRequested { throw ExitCode.interrupted }
    }
  }
}
