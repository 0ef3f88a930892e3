import ConstraintSystem
import Foundation
import Laboratory
import LinearAlgebra
import Testing

/// Datasets of problems with history and solution, and what solvers make of them.
@Suite struct DatasetTests {
  static let families = """
    { "families": [
      { "name": "stack", "scene": "stack", "parameters": { "count": { "integer": [1, 4] } }, "steps": 30, "noise": 0.1 },
      { "name": "chain", "scene": "chain", "group": "joints", "parameters": { "count": [3, 5] }, "steps": 40, "noise": 0.3 },
      { "name": "pile", "scene": "pile", "law": "coulomb", "group": "coulomb", "parameters": { "count": 6 }, "steps": 60 },
    ] }
    """

  static func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dataset-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  static func read(_ text: String) throws -> [DatasetFamily] {
    var families: [DatasetFamily] = []
    try withFolder { folder in
      let path = folder.appendingPathComponent("families.json").path
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      families = try DatasetFamilies.read([path])
    }
    return families
  }

  static func make(systems: Int = 48, seed: UInt64 = 3, jobs: Int = 2) throws -> Dataset {
    try DatasetMaker(try read(families), systems: systems, seed: seed, jobs: jobs).run()
  }

  @Test func comesBackFromItsFileAsItWas() throws {
    let dataset = try Self.make()
    #expect(dataset.count == 48)
    try Self.withFolder { folder in
      let path = folder.appendingPathComponent("a.h5").path
      try dataset.write(to: path)
      let back = try Dataset.read(path)
      #expect(back.columns == dataset.columns)
      #expect(back.families == dataset.families)
      #expect(back.seed == 3 && back.driver == "newton")
    }
  }

  @Test func isTheSameWhateverTheNumberOfJobs() throws {
    let alone = try Self.make(jobs: 1)
    let together = try Self.make(jobs: 3)
    #expect(alone.columns == together.columns)
    #expect(alone.families == together.families)
    #expect(try Self.make(seed: 4).columns != alone.columns)
  }

  @Test func halfOfItsSystemsAreEvents() throws {
    let dataset = try Self.make()
    for family in dataset.families {
      #expect(family.systems == 16)
      #expect((7...9).contains(family.events), "\(family.name): \(family.events)")
    }
    #expect(dataset.columns.event.contains(DatasetEvent.first.rawValue))
    #expect(dataset.columns.event.contains(DatasetEvent.newContact.rawValue))
  }

  /// The problem of the columns has the bits of the one that was appended, its label is what the judge says it is, and
  /// guesses find the history.
  @Test func systemsAreProblemsWithHistoryAndSolution() throws {
    let columns = try Self.make().columns
    let problem = ConstraintProblem()
    let judge = NaturalMap()
    let history = ImpulseHistory()
    for system in 0..<columns.count {
      columns.assign(system: system, to: problem)
      let rows = columns.rows(of: system)
      #expect(problem.rightHandSide.array == Array(columns.rightHandSide[rows]))
      #expect(problem.diagonal.array == Array(columns.diagonal[rows]))
      let residual = judge.residual(problem, lambda: Array(columns.lambda[rows])).maximum
      #expect(residual == columns.labelResidual[system] && residual <= 1e-8)

      columns.fill(history, system: system, problem: problem)
      var filled = [Double](repeating: -1, count: rows.count)
      history.fillLatest(&filled, for: problem)
      #expect(filled == Array(columns.lambdaPrevious[rows]))
      history.fillPrevious(&filled, for: problem)
      #expect(filled == Array(columns.lambdaBefore[rows]))
      for block in columns.blocks(of: system) where columns.age[block] == 0 {
        let first = rows.lowerBound + columns.firstRow[block]
        #expect(columns.lambdaPrevious[first..<first + columns.rowCount[block]].allSatisfy { $0 == 0 })
      }
    }
  }

  /// Every damage is named by file and dataset.
  @Test func damagedFilesAreNamed() throws {
    let dataset = try Self.make(systems: 12)
    let damages: [(place: String, change: (inout DatasetColumns) -> Void)] = [
      ("blocks/bodyA[0]", { $0.bodyA[0] = 99 }),
      ("blocks/firstRow[1]", { $0.firstRow[1] = 1 }),
      ("blocks/rowCount[0]", { $0.rowCount[0] = 7 }),
      ("systems/family[2]", { $0.family[2] = 3 }),
      ("systems/bodyStart[1]", { $0.bodyStart[1] = -1 }),
      ("systems/blockStart[2]", { $0.blockStart[2] = 0 }),
      ("systems/timestep[0]", { $0.timestep[0] = 0 }),
      ("bodies/mass[0]", { $0.mass[0] = .nan }),
      ("bodies/inverseMass[0]", { $0.inverseMass[0] = -1 }),
      ("bodies/inertia", { $0.inertia.removeLast(9) }),
      ("rows/jacobian[5]", { $0.jacobian[5] = .infinity }),
      ("rows/lower[0]", { $0.lower[0] = .nan }),
      (
        "rows/lower[1]",
        {
          $0.lower[1] = 1; $0.upper[1] = 0
        }
      ),
      ("rows/lambda", { $0.lambda.removeLast() }),
      ("rows/compliance[0]", { $0.compliance[0] = -1 }),
    ]
    try Self.withFolder { folder in
      let path = folder.appendingPathComponent("damaged.h5").path
      for damage in damages {
        var changed = dataset
        damage.change(&changed.columns)
        try changed.write(to: path)
        let error = try #require(throws: InputError.self) { try Dataset.read(path) }
        #expect(error.kind == .data && error.file == path, "\(damage.place)")
        #expect(error.place == damage.place, "\(error)")
      }
      try dataset.write(to: path)
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
      #expect(try #require(throws: InputError.self) { try Dataset.read(path) }.kind == .data)
      #expect(try #require(throws: InputError.self) { try Dataset.read(path + ".none") }.kind == .missing)
      let nowhere = try #require(throws: InputError.self) { try dataset.write(to: "/dev/null/a.h5") }
      #expect(nowhere.kind == .cannotWrite)
    }
  }

