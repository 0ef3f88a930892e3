import ArgumentParser
import Foundation
import Laboratory

/// `delassus sweep`.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Run a grid of parameters, solvers and seeds, resumable, on all cores.",
    discussion: """
      Every cell of the grid is a run of its own process and a row of the output file, which is SQLite. The same command \
      goes on where it was ended; with everything done it prints the table.

      --vary massRatio=1..1000:log4 takes 1, 10, 100, 1000; count=5..50:10 ten equally spaced values; massRatio=1,10,100 \
      those three. Parameters of the scene, timestep and substeps can be varied.
      """)

  @Argument(help: "A scene file, or the name of a scene; not needed with --merge.")
  var scene: String?

  @Option(
    help: ArgumentHelp("Vary a parameter; may be repeated, the grid is the product.", valueName: "parameter=values"))
  var vary: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Solvers, separated by spaces or semicolons; all, or a group (default: \(SolverList.standard)).",
      valueName: "solver"))
  var solvers: [String] = []

  @Option(help: ArgumentHelp("Seeds of the noise: 1..3 or 1,2,5.", valueName: "seeds"))
  var seeds: String?

  @OptionGroup var options: SceneOptions

  @Option(help: ArgumentHelp("The file of the cells (default: SCENE.sweep.sqlite).", valueName: "file"))
  var output: String?

  @Option(help: "Cells that run at a time (default: the number of cores). Times are cleanest with 1.")
  var jobs: Int?

  @Option(help: ArgumentHelp("Time of a cell; one that takes longer has failed.", valueName: "s"))
  var timeLimit: Double?

  @Flag(help: "Run cells that have failed once more.")
  var retry = false

  @Option(help: ArgumentHelp("Run a part of the cells, such as 2/4, into a file of its own.", valueName: "i/n"))
  var shard: String?

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Merge the files of parts into the output.", valueName: "file"))
  var merge: [String] = []

  @Flag(help: "Print what the output file holds; run nothing.")
  var show = false

  @OptionGroup var printing: OutputOptions

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs: expected a number from 1 to 1024.") }
    if let timeLimit, !(timeLimit > 0) { throw ValidationError("--time-limit: expected seconds above 0.") }
    guard seeds == nil || options.seed == nil else { throw ValidationError("Give one of --seed and --seeds.") }
    guard !show || merge.isEmpty else { throw ValidationError("Give one of --show and --merge.") }
  }

  func run() throws {
    try reportingErrors {
      try printing.check()
      if show {
        let sweep = try Sweep(SweepStore(readingFileAt: try outputPath(nil)))
        try print(sweep)
        return try write(sweep)
      }
      if !merge.isEmpty { return try mergeParts() }
      let shard = try shard.map(SweepShard.init)
      let (file, plan) = try makePlan()
      let store = try SweepStore(path: outputPath(shard), plan: plan)
      let cells = try store.cells().filter { cell in
        (cell.status == .pending || retry && cell.status == .failed) && shard?.contains(cell) ?? true
      }
      Interrupt.install()
      let runner = SweepRunner(store, scene: file, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
      let bar = ProgressBar("\(plan.scene)  cells", total: cells.count)
      runner.timeLimit = timeLimit
      runner.shouldStop = { Interrupt.isRequested }
      runner.progress = bar.update
      try runner.run(cells)
      bar.finish()
      let sweep = try Sweep(store)
      try print(sweep)
      try finish(sweep, shard)
    }
  }

  private func write(_ sweep: Sweep) throws {
    if let reportFile = printing.reportFile, sweep.cells.contains(where: { $0.result != nil }) {
      try sweep.report.write(to: reportFile)
    }
  }

  /// The scene and the plan, everything checked that can be before a cell runs.
  private func makePlan() throws -> (scene: SceneFile, plan: SweepPlan) {
    let list = try SolverList.parse(solvers.isEmpty ? [SolverList.standard] : solvers) { word in
      (try? SceneFile.find(word)) != nil
    }
    let names = [scene].compactMap { $0 } + list.scenes
    guard names.count == 1 else { throw InputError(.usage, "expected one scene, found \(names.count)") }
    let file = try SceneFile.find(names[0])
    _ = try options.runOptions()
    _ = try file.build(setting: options.parameters(for: file))
    var notes: [String] = []
    let axes = try vary.map { try SweepAxis(parsing: $0, scene: file, notes: &notes) }
    let plan = try SweepPlan(
      scene: file, options: options.planOptions, axes: axes, solvers: list.solvers,
      seeds: seeds.map(SeedList.parse) ?? [])
    do {
      _ = try RunCommand.parse([names[0]] + plan.arguments(of: plan.cells[0]))
    } catch {
      throw InputError(.usage, RunCommand.message(for: error))
    }
    for note in notes { printError("note: \(note)") }
    return (file, plan)
  }

  /// The file of the cells.
  private func outputPath(_ shard: SweepShard?) throws -> String {
    if let output { return output }
    guard let scene else { throw InputError(.usage, "expected a scene, or --output") }
    let file = URL(fileURLWithPath: scene).lastPathComponent
    let name = file.hasSuffix(".json") ? String(file.dropLast(5)) : file
    return name + (shard.map { ".\($0.number)of\($0.count)" } ?? "") + ".sweep.sqlite"
  }

  private func mergeParts() throws {
    var parts = try merge.map(SweepStore.init(readingFileAt:))
    let path = try output ?? scene.map { _ in try outputPath(nil) } ?? parts[0].plan.scene + ".sweep.sqlite"
    let store = try SweepStore(path: path, plan: parts[0].plan, machine: parts[0].machine)
    // What the output already holds is a part too.
    parts.append(store)
    let merged = try Sweep.merged(parts)
    try store.save(merged.finished)
    let sweep = try Sweep(store)
    try print(sweep)
    try finish(sweep, nil)
  }

  private func print(_ sweep: Sweep) throws {
    if printing.json { return Swift.print(try JSONText.encode(SweepReport(sweep))) }
    if printing.csv { return Swift.print(SweepCSV.text(sweep)) }
    let table = SweepTable(sweep)
    Swift.print(TableText.render(table.columns, sections: table.sections), terminator: "")
    if !table.groupRows.isEmpty {
      Swift.print("\nmedian over seeds (smallest … largest)")
      Swift.print(TableText.render(table.groupColumns, sections: [table.groupRows]), terminator: "")
    }
    for line in table.legend { Swift.print(line) }
    Swift.print(sweep.machine.summary)
  }

  private func finish(_ sweep: Sweep, _ shard: SweepShard?) throws {
    try write(sweep)
    for cell in sweep.finished where cell.status == .failed {
      printError("cell \(cell.index) (\(sweep.label(of: cell))): \(cell.error ?? "failed")")
    }
    let pending = sweep.cells.count { $0.status == .pending && shard?.contains($0) ?? true }
    if pending > 0 { printError("\(pending) of \(sweep.cells.count) cells are not run yet") }
    if Interrupt.isRequested { throw ExitCode.interrupted }
    guard !sweep.finished.isEmpty, !sweep.cells.contains(where: { $0.status == .done }) else { return }
    throw ExitCode.failed
  }
}

extension SceneOptions {
  /// The options that were given, as they are written on a command line, in a fixed order.
  var planOptions: [SweepPlan.Option] {
    var list = settings.map { SweepPlan.Option("--set", "\($0.name)=\($0.value)") }
    func add(_ name: String, _ value: String?) {
      if let value { list.append(SweepPlan.Option(name, value)) }
    }
    add("--steps", steps.map(String.init))
    add("--timestep", timestep?.description)
    add("--substeps", substeps.map(String.init))
    add("--law", law?.rawValue)
    add("--stabilization", stabilization?.rawValue)
    if geometricStiffness { list.append(SweepPlan.Option("--geometric-stiffness")) }
    add("--noise", noise?.description)
    add("--seed", seed.map(String.init))
    add("--budget", budget)
    return list
  }
}
