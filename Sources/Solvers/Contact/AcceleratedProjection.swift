import ConstraintSystem
import LinearAlgebra

/// Nesterov's accelerated projected gradient on a `ScaledDual`, with backtracking on the Lipschitz estimate L and
/// adaptive restart (O'Donoghue, Candès 2015; Mazhar, Heyn, Negrut, Tasora 2015, algorithm 1):
///
///     x⁺ = P(y − g(y)/L),          L doubled until ½ dᵀ Â d ≤ ½ L dᵀ d,  d = x⁺ − y
///     θ⁺ = ½ (−θ² + θ √(θ² + 4)),  β = θ (1 − θ) / (θ² + θ⁺),   y = x⁺ + β (x⁺ − x)
///     restart where g(y)ᵀ (x⁺ − x) > 0:  y = x⁺, θ = 1;   L ← 0.9 L
///
/// For a quadratic the backtracking test needs no value of the objective, so nothing cancels near the solution, and
/// g(y) is a combination of gradients that are known: one product with A a trial. The gradient at x⁺ is fresh at every
/// iteration, and so is the natural map.
final class AcceleratedProjection {
  let dual: ScaledDual
  /// The iterate; holds the start when `run` begins and the best x when it ends.
  let x = Buffer<Double>()
  private let next = Buffer<Double>()
  private let y = Buffer<Double>()
  private let gradient = Buffer<Double>()
  private let nextGradient = Buffer<Double>()
  private let yGradient = Buffer<Double>()
  private let best = Buffer<Double>()
  /// L; kept from run to run of one solve.
  private var lipschitz = 0.0

  init(_ dual: ScaledDual) { self.dual = dual }

  func prepare(_ problem: ConstraintProblem) {
    let rows = problem.rowCount
    x.resize(to: rows, filling: 0)
    next.resize(to: rows, filling: 0)
    y.resize(to: rows, filling: 0)
    gradient.resize(to: rows, filling: 0)
    nextGradient.resize(to: rows, filling: 0)
    yGradient.resize(to: rows, filling: 0)
    best.resize(to: rows, filling: 0)
    // The mean diagonal of Â is 1: a first L that backtracking corrects within a few trials.
    lipschitz = 1
  }

  /// Iterates until `measure` (the error of the last `evaluate`) lets `ends` stop it; gives the number of iterations.
  /// `ends` gets the error and the iterations so far.
  func run(
    _ problem: ConstraintProblem, _ report: inout SolveReport, measure: () -> Double,
    ends: (Double, Int, inout SolveReport) -> Bool
  ) -> Int {
    let n = problem.rowCount
    let x = self.x.pointer
    let next = self.next.pointer
    let y = self.y.pointer
    let g = gradient.pointer
    let gNext = nextGradient.pointer
    let gy = yGradient.pointer
    dual.evaluate(problem, x, into: g)
    report.operatorApplications += 1
    var error = measure()
    var bestError = error
    best.pointer.update(from: x, count: n)
    y.update(from: x, count: n)
    gy.update(from: g, count: n)
    var theta = 1.0
    var iteration = 0
    while !ends(error, iteration, &report) {
      var trials = 0
      while true {
        let step = 1 / lipschitz
        for row in 0..<n { next[row] = y[row] - step * gy[row] }
        dual.project(problem, next)
        dual.evaluate(problem, next, into: gNext)
        trials += 1
        var curvature = 0.0
        var length = 0.0
        for row in 0..<n {
          let d = next[row] - y[row]
          curvature += d * (gNext[row] - gy[row])
          length += d * d
        }
        // Round-off of the gradients must not drive L up when steps are tiny; 60 doublings are all there can be.
        if curvature <= lipschitz * length * (1 + 1e-9) || trials == 60 || !curvature.isFinite { break }
        lipschitz *= 2
      }
      report.operatorApplications += trials
      iteration += 1
      error = measure()
      if error < bestError {
        bestError = error
        best.pointer.update(from: next, count: n)
      }
      var uphill = 0.0
      for row in 0..<n { uphill += gy[row] * (next[row] - x[row]) }
      let thetaNext = 0.5 * (-theta * theta + theta * (theta * theta + 4).squareRoot())
      var beta = theta * (1 - theta) / (theta * theta + thetaNext)
      theta = thetaNext
      if uphill > 0 {
        beta = 0
        theta = 1
      }
      for row in 0..<n {
        y[row] = next[row] + beta * (next[row] - x[row])
        gy[row] = gNext[row] + beta * (gNext[row] - g[row])
        x[row] = next[row]
        g[row] = gNext[row]
      }
      // ‖Â‖ is not below its mean diagonal of 1; at a standstill L must not fall to 0.
      lipschitz = max(0.9 * lipschitz, 1e-2)
    }
    if error > bestError {
      x.update(from: best.pointer, count: n)
      report.believedResidual = bestError
    }
    return iteration
  }
}
