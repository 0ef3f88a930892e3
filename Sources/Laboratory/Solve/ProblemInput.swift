import ConstraintSystem
import Foundation
import LinearAlgebra

/// A problem that was read from a file or a recording, or taken from a simulation, ready for solvers.
public final class ProblemInput {
  /// What the file was.
  public enum Format: String, Codable, Sendable {
    /// FCLIB with W and q.
    case local = "fclib-local"
    /// FCLIB with M, H, f and w, reduced to W and q.
    case global = "fclib-global"
    /// A linear system, or with `NAME_sets.json` beside it a problem with bounds and cones.
    case matrixMarket = "matrixmarket"
    /// The problem of a step, with its bodies.
    case recording
  }

  /// What to do with the files.
  public struct Options: Sendable {
    /// File of the right-hand side of a matrix; nil: `NAME_b.mtx` beside it, else b = A · 1.
    public var rightHandSide: String?
    /// File of the known solution of a linear system.
    public var solution: String?
    /// Replace A by ½(A + Aᵀ).
    public var symmetrises = false

    /// Nothing but the problem's own file.
    public init() {}
  }

  /// The file's name without its folders.
  public let name: String
  /// The file.
  public let path: String
  /// What it was.
  public let format: Format
  /// Rows and columns of A.
  public let rows: Int
  /// Columns of A: as many as rows, or no solver can do anything.
  public let columns: Int
  /// The problem for solvers; nil where A is not square.
  public private(set) var problem: ConstraintProblem?
  /// ‖A − Aᵀ‖_F / ‖A‖_F as stored.
  public private(set) var asymmetry = 0.0
  /// Whether A was replaced by its symmetric part.
  public private(set) var isSymmetrized = false
  /// x* of a linear system where it is known.
  public private(set) var knownSolution: [Double]?
  /// Where b of a linear system comes from.
  public private(set) var rightHandSideSource: String?
  /// The FCLIB problem that is solved, nil for any other.
  public private(set) var contactProblem: FCLIBProblem?
  /// λ of the run that the problem comes from; nil for files.
  public private(set) var recordedSolution: [Double]?
  /// Where the problem comes from, for the heading: facts of the step.
  public private(set) var facts: [String] = []
  private var reduction: GlobalReduction?

  /// The problem of a step, as a simulation left it, and the λ that it got there. Precondition: it has rows.
  public init(
    name: String, problem source: ConstraintProblem, lambda: [Double], facts: [String] = [],
    options: Options = Options()
  ) throws {
    path = name
    self.name = (name as NSString).lastPathComponent
    self.facts = facts
    format = .recording
    rows = source.rowCount
    columns = rows
    guard options.rightHandSide == nil, options.solution == nil else {
      throw InputError(.usage, file: name, "has its right-hand side; --rhs and --solution are for matrices")
    }
    let copy = ConstraintProblem()
    copy.assign(source)
    problem = copy
    recordedSolution = lambda
  }

  /// Reads a file: HDF5 by its signature as FCLIB, anything else as MatrixMarket. `RECORDING@STEP` is the problem of a
  /// recorded step. Throws `InputError`.
  public convenience init(path: String, options: Options = Options()) throws {
    if !FileManager.default.fileExists(atPath: path), let mark = path.lastIndex(of: "@"),
      let step = Int(path[path.index(after: mark)...])
    {
      try self.init(recording: String(path[..<mark]), step: step, name: path, options: options)
    } else {
      try self.init(file: path, options: options)
    }
  }

  /// The problem of a recorded step: the run is simulated again from the checkpoint before it.
  private convenience init(recording path: String, step: Int, name: String, options: Options) throws {
    let recording = try Recording(readingFileAt: path)
    let run = try recording.run()
    let recorded = try recording.problem(of: run, step: step)
    guard recorded.problem.rowCount > 0 else {
      throw InputError(.data, file: path, place: "step \(step)", "has no constraints, so there is nothing to solve")
    }
    let residual = Quantity.scientific(recorded.residual)
    try self.init(
      name: name, problem: recorded.problem, lambda: recorded.lambda,
      facts: [recorded.problem.law.rawValue, "recorded \(run.manifest.solver) residual \(residual)"],
      options: options)
  }

