import LinearAlgebra

// The four slots of a solver, as in PETSc's KSP/PC:
//
//     guess → solver (→ linear solver → preconditioner), under one stop rule
//
// A method implements one of these protocols in one file and gets one line in the catalog. Required of all: no
// allocation once the largest problem has been seen; the same bits for the same input; NaN never reaches λ without
// the reason `breakdown`. Set-up and solve are separate because they are timed apart.

/// Slot "solver": λ ∈ K for the whole problem.
public protocol ConstraintSolver: AnyObject {
  /// Whether the solver solves problems of this law and these sets.
  func supports(_ problem: ConstraintProblem) -> Bool

  /// Set-up for the problem's values: matrices, factorisations. Work that depends on the pattern alone is cached by
  /// `problem.patternHash`.
  func prepare(_ problem: ConstraintProblem, report: inout SolveReport)

  /// Improves `lambda` (N·s, one a row; holds the guess) until `stop`; fills in reason, iterations and counts.
  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport)
}

/// A solver that carries more than impulses from step to step: numbers of its own in checkpoints.
public protocol StatefulSolver: ConstraintSolver {
  /// Adds what it carries to a checkpoint.
  func save(to archive: inout StateArchive)

  /// Reads it back; where the checkpoint has none, because another solver made it, begins anew. Throws
  /// `StateArchiveError`.
  func restore(_ archive: StateArchive) throws
}

/// What a matrix brings that is new to a linear solver.
public enum MatrixChange: Sendable {
  /// Another pattern: analyse again.
  case pattern
  /// The same pattern with other values: factor again.
  case values
}

/// When a linear solver stops: at the first of these.
public struct LinearStop {
  /// Bound on ‖Ax − b‖₂.
  public var absolute: Double
  /// Bound on ‖Ax − b‖₂ / ‖b‖₂.
  public var relative: Double
  /// Largest number of iterations; nil: the method's own.
  public var iterations: Int?
  /// The time on `Clock.now()` after which no iteration begins; nil: none.
  public var deadline: Double?
  /// Where an iterative method notes ‖Ax − b‖₂ of the start and after every iteration, as long as there is room: the
  /// buffer does not grow, so reserve what is wanted. nil: nowhere.
  public var history: Buffer<Double>?

  /// A rule from its bounds.
  public init(
    absolute: Double = 0, relative: Double = 0, iterations: Int? = nil, deadline: Double? = nil,
    history: Buffer<Double>? = nil
  ) {
    self.absolute = absolute
    self.relative = relative
    self.iterations = iterations
    self.deadline = deadline
    self.history = history
  }
}

/// Slot "linear solver": x with A x = b, or H x = g; A symmetric, positive semi-definite.
public protocol LinearSolver: AnyObject {
  /// Whether one solve after `prepare` is exact up to round-off.
  var isDirect: Bool { get }

  /// Set-up for the matrix: analysis, factorisation, preconditioner.
  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport)

  /// Improves `x` (holds the start) until `stop`. The matrix is that of the last `prepare`.
  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    stop: LinearStop, report: inout SolveReport)
}

/// A linear solver that does not need symmetry: it also solves a given A that has none.
public protocol UnsymmetricLinearSolver: LinearSolver {
  /// Set-up for the matrix.
  func prepare(_ matrix: BlockRowMatrix, report: inout SolveReport)

  /// `x` ← A⁻¹ b. The matrix is that of the last `prepare`.
  func solve(
    _ matrix: BlockRowMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>,
    report: inout SolveReport)
}

/// Slot "preconditioner": z ≈ A⁻¹ r, symmetric positive definite.
public protocol Preconditioner: AnyObject {
  /// Set-up for the matrix.
  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange)

  /// `z` ← P⁻¹ r.
  func apply(_ r: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>)

  /// Floating-point operations of one `apply`, estimated.
  var applicationFlops: Double { get }

  /// Adds what the last `prepare` cost in neural inference, which is part of its time, and what it has to say of it.
  func describe(in report: inout SolveReport)
}

extension Preconditioner {
  /// Nothing worth counting.
  public var applicationFlops: Double { 0 }
  /// Nothing was inferred.
  public func describe(in report: inout SolveReport) {}
}

/// Slot "guess": λ₀.
public protocol InitialGuess: AnyObject {
  /// Fills `lambda` (one impulse a row) for `problem` from the `history` of the steps before.
  func fill(
    _ lambda: UnsafeMutablePointer<Double>, for problem: ConstraintProblem, history: ImpulseHistory)

  /// Adds what the last `fill` cost in neural inference, which is part of its time, and what it has to say of it.
  func describe(in report: inout SolveReport)
}

extension InitialGuess {
  /// Nothing was inferred.
  public func describe(in report: inout SolveReport) {}
}
