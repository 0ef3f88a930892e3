import ConstraintSystem
import LinearAlgebra

/// Shock propagation on top of projected Gauss–Seidel (Guendelman, Bridson, Fedkiw, "Nonconvex rigid bodies with
/// stacking", 2003, section 8; Erleben, "Velocity-based shock propagation for multibody dynamics animation", 2007).
///
/// Bodies get levels by their distance from what does not move, in the graph of constraints; a block belongs to the
/// level of its farther body. Guendelman's last pass goes through the levels upwards, with the bodies below as if they
/// had infinite mass, and keeps the velocities. Those belong to no λ: momentum is lost. Here the idea serves a λ that
/// obeys the law, in three steps:
///
/// 1. *Upwards*, from v*: every level is solved by at most 20 sweeps with infinite mass below, impulses thrown away. What
///    is left are the velocities V that the bodies would have on a support that does not give.
/// 2. *Downwards*, from the farthest level: every level is solved for its λ with the bodies below moving at V, and all
///    true masses above already loaded; its impulses are then passed on to the bodies below. So weight and shocks
///    arrive at the ground in one pass: exact for a pile at rest or a chain whose levels are solved exactly.
/// 3. Plain sweeps, farthest level first, from that λ, or from the guess if the natural map prefers it, until the
///    tolerance is met: they alone decide where the solve ends, so the law's solutions are the only ends.
///
/// Cost: steps 1 and 2 as much as at most 40 sweeps, once; then O(rows) a sweep. Gains nothing where levels mean
/// nothing, as in a heap that falls freely or a long row of bodies on the ground.
final class ShockPropagation: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "shock", summary: "shock propagation: a pass by contact levels, then projected Gauss–Seidel",
    groups: ["classical", "contact", "first-order"], slots: [], sets: ["free", "box", "cone"],
    laws: FrictionLaw.allCases, reference: "Guendelman, Bridson, Fedkiw 2003; Erleben 2007", options: []
  ) { _ in ShockPropagation() }

  /// Plain sweeps of a solve unless the stop rule says otherwise.
  static let defaultIterations = 100
  /// Sweeps of one level at most.
  private static let levelSweeps = 20

  private let sweep = GaussSeidelSweep()
  private let order = BlockOrder(.topDown)
  /// D_c and its inverse with infinite mass on the nearer side, at the sweep's offsets.
  private let couplings = Buffer<Double>()
  private let inverses = Buffer<Double>()
  private let supported = Buffer<Vector6>()
  private let trial = Buffer<Double>()

  func supports(_ problem: ConstraintProblem) -> Bool { problem.givenMatrix == nil }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    sweep.prepare(problem, report: &report)
    order.prepare(problem, report: &report)
    couplings.resize(to: sweep.data.count, filling: 0)
    inverses.resize(to: sweep.data.count, filling: 0)
    for index in 0..<problem.blocks.count {
      let block = problem.blocks.pointer[index]
      let offset = Int(sweep.offsets.pointer[index])
      let (a, b) = moving(block)
      problem.copyDiagonalBlock(index, into: couplings.pointer + offset, weightA: a ? 1 : 0, weightB: b ? 1 : 0)
      if block.set == .box { continue }
      SmallLDL.invert(couplings.pointer + offset, size: Int(block.rowCount), into: inverses.pointer + offset)
    }
    supported.resize(to: problem.bodies.count, filling: .zero)
    trial.resize(to: problem.rowCount, filling: 0)
    report.flops += Double(problem.rowCount) * 200
  }

  /// Which sides of a block move: the farther, or both where they are equally far.
  private func moving(_ block: ConstraintBlock) -> (a: Bool, b: Bool) {
    let a = block.bodyA >= 0 ? order.levels.pointer[Int(block.bodyA)] : 0
    let b = block.bodyB >= 0 ? order.levels.pointer[Int(block.bodyB)] : 0
    return (a >= b, b >= a)
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let check = StopCheck(stop, defaultIterations: Self.defaultIterations)
    sweep.start(problem, lambda)
    let guessed = sweep.residual(problem, lambda)
    if check.ends(guessed, after: 0, &report) { return }
    propagate(problem, lambda, tolerance: check.tolerance, &report)
    let sweeps = sweep.iterate(problem, lambda, until: check, &report) {
      sweep.pass(problem, lambda, order: order.pointer)
    }
    report.constraintPasses += sweeps
    report.flops += Double(sweeps) * sweep.flops(problem)
  }

  /// Steps 1 and 2; leaves the better of the result and the guess in `lambda`, and its velocity in the sweep.
  private func propagate(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, tolerance: Double,
    _ report: inout SolveReport
  ) {
    let rows = problem.rowCount
    let guessed = sweep.residual(problem, lambda)
    let velocity = sweep.velocity.pointer
    let supported = self.supported.pointer
    supported.update(from: problem.freeVelocity.pointer, count: problem.bodies.count)
    trial.fill(0)
    BlockSolution.clamp(problem, trial.pointer)
    // A box that excludes 0 has pushed already.
    problem.velocity(of: trial.pointer, into: supported)
    var visits = 0
    let count = problem.blocks.count
    // The order is farthest first: upwards is from its end.
    var end = count
    while end > 0 {
      let begin = levelStart(problem, before: end)
      visits += solveLevel(problem, begin..<end, trial.pointer, supported, supported, feedsBack: false, tolerance)
      end = begin
    }
    trial.pointer.update(from: lambda, count: rows)
    var begin = 0
    while begin < count {
      let end = levelEnd(problem, after: begin)
      visits += solveLevel(problem, begin..<end, trial.pointer, velocity, supported, feedsBack: true, tolerance)
      begin = end
    }
    sweep.refresh(problem, trial.pointer)
    if sweep.residual(problem, trial.pointer) < guessed {
      lambda.update(from: trial.pointer, count: rows)
    } else {
      sweep.refresh(problem, lambda)
    }
    report.constraintPasses += (visits + count - 1) / max(1, count)
    report.flops += Double(visits) * sweep.flops(problem) / Double(max(1, count))
  }

  private func level(_ problem: ConstraintProblem, at place: Int) -> Int32 {
    order.level(of: problem.blocks.pointer[Int(order.blocks.pointer[place])])
  }

  private func levelStart(_ problem: ConstraintProblem, before end: Int) -> Int {
    let level = level(problem, at: end - 1)
    var begin = end - 1
    while begin > 0 && self.level(problem, at: begin - 1) == level { begin -= 1 }
    return begin
  }

  private func levelEnd(_ problem: ConstraintProblem, after begin: Int) -> Int {
    let level = level(problem, at: begin)
    var end = begin + 1
    while end < problem.blocks.count && self.level(problem, at: end) == level { end += 1 }
    return end
  }

  /// Sweeps over one level until little moves; gives the number of visits.
  private func solveLevel(
    _ problem: ConstraintProblem, _ places: Range<Int>, _ lambda: UnsafeMutablePointer<Double>,
    _ velocity: UnsafeMutablePointer<Vector6>, _ support: UnsafePointer<Vector6>, feedsBack: Bool,
    _ tolerance: Double
  ) -> Int {
    for round in 1...Self.levelSweeps {
      var largest = 0.0
      for place in places {
        largest = max(
          largest,
          visit(problem, Int(order.blocks.pointer[place]), lambda, velocity, support, feedsBack: feedsBack))
      }
      if largest <= 0.1 * tolerance || !largest.isFinite { return round * places.count }
    }
    return Self.levelSweeps * places.count
  }

  /// One block: the farther side has its `velocity`, the nearer that of its `support` and infinite mass; with
  /// `feedsBack` it gets its part of the impulse all the same, in `velocity`.
  private func visit(
    _ problem: ConstraintProblem, _ index: Int, _ lambda: UnsafeMutablePointer<Double>,
    _ velocity: UnsafeMutablePointer<Vector6>, _ support: UnsafePointer<Vector6>, feedsBack: Bool
  ) -> Double {
    let block = problem.blocks.pointer[index]
    let first = Int(block.firstRow)
    let rows = Int(block.rowCount)
    let jacobian = problem.jacobian.pointer + first
    let scaled = problem.inverseMassJacobian.pointer + first
    let sides = moving(block)
    let still = WideVector6(.zero, .zero, .zero)
    let a = Int(block.bodyA)
    let b = Int(block.bodyB)
    let va = a < 0 ? still : WideVector6(loading: sides.a ? UnsafePointer(velocity + a) : support + a)
    let vb = b < 0 ? still : WideVector6(loading: sides.b ? UnsafePointer(velocity + b) : support + b)
    let offset = Int(sweep.offsets.pointer[index])
    var largest = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 12) { scratch in
      let w = scratch.baseAddress!
      let delta = w + 6
      for row in 0..<rows {
        let u = (jacobian + row).pairedVelocity(va, vb)
        w[row] = u.x + u.y + problem.bias.pointer[first + row]
        w[row] += problem.compliance.pointer[first + row] * lambda[first + row]
      }
      BlockSolution.solve(
        block, problem.law, coupling: couplings.pointer + offset, inverse: inverses.pointer + offset,
        lambda: lambda + first, lower: problem.lower.pointer + first, upper: problem.upper.pointer + first, w: w,
        delta: delta)
      var da = still
      var db = still
      for row in 0..<rows {
        lambda[first + row] += delta[row]
        (scaled + row).add(delta[row], to: &da, &db)
        let d = couplings.pointer[offset + row * rows + row]
        largest = max(largest, d * delta[row].magnitude)
      }
      if a >= 0 && (sides.a || feedsBack) { (velocity + a).add(da) }
      if b >= 0 && (sides.b || feedsBack) { (velocity + b).add(db) }
    }
    return largest
  }
}

extension UnsafeMutablePointer<Vector6> {
  /// The twist here += `change`.
  @inline(__always)
  func add(_ change: WideVector6) {
    var sum = WideVector6(loading: self)
    sum.add(1, change)
    sum.store(to: self)
  }
}
