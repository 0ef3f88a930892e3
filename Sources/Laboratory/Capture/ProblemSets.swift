import ConstraintSystem
import Foundation
import LinearAlgebra

/// What a matrix and a right-hand side do not say about a constraint problem: its law and the set of every block. It lies
/// beside them as `NAME_sets.json`, so that nothing of a captured problem is lost.
public struct ProblemSets: Codable, Sendable {
  /// One block of rows.
  public struct Block: Codable, Sendable {
    /// First row, from 0.
    public var firstRow: Int
    /// Number of rows, 1 … 6.
    public var rows: Int
    /// "free", "box" or "cone".
    public var set: String
    /// μ of a cone.
    public var friction: Double?
    /// μ_τ of a cone (m), and μ_r (m).
    public var torsionalFriction: Double?
    public var rollingFriction: Double?
    /// Bounds of a box's rows (N·s); null where there is none.
    public var lower: [Double?]?
    public var upper: [Double?]?
  }

  /// The friction law of the cones.
  public var law: FrictionLaw
  /// h (s).
  public var timestep: Double
  /// The blocks in the order of their rows.
  public var blocks: [Block]

  /// The sets of a problem.
  public init(_ problem: ConstraintProblem) {
    law = problem.law
    timestep = problem.timestep
    blocks = problem.blocks.array.map { block in
      let rows = Int(block.firstRow)..<Int(block.firstRow + block.rowCount)
      func bounds(_ values: Buffer<Double>) -> [Double?] { rows.map { values[$0].isFinite ? values[$0] : nil } }
      return Block(
        firstRow: rows.lowerBound, rows: rows.count, set: Self.name(block.set),
        friction: block.set == .cone ? block.friction : nil,
        torsionalFriction: block.hasTorsionalRow ? block.torsionalFriction : nil,
        rollingFriction: block.hasRollingRows ? block.rollingFriction : nil,
        lower: block.set == .box ? bounds(problem.lower) : nil, upper: block.set == .box ? bounds(problem.upper) : nil)
    }
  }

  /// Reads `NAME_sets.json` of a matrix with so many rows. Throws `InputError`.
  init(readingFileAt path: String, rows: Int) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw InputError(.data, file: path, "is not a list of sets, expected law, timestep and blocks")
    }
    guard timestep > 0, timestep.isFinite else {
      throw InputError(.data, file: path, place: "timestep", "is \(timestep), expected a positive number of seconds")
    }
    var row = 0
    for (index, block) in blocks.enumerated() {
      func check(_ holds: Bool, _ key: String, _ expected: String) throws {
        guard holds else {
          throw InputError(.data, file: path, place: "blocks[\(index)].\(key)", "expected \(expected)")
        }
      }
      try check(block.firstRow == row, "firstRow", "\(row)")
      try check(1...6 ~= block.rows && block.rows <= rows - row, "rows", "1 to 6 rows inside the matrix")
      let set = Self.set(block.set)
      try check(set != nil, "set", "\"free\", \"box\" or \"cone\"")
      if set == .cone {
        let sizes = 3 + (block.torsionalFriction == nil ? 0 : 1) + (block.rollingFriction == nil ? 0 : 2)
        try check(block.rows == sizes, "rows", "\(sizes) as its coefficients say")
        try check((block.friction ?? -1) >= 0, "friction", "a number that is not negative")
        try check((block.torsionalFriction ?? 0) >= 0, "torsionalFriction", "a number that is not negative")
        try check((block.rollingFriction ?? 0) >= 0, "rollingFriction", "a number that is not negative")
      }
      if set == .box {
        try check(block.lower?.count == block.rows, "lower", "\(block.rows) bounds")
        try check(block.upper?.count == block.rows, "upper", "\(block.rows) bounds")
        let isOrdered = zip(block.lower ?? [], block.upper ?? []).allSatisfy { ($0 ?? -.infinity) <= ($1 ?? .infinity) }
        try check(isOrdered, "upper", "bounds that are not below the lower ones")
      }
      row += block.rows
    }
    guard row == rows else { throw InputError(.data, file: path, "has blocks of \(row) rows, expected \(rows)") }
  }

  /// The problem of A and b with these sets. Precondition: they were read for a matrix of this size.
  func problem(_ matrix: TripletMatrix, _ b: [Double]) -> ConstraintProblem {
    let problem = ConstraintProblem()
    problem.removeAll(timestep: timestep, law: law)
    for block in blocks {
      problem.addGivenBlock(
        Self.set(block.set) ?? .free, rightHandSide: Array(b[block.firstRow..<block.firstRow + block.rows]),
        friction: block.friction ?? 0, torsionalFriction: block.torsionalFriction ?? 0,
        rollingFriction: block.rollingFriction ?? 0, lower: block.lower?.map { $0 ?? -.infinity },
        upper: block.upper?.map { $0 ?? .infinity })
    }
    problem.finish(matrix: BlockRowMatrix(blockSizes: blocks.map(\.rows), entries: matrix.entries))
    return problem
  }

  private static func name(_ set: ConstraintSet) -> String {
    switch set {
    case .free: "free"
    case .box: "box"
    case .cone: "cone"
    }
  }

  private static func set(_ name: String) -> ConstraintSet? { ConstraintSet.allCases.first { self.name($0) == name } }
}