  private init(file path: String, options: Options) throws {
    self.path = path
    name = (path as NSString).lastPathComponent
    let signature = try Self.firstBytes(path)
    let isHDF5 = signature.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
    let isText = signature.starts(with: Array(MatrixMarketReader.banner.utf8))
    do {
      guard isHDF5 || isText else {
        throw ProblemFileError(
          .malformed, file: path, "is neither HDF5 nor MatrixMarket, expected an FCLIB problem or \"%%MatrixMarket\"")
      }
      if isHDF5 {
        guard options.rightHandSide == nil, options.solution == nil else {
          throw InputError(.usage, file: path, "holds its right-hand side; --rhs and --solution are for matrices")
        }
        let contacts = try FCLIBReader.read(path)
        format = contacts.isGlobal ? .global : .local
        rows = contacts.rowCount + contacts.equalityCount
        columns = rows
        try prepare(contacts, options)
      } else {
        let contents = try MatrixMarketReader.read(path)
        format = .matrixMarket
        rows = contents.matrix.rows
        columns = contents.matrix.columns
        try prepare(contents.matrix, options)
      }
    } catch let error as ProblemFileError {
      throw InputError(error)
    }
  }

  /// Number of contacts; 0 for a linear system.
  public var contactCount: Int { problem?.contactCount ?? 0 }
  /// Whether FCLIB's measures apply: Coulomb contacts of three rows and nothing else.
  public var hasContactMeasures: Bool { problem?.isPureCoulomb ?? false }

  /// What `--write` writes for this problem: FCLIB with λ as solution, or λ as a vector. A problem of a step goes by the
  /// name of `file`: FCLIB for .hdf5 and .h5. Throws `InputError`.
  public func write(_ lambda: [Double], to file: String) throws {
    do {
      let isHDF5 = [".hdf5", ".h5"].contains { file.hasSuffix($0) }
      if format == .recording, isHDF5, let problem {
        let information = FCLIBProblem.Information(title: name, description: facts.joined(separator: "; "))
        return try FCLIBWriter.write(FCLIBProblem(problem, lambda: lambda, information: information), to: file)
      }
      guard var contacts = contactProblem, let problem else {
        return try MatrixMarketWriter.write(lambda, comment: "x of A x = b, A from \(name)", to: file)
      }
      var w = [Double](repeating: 0, count: rows)
      problem.residual(lambda, into: &w, scratch: Buffer<Vector6>())
      let contactRows = contacts.rowCount
      contacts.solution = FCLIBProblem.Solution(
        v: contacts.isGlobal ? reduction?.velocity(lambda) : nil, u: Array(w[..<contactRows]),
        r: Array(lambda[..<contactRows]), multipliers: Array(lambda[contactRows...]))
      try FCLIBWriter.write(contacts, to: file)
    } catch let error as ProblemFileError {
      throw InputError(error)
    } catch let error as FCLIBProblem.CaptureError {
      let block = error.block.map { "block \($0)" }
      throw InputError(.data, file: name, place: block, "\(error.description); write a vector (.mtx)")
    }
  }

