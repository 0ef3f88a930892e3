import Foundation
import Laboratory
import Testing

/// Axes, plans and files of sweeps; their processes are tested by the commands' tests.
@Suite struct SweepTests {
  static let sceneText = """
    { "summary": "x", "parameters": {
        "ratio": { "default": 1, "minimum": 0.5, "maximum": 1000, "summary": "a ratio" },
        "count": { "default": 2, "minimum": 1, "maximum": 60, "integer": true, "summary": "a number" } },
      "bodies": [{ "name": "ball", "shape": { "type": "sphere", "radius": 1 } }] }
    """

  static func temporaryPath(_ ending: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString).\(ending)").path
  }

  /// The content is hashed, so that the scene must be a file.
  static func withScene<Result>(_ body: (SceneFile) throws -> Result) throws -> Result {
    let path = temporaryPath("json")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try sceneText.write(toFile: path, atomically: true, encoding: .utf8)
    return try body(SceneFile(readingFileAt: path))
  }

  static func axis(_ text: String, notes: inout [String]) throws -> SweepAxis {
    try withScene { try SweepAxis(parsing: text, scene: $0, notes: &notes) }
  }

  static func plan(
    _ scene: SceneFile, vary: [String] = ["ratio=1,10"], solvers: [String] = ["pgs", "newton"], seeds: [UInt64] = [],
    options: [SweepPlan.Option] = [SweepPlan.Option("--steps", "5")]
  ) throws -> SweepPlan {
    var notes: [String] = []
    let axes = try vary.map { try SweepAxis(parsing: $0, scene: scene, notes: &notes) }
    return try SweepPlan(scene: scene, options: options, axes: axes, solvers: solvers, seeds: seeds)
  }

  @Test func spacedValuesAreThoseMeantToTheBit() throws {
    var notes: [String] = []
    #expect(try Self.axis("ratio=1..1000:log4", notes: &notes).values == [1, 10, 100, 1000])
    #expect(try Self.axis("count=5..50:10", notes: &notes).values == (1...10).map { 5 * Double($0) })
    #expect(try Self.axis("count=5..50:lin10", notes: &notes).values == (1...10).map { 5 * Double($0) })
    #expect(try Self.axis("ratio=0.7..0.9:lin3", notes: &notes).values == [0.7, 0.8, 0.9])
    #expect(try Self.axis("ratio=100,1,10", notes: &notes).values == [100, 1, 10])
    #expect(notes.isEmpty)
  }

  @Test func spacedValuesOfWholeNumbersAreRoundedOnceEach() throws {
    var notes: [String] = []
    // 1, 1.63, 2.66, 4.33, 7.06, 11.5, 18.8, 30.6, 50 and, closer, 1, 1.26, 1.59, 2.
    #expect(
      try Self.axis("count=1..50:log9", notes: &notes).values == [1, 2, 3, 4, 7, 12, 19, 31, 50])
    #expect(notes.count == 1)
    #expect(try Self.axis("count=1..2:log4", notes: &notes).values == [1, 2])
    #expect(notes.last?.contains("2 of 4") == true)
    // A list is taken at its word.
    #expect(throws: InputError.self) { try Self.axis("count=1.5", notes: &notes) }
  }

  @Test func optionsOfARunAreAxesToo() throws {
    var notes: [String] = []
    let axis = try Self.axis("substeps=1..8:log4", notes: &notes)
    #expect(axis.isRunOption)
    #expect(axis.values == [1, 2, 4, 8])
    try Self.withScene { scene in
      let plan = try Self.plan(scene, vary: ["timestep=0.01,0.02", "ratio=2"])
      let arguments = plan.arguments(of: plan.cells[0])
      #expect(
        arguments == [
          "--steps", "5", "--timestep", "0.01", "--set", "ratio=2", "--solver", "pgs", "--json",
        ])
    }
  }

  @Test(arguments: [
    ("ratoi=1,2", "did you mean \"ratio\""), ("ratio", "expected parameter="), ("ratio=", "expected a number"),
    ("ratio=1..1000", "number of values"), ("ratio=1..1000:log", "number of values"),
    ("ratio=0..10:log3", "above 0"), ("ratio=1..2000:log4", "from 0.5 to 1000"), ("ratio=1,nan", "expected a number"),
    ("ratio=1..2:0", "number of values"), ("ratio=1..2:1", "both ends"), ("substeps=0", "substeps"),
    ("substeps=1.5", "whole"), ("timestep=-1", "seconds"), ("ratio=1,,2", "expected a number"),
  ])
  func wrongAxesAreUsageErrors(text: String, message: String) throws {
    var notes: [String] = []
    let error = #expect(throws: InputError.self) { try Self.axis(text, notes: &notes) }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func seedsAreRangesOrLists() throws {
    #expect(try SeedList.parse("1..3") == [1, 2, 3])
    #expect(try SeedList.parse("5,1,5") == [5, 1])
    for text in ["", "3..1", "a", "1..", "-1"] {
      #expect(throws: InputError.self) { try SeedList.parse(text) }
    }
  }

  @Test func cellsStandInTheOrderOfTheProduct() throws {
    try Self.withScene { scene in
      let plan = try Self.plan(scene, vary: ["ratio=1,10", "count=1,2,3"], seeds: [4, 5])
      let cells = plan.cells
      #expect(cells.count == 24)
      #expect(cells.map(\.index) == Array(0..<24))
      #expect(cells[0].values == [1, 1] && cells[0].solver == "pgs" && cells[0].seed == 4)
      #expect(cells[1].seed == 5 && cells[2].solver == "newton" && cells[4].values == [1, 2])
      #expect(cells[12].values == [10, 1])
      let shards = try (1...4).map { try SweepShard(parsing: "\($0)/4") }
      for cell in cells { #expect(shards.count { $0.contains(cell) } == 1) }
      for text in ["0/4", "5/4", "1", "1/0", "a/b"] {
        #expect(throws: InputError.self) { try SweepShard(parsing: text) }
      }
    }
  }

  @Test func whatIsSetCannotVary() throws {
    try Self.withScene { scene in
      #expect(throws: InputError.self) { try Self.plan(scene, vary: ["ratio=1", "ratio=2"]) }
      #expect(throws: InputError.self) { try Self.plan(scene, options: [SweepPlan.Option("--set", "ratio=3.0")]) }
      #expect(throws: InputError.self) {
        try Self.plan(scene, vary: ["substeps=1,2"], options: [SweepPlan.Option("--substeps", "3")])
      }
    }
  }

  @Test func aPlanIsItsHashAndSaysWhatDiffers() throws {
    try Self.withScene { scene in
      let plan = try Self.plan(scene)
      #expect(try plan.hash == Self.plan(scene).hash)
      let others = [
        ("--vary", try Self.plan(scene, vary: ["ratio=1,11"])), ("--solvers", try Self.plan(scene, solvers: ["pgs"])),
        ("--seeds", try Self.plan(scene, seeds: [1])),
        ("--steps", try Self.plan(scene, options: [SweepPlan.Option("--steps", "6")])),
        ("--law", try Self.plan(scene, options: plan.options + [SweepPlan.Option("--law", "convex")])),
      ]
      for (option, other) in others {
        #expect(try plan.hash != other.hash)
        #expect(plan.difference(from: other)?.contains(option) == true)
      }
      #expect(plan.difference(from: plan) == nil)
      let path = Self.temporaryPath("json")
      defer { try? FileManager.default.removeItem(atPath: path) }
      try (Self.sceneText + " ").write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try Self.plan(SceneFile(readingFileAt: path)).sceneHash != plan.sceneHash)
    }
  }

  @Test func whatIsSavedIsReadAgain() throws {
    let path = Self.temporaryPath("sqlite")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Self.withScene { scene in
      let plan = try Self.plan(scene, seeds: [7, UInt64.max])
      do {
        let store = try SweepStore(path: path, plan: plan)
        var cell = try store.cells()[3]
        #expect(cell.status == .pending && cell.seed == UInt64.max)
        cell.status = .failed
        cell.error = "ended by signal 9"
        cell.wallTime = 0.1
        cell.jobs = 2
        try store.save(cell)
        // A second process that runs cells is turned away; one that reads is not.
        #expect(throws: InputError.self) { try SweepStore(path: path, plan: plan) }
        #expect(try SweepStore(readingFileAt: path).cells()[3].status == .failed)
      }
      let cells = try SweepStore(path: path, plan: plan).cells()
      #expect(cells.count == 8)
      #expect(cells[3].error == "ended by signal 9" && cells[3].wallTime == 0.1 && cells[3].jobs == 2)
      #expect(cells[3].exitStatus == nil && cells[2].status == .pending)
      let error = #expect(throws: InputError.self) { try SweepStore(path: path, plan: Self.plan(scene)) }
      #expect(error?.kind == .data && error?.message.contains("--seeds") == true)
    }
  }

  @Test func foreignFilesAreSaidToBeThat() throws {
    let path = Self.temporaryPath("sqlite")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Self.withScene { scene in
      let plan = try Self.plan(scene)
      _ = try SweepStore(path: path, plan: plan)
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      func message(_ data: Data) throws -> String {
        try data.write(to: URL(fileURLWithPath: path))
        for open in [{ try SweepStore(readingFileAt: path) }, { try SweepStore(path: path, plan: plan) }] {
          let error = #expect(throws: InputError.self) { try open() }
          #expect(error?.kind == .data)
          // It is left as it was.
          #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == data)
        }
        do { _ = try SweepStore(readingFileAt: path) } catch let error as InputError { return error.message }
        return ""
      }
      #expect(try message(Data("a text\n".utf8)).contains("not an SQLite file"))
      var changed = whole
      changed[68] = 0
      #expect(try message(changed).contains("another kind"))
      changed = whole
      changed[63] = 2
      #expect(try message(changed).contains("version 2"))
      #expect(try message(whole.prefix(whole.count / 2)).contains("truncated"))
      #expect(throws: InputError.self) { try SweepStore(readingFileAt: path + ".missing") }
      let error = #expect(throws: InputError.self) { try SweepStore(path: "/no-such-folder/x", plan: plan) }
      #expect(error?.kind == .cannotWrite)
    }
  }

  @Test func theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
    #expect(Sweep.Spread([]) == nil)
    let spread = Sweep.Spread([4, 1, 3, 2])
    #expect(spread?.median == 2.5 && spread?.minimum == 1 && spread?.maximum == 4)
    #expect(Sweep.Spread([3, 1, 2])?.median == 2)
  }

  /// A sweep over ratio (2 values) × count (3) whose residual is 100 ratio + count + seed for pgs, of one run otherwise.
  static func sweep(_ scene: SceneFile) throws -> Sweep {
    let plan = try plan(scene, vary: ["ratio=1,2", "count=1,2,3"], seeds: [10, 20, 60])
    var result = try Runner(scene: SceneInCode.chain(count: 2, steps: 2)).run()
    var cells = plan.cells
    for index in cells.indices {
      let cell = cells[index]
      result.solve.residual.max = 100 * cell.values[0] + cell.values[1] + Double(cell.seed!)
      cells[index].status = cell.solver == "pgs" ? .done : .pending
      cells[index].result = cell.solver == "pgs" ? result : nil
      cells[index].jobs = 2
    }
    return Sweep(plan: plan, machine: .current, cells: cells)
  }

  @Test func mapsHoldTheMediansOverTheSeeds() throws {
    try Self.withScene { scene in
      let sweep = try Self.sweep(scene)
      #expect(sweep.groups.count == 12)
      #expect(sweep.map(.residual, solver: "pgs") == [[121, 122, 123], [221, 222, 223]])
      #expect(sweep.map(.residual, solver: "newton") == [[nil, nil, nil], [nil, nil, nil]])
      #expect(sweep.line(.residual, solver: "pgs").isEmpty)
      let spread = sweep.groups[0].spread(of: .residual)
      #expect(spread?.minimum == 111 && spread?.median == 121 && spread?.maximum == 161)
    }
  }

  @Test func tablesStandInTheOrderOfThePlan() throws {
    try Self.withScene { scene in
      let sweep = try Self.sweep(scene)
      let table = SweepTable(sweep)
      #expect(
        table.columns.map(\.title).prefix(5) == ["ratio", "count", "solver", "seed", "step"])
      #expect(table.sections.map(\.count) == [9, 9])
      let rows = table.sections.flatMap { $0 }
      #expect(rows.allSatisfy { $0.count == table.columns.count })
      #expect(Array(rows[1].prefix(4)) == ["1", "1", "pgs", "20"])
      #expect(table.groupRows.count == 6)
      #expect(table.groupRows[0][3] == "3")
      #expect(table.groupRows[0][5] == "1.2e2 (1.1e2 … 1.6e2)")
      #expect(SweepCSV.text(sweep).split(separator: "\n").count == 19)
      let report = SweepReport(sweep)
      #expect(report.cells.count == 36)
      let text = try JSONText.encode(report)
      #expect(text.contains("\"result\" : null"))
    }
  }

  @Test func partsMergeAndContradictionsAreRefused() throws {
    let paths = (0..<3).map { _ in Self.temporaryPath("sqlite") }
    defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
    try Self.withScene { scene in
      let sweep = try Self.sweep(scene)
      let done = sweep.finished
      let parts = try paths.map { try SweepStore(path: $0, plan: sweep.plan) }
      try parts[0].save(Array(done[..<5]))
      try parts[1].save(Array(done[5...]))
      let merged = try Sweep.merged(Array(parts[..<2]))
      #expect(merged.finished.map(\.index) == done.map(\.index))
      #expect(merged.map(.residual, solver: "pgs") == sweep.map(.residual, solver: "pgs"))
      // A cell that has failed in one part and is done in another is done.
      var cell = done[0]
      cell.status = .failed
      try parts[2].save(cell)
      #expect(try Sweep.merged([parts[2], parts[0]]).cells[cell.index].status == .done)
      #expect(try Sweep.merged([parts[0], parts[2]]).cells[cell.index].status == .done)
      cell.status = .done
      cell.result?.stateHash = "0000000000000000"
      try parts[2].save(cell)
      let error = #expect(throws: InputError.self) { try Sweep.merged([parts[0], parts[2]]) }
      #expect(error?.kind == .data && error?.place == "cell \(cell.index)")
    }
  }
}
