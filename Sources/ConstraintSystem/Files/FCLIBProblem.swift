import LinearAlgebra

/// A frictional contact problem in the form of FCLIB (Acary, Brémond, Koziara, Pérignon, "FCLIB: a collection of discrete
/// 3D frictional contact problems", 2014).
///
///     local:   u = W r + q
///     global:  M v = H r + f,   u = Hᵀ v + w,   hence W = Hᵀ M⁻¹ H,   q = Hᵀ M⁻¹ f + w
///
/// with K ∋ r ⟂ u + μ‖u_t‖ e_n ∈ K*, contact by contact, local axes (n, t₁, t₂). In this package's terms A = W, λ = r,
/// b = −q, w = u and the law is `coulomb`.
public struct FCLIBProblem: Sendable {
  /// Which quantities state the problem.
  public enum Statement: Sendable {
    /// W and q.
    case local(w: TripletMatrix, q: [Double])
    /// M, H, f and w.
    case global(m: TripletMatrix, h: TripletMatrix, f: [Double], w: [Double])
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

    /// A solution from its parts.
    public init(v: [Double]? = nil, u: [Double], r: [Double]) {
      self.v = v
      self.u = u
      self.r = r
    }
  }

  /// The problem.
  public var statement: Statement
  /// μ of every contact.
  public var friction: [Double]
  /// What is said about it.
  public var information = Information()
  /// What the file gives as solution. Published files often hold r = 0: measure, do not trust.
  public var solution: Solution?

  /// A problem from its parts.
  public init(
    statement: Statement, friction: [Double], information: Information = Information(), solution: Solution? = nil
  ) {
    self.statement = statement
    self.friction = friction
    self.information = information
    self.solution = solution
  }

  /// Number of contacts.
  public var contactCount: Int { friction.count }
  /// Number of rows of W.
  public var rowCount: Int { 3 * friction.count }
  /// Whether M and H state the problem.
  public var isGlobal: Bool { if case .global = statement { true } else { false } }

  /// This problem stated by W = ½(W + Wᵀ) and q: another problem where W was unsymmetric.
  public func symmetrized(w: TripletMatrix, q: [Double]) -> FCLIBProblem {
    var problem = FCLIBProblem(
      statement: .local(w: w.symmetrized(), q: q), friction: friction, information: information)
    problem.information.description += " (W replaced by its symmetric part)"
    return problem
  }

  /// The problem for solvers, W given. Precondition: `w` and `q` belong to it.
  public func constraintProblem(w: TripletMatrix, q: [Double]) -> ConstraintProblem {
    let problem = ConstraintProblem()
    problem.removeAll(timestep: 1, law: .coulomb)
    for (contact, mu) in friction.enumerated() {
      problem.addGivenBlock(.cone, rightHandSide: (3 * contact..<3 * contact + 3).map { -q[$0] }, friction: mu)
    }
    problem.finish(
      matrix: BlockRowMatrix(blockSizes: [Int](repeating: 3, count: contactCount), entries: w.entries))
    return problem
  }
}
