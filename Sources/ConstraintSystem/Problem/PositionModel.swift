import LinearAlgebra

/// View 4 of a problem: positions. What a position-based solver works against during one substep.
///
/// Unknowns are the displacements Δ of the bodies since the substep's start (m, rad; one twist a body). The error of a row
/// is kept linear around the poses at which its constraint was last evaluated,
///
///     C(Δ) = c + J Δ
///
/// with c in `offset` and J in `problem`. What C is:
///
///     rigid equality rows and limits   the violation (m, rad), or a limit's gap
///     springs                          (hk C + c J Δ)/(hk + c), so that −C/σ is the implicit spring's λ, see `SoftRow`
///     motors                           J Δ − h · target
///     contacts                         the gap; the slip since the substep's start on tangents and moments
///
/// so that every set and law reads as for velocities, with displacement multipliers λ_p (kg·m) in place of impulses:
///
///     Δ = h v* + M⁻¹ Jᵀ λ_p,   C(Δ) + σ λ_p complementary to λ_p ∈ K,   λ = λ_p / h.
///
/// Constraints come in *units* that are evaluated together: a joint with all its blocks is one. Blocks after the last
/// unit are linear by themselves (contacts, and all blocks of a frozen problem).
public protocol PositionModel: AnyObject {
  /// Masses, blocks, sets, σ and the rows J, M⁻¹ Jᵀ at the poses of their last evaluation. Its v*, bias and right-hand
  /// side are those of the substep's start.
  var problem: ConstraintProblem { get }
  /// c of every row.
  var offset: Buffer<Double> { get }
  /// C of every rigid row at the substep's start (m, rad), as far as it is a violation: 0 for springs, motors, tangents
  /// and one-sided rows that are open.
  var initialError: Buffer<Double> { get }
  /// Δ of every body. Solvers write here; poses follow when a unit is evaluated.
  var displacement: Buffer<Vector6> { get }
  /// Velocity of every body before the substep's forces (m/s, rad/s).
  var startVelocity: Buffer<Vector6> { get }

  /// First block of every unit, and the first block after the last one.
  var unitBlocks: Buffer<Int32> { get }
  /// Arms from the centres of mass of bodies a and b to the unit's anchor at its last evaluation (m, world axes).
  var arms: Buffer<UnitArms> { get }

  /// Brings J, M⁻¹ Jᵀ and c of a unit to the displaced poses.
  func evaluate(unit: Int)

  /// Takes the velocities from the displacements so far; later moves do not change them. Without a call they are taken
  /// at the end.
  func takeVelocities()
}

/// Arms of a unit's anchor.
public struct UnitArms: BitwiseCopyable, Sendable {
  /// From body a's and body b's centre of mass (m, world axes); zero where a unit has none.
  public var a, b: Vector3

  /// Arms from their halves.
  public init(a: Vector3 = .zero, b: Vector3 = .zero) {
    self.a = a
    self.b = b
  }
}

extension PositionModel {
  /// Time h (s) that the displacements take.
  public var timestep: Double { problem.timestep }
  /// Number of units.
  public var unitCount: Int { max(0, unitBlocks.count - 1) }
}

/// The linear model of a frozen problem, C(Δ) = h β + J Δ with J as it is: position-based solvers solve constraint
/// problems that have no bodies behind them through this.
public final class LinearPositionModel: PositionModel {
  public private(set) var problem = ConstraintProblem()
  public let offset = Buffer<Double>()
  public let initialError = Buffer<Double>()
  public let displacement = Buffer<Vector6>()
  public let startVelocity = Buffer<Vector6>()
  public let unitBlocks = Buffer<Int32>()
  public let arms = Buffer<UnitArms>()

  /// A model of no problem yet.
  public init() {}

  /// Takes a problem; bodies stand where v* brings them.
  public func begin(_ problem: ConstraintProblem) {
    self.problem = problem
    let h = problem.timestep
    offset.resize(to: problem.rowCount, filling: 0)
    initialError.resize(to: problem.rowCount, filling: 0)
    initialError.fill(0)
    for row in 0..<problem.rowCount { offset.pointer[row] = h * problem.bias.pointer[row] }
    startVelocity.assign(problem.freeVelocity)
    displacement.resize(to: problem.bodies.count, filling: .zero)
    for body in 0..<problem.bodies.count { displacement.pointer[body] = h * problem.freeVelocity.pointer[body] }
  }

  public func evaluate(unit: Int) {}
  public func takeVelocities() {}
}
