import ConstraintSystem
import LinearAlgebra

/// Dantzig's pivoting method for rows with bounds, one row after the other (Cottle, Dantzig 1968; Baraff, "Fast contact
/// force computation for nonpenetrating rigid bodies", 1994; the solver of ODE and DART).
///
/// Rows are taken in: joints first, then normal and box rows, then friction. A row i whose w_i has the wrong sign is
/// driven: λ_i moves by ± s, the rows C that are inside follow so that their w stays 0,
///
///     dλ_C = −A_CC⁻¹ A_Ci,   dw = A dλ,
///
/// up to the first event: w_i = 0, a λ reaches a bound (its row leaves C), or the w of a row at its bound reaches 0 (it
/// enters C). A_CC = L Lᵀ is updated at every event, appending a row or taking one out by Givens rotations. Cost per
/// event O(n |C|), usually about one event a row.
///
/// Friction under `pyramid` has the bounds ± μ λ_n of the last pass (ODE freezes them once); passes repeat until the
/// natural map meets the tolerance. A is shifted by 1e-10 of its diagonal, so that it is regular, and one refinement
/// with A itself follows each pass.
///
/// Ends for certain only on regular matrices without ties; a limit on events guards the rest. Dense: n² numbers twice.
final class Dantzig: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "dantzig", summary: "Dantzig's pivoting with incremental Cholesky, as in ODE",
    groups: ["classical", "contact", "pivoting"], slots: [], sets: ["free", "box", "cone"], laws: ActiveSet.laws,
    reference: "Cottle, Dantzig 1968; Baraff 1994", options: []
  ) { _ in Dantzig() }

  /// Events of a solve unless the stop rule says otherwise: this many a row, and some.
  static let eventsPerRow = 100
  /// Passes without a smaller residual after which a solve ends.
  static let patience = 12

  enum State: UInt8 {
    case waiting
    case inside
    case lower
    case upper
  }

  private let delassus = DelassusMatrix()
  private let matrix = Buffer<Double>()
  /// L of A_CC by rows at stride n, and the rows of C in its order.
  private let factor = Buffer<Double>()
  private let inside = Buffer<Int32>()
  private let states = Buffer<UInt8>()
  private let order = Buffer<Int32>()
  private let lower = Buffer<Double>()
  private let upper = Buffer<Double>()
  private let w = Buffer<Double>()
  private let dw = Buffer<Double>()
  private let direction = Buffer<Double>()
  private let work = Buffer<Double>()
  private let trueW = Buffer<Double>()
  private let best = Buffer<Double>()
  private let scratch = Buffer<Vector6>()
  private var n = 0

  func supports(_ problem: ConstraintProblem) -> Bool { problem.isSymmetric && PivotingRows.supports(problem) }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    n = problem.rowCount
    matrix.resize(to: n * n, filling: 0)
    factor.resize(to: n * n, filling: 0)
    inside.reserve(n)
    states.resize(to: n, filling: 0)
    lower.resize(to: n, filling: 0)
    upper.resize(to: n, filling: 0)
    w.resize(to: n, filling: 0)
    dw.resize(to: n, filling: 0)
    direction.resize(to: n, filling: 0)
    work.resize(to: n, filling: 0)
    trueW.resize(to: n, filling: 0)
    best.resize(to: n, filling: 0)
    PivotingRows.copyShifted(problem, into: matrix.pointer, through: delassus)
    setOrder(problem)
  }

  private func setOrder(_ problem: ConstraintProblem) {
    order.reserve(n)
    order.removeAll()
    for stage in 0..<3 {
      for index in 0..<problem.blocks.count {
        let block = problem.blocks.pointer[index]
        for row in 0..<Int(block.rowCount) {
          let own = block.set == .free ? 0 : (block.set == .cone && row > 0 ? 2 : 1)
          if own == stage { order.append(block.firstRow + Int32(row)) }
        }
      }
    }
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let limit = stop.iterations ?? Self.eventsPerRow * n + 1000
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    PivotingRows.clamp(problem, lambda)
    best.pointer.update(from: lambda, count: n)
    var bestResidual = judge(problem, lambda, &report)
    report.reason = bestResidual <= stop.tolerance ? .converged : .iterationLimit
    var events = 0
    var stalls = 0
    while report.reason != .converged {
      PivotingRows.bounds(problem, lambda, lower: lower.pointer, upper: upper.pointer)
      let outcome = pass(problem, lambda, limit: limit, deadline: deadline, &events)
      if outcome == .converged { refine(problem, lambda, &report) }
      PivotingRows.clamp(problem, lambda)
      let residual = judge(problem, lambda, &report)
      if residual < bestResidual {
        stalls = residual < 0.999 * bestResidual ? 0 : stalls + 1
        bestResidual = residual
        best.pointer.update(from: lambda, count: n)
      } else {
        stalls += 1
      }
      if residual <= stop.tolerance {
        report.reason = .converged
      } else if outcome != .converged {
        report.reason = outcome
        break
      } else if problem.isLinear || problem.law == .frictionless || stalls >= Self.patience {
        report.reason = .inconsistent
        report.inconsistency = bestResidual
        break
      }
    }
    lambda.update(from: best.pointer, count: n)
    report.believedResidual = bestResidual
    report.iterations += events
    report.flops += Double(events) * 2 * Double(n) * Double(n)
  }

  private func judge(
    _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, _ report: inout SolveReport
  ) -> Double {
    problem.residual(lambda, into: trueW.pointer, scratch: scratch)
    report.operatorApplications += 1
    return NaturalMap.residual(problem, lambda: lambda, w: trueW.pointer).maximum
  }

  /// Solves the problem with the present bounds from the beginning; `converged` where every row is in.
  private func pass(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, limit: Int, deadline: Double?,
    _ events: inout Int
  ) -> StopReason {
    inside.removeAll()
    for row in 0..<n {
      states.pointer[row] = State.waiting.rawValue
      lambda[row] = min(max(0, lower.pointer[row]), upper.pointer[row])
      w.pointer[row] = -problem.rightHandSide.pointer[row]
    }
    for column in 0..<n where lambda[column] != 0 {
      let entries = matrix.pointer + column * n
      for row in 0..<n { w.pointer[row] += entries[row] * lambda[column] }
    }
    for place in 0..<n {
      let row = Int(order.pointer[place])
      if problem.diagonal.pointer[row] <= 0 { continue }
      let outcome = drive(row, lambda, limit: limit, deadline: deadline, &events)
      if outcome != .converged { return outcome }
    }
    return .converged
  }

  /// Takes row i in.
  private func drive(
    _ i: Int, _ lambda: UnsafeMutablePointer<Double>, limit: Int, deadline: Double?, _ events: inout Int
  ) -> StopReason {
    let lower = self.lower.pointer
    let upper = self.upper.pointer
    let w = self.w.pointer
    let dw = self.dw.pointer
    let states = self.states.pointer
    while true {
      if lambda[i] <= lower[i] && w[i] >= 0 || lower[i] == upper[i] {
        states[i] = State.lower.rawValue
        return .converged
      }
      if lambda[i] >= upper[i] && w[i] <= 0 {
        states[i] = State.upper.rawValue
        return .converged
      }
      if events >= limit { return .iterationLimit }
      if let deadline, Clock.now() >= deadline { return .timeLimit }
      events += 1
      let sign = w[i] < 0 ? 1.0 : -1.0
      follow(i, sign)
      // The first event along the direction.
      var step = Double.infinity
      var event = -1
      if dw[i] * sign > 0 {
        step = -w[i] / dw[i]
        event = i
      }
      let room = sign > 0 ? upper[i] - lambda[i] : lambda[i] - lower[i]
      if room < step {
        step = room
        event = i
      }
      let reachesBound = event == i && step == room
      for place in 0..<inside.count {
        let row = Int(inside.pointer[place])
        let d = direction.pointer[place]
        guard d != 0 else { continue }
        let length = max(0, ((d < 0 ? lower[row] : upper[row]) - lambda[row]) / d)
        if length < step {
          step = length
          event = row
        }
      }
      for row in 0..<n {
        let isLower = states[row] == State.lower.rawValue
        guard isLower && dw[row] < 0 || states[row] == State.upper.rawValue && dw[row] > 0 else { continue }
        if lower[row] == upper[row] { continue }
        let length = max(0, -w[row] / dw[row])
        if length < step {
          step = length
          event = row
        }
      }
      guard event >= 0, step.isFinite else { return .breakdown }
      lambda[i] += step * sign
      for place in 0..<inside.count { lambda[Int(inside.pointer[place])] += step * direction.pointer[place] }
      for row in 0..<n { w[row] += step * dw[row] }
      if event == i {
        if reachesBound {
          lambda[i] = sign > 0 ? upper[i] : lower[i]
          states[i] = sign > 0 ? State.upper.rawValue : State.lower.rawValue
        } else {
          w[i] = 0
          states[i] = State.inside.rawValue
          append(i)
        }
        return .converged
      }
      if states[event] == State.inside.rawValue {
        let place = position(of: event)
        let isLower = direction.pointer[place] < 0
        lambda[event] = isLower ? lower[event] : upper[event]
        states[event] = isLower ? State.lower.rawValue : State.upper.rawValue
        remove(place)
      } else {
        w[event] = 0
        states[event] = State.inside.rawValue
        append(event)
      }
    }
  }

  private func position(of row: Int) -> Int {
    for place in 0..<inside.count where inside.pointer[place] == Int32(row) { return place }
    return -1
  }

  /// `direction` ← −A_CC⁻¹ A_Ci sign; `dw` ← A dλ.
  private func follow(_ i: Int, _ sign: Double) {
    let column = matrix.pointer + i * n
    let d = direction.pointer
    for place in 0..<inside.count { d[place] = -sign * column[Int(inside.pointer[place])] }
    solve(d)
    let dw = self.dw.pointer
    for row in 0..<n { dw[row] = sign * column[row] }
    for place in 0..<inside.count {
      let entries = matrix.pointer + Int(inside.pointer[place]) * n
      let s = d[place]
      for row in 0..<n { dw[row] += s * entries[row] }
    }
    for place in 0..<inside.count { dw[Int(inside.pointer[place])] = 0 }
  }

  /// x ← A_CC⁻¹ x.
  private func solve(_ x: UnsafeMutablePointer<Double>) {
    let l = factor.pointer
    let count = inside.count
    for row in 0..<count {
      var sum = x[row]
      for column in 0..<row { sum -= l[row * n + column] * x[column] }
      x[row] = sum / l[row * n + row]
    }
    var row = count - 1
    while row >= 0 {
      x[row] /= l[row * n + row]
      let s = x[row]
      for column in 0..<row { x[column] -= l[row * n + column] * s }
      row -= 1
    }
  }

  /// Appends a row to C and to L.
  private func append(_ row: Int) {
    let l = factor.pointer
    let count = inside.count
    let target = l + count * n
    let column = matrix.pointer + row * n
    var pivot = column[row]
    for k in 0..<count {
      var sum = column[Int(inside.pointer[k])]
      for j in 0..<k { sum -= l[k * n + j] * target[j] }
      target[k] = sum / l[k * n + k]
      pivot -= target[k] * target[k]
    }
    // The shift keeps the pivot above 1e-10 of the diagonal but for round-off.
    target[count] = max(pivot, 1e-12 * column[row]).squareRoot()
    inside.append(Int32(row))
  }

  /// Takes place p out of C and L: the rows below lose a column by Givens rotations.
  private func remove(_ p: Int) {
    let l = factor.pointer
    let count = inside.count
    for row in p..<count - 1 {
      inside.pointer[row] = inside.pointer[row + 1]
      (l + row * n).update(from: l + (row + 1) * n, count: row + 2)
    }
    inside.resize(to: count - 1, filling: 0)
    for column in p..<max(p, count - 1) {
      let a = l[column * n + column]
      let b = l[column * n + column + 1]
      let length = (a * a + b * b).squareRoot()
      guard length > 0 else { continue }
      let c = a / length
      let s = b / length
      for row in column..<count - 1 {
        let x = l[row * n + column]
        let y = l[row * n + column + 1]
        l[row * n + column] = c * x + s * y
        l[row * n + column + 1] = c * y - s * x
      }
    }
  }

  /// One step of refinement on C with A itself.
  private func refine(
    _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, _ report: inout SolveReport
  ) {
    problem.residual(lambda, into: trueW.pointer, scratch: scratch)
    report.operatorApplications += 1
    report.triangularSolves += 1
    for place in 0..<inside.count { work.pointer[place] = -trueW.pointer[Int(inside.pointer[place])] }
    solve(work.pointer)
    for place in 0..<inside.count {
      let row = Int(inside.pointer[place])
      lambda[row] = min(max(lambda[row] + work.pointer[place], lower.pointer[row]), upper.pointer[row])
    }
  }
}
