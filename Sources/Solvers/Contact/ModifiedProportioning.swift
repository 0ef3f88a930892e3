import ConstraintSystem
import LinearAlgebra

/// Modified proportioning with reduced gradient projections for quadratic programmes with bounds (Dostál, Schöberl,
/// "Minimizing quadratic functions over non-negative cone with the rate of convergence and finite termination", 2005;
/// Dostál, "Optimal Quadratic Programming Algorithms", 2009, algorithm 5.8; for contact Heyn 2013).
///
///     min ½ xᵀ Â x − b̂ᵀ x,  lo ≤ x ≤ hi,   g = Â x − b̂
///     φ = g on rows inside their bounds (free gradient), 0 elsewhere
///     β = the part of g on rows at a bound that points inward (chopped gradient), 0 elsewhere
///     φ̃ = the part of φ that a step ᾱ can use: (x − P(x − ᾱ φ)) / ᾱ
///
/// If ‖β‖² ≤ Γ² φ̃ᵀφ the face is good: a conjugate gradient step on it, if that stays inside the bounds; otherwise
/// the step to the first bound followed by a gradient projection of length ᾱ on φ (expansion). If the face is not good,
/// one step along β leaves it (proportioning). Γ = 1, ᾱ = 1.9/‖Â‖, the norm by 20 power iterations, and halved where a step
/// of ᾱ meets more curvature than that.
///
/// Variables are scaled by A's diagonal (`ScaledDual`), which bounds allow. One product an iteration, one more for an
/// expansion. On a non-degenerate problem it ends after finitely many faces, on each at the speed of conjugate
/// gradients; an infinite step along a direction without curvature (a singular Â with b̂ outside its range) ends as
/// `inconsistent`. Free and box rows only: cones have no faces of this kind.
final class ModifiedProportioning: ConstraintSolver {
  static let descriptor = SolverDescriptor(
    name: "mprgp",
    summary: "modified proportioning with reduced gradient projections: conjugate gradients under bounds",
    groups: ["classical", "contact", "first-order"], slots: [], sets: ["free", "box"], laws: [.frictionless],
    reference: "Dostál, Schöberl 2005; Dostál 2009, 5.8", options: []
  ) { _ in ModifiedProportioning() }

  /// Iterations of a solve unless the stop rule says otherwise.
  static let defaultIterations = 10000
  /// Iterations between two gradients that are computed from x alone.
  private static let refresh = 50

  private let dual = ScaledDual()
  private let x = Buffer<Double>()
  private let g = Buffer<Double>()
  private let p = Buffer<Double>()
  private let ap = Buffer<Double>()
  private let best = Buffer<Double>()
  /// ᾱ.
  private var step = 0.0

  func supports(_ problem: ConstraintProblem) -> Bool { problem.isSymmetric && problem.hasNoCones }

  func prepare(_ problem: ConstraintProblem, report: inout SolveReport) {
    dual.prepare(problem)
    let rows = problem.rowCount
    x.resize(to: rows, filling: 0)
    g.resize(to: rows, filling: 0)
    p.resize(to: rows, filling: 0)
    ap.resize(to: rows, filling: 0)
    best.resize(to: rows, filling: 0)
    // Power iteration from a vector without symmetry.
    var norm = 1.0
    for row in 0..<rows { p.pointer[row] = 1 + 0.5 * Double(row % 7) - 0.3 * Double(row % 4) }
    for _ in 0..<20 {
      let length = ScaledDual.dot(p.pointer, p.pointer, rows).squareRoot()
      guard length > 0 else { break }
      for row in 0..<rows { p.pointer[row] /= length }
      dual.apply(problem, p.pointer, into: ap.pointer)
      norm = ScaledDual.dot(ap.pointer, ap.pointer, rows).squareRoot()
      p.pointer.update(from: ap.pointer, count: rows)
    }
    report.operatorApplications += 20
    step = norm > 0 ? 1.9 / norm : 1
  }

  /// Where x is on a bound, and which.
  @inline(__always)
  private func isAtBound(_ row: Int) -> Bool {
    let value = x.pointer[row]
    return value <= dual.lower.pointer[row] || value >= dual.upper.pointer[row]
  }

