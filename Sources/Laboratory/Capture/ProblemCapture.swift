import ConstraintSystem
import Dynamics
import Foundation
import LinearAlgebra

/// Writes the velocity problem of every step, that of its last substep, with the λ that the run's solver gave it.
public final class ProblemCapture: RunObserver {
  /// Forms of the files.
  public enum Format: String, Codable, Sendable, CaseIterable {
    /// `SCENE-STEP.hdf5`: W, q, μ and the equality rows V, R, s, with the solution.
    case fclib
    /// `SCENE-STEP.mtx` (A, lower triangle), `_b.mtx`, `_x.mtx` (λ) and, where rows have sets, `_sets.json`.
    case matrixmarket
  }

  /// Which steps are captured, and where they go.
  public struct Options: Sendable {
    /// Form of the files.
    public var format = Format.fclib
    /// Folder of the files; made where it is not there.
    public var folder: String
    /// Steps from one captured step to the next.
    public var every = 1
    /// First step, and last.
    public var first = 0
    public var last = Int.max

    /// Every step into a folder.
    public init(folder: String) { self.folder = folder }

    func includes(_ step: Int) -> Bool { step >= first && step <= last && (step - first) % every == 0 }
  }

  /// What was written: the object that `capture --json` prints.
  public struct Summary: Encodable, Sendable {
    /// The scene, its solver and its law.
    public var scene: String
    public var solver: String
    public var law: FrictionLaw
    /// Form of the files and their folder.
    public var format: Format
    public var folder: String
    /// Problems that were written.
    public var problems = 0
    /// Steps of the range that had no rows, or under FCLIB no contacts.
    public var skipped = 0
    /// Rows of the smallest and of the largest problem; null where there is none.
    @Nullable public var smallest: Int? = nil
    @Nullable public var largest: Int? = nil
    /// Names of the problems' main files.
    public var files: [String] = []
    /// What the files say otherwise than the run.
    public var warnings: [String] = []
  }

  /// What was written so far.
  public private(set) var summary: Summary
  /// What ended the writing; ask it after every step.
  public private(set) var failure: InputError?

  private let options: Options
  private let parameters: String

  /// A capture of a run of `scene`. Throws `InputError` where the folder cannot be made.
  public init(_ scene: Scene, _ simulation: Simulation, _ options: Options) throws {
    self.options = options
    parameters = scene.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    summary = Summary(
      scene: scene.name, solver: simulation.solver.text, law: simulation.settings.law, format: options.format,
      folder: options.folder)
    let law = simulation.settings.law
    if options.format == .fclib {
      guard law != .frictionless else {
        throw InputError(
          .usage, place: "--law",
          "frictionless contacts have one row, FCLIB's three; capture under coulomb or with --format matrixmarket")
      }
      if law != .coulomb { summary.warnings.append(Self.warning(law)) }
    }
    do {
      try FileManager.default.createDirectory(atPath: options.folder, withIntermediateDirectories: true)
    } catch {
      throw InputError(.cannotWrite, file: options.folder, "the folder cannot be made")
    }
  }

  /// Nothing: there is no problem before the first step.
  public func begin(_ simulation: Simulation) {}

  /// Writes the problem of a step.
  public func observe(_ simulation: Simulation, _ record: StepRecord) {
    guard failure == nil, options.includes(record.step) else { return }
    let problem = simulation.problem
    guard problem.rowCount > 0, options.format == .matrixmarket || problem.contactCount > 0 else {
      summary.skipped += 1
      return
    }
    do {
      let name = Self.name(summary.scene, record.step)
      let path = (options.folder as NSString).appendingPathComponent(name)
      switch options.format {
      case .fclib: try writeContacts(simulation, record, path + ".hdf5")
      case .matrixmarket: try writeMatrix(simulation, record, path)
      }
      summary.files.append(name + (options.format == .fclib ? ".hdf5" : ".mtx"))
      summary.problems += 1
      summary.smallest = min(summary.smallest ?? .max, problem.rowCount)
      summary.largest = max(summary.largest ?? 0, problem.rowCount)
    } catch let error as InputError {
      failure = error
    } catch let error as ProblemFileError {
      failure = InputError(error)
    } catch let error as FCLIBProblem.CaptureError {
      failure = InputError(
        .data, file: summary.scene,
        place: error.block.map { "step \(record.step): \(simulation.name(ofBlock: $0))" } ?? "step \(record.step)",
        "\(error.description); use --format matrixmarket")
    } catch {
      failure = InputError(.cannotWrite, file: options.folder, "\(error)")
    }
  }

