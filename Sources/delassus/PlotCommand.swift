import ArgumentParser
import Laboratory

/// `delassus plot`.
struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draw one figure of a recording as SVG or PNG.",
    discussion: """
      The figures are those of a comparison's report; --list names them. Of several scenes each has a file of its \
      own, numbered before the ending.
      """)

  @Argument(help: "A recording.")
  var input: String?

  @Argument(help: "Name of a figure, see --list.")
  var figure: String?

  @Option(help: ArgumentHelp("Where to draw it: a name that ends in .svg or .png.", valueName: "file"))
  var output: String?

  @Option(
    name: .customLong("solver"), parsing: .upToNextOption,
    help: ArgumentHelp("Draw these solvers alone.", valueName: "solver"))
  var solvers: [String] = []

  @Flag(help: "Name the figures.")
  var list = false

  @Flag(help: "Print the figure's numbers (CSV) instead of drawing it.")
  var csv = false

  func validate() throws {
    guard !list else { return }
    guard input != nil, figure != nil else { throw ValidationError("Give a recording and the name of a figure.") }
    guard csv != (output != nil) else { throw ValidationError("Give one of --output and --csv.") }
  }

  func run() throws {
    if list { return Self.printList() }
    try reportingErrors {
      let kind = try FigureCatalog.kind(figure ?? "")
      if let output {
        try Figure.check(output)
        try Figure.requirePictureName(output)
      }
      let data = try ComparisonData(
        recording: Recording(readingFileAt: input ?? ""), samplesProblems: kind.name == "matrix")
      for solver in solvers where !data.report.results.contains(where: { $0.solver == solver }) {
        throw InputError(.usage, place: "--solver", "the recording has no run of \"\(solver)\"")
      }
      let source = FigureSource(data, solvers: solvers.isEmpty ? nil : solvers)
      let figures = kind.make(source)
      guard !figures.isEmpty else {
        throw InputError(.data, file: input, "has nothing for the figure \(kind.name): \(kind.summary)")
      }
      for (index, figure) in figures.enumerated() {
        guard let output else {
          print(figure.table.csv, terminator: "")
          continue
        }
        try figure.draw(to: figures.count == 1 ? output : Self.numbered(output, index + 1))
      }
    }
  }

  private static func printList() {
    let width = FigureCatalog.all.map(\.name.count).max() ?? 0
    for kind in FigureCatalog.all {
      print(kind.name + String(repeating: " ", count: width + 2 - kind.name.count) + kind.summary)
    }
  }

  /// "a.svg" as "a-2.svg".
  private static func numbered(_ file: String, _ number: Int) -> String {
    guard let dot = file.lastIndex(of: ".") else { return "\(file)-\(number)" }
    return file[..<dot] + "-\(number)" + file[dot...]
  }
}
