import ConstraintSystem
import LinearAlgebra

/// Staggered projections: normal and tangential problem in turn until they agree (Panagiotopoulos 1975; Haslinger 1983;
/// Kaufman, Sueda, James, Pai, "Staggered projections for frictional contact in multibody systems", 2008; Haslinger,
/// Dostál, Kučera 2002 for the fixed point).
///
///     normal:      min ½ λᵀ A λ − bᵀ λ  over λ_n ≥ 0 (and free and box rows), λ_t held
///     tangential:  the same over λ_t in discs (coulomb) or boxes (pyramid) of size μ λ_n (and free and box rows),
///                  λ_n held
///
/// Both are convex. A λ that solves both solves the law: λ_n ⟂ w_n without a correction, λ_t opposite to w_t on
/// its bound. Each is solved by accelerated projection (`AcceleratedProjection` on the parts of `ScaledDual`), to
/// a tenth of the present error and warm, so early rounds are cheap. Iterations are those of the inner solves.
///
/// The map from λ_n to λ_n contracts for small μ; with large friction, long lever arms and wedges it may cycle, and it
/// says so by its iteration limit: the best λ of all rounds is given back.
final class Staggered: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "staggered", summary: "staggered projections: normal and frozen-bound friction problem in turn",
    groups: ["classical", "contact", "first-order"], slots: [], sets: ["free", "box", "cone"],
    laws: [.coulomb, .pyramid], reference: "Panagiotopoulos 1975; Haslinger 1983; Kaufman et al. 2008", options: []
  ) { _ in Staggered() }

  /// Inner iterations of a solve unless the stop rule says otherwise.
  static let defaultIterations = 2000

  private let dual = ScaledDual()
  private let core: AcceleratedProjection
  private let judged = Buffer<Double>()
  private let best = Buffer<Double>()
  private let w = Buffer<Double>()
  private let scratch = Buffer<Vector6>()

  init() { core = AcceleratedProjection(dual) }

  func supports(_ problem: ConstraintProblem) -> Bool {
    problem.isSymmetric && (Self.descriptor.laws.contains(problem.law) || problem.hasNoCones)
  }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    dual.prepare(problem)
    core.prepare(problem)
    judged.resize(to: problem.rowCount, filling: 0)
    best.resize(to: problem.rowCount, filling: 0)
    w.resize(to: problem.rowCount, filling: 0)
    scratch.resize(to: problem.bodies.count, filling: .zero)
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let check = StopCheck(stop, defaultIterations: Self.defaultIterations)
    let n = problem.rowCount
    let products = report.operatorApplications
    BlockSolution.clamp(problem, lambda)
    for row in 0..<n { core.x.pointer[row] = dual.scale.pointer[row] > 0 ? lambda[row] / dual.scale.pointer[row] : 0 }
    best.pointer.update(from: core.x.pointer, count: n)
    var measured = measure(problem, &report)
    var bestResidual = measured
    var iteration = 0
    var accuracy = 0.1
    while !check.ends(measured, after: iteration, &report) {
      let roundStart = iteration
      let goal = accuracy * max(measured, 3 * check.tolerance)
      for part in 0..<2 where !problem.hasNoCones || part == 0 {
        dual.part = part == 0 ? .normal : .tangential
        // New radii or a new normal: the start has to be in the sets.
        dual.project(problem, core.x.pointer)
        let before = iteration
        iteration += core.run(problem, &report) {
          dual.partResidual(problem)
        } ends: { error, inner, report in
          error <= goal || !error.isFinite || check.runsOut(after: before + inner, &report)
        }
      }
      // The bounds are those of the last normal problem, so λ is in the law's set.
      dual.part = .tangential
      dual.project(problem, core.x.pointer)
      measured = measure(problem, &report)
      if measured < bestResidual {
        bestResidual = measured
        best.pointer.update(from: core.x.pointer, count: n)
      }
      // A round that found both goals met already: the next has to do better. It counts, so that the limit holds.
      if iteration == roundStart {
        accuracy *= 0.1
        iteration += 1
      }
    }
    if measured > bestResidual { core.x.pointer.update(from: best.pointer, count: n) }
    report.believedResidual = min(measured, bestResidual)
    dual.part = .all
    dual.store(problem, core.x.pointer, into: lambda)
    report.iterations += iteration
    report.constraintPasses += 2 * (report.operatorApplications - products)
    report.flops += Double(report.operatorApplications - products) * Double(n) * 80
  }

  /// The natural map of the whole problem at x.
  private func measure(_ problem: ConstraintProblem, _ report: inout SolveReport) -> Double {
    dual.store(problem, core.x.pointer, into: judged.pointer)
    problem.residual(judged.pointer, into: w.pointer, scratch: scratch)
    report.operatorApplications += 1
    return NaturalMap.residual(problem, lambda: judged.pointer, w: w.pointer).maximum
  }
}

extension ScaledDual {
  /// The natural map of the present part at the last `evaluate` (m/s): rows that are held do not count.
  func partResidual(_ problem: ConstraintProblem) -> Double {
    var largest = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { scratch in
      let x = scratch.baseAddress!
      for index in 0..<problem.blocks.count {
        let block = problem.blocks.pointer[index]
        let first = Int(block.firstRow)
        let rows = Int(block.rowCount)
        var squared = 0.0
        for row in 0..<rows {
          let s = scale.pointer[first + row]
          x[row] = s > 0 ? lambda.pointer[first + row] / s : 0
          if s > 0 && isMoving(block, row) { x[row] -= s * w.pointer[first + row] }
        }
        projectBlock(problem, block, x)
        for row in 0..<rows where scale.pointer[first + row] > 0 && isMoving(block, row) {
          let s = scale.pointer[first + row]
          let r = (lambda.pointer[first + row] / s - x[row]) / s
          squared += r * r
        }
        largest = max(largest, squared.isNaN ? .infinity : squared.squareRoot())
      }
    }
    return largest
  }

  @inline(__always)
  private func isMoving(_ block: ConstraintBlock, _ row: Int) -> Bool {
    block.set != .cone || (part == .normal) == (row == 0)
  }
}
