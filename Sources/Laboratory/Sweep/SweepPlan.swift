import Foundation

/// What a sweep runs: a scene, what is set for all cells, and the axes whose product the cells are.
///
/// Two plans are the same exactly where their hashes are: only then can a sweep be resumed or parts be merged.
public struct SweepPlan: Codable, Sendable, Equatable {
  /// An option that all cells have, as it is written on a command line.
  public struct Option: Codable, Sendable, Equatable {
    /// `--steps`.
    public var name: String
    /// Its value; nil for a flag.
    public var value: String?

    /// An option from its parts.
    public init(_ name: String, _ value: String? = nil) {
      self.name = name
      self.value = value
    }
  }

  /// Name of the scene.
  public var scene: String
  /// Hash of the scene's file and of those that it includes, 16 hexadecimal digits.
  public var sceneHash: String
  /// Options of every cell, those of `--set` among them.
  public var options: [Option]
  /// The axes; the first changes slowest.
  public var axes: [SweepAxis]
  /// Solvers as the user typed them.
  public var solvers: [String]
  /// Seeds of the noise; empty where there is none to be seeded.
  public var seeds: [UInt64]

  /// Largest number of cells.
  static let maximumCount = 1_000_000

  /// A plan. Throws `InputError`: `usage` for two axes of one name, an axis that is also set, and too many cells.
  public init(
    scene: SceneFile, options: [Option], axes: [SweepAxis], solvers: [String], seeds: [UInt64]
  ) throws {
    self.scene = scene.name
    sceneHash = try scene.build().sourceHash
    self.options = options
    self.axes = axes
    self.solvers = solvers
    self.seeds = seeds
    for (index, axis) in axes.enumerated() {
      guard !axes[..<index].contains(where: { $0.name == axis.name }) else {
        throw InputError(.usage, place: "--vary", "\"\(axis.name)\" is varied twice")
      }
      let isFixed = options.contains {
        axis.isRunOption
          ? $0.name == "--" + axis.name : $0.name == "--set" && $0.value?.hasPrefix(axis.name + "=") == true
      }
      guard !isFixed else { throw InputError(.usage, place: "--vary", "\"\(axis.name)\" is both set and varied") }
    }
    var count = 1
    for factor in axes.map(\.values.count) + [solvers.count, max(seeds.count, 1)] {
      let (product, overflow) = count.multipliedReportingOverflow(by: factor)
      guard !overflow, product <= Self.maximumCount else {
        throw InputError(.usage, "the grid has more than \(Self.maximumCount) cells")
      }
      count = product
    }
  }

  /// The cells in the plan's order, none of them run: parameters slowest, then solvers, then seeds.
  public var cells: [SweepCell] {
    var points: [[Double]] = [[]]
    for axis in axes { points = points.flatMap { point in axis.values.map { point + [$0] } } }
    let seeds: [UInt64?] = seeds.isEmpty ? [nil] : seeds
    var cells: [SweepCell] = []
    for point in points {
      for solver in solvers {
        for seed in seeds { cells.append(SweepCell(index: cells.count, values: point, solver: solver, seed: seed)) }
      }
    }
    return cells
  }

  /// The arguments of `delassus run` for a cell, the scene left out.
  public func arguments(of cell: SweepCell) -> [String] {
    var arguments = options.flatMap { [$0.name] + ($0.value.map { [$0] } ?? []) }
    for (axis, value) in zip(axes, cell.values) {
      let text = ExpressionScope.shortText(value)
      arguments += axis.isRunOption ? ["--" + axis.name, text] : ["--set", "\(axis.name)=\(text)"]
    }
    arguments += ["--solver", cell.solver]
    if let seed = cell.seed { arguments += ["--seed", String(seed)] }
    return arguments + ["--json"]
  }

  /// Its JSON, the same text for the same plan.
  public var text: String {
    get throws { try JSONText.encode(self) }
  }

  /// Hash of the plan, 16 hexadecimal digits.
  public var hash: String {
    get throws { ByteHash.text(of: try text.utf8) }
  }

  /// What differs in `other`, by option; nil where nothing does.
  public func difference(from other: SweepPlan) -> String? {
    if scene != other.scene { return "the scene is \"\(scene)\", not \"\(other.scene)\"" }
    if sceneHash != other.sceneHash { return "the scene's file has changed" }
    if axes != other.axes { return "--vary is \(Self.text(axes)), not \(Self.text(other.axes))" }
    if solvers != other.solvers {
      return "--solvers is \"\(solvers.joined(separator: " "))\", not \"\(other.solvers.joined(separator: " "))\""
    }
    if seeds != other.seeds { return "--seeds is \(Self.text(seeds)), not \(Self.text(other.seeds))" }
    for name in (options + other.options).map(\.name) {
      let here = options.filter { $0.name == name }
      let there = other.options.filter { $0.name == name }
      if here != there { return "\(name) is \(Self.text(here)), not \(Self.text(there))" }
    }
    return options == other.options ? nil : "the options stand in another order"
  }

  private static func text(_ axes: [SweepAxis]) -> String {
    axes.map { "\($0.name)=" + $0.values.map(ExpressionScope.shortText).joined(separator: ",") }
      .joined(separator: " ").ifEmpty("not given")
  }

  private static func text(_ seeds: [UInt64]) -> String {
    seeds.map(String.init).joined(separator: ",").ifEmpty("not given")
  }

  private static func text(_ options: [Option]) -> String {
    options.map { $0.value ?? "given" }.joined(separator: " ").ifEmpty("not given")
  }
}

extension String {
  fileprivate func ifEmpty(_ other: String) -> String { isEmpty ? other : self }
}

/// One run of a sweep.
public struct SweepCell: Sendable {
  /// How far it is.
  public enum Status: String, Codable, Sendable {
    /// It has not been run, or was interrupted.
    case pending
    /// It ran to its end.
    case done
    /// It could not be run, or not to its end.
    case failed
  }

  /// Its place in the plan, from 0.
  public var index: Int
  /// A value for every axis.
  public var values: [Double]
  /// The solver as the user typed it.
  public var solver: String
  /// Seed of its noise.
  public var seed: UInt64?
  /// How far it is.
  public var status = Status.pending
  /// Exit status of its process; nil where a signal ended it.
  public var exitStatus: Int?
  /// What it came to; a run that failed on the way may have a result too.
  public var result: RunResult?
  /// Why it failed.
  public var error: String?
  /// Wall time of its process (s).
  public var wallTime: Double?
  /// Number of cells that ran at the same time.
  public var jobs: Int?

  init(index: Int, values: [Double], solver: String, seed: UInt64?) {
    self.index = index
    self.values = values
    self.solver = solver
    self.seed = seed
  }
}

/// A part of a sweep's cells: those whose index is `number` − 1 modulo `count`.
public struct SweepShard: Sendable {
  /// Its number, from 1.
  public var number: Int
  /// Number of parts.
  public var count: Int

  /// Reads `2/4`. Throws `InputError` (`usage`).
  public init(parsing text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1, (1...count).contains(number) else {
      throw InputError(.usage, place: "--shard", "expected a part such as 2/4, found \"\(text)\"")
    }
    self.number = number
    self.count = count
  }

  /// Whether a cell is its.
  public func contains(_ cell: SweepCell) -> Bool { cell.index % count == number - 1 }
}