  /// The part of the gradient on a bound that a descent can use.
  @inline(__always)
  private func chopped(_ row: Int) -> Double {
    let value = x.pointer[row]
    let gradient = g.pointer[row]
    let lo = dual.lower.pointer[row]
    let hi = dual.upper.pointer[row]
    if lo >= hi { return 0 }
    if value <= lo { return min(gradient, 0) }
    if value >= hi { return max(gradient, 0) }
    return 0
  }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let check = StopCheck(stop, defaultIterations: Self.defaultIterations)
    let n = problem.rowCount
    let x = self.x.pointer
    let g = self.g.pointer
    let p = self.p.pointer
    dual.load(problem, lambda, into: x)
    dual.evaluate(problem, x, into: g)
    var products = 1
    var measured = dual.residual(problem)
    var bestResidual = measured
    best.pointer.update(from: x, count: n)
    startDirection(n)
    var iteration = 0
    var sinceFresh = 0
    while !check.ends(measured, after: iteration, &report) {
      var proportion = 0.0
      var choppedSquared = 0.0
      for row in 0..<n {
        let beta = chopped(row)
        choppedSquared += beta * beta
        guard !isAtBound(row) else { continue }
        let projected = min(max(x[row] - step * g[row], dual.lower.pointer[row]), dual.upper.pointer[row])
        proportion += (x[row] - projected) / step * g[row]
      }
      if choppedSquared <= proportion {
        products += 1
        dual.apply(problem, p, into: ap.pointer)
        let curvature = ScaledDual.dot(p, ap.pointer, n)
        let slope = ScaledDual.dot(g, p, n)
        let feasible = longestStep(n)
        let length = ScaledDual.dot(p, p, n)
        if curvature <= 1e-14 * length && feasible == .infinity {
          report.reason = .inconsistent
          report.inconsistency = measured
          break
        }
        let alpha = curvature > 1e-14 * length ? slope / curvature : .infinity
        if alpha <= feasible {
          for row in 0..<n {
            x[row] -= alpha * p[row]
            g[row] -= alpha * ap.pointer[row]
          }
          // The next direction: the free gradient, conjugate to p.
          var coupling = 0.0
          for row in 0..<n where !isAtBound(row) { coupling += g[row] * ap.pointer[row] }
          let gamma = coupling / curvature
          for row in 0..<n { p[row] = isAtBound(row) ? 0 : g[row] - gamma * p[row] }
        } else {
          expand(n, to: feasible)
          dual.evaluate(problem, x, into: g)
          products += 1
          sinceFresh = 0
          startDirection(n)
        }
      } else {
        for row in 0..<n { p[row] = chopped(row) }
        dual.apply(problem, p, into: ap.pointer)
        products += 1
        let curvature = ScaledDual.dot(p, ap.pointer, n)
        let alpha = curvature > 0 ? ScaledDual.dot(g, p, n) / curvature : step
        let length = min(alpha, longestStep(n))
        for row in 0..<n {
          x[row] = min(max(x[row] - length * p[row], dual.lower.pointer[row]), dual.upper.pointer[row])
          g[row] -= length * ap.pointer[row]
        }
        // More curvature than ‖Â‖ was thought to have.
        if curvature * step > 2 * choppedSquared { step = 1.9 * choppedSquared / curvature }
        startDirection(n)
      }
      iteration += 1
      sinceFresh += 1
      measured = dual.residual(problem, x, gradient: g)
      if sinceFresh == Self.refresh || (measured <= check.tolerance && sinceFresh > 0) {
        dual.evaluate(problem, x, into: g)
        products += 1
        sinceFresh = 0
        measured = dual.residual(problem)
      }
      if measured < bestResidual {
        bestResidual = measured
        best.pointer.update(from: x, count: n)
      }
    }
    if measured > bestResidual {
      x.update(from: best.pointer, count: n)
      report.believedResidual = bestResidual
    }
    dual.store(problem, x, into: lambda)
    report.iterations += iteration
    report.operatorApplications += products
    report.constraintPasses += 2 * products
    report.flops += Double(products) * Double(n) * 90
  }

  /// p ← φ.
  private func startDirection(_ n: Int) {
    for row in 0..<n { p.pointer[row] = isAtBound(row) ? 0 : g.pointer[row] }
  }

  /// The largest α with x − α p within the bounds.
  private func longestStep(_ n: Int) -> Double {
    var longest = Double.infinity
    for row in 0..<n {
      let slope = p.pointer[row]
      if slope > 0 {
        longest = min(longest, (x.pointer[row] - dual.lower.pointer[row]) / slope)
      } else if slope < 0 {
        longest = min(longest, (x.pointer[row] - dual.upper.pointer[row]) / slope)
      }
    }
    return longest
  }

  /// Expansion: x to the first bound along p, then P(x − ᾱ φ) with the gradient there.
  private func expand(_ n: Int, to feasible: Double) {
    let x = self.x.pointer
    let g = self.g.pointer
    for row in 0..<n {
      x[row] = min(max(x[row] - feasible * p.pointer[row], dual.lower.pointer[row]), dual.upper.pointer[row])
      g[row] -= feasible * ap.pointer[row]
    }
    for row in 0..<n where !isAtBound(row) {
      x[row] = min(max(x[row] - step * g[row], dual.lower.pointer[row]), dual.upper.pointer[row])
    }
  }
}
