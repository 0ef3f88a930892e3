import ConstraintSystem
import LinearAlgebra

/// Lemke's complementary pivoting with the lexicographic rule (Lemke 1965; Cottle, Pang, Stone, "The Linear
/// Complementarity Problem", 2009, 4.4; contact with polyhedral friction by Stewart, Trinkle 1996; Anitescu, Potra
/// 1997).
///
/// Joint rows are eliminated, S = A_BB − A_BF A_FF⁻¹ A_FB, and the others written as a linear complementarity problem
/// y = M z + q, y, z ≥ 0, yᵀz = 0, in variables of one sign:
///
///     box      λ = lo + z ⟂ w + γ,   γ ⟂ hi − lo − z                     (γ only where hi is finite)
///     normal   λ_n = z ⟂ w_n
///     friction λ_t = β⁺ − β⁻,   β⁺ ⟂ w_t + γ,   β⁻ ⟂ −w_t + γ,   γ ⟂ μ λ_n − β⁺ − β⁻
///
/// The last is the `pyramid` law itself: no bounds are frozen and nothing is iterated. With z₀ as artificial
/// variable along e = (1, …, 1), pivots follow the path of complementary bases until z₀ leaves. The ratio test breaks ties
/// by the rows of the basis inverse, so that degenerate problems (four-point contacts) cannot cycle. A ray means that
/// no solution was found: `breakdown`.
///
/// The tableau is dense and carried whole: O(N²) a pivot, about as many pivots as unknowns, N one a box and seven a
/// contact with friction. A is shifted by 1e-6 of its diagonal, because each pivot on a
/// singular one would cost the tableau the digits of that shift; after a ray the path is tried again with 1e-4. The final basis is solved again by LU, and
/// refined with A itself, so that neither the shift nor the round-off of the tableau matters.
final class Lemke: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "lemke", summary: "Lemke's complementary pivoting, lexicographic, polyhedral friction",
    groups: ["classical", "contact", "pivoting"], slots: [], sets: ["free", "box", "cone"], laws: ActiveSet.laws,
    reference: "Lemke 1965; Cottle, Pang, Stone 2009; Stewart, Trinkle 1996", options: []
  ) { _ in Lemke() }

  /// Parts of the diagonal that are added to A.
  static let shifts = (first: 1e-6, second: 1e-4)

  let program = ComplementarityProgram()
  /// [1 | −M | −e | q] in the present basis, by rows of 2N + 2 numbers.
  private let tableau = Buffer<Double>()
  /// Variable in every row's basis: 0 ..< N are y, N ..< 2N are z, 2N is z₀.
  private let basis = Buffer<Int32>()
  private let pivotRow = Buffer<Double>()
  private let w = Buffer<Double>()
  private let best = Buffer<Double>()
  private let scratch = Buffer<Vector6>()
  /// Largest |q|.
  private var size = 0.0

  func supports(_ problem: ConstraintProblem) -> Bool { PivotingRows.supports(problem) }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    program.assemble(problem, shift: Self.shifts.first)
    report.factorizations += 1
    let size = program.count
    tableau.resize(to: size * (2 * size + 2), filling: 0)
    basis.resize(to: size, filling: 0)
    pivotRow.resize(to: 2 * size + 2, filling: 0)
    w.resize(to: problem.rowCount, filling: 0)
    best.resize(to: problem.rowCount, filling: 0)
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let rows = problem.rowCount
    let size = program.count
    let limit = stop.iterations ?? 50 * size + 1000
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    PivotingRows.clamp(problem, lambda)
    best.pointer.update(from: lambda, count: rows)
    var residual = judge(problem, lambda, &report)
    report.believedResidual = residual
    if residual <= stop.tolerance {
      report.reason = .converged
      return
    }
    if limit == 0 {
      report.reason = .iterationLimit
      return
    }
    var pivots = 0
    report.reason = run(limit: limit, deadline: deadline, &pivots)
    if report.reason == .breakdown {
      program.assemble(problem, shift: Self.shifts.second)
      report.factorizations += 1
      report.reason = run(limit: limit, deadline: deadline, &pivots)
    }
    report.iterations += pivots
    report.flops += Double(pivots) * 4 * Double(size) * Double(size)
    guard report.reason == .converged else {
      withJointsAlone(problem, lambda, &report)
      return
    }
    report.factorizations += 1
    guard program.solve(basis: basis, lambda) else {
      report.reason = .breakdown
      lambda.update(from: best.pointer, count: rows)
      return
    }
    // The first pass solves the final basis for λ, the others correct it with A itself.
    for pass in 0..<20 {
      if pass > 0 { program.correct(w.pointer, lambda) }
      report.triangularSolves += 1
      PivotingRows.clamp(problem, lambda)
      let now = judge(problem, lambda, &report)
      if now < residual {
        residual = now
        best.pointer.update(from: lambda, count: rows)
      } else if pass > 0 {
        break
      }
      if residual <= 0.01 * stop.tolerance { break }
    }
    lambda.update(from: best.pointer, count: rows)
    report.believedResidual = residual
    if report.reason == .converged && residual > stop.tolerance {
      report.reason = .inconsistent
      report.inconsistency = residual
    }
  }

  private func judge(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ report: inout SolveReport
  ) -> Double {
    problem.residual(lambda, into: w.pointer, scratch: scratch)
    report.operatorApplications += 1
    return NaturalMap.residual(problem, lambda: lambda, w: w.pointer).maximum
  }

  /// The path has no answer before its end: what is left is the guess, or joints that hold while all else rests.
  private func withJointsAlone(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ report: inout SolveReport
  ) {
    for row in 0..<problem.rowCount { lambda[row] = 0 }
    PivotingRows.clamp(problem, lambda)
    _ = judge(problem, lambda, &report)
    program.answerJoints(w.pointer, lambda)
    let residual = judge(problem, lambda, &report)
    if residual < report.believedResidual {
      report.believedResidual = residual
    } else {
      lambda.update(from: best.pointer, count: problem.rowCount)
    }
  }

  /// Pivots until z₀ has left the basis.
  private func run(limit: Int, deadline: Double?, _ pivots: inout Int) -> StopReason {
    let n = program.count
    let width = 2 * n + 2
    let t = tableau.pointer
    var entering = 2 * n
    var leaving = -1
    size = 0
    for row in 0..<n {
      let target = t + row * width
      target.update(repeating: 0, count: width)
      target[row] = 1
      for column in 0..<n { target[n + column] = -program.matrix.pointer[row * n + column] }
      target[2 * n] = -1
      target[2 * n + 1] = program.constant.pointer[row]
      basis.pointer[row] = Int32(row)
      let q = target[2 * n + 1]
      // z₀ enters at the row with the most negative q; of equal ones at the last, the lexicographic choice.
      size = max(size, q.magnitude)
      if q < 0 && (leaving < 0 || q <= program.constant.pointer[leaving]) { leaving = row }
    }
    if leaving < 0 { return .converged }
    while true {
      if pivots >= limit { return .iterationLimit }
      if pivots % 16 == 0, let deadline, Clock.now() >= deadline { return .timeLimit }
      pivots += 1
      let left = Int(basis.pointer[leaving])
      pivot(leaving, entering, width)
      basis.pointer[leaving] = Int32(entering)
      if left == 2 * n { return .converged }
      entering = left < n ? left + n : left - n
      leaving = findLeaving(entering, n, width)
      if leaving < 0 { return .breakdown }
    }
  }

  private func pivot(_ row: Int, _ column: Int, _ width: Int) {
    let t = tableau.pointer
    let source = pivotRow.pointer
    let inverse = 1 / t[row * width + column]
    for k in 0..<width { source[k] = t[row * width + k] * inverse }
    source[column] = 1
    for other in 0..<program.count where other != row {
      let target = t + other * width
      let factor = target[column]
      if factor == 0 { continue }
      for k in 0..<width { target[k] -= factor * source[k] }
      target[column] = 0
    }
    (t + row * width).update(from: source, count: width)
  }

  /// The row with the lexicographically smallest ratio among those that the entering variable lowers; −1 on a ray.
  private func findLeaving(_ column: Int, _ n: Int, _ width: Int) -> Int {
    let t = tableau.pointer
    // All unknowns are velocities of the size of q.
    let tie = 1e-12 * size
    var largest = 0.0
    for row in 0..<n { largest = max(largest, t[row * width + column].magnitude) }
    let smallest = 1e-13 * largest
    var found = -1
    for row in 0..<n where t[row * width + column] > smallest {
      if found < 0 {
        found = row
        continue
      }
      let a = t + row * width
      let b = t + found * width
      var difference = a[width - 1] / a[column] - b[width - 1] / b[column]
      if difference.magnitude <= tie {
        // z₀ leaves as soon as it can.
        if basis.pointer[found] == Int32(2 * n) { continue }
        if basis.pointer[row] == Int32(2 * n) {
          found = row
          continue
        }
        difference = 0
        var k = 0
        while k < n && difference.magnitude <= 1e-14 {
          difference = a[k] / a[column] - b[k] / b[column]
          k += 1
        }
      }
      if difference < 0 { found = row }
    }
    return found
  }
}
