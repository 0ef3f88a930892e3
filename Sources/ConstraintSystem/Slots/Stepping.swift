/// How a solver wants the simulation to step.
public enum Stepping: Sendable, Hashable {
  /// One problem a substep, velocities first; the run's own stabilisation.
  case impulse
  /// `substeps` equal parts of each of the run's substeps, soft rows with a relaxation pass: `tgs`.
  case soft(substeps: Int)
  /// `substeps` equal parts of each of the run's substeps, positions first, velocities from them: `pbd`, `xpbd`, `avbd`.
  case position(substeps: Int)

  /// Number of parts that one of the run's substeps is cut into.
  public var substeps: Int {
    switch self {
    case .impulse: 1
    case .soft(let substeps), .position(let substeps): substeps
    }
  }

  /// Whether the solver works on positions.
  public var isPosition: Bool { if case .position = self { true } else { false } }
  /// Whether the solver works on soft rows, relaxed at the end of a substep.
  public var isSoft: Bool { if case .soft = self { true } else { false } }
}

/// A solver that asks for a stepping of its own. Given a frozen problem it does its iterations on that.
public protocol SteppingSolver: ConstraintSolver {
  /// The stepping that its authors meant it for.
  var stepping: Stepping { get }
}

/// A solver that moves bodies until C(x, q) = 0 and takes the velocities from where they went.
public protocol PositionSolver: SteppingSolver {
  /// How much of the error that a substep finds at its start its velocities undo, 0 … 1.
  var errorShare: Double { get }
  /// Whether contacts lose the velocity that undoing penetration gave them, and slide no further than friction lets
  /// them, in a pass over the velocities at the end of a substep.
  var settlesContacts: Bool { get }

  /// Moves the model's bodies for at most `stop.iterations` iterations or `stop.timeLimit`.
  ///
  /// `lambda` holds the guess and gets the impulses of the motion, J and λ in the units of `ConstraintProblem` (N·s, one
  /// a row). Fills in reason and counts; the reason is never `converged`.
  func project(
    _ model: any PositionModel, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport)
}

extension PositionSolver {
  /// What remains to be done on the rows of a frozen problem: nothing before the iterations.
  public func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {}
}

extension ConstraintProblem {
  /// Whether position-based solvers and `tgs` can work on it: it has bodies to move, and every cone is one of Coulomb's
  /// law, as they treat it. Rows of the sets free and box have no law.
  public var hasBodiesUnderCoulomb: Bool {
    if givenMatrix != nil { return false }
    if law == .coulomb || isLinear { return true }
    for index in 0..<blocks.count where blocks.pointer[index].set == .cone { return false }
    return true
  }
}
