import ConstraintSystem
import LinearAlgebra
import Solvers

/// Sweeps of projected Gauss–Seidel under an arm that may change between any two of them, each followed by an increment
/// (`PlaneSearch`) where the arm has one. It is what a sweep leaves, in its sets, that is measured, kept and given back.
final class SweepRunner {
  private let sweep = GaussSeidelSweep()
  private let topDown = BlockOrder(.topDown)
  /// The present arm's order; nil for the stored one.
  private var order: UnsafePointer<Int32>?
  /// Whether a step is a sweep forward and one backward.
  private var isSymmetric = false
  private let search: PlaneSearch
  private let product = Buffer<Double>()
  private let twists = Buffer<Vector6>()
  /// Passes made since `begin`.
  private(set) var passes = 0
  private var arm = SweepArm()
  /// What the last step, of one pass or two, has made of the energy (J).
  private var energyChange = 0.0

  init(network: IncrementNetwork? = nil) { search = PlaneSearch(network: network) }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) { sweep.prepare(problem, report: &report) }

  /// Brings λ into the sets.
  func begin(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    passes = 0
    arm = SweepArm()
    order = nil
    isSymmetric = false
    sweep.relaxation = 1
    sweep.tracksEnergy = false
    search.restart()
    sweep.start(problem, lambda)
  }

  /// Takes the next sweeps' arm.
  func use(_ arm: SweepArm, _ problem: ConstraintProblem, report: inout SolveReport) {
    guard arm != self.arm else { return }
    self.arm = arm
    sweep.tracksEnergy = arm.increment != nil
    sweep.relaxation = arm.relaxation
    isSymmetric = arm.order == .symmetric
    order = nil
    if arm.order == .topDown {
      topDown.prepare(problem, report: &report)
      order = topDown.pointer
    }
    search.restart()
  }

  /// One sweep, two of a symmetric arm; gives the largest change of velocity (m/s).
  func step(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) -> Double {
    if let increment = arm.increment {
      search.take(increment, problem, lambda, velocity: sweep.velocity.pointer, energyChange: energyChange)
    }
    passes += 1
    var change = sweep.pass(problem, lambda, order: order)
    energyChange = sweep.energyChange
    if isSymmetric {
      passes += 1
      change = max(change, sweep.pass(problem, lambda, reversed: true))
      energyChange += sweep.energyChange
    }
    return change
  }

  /// The natural map (m/s) of λ after a sweep.
  func residual(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) -> Double {
    sweep.residual(problem, lambda)
  }

  /// v ← v* + M⁻¹ Jᵀ λ, after λ was changed from outside; directions are forgotten.
  func refresh(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) {
    sweep.refresh(problem, lambda)
    search.restart()
  }

  /// E(λ) = ½ λᵀA λ − bᵀλ (J).
  func energy(_ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>) -> Double {
    product.resize(to: problem.rowCount, filling: 0)
    problem.apply(lambda, into: product.pointer, scratch: twists)
    var sum = 0.0
    for row in 0..<problem.rowCount { sum += lambda[row] * (0.5 * product[row] - problem.rightHandSide[row]) }
    return sum
  }

  func flops(_ problem: ConstraintProblem) -> Double {
    sweep.flops(problem) + (arm.increment != nil ? search.flopsPerRow * Double(problem.rowCount) : 0)
  }
}