  /// Throws what went wrong, also that nothing was there to be written.
  public func finish() throws {
    if let failure { throw failure }
    if summary.problems == 0 && summary.skipped > 0 {
      throw InputError(
        .data, file: summary.scene,
        options.format == .fclib
          ? "no captured step has contacts, which FCLIB needs; use --format matrixmarket"
          : "no captured step has constraint rows")
    }
  }

  /// `SCENE-000120`.
  static func name(_ scene: String, _ step: Int) -> String {
    let digits = String(step)
    let safe = String(scene.map { $0 == "/" ? "-" : $0 })
    return safe + "-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  private func writeContacts(_ simulation: Simulation, _ record: StepRecord, _ path: String) throws {
    let about = about(simulation, record)
    let information = FCLIBProblem.Information(
      title: "\(summary.scene), step \(record.step)", description: about.joined(separator: "; "),
      mathematics: Self.mathematics(summary.law))
    let problem = try FCLIBProblem(simulation.problem, lambda: simulation.lambda.array, information: information)
    try FCLIBWriter.write(problem, to: path)
  }

  private func writeMatrix(_ simulation: Simulation, _ record: StepRecord, _ path: String) throws {
    let problem = simulation.problem
    var lines = about(simulation, record)
    lines.append("A = J inv(M) J' + diag(sigma), A x = b on free rows, x in N s (N m s on angular rows)")
    let sets = path + "_sets.json"
    if problem.isLinear {
      // A file that an earlier capture left would be read with this one.
      unlink(sets)
    } else {
      let bound = problem.blocks.array.filter { $0.set != .free }.reduce(0) { $0 + Int($1.rowCount) }
      let file = (sets as NSString).lastPathComponent
      lines.append("\(bound) of \(problem.rowCount) rows are no equalities: their bounds and cones are in \(file)")
      do {
        try (JSONText.encode(ProblemSets(problem)) + "\n").write(toFile: sets, atomically: true, encoding: .utf8)
      } catch {
        throw InputError(.cannotWrite, file: sets, "cannot be written")
      }
    }
    let comment = lines.joined(separator: "\n")
    try MatrixMarketWriter.write(
      TripletMatrix(delassus: problem), isSymmetric: true, comment: comment, to: path + ".mtx")
    try MatrixMarketWriter.write(problem.rightHandSide.array, comment: "b of A x = b", to: path + "_b.mtx")
    try MatrixMarketWriter.write(
      simulation.lambda.array, comment: "x of the run: \(summary.solver)", to: path + "_x.mtx")
  }

  /// Where a problem comes from, in ASCII: other programs print it.
  private func about(_ simulation: Simulation, _ record: StepRecord) -> [String] {
    let settings = simulation.settings
    return [
      "scene \(summary.scene)" + (parameters.isEmpty ? "" : " (\(parameters))"),
      "step \(record.step), last of \(simulation.substepCount) substeps, to time \(record.time) s",
      "timestep \(simulation.problem.timestep) s, law \(settings.law.rawValue), \(settings.stabilization.rawValue)",
      "solution by \(summary.solver), residual \(record.residual.maximum) m/s",
    ]
  }

  private static func warning(_ law: FrictionLaw) -> String {
    "the run's law is \(law.rawValue), FCLIB's is coulomb: a file states another problem than the run solved, and its "
      + "solution is that of \(law.rawValue)"
  }

  private static func mathematics(_ law: FrictionLaw) -> String {
    "W = J inv(M) J' + diag(sigma), q = J v* + beta; axes (n, t1, t2); r in N s, u in m/s; V, R, s: joints"
      + (law == .coulomb ? "" : "; \(warning(law))")
  }
}