  private static func firstBytes(_ path: String) throws -> [UInt8] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw InputError(.missing, file: path, "there is no such file")
    }
    guard !isFolder.boolValue else { throw InputError(.data, file: path, "is a folder, expected a problem file") }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw InputError(.data, file: path, "cannot be opened")
    }
    defer { try? handle.close() }
    return [UInt8]((try? handle.read(upToCount: 16)) ?? Data())
  }

  private func prepare(_ contacts: FCLIBProblem, _ options: Options) throws {
    let (w, q, reduction) = try contacts.reduced(file: path)
    self.reduction = reduction
    let stored = contacts.constraintProblem(w: w, q: q)
    asymmetry = stored.asymmetry
    contactProblem = contacts
    problem = stored
    guard options.symmetrises else { return }
    let symmetric = contacts.symmetrized(w: w, q: q)
    guard case .local(let half, _) = symmetric.statement else { return }
    isSymmetrized = true
    contactProblem = symmetric
    problem = symmetric.constraintProblem(w: half, q: q)
  }

  private func prepare(_ stored: TripletMatrix, _ options: Options) throws {
    guard stored.rows == stored.columns else { return }
    let matrix = options.symmetrises ? stored.symmetrized() : stored.sorted()
    let file = options.rightHandSide ?? sibling
    let b: [Double]
    if let file {
      b = try MatrixMarketReader.readVector(file, count: rows)
      rightHandSideSource = (file as NSString).lastPathComponent
      knownSolution = try options.solution.map { try MatrixMarketReader.readVector($0, count: rows) }
    } else {
      let ones =
        try options.solution.map { try MatrixMarketReader.readVector($0, count: rows) }
        ?? [Double](repeating: 1, count: rows)
      b = matrix.times(ones)
      knownSolution = ones
      rightHandSideSource = options.solution == nil ? "A · 1" : "A · x*"
      guard b.allSatisfy(\.isFinite) else {
        throw ProblemFileError(.malformed, file: path, "has entries so large that A · 1 is not finite")
      }
    }
    let setsFile = path.hasSuffix(".mtx") ? String(path.dropLast(4)) + "_sets.json" : ""
    let built: ConstraintProblem
    if !setsFile.isEmpty, FileManager.default.fileExists(atPath: setsFile) {
      let sets = try ProblemSets(readingFileAt: setsFile, rows: rows)
      built = sets.problem(matrix, b)
      facts = ["sets of \((setsFile as NSString).lastPathComponent)", sets.law.rawValue]
      // x = 1 solves A x = A · 1, not the problem with bounds.
      if options.solution == nil { knownSolution = nil }
    } else {
      built = Self.linearProblem(matrix, b)
    }
    problem = built
    asymmetry = built.asymmetry
    if options.symmetrises {
      isSymmetrized = true
      asymmetry = Self.linearProblem(stored, b).asymmetry
    }
  }

  /// `NAME_b.mtx` beside `NAME.mtx`, as the SuiteSparse collection names them.
  private var sibling: String? {
    guard path.hasSuffix(".mtx") else { return nil }
    let file = String(path.dropLast(4)) + "_b.mtx"
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }

  /// A x = b with free rows, in blocks of the size that suits the pattern.
  static func linearProblem(_ matrix: TripletMatrix, _ b: [Double]) -> ConstraintProblem {
    let n = matrix.rows
    let size = SymmetricBlockMatrix.bestBlockSize(
      dimension: n, count: matrix.entries.count, rows: matrix.entries.map { Int32($0.row) },
      columns: matrix.entries.map { Int32($0.column) })
    let problem = ConstraintProblem()
    problem.removeAll(timestep: 1, law: .frictionless)
    var sizes: [Int] = []
    for first in stride(from: 0, to: n, by: size) {
      let end = min(first + size, n)
      sizes.append(end - first)
      problem.addGivenBlock(.free, rightHandSide: Array(b[first..<end]))
    }
    problem.finish(matrix: BlockRowMatrix(blockSizes: sizes, entries: matrix.entries))
    return problem
  }
}

extension InputError {
  /// The error of a problem file as one of the laboratory.
  init(_ error: ProblemFileError) {
    let kind: Kind =
      switch error.kind {
      case .missing: .missing
      case .malformed: .data
      case .cannotWrite: .cannotWrite
      }
    self.init(kind, file: error.file, place: error.place, error.message)
  }
}
