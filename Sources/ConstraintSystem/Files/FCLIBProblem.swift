import LinearAlgebra

/// A frictional contact problem in the form of FCLIB (Acary, Brémond, Koziara, Pérignon, "FCLIB: a collection of discrete
/// 3D frictional contact problems", 2014).
///
///     local:   u = W r + q
///     global:  M v = H r + f,   u = Hᵀ v + w,   hence W = Hᵀ M⁻¹ H,   q = Hᵀ M⁻¹ f + w
///
/// with K ∋ r ⟂ u + μ‖u_t‖ e_n ∈ K*, contact by contact, local axes (n, t₁, t₂). In this package's terms A = W, λ = r,
/// b = −q, w = u and the law is `coulomb`.
///
/// A local problem may have equality rows (joints) beside its contacts, fclib's "mixed" problem:
///
///     u = W r + V λ + q,   0 = Vᵀ r + R λ + s,   hence A = [W V; Vᵀ R],  b = −[q; s]
///
/// Their multipliers λ follow the impulses r of the contacts in every vector of this package.
public struct FCLIBProblem: Sendable {
  /// Which quantities state the problem.
  public enum Statement: Sendable {
    /// W and q.
    case local(w: TripletMatrix, q: [Double])
    /// M, H, f and w.
    case global(m: TripletMatrix, h: TripletMatrix, f: [Double], w: [Double])
  }

  /// The equality rows of a local problem.
  public struct Equality: Sendable {
    /// V: contact rows × equality rows.
    public var coupling: TripletMatrix
    /// R: equality rows × equality rows.
    public var matrix: TripletMatrix
    /// s (m/s, rad/s).
    public var s: [Double]

    /// Rows from their parts. Precondition: the sizes agree.
    public init(coupling: TripletMatrix, matrix: TripletMatrix, s: [Double]) {
      self.coupling = coupling
      self.matrix = matrix
      self.s = s
    }
  }

  /// What the file's authors say about it; missing texts are empty.
  public struct Information: Sendable, Equatable {
    /// One line.
    public var title = ""
    /// Where it comes from.
    public var description = ""
    /// What is known about its mathematics.
    public var mathematics = ""

    /// Texts.
    public init(title: String = "", description: String = "", mathematics: String = "") {
      self.title = title
      self.description = description
      self.mathematics = mathematics
    }
  }

  /// A solution, or a guess of one.
  public struct Solution: Sendable {
    /// Velocities v of a global problem.
    public var v: [Double]?
    /// Relative velocities u of the contacts.
    public var u: [Double]
    /// Impulses r of the contacts.
    public var r: [Double]
    /// Multipliers λ of the equality rows; empty where there are none.
    public var multipliers: [Double]

    /// A solution from its parts.
    public init(v: [Double]? = nil, u: [Double], r: [Double], multipliers: [Double] = []) {
      self.v = v
      self.u = u
      self.r = r
      self.multipliers = multipliers
    }
  }

  /// The problem.
  public var statement: Statement
  /// Equality rows beside the contacts; nil mostly.
  public var equality: Equality?
  /// μ of every contact.
  public var friction: [Double]
  /// What is said about it.
  public var information = Information()
  /// What the file gives as solution. Published files often hold r = 0: measure, do not trust.
  public var solution: Solution?

  /// A problem from its parts.
  public init(
    statement: Statement, equality: Equality? = nil, friction: [Double], information: Information = Information(),
    solution: Solution? = nil
  ) {
    self.statement = statement
    self.equality = equality
    self.friction = friction
    self.information = information
    self.solution = solution
  }

  /// Number of contacts.
  public var contactCount: Int { friction.count }
  /// Number of rows of W.
  public var rowCount: Int { 3 * friction.count }
  /// Number of equality rows.
  public var equalityCount: Int { equality?.s.count ?? 0 }
  /// Whether M and H state the problem.
  public var isGlobal: Bool { if case .global = statement { true } else { false } }

  /// This problem stated by W = ½(W + Wᵀ) and q: another problem where W was unsymmetric.
  public func symmetrized(w: TripletMatrix, q: [Double]) -> FCLIBProblem {
    var problem = FCLIBProblem(
      statement: .local(w: w.symmetrized(), q: q),
      equality: equality.map { Equality(coupling: $0.coupling, matrix: $0.matrix.symmetrized(), s: $0.s) },
      friction: friction, information: information)
    problem.information.description += " (W replaced by its symmetric part)"
    return problem
  }

  /// The problem for solvers, W given: contacts first, then equality rows. Precondition: `w` and `q` belong to it.
  public func constraintProblem(w: TripletMatrix, q: [Double]) -> ConstraintProblem {
    let problem = ConstraintProblem()
    problem.removeAll(timestep: 1, law: .coulomb)
    for (contact, mu) in friction.enumerated() {
      problem.addGivenBlock(.cone, rightHandSide: (3 * contact..<3 * contact + 3).map { -q[$0] }, friction: mu)
    }
    var sizes = [Int](repeating: 3, count: contactCount)
    var entries = w.entries
    if let equality {
      let r = equality.matrix.entries
      // The file does not say which rows make a joint: blocks of the size that suits R's pattern.
      let size = SymmetricBlockMatrix.bestBlockSize(
        dimension: equality.s.count, count: r.count, rows: r.map { Int32($0.row) }, columns: r.map { Int32($0.column) })
      for first in stride(from: 0, to: equality.s.count, by: size) {
        let end = min(first + size, equality.s.count)
        sizes.append(end - first)
        problem.addGivenBlock(.free, rightHandSide: equality.s[first..<end].map { -$0 })
      }
      let below = rowCount
      for entry in equality.coupling.entries {
        entries.append(BlockRowMatrix.Entry(row: entry.row, column: below + entry.column, value: entry.value))
        entries.append(BlockRowMatrix.Entry(row: below + entry.column, column: entry.row, value: entry.value))
      }
      for entry in r {
        entries.append(BlockRowMatrix.Entry(row: below + entry.row, column: below + entry.column, value: entry.value))
      }
    }
    problem.finish(matrix: BlockRowMatrix(blockSizes: sizes, entries: entries))
    return problem
  }
}
