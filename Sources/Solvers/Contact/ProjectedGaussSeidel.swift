import ConstraintSystem
import LinearAlgebra

/// Projected Gauss–Seidel: one constraint after the other, each solved on its own set with the others held (Jean, "The
/// non-smooth contact dynamics method", 1999; Moreau; Acary, Brémond, Huber 2018, 4.3).
///
///     w_c = (A λ − b)_c,   λ_c ← solution of the block's own problem
///
/// Joints are solved by their inverse block D_c⁻¹, boxes row by row, contact points by `ConeBlock` under any law, three
/// rows under a cone law exactly, D_c symmetric or not. `block=row` takes one row at a time instead (Catto 2005): the
/// normal by its diagonal, the tangents on the disc or box of radius μ λ_n; under `convex`, which does not separate,
/// the point's rows together with a projection on the cone (Anitescu, Tasora 2010). Both have the law's solutions
/// as their only fixed points.
///
/// Orders: `forward`; `symmetric`, two passes an iteration; `coloured`, blocks of one colour sharing no moving body;
/// `top-down`, by distance from the bodies that do not move in the graph of constraints, farthest first, because a
/// problem does not know where up is. ω > 1 over-relaxes; a contact is brought back into its set.
///
/// Cost O(rows) an iteration, O(entries) where A is given (`GaussSeidelSweep`). A sweep's largest change of velocity
/// |D_c Δλ_c| bounds nothing but falls with the error: the natural map is measured only when it is below the tolerance.
/// Converges for every law on the scenes here, linearly, at a rate that worsens with mass ratios and lengths of chains
/// (1 − O(1/n²)).
package final class ProjectedGaussSeidel: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "pgs", summary: "projected Gauss–Seidel, per block with exact cone solve or per row",
    groups: ["classical", "contact", "first-order"], slots: [], sets: ["free", "box", "cone"],
    laws: FrictionLaw.allCases, reference: "Jean 1999; Catto 2005; Acary, Brémond, Huber 2018, 4.3",
    options: [
      OptionDescriptor("block", "what is solved at a time: block (default), row"),
      OptionDescriptor("order", "order of a sweep: forward (default), symmetric, coloured, top-down"),
      OptionDescriptor("omega", "relaxation ω, default 1"),
    ]
  ) { options in
    let byRow = try options.choice("block", among: ["block", "row"]) == "row"
    let order = try options.choice("order", among: BlockOrder.Kind.allCases.map(\.rawValue))
    return ProjectedGaussSeidel(
      byRow: byRow, order: BlockOrder.Kind(rawValue: order)!,
      relaxation: try options.number("omega", in: 0.01...1.99) ?? 1)
  }

  /// Sweeps of a solve unless the stop rule says otherwise.
  package static let defaultIterations = 100

  private let sweep: GaussSeidelSweep
  private let order: BlockOrder

  init(byRow: Bool = false, order: BlockOrder.Kind = .forward, relaxation: Double = 1) {
    sweep = GaussSeidelSweep(byRow: byRow, relaxation: relaxation)
    self.order = BlockOrder(order)
  }

  package func supports(_ problem: ConstraintProblem) -> Bool { problem.givenMatrix == nil || order.kind != .topDown }

  package func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    sweep.prepare(problem, report: &report)
    order.prepare(problem, report: &report)
  }

  package func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    sweep.start(problem, lambda)
    let passes = order.kind == .symmetric ? 2 : 1
    let iterations = sweep.iterate(
      problem, lambda, until: StopCheck(stop, defaultIterations: Self.defaultIterations), &report
    ) {
      let change = sweep.pass(problem, lambda, order: order.pointer)
      if passes == 1 { return change }
      return max(change, sweep.pass(problem, lambda, order: order.pointer, reversed: true))
    }
    report.constraintPasses += passes * iterations
    report.flops += Double(passes * iterations) * sweep.flops(problem)
  }
}

extension GaussSeidelSweep {
  /// Repeats `step` (which gives the largest change of velocity, m/s) until the rule ends it; gives the number of
  /// steps. The natural map is measured where the change is below the tolerance.
  func iterate(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, until check: StopCheck,
    _ report: inout SolveReport, _ step: () -> Double
  ) -> Int {
    var iteration = 0
    var change = 0.0
    while true {
      if change <= check.tolerance {
        let measured = residual(problem, lambda)
        if check.ends(measured, after: iteration, &report) { break }
      } else if check.runsOut(after: iteration, &report) {
        report.believedResidual = change
        break
      }
      change = step()
      iteration += 1
      if !change.isFinite {
        report.reason = .breakdown
        break
      }
    }
    report.iterations += iteration
    return iteration
  }
}