  @Test(arguments: [
    ("families[0].scene", #"{ "scene": "stak" }"#),
    ("families[0].parameters.cout", #"{ "scene": "stack", "parameters": { "cout": 3 } }"#),
    ("families[0].parameters.count", #"{ "scene": "stack", "parameters": { "count": { "integer": [5, 2] } } }"#),
    ("families[0].parameters.count", #"{ "scene": "stack", "parameters": { "count": { "integer": [0, 2000] } } }"#),
    ("families[0].noise", #"{ "scene": "stack", "noise": { "logUniform": [0, 1] } }"#),
    ("families[0].split", #"{ "scene": "stack", "split": "test" }"#),
    ("families[0].law", #"{ "scene": "stack", "law": "dry" }"#),
    ("families[0].seed", #"{ "scene": "stack", "seed": 3 }"#),
    ("families[0].weight", #"{ "scene": "stack", "weight": 0 }"#),
    ("families[0]", "3"),
  ])
  func wrongFamiliesAreNamed(place: String, family: String) throws {
    let error = try #require(throws: InputError.self) { try Self.read("{ \"families\": [\(family)] }") }
    #expect(error.kind == .data && error.place == place, "\(error)")
  }

  @Test func drawsStayInTheirRanges() {
    let draws: [ParameterDraw] = [
      .choice([1, 2, 4]), .uniform(-1, 2), .logUniform(0.01, 100), .integer(2, 5), .logInteger(3, 20),
    ]
    for draw in draws {
      let values = (0..<1000).map { draw.value(Double($0) / 1000) }
      #expect(abs(values[0] - draw.extremes[0]) < 1e-12 && values.allSatisfy { $0 <= draw.extremes[1] })
    }
    let small = (0..<1000).count { ParameterDraw.logInteger(3, 20).value(Double($0) / 1000) < 8 }
    #expect(small > 450)
  }

  /// Training sees at most 20 bodies, but for nets, and mass ratios up to 100.
  @Test func trainingFamiliesAreSmall() throws {
    let all = try DatasetFamilies.read(["Training/families.json"])
    for split in DatasetFamily.Split.allCases { #expect(try !DatasetFamilies.select(all, split: split).isEmpty) }
    let training = try DatasetFamilies.select(all, split: .training)
    let dataset = try DatasetMaker(training, systems: 3 * training.count, jobs: 2).run()
    for system in 0..<dataset.count where dataset.families[dataset.columns.family[system]].group != "nets" {
      #expect(dataset.columns.bodies(of: system).count <= 20)
    }
    for family in training {
      for parameter in family.parameters where parameter.name == "massRatio" {
        #expect(parameter.draw.extremes.allSatisfy { (0.01...100).contains($0) })
      }
    }
    let validation = try DatasetFamilies.select(all, split: .validation)
    #expect(validation.map(\.name) == training.map(\.name))
    #expect(try DatasetMaker(validation, systems: dataset.count, jobs: 2).run().columns.seed != dataset.columns.seed)
  }

  @Test func everySolverIsJudgedOnEverySystem() throws {
    let dataset = try Self.make()
    var options = Evaluation.Options()
    options.tolerances = [1e-3, 1e-6]
    options.repeats = 1
    options.limit = 24
    let evaluation = try Evaluation(dataset, solvers: ["pgs", "newton"], options: options)
    evaluation.run()
    #expect(evaluation.records.count == 24 * 2 * 2)
    let report = EvaluationReport(evaluation, dataset: "a.h5")
    // all, training, joints, coulomb; two solvers and the best of them.
    #expect(report.results.count == 4 * 2 * 3)
    for result in report.results where result.solver == "pgs" {
      #expect(result.timeRatio.worst == 1 && result.unsupported == 0)
    }
    let newton = try #require(report.results.first { $0.solver == "newton" && $0.tolerance == 1e-6 })
    #expect(newton.group == "all" && newton.unsupported == 8 && newton.systems == 16 && newton.reached == 1)
    let best = try #require(report.results.first { $0.solver == EvaluationSummary.hindsight })
    #expect(best.systems == 24 && best.reached == 1)
    #expect(try #require(best.timeRatio.worst) <= 1)

    // From zero nothing is known; the warm guess mostly helps.
    options.start = .zero
    let cold = try Evaluation(dataset, solvers: ["pgs"], options: options)
    cold.run()
    let warmPasses = evaluation.records.filter { $0.solver == 0 }.reduce(0) { $0 + $1.passes }
    #expect(cold.records.reduce(0) { $0 + $1.passes } > warmPasses)
  }
}
